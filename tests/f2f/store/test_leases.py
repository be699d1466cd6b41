from __future__ import annotations

import dataclasses
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fsspec import AbstractFileSystem
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.memory import MemoryFileSystem

from f2f.store import owners
from f2f.store.artefacts import Artefact, Store
from f2f.store.leases import Claims

HOLDER = """
import sys, time
from fsspec.implementations.local import LocalFileSystem
from f2f.store.leases import Claims
with Claims(LocalFileSystem(), sys.argv[1]).held("thing") as mine:
    print(mine, flush=True)
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
        assert (first, second, other) == (True, False, True)
        assert claims.alive("thing")
    assert not claims.alive("thing")
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
        assert claims.alive("thing")


def test_a_claim_without_heartbeat_expires(claims: Claims) -> None:
    claims = dataclasses.replace(claims, ttl=TTL)
    elsewhere = f"{claims.root}/thing@0123456789ab.1.1-x"
    claims.files.makedirs(claims.root, exist_ok=True)
    claims._beat(elsewhere)
    assert claims.alive("thing")
    time.sleep(1.5 * TTL)
    with claims.held("thing") as mine:
        assert mine
    assert not claims.files.exists(elsewhere)


def test_a_kept_sign_outlives_its_block_until_it_expires(claims: Claims) -> None:
    claims = dataclasses.replace(claims, ttl=TTL)
    with claims.kept("run"):
        pass
    assert claims.alive("run")
    time.sleep(1.5 * TTL)
    assert not claims.alive("run")


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
    while claims.alive("thing"):  # not waited for: a zombie counts as gone
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
