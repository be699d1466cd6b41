from __future__ import annotations

import dataclasses
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from fsspec import AbstractFileSystem
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.memory import MemoryFileSystem

from f2f.errors import StoreError
from f2f.store import owners
from f2f.store.artefacts import Artefact, Store
from f2f.store.leases import Claims

HOLDER = """
import sys, time
from fsspec.implementations.local import LocalFileSystem
from f2f.store.leases import Claims
with Claims(LocalFileSystem(), sys.argv[1]).held("thing") as mine:
    print(bool(mine), flush=True)
    time.sleep(60)
"""


@pytest.fixture(params=["local", "memory"])
def claims(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Claims]:
    files: AbstractFileSystem = (
        LocalFileSystem() if request.param == "local" else MemoryFileSystem()
    )
    root = str(tmp_path / "claims")
    yield Claims(files, root)


TTL = 1.0
"""Long enough for a loaded machine to keep a heart beating, short enough to wait for."""


def test_one_holder_at_a_time(claims: Claims) -> None:
    with (
        claims.held("thing") as first,
        claims.held("thing") as second,
        claims.held("other") as other,
    ):
        assert [bool(each) for each in (first, second, other)] == [True, False, True]
        assert claims.sign("thing")
    assert not claims.sign("thing")
    with claims.held("thing") as again:
        assert again


def test_contenders_never_overlap(claims: Claims) -> None:
    inside: list[int] = []
    most: list[int] = []

    def contend() -> None:
        until = time.monotonic() + 1.0
        while time.monotonic() < until:
            with claims.held("thing") as mine:
                if mine:
                    inside.append(1)
                    most.append(len(inside))
                    time.sleep(0.002)
                    inside.pop()
            time.sleep(0.001)

    threads = [threading.Thread(target=contend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most and max(most) == 1


def test_a_heartbeat_keeps_a_claim_beyond_its_ttl(claims: Claims) -> None:
    claims = dataclasses.replace(claims, ttl=TTL)
    with claims.held("thing"):
        time.sleep(3 * TTL)
        assert claims.sign("thing")


def test_a_claim_without_heartbeat_expires(claims: Claims) -> None:
    claims = dataclasses.replace(claims, ttl=TTL)
    elsewhere = "thing@0123456789ab.1.1-x"
    claims.files.makedirs(claims.root, exist_ok=True)
    claims._beat(elsewhere)
    claims.files.pipe_file(f"{claims.root}/{elsewhere}", b"")
    assert claims.sign("thing")
    time.sleep(1.5 * TTL)
    with claims.held("thing") as mine:
        assert mine
    assert claims._files() == []


def test_a_heart_that_still_beats_cannot_bring_a_removed_claim_back(claims: Claims) -> None:
    claims = dataclasses.replace(claims, ttl=TTL)
    with claims.held("thing") as late:
        (base,) = claims._list()
        assert late and not late.lost
        claims._remove(base)  # another process has taken this one for dead ...
        with claims.held("thing") as other:
            claims._beat(base)  # ... while its heartbeat was on the way
            assert other and not claims._take("thing")
            until = time.monotonic() + 20 * TTL
            while not late.lost:
                assert time.monotonic() < until
                time.sleep(0.05)
    assert claims._files() == []


def test_what_a_late_heartbeat_leaves_is_swept(claims: Claims) -> None:
    claims = dataclasses.replace(claims, ttl=0.0)
    claims.files.makedirs(claims.root, exist_ok=True)
    claims._beat("thing@0123456789ab.1.1-x")
    assert claims.sign("thing") is None
    time.sleep(0.01)
    assert claims.sweep() == 1
    assert claims._files() == []


class BrokenLine(MemoryFileSystem):
    """A driver that raises its library's own error, no OSError, while the line is cut."""

    cachable = False
    cut = False

    def pipe_file(self, *args: Any, **options: Any) -> Any:
        return self._unless_cut(super().pipe_file, *args, **options)

    def ls(self, *args: Any, **options: Any) -> Any:
        return self._unless_cut(super().ls, *args, **options)

    def cat_file(self, *args: Any, **options: Any) -> Any:
        return self._unless_cut(super().cat_file, *args, **options)

    def rm_file(self, *args: Any, **options: Any) -> Any:
        return self._unless_cut(super().rm_file, *args, **options)

    def _unless_cut(self, call: Callable[..., Any], *args: Any, **options: Any) -> Any:
        if self.cut:
            raise EndpointError("could not connect to the endpoint")
        return call(*args, **options)


class EndpointError(Exception):
    pass


def test_a_heart_survives_any_error_and_the_holder_learns(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = BrokenLine()
    claims = Claims(files, str(tmp_path), ttl=TTL)
    with claims.held("thing") as claim:
        assert not claim.lost
        files.cut = True
        until = time.monotonic() + 20 * TTL
        while not claim.lost:
            assert time.monotonic() < until
            time.sleep(0.05)
        while "the claim may be lost" not in caplog.text:
            assert time.monotonic() < until
            time.sleep(0.05)
        files.cut = False
        while claim.lost:  # the next heartbeat gets through, and nobody has come meanwhile
            assert time.monotonic() < until
            time.sleep(0.05)
        assert claims.sign("thing")
    assert "could not connect" in caplog.text
    assert claims.sign("thing") is None


@pytest.mark.parametrize("use", ["held", "kept", "sign", "sweep"])
def test_a_driver_s_error_is_one_sentence(tmp_path: Path, use: str) -> None:
    files = BrokenLine()
    claims = Claims(files, str(tmp_path))
    calls: dict[str, Callable[[], object]] = {
        "held": lambda: claims.held("thing").__enter__(),
        "kept": lambda: claims.kept("thing").__enter__(),
        "sign": lambda: claims.sign("thing"),
        "sweep": claims.sweep,
    }
    files.cut = True
    with pytest.raises(StoreError, match="could not connect"):
        calls[use]()


def test_a_line_cut_at_the_release_hides_no_error_of_the_holder(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = BrokenLine()
    with pytest.raises(ZeroDivisionError), Claims(files, str(tmp_path)).held("thing"):
        files.cut = True
        raise ZeroDivisionError
    assert "is not removed and expires" in caplog.text


def test_a_try_that_cannot_look_leaves_no_claim(tmp_path: Path) -> None:
    class CutAfterWriting(BrokenLine):
        def pipe_file(self, *args: Any, **options: Any) -> Any:
            super().pipe_file(*args, **options)
            self.unread = True

        def ls(self, *args: Any, **options: Any) -> Any:
            if getattr(self, "unread", False):
                self.unread = False
                raise EndpointError("cut")
            return super().ls(*args, **options)

    claims = Claims(CutAfterWriting(), str(tmp_path))
    with pytest.raises(StoreError), claims.held("thing"):
        pass
    assert claims._files() == []


def test_a_kept_sign_outlives_its_block_until_it_expires(claims: Claims) -> None:
    claims = dataclasses.replace(claims, ttl=TTL)
    with claims.kept("run"):
        pass
    assert claims.sign("run")
    time.sleep(1.5 * TTL)
    assert not claims.sign("run")


@pytest.mark.faults
def test_a_killed_holder_is_followed_at_once(tmp_path: Path) -> None:
    claims = Claims(LocalFileSystem(), str(tmp_path))
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline().strip() == "True"
    with claims.held("thing") as mine:
        assert not mine
    holder.send_signal(signal.SIGKILL)
    until = time.monotonic() + claims.ttl / 2  # long before it would expire
    while claims.sign("thing"):  # not waited for: a zombie counts as gone
        assert time.monotonic() < until
        time.sleep(0.05)
    with claims.held("thing") as mine:
        assert mine
    holder.wait()
    assert claims.sweep() == 0


def test_an_owner_reads_back_and_knows_a_recycled_number() -> None:
    owner = owners.here()
    assert owners.parse(f".making-{owner.token}-abc") == owner
    assert not owner.gone
    assert owners.Owner(owner.machine, owner.pid, owner.started + 1).gone
    assert not owners.Owner("0" * 12, owner.pid, 1).gone


def test_an_owner_s_start_does_not_move_with_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel recomputes the time of boot when the clock is set, and psutil adds it."""
    before = owners.here()
    boot = psutil.boot_time()
    monkeypatch.setattr(psutil, "boot_time", lambda: boot + 3600)
    monkeypatch.setattr(psutil._psplatform, "boot_time", lambda: boot + 3600)
    assert owners.here() == before
    assert not before.gone


def test_two_threads_make_an_artefact_once(tmp_path: Path) -> None:
    made: list[bool] = []
    filled: list[Path] = []

    def fill(folder: Path) -> None:
        filled.append(folder)
        time.sleep(0.2)
        (folder / "payload").write_text("x")

    def work() -> None:
        made.append(Store(tmp_path).obtain(Artefact("stage", "key"), fill, {}))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(filled) == 1
    assert sorted(made) == [False, False, False, True]
