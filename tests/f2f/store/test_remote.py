"""One suite over the remote file systems: memory, a folder, and S3 (moto's server, loopback)."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from f2f.errors import MissingError, StoreError
from f2f.store.artefacts import META, Artefact, Store
from f2f.store.remote import RemoteStore, open_store

ARTEFACT = Artefact("stage", "key")
Open = Callable[[str], RemoteStore]


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    server = pytest.importorskip("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["memory", "local", "s3"])
def machine(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Open:
    """A function from a machine's name to its view of the one store."""
    root = f"store-{uuid.uuid4().hex}"
    options: dict[str, Any] = {}
    if request.param == "local":
        root = str(tmp_path / "shared")
    if request.param == "s3":
        pytest.importorskip("s3fs")
        options = {
            "endpoint_url": request.getfixturevalue("s3_endpoint"),
            "key": "test",
            "secret": "test",
            "client_kwargs": {"region_name": "eu-west-1"},
        }
        fsspec.filesystem("s3", **options).mkdir(root)

    def view(name: str) -> RemoteStore:
        files = fsspec.filesystem(
            request.param, **options, skip_instance_cache=request.param != "memory"
        )
        return RemoteStore(files, root, tmp_path / name)

    return view


def fill(folder: Path) -> None:
    (folder / "deep").mkdir()
    (folder / "deep" / "payload.bin").write_bytes(b"content")
    (folder / "value.json").write_text("{}")


def never(_folder: Path) -> None:
    raise AssertionError("made twice")


def test_what_one_machine_made_another_reads(machine: Open) -> None:
    first, second = machine("a"), machine("b")
    assert not second.has(ARTEFACT)
    assert first.obtain(ARTEFACT, fill, {"inputs": []})
    assert not second.obtain(ARTEFACT, never, {})
    assert second.path(ARTEFACT, "deep/payload.bin").read_bytes() == b"content"
    assert second.meta(ARTEFACT)["bytes"] == len(b"content") + 2
    assert list(second.artefacts()) == [ARTEFACT]
    assert second.age(ARTEFACT) < 60


def test_a_payload_comes_down_when_first_asked_for(machine: Open) -> None:
    machine("a").obtain(ARTEFACT, fill, {})
    assert machine("c").path(ARTEFACT, "deep/payload.bin").read_bytes() == b"content"


def test_the_metadata_goes_up_last(machine: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    store = machine("a")
    sent: list[str] = []
    put = store.files.put_file

    def watch(source: str, target: str, **more: Any) -> None:
        sent.append(target.rpartition("/")[2])
        put(source, target, **more)

    monkeypatch.setattr(store.files, "put_file", watch)
    store.obtain(ARTEFACT, fill, {})
    assert sent[-1] == META and len(sent) == 3


def test_a_half_sent_artefact_is_absent_and_completed(
    machine: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = machine("a")
    put = store.files.put_file

    def cut(source: str, target: str, **more: Any) -> None:
        if target.endswith("value.json"):
            raise ConnectionResetError("the line broke")
        put(source, target, **more)

    with monkeypatch.context() as broken:
        broken.setattr(store.files, "put_file", cut)
        with pytest.raises(StoreError, match="cannot reach the store"):
            store.obtain(ARTEFACT, fill, {})
    assert not machine("b").has(ARTEFACT)
    assert not store.obtain(ARTEFACT, never, {})  # whole here: only the sending is repeated
    assert machine("b").has(ARTEFACT)


def test_remote_damage_is_reported_and_made_good(
    machine: Open, caplog: pytest.LogCaptureFixture
) -> None:
    store = machine("a")
    store.obtain(ARTEFACT, fill, {})
    store.files.pipe_file(store._object(ARTEFACT, "deep/payload.bin"), b"c0ntent")
    fresh = machine("b")
    with caplog.at_level(logging.WARNING):
        assert fresh.obtain(ARTEFACT, fill, {})
    assert "damaged" in caplog.text
    assert machine("c").path(ARTEFACT, "deep/payload.bin").read_bytes() == b"content"


HOSTILE = ("../../outside", "/outside", "deep/../../../outside", "a\\b", META)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_list_of_files_writes_nothing_and_is_made_good(
    machine: Open, tmp_path: Path, name: str
) -> None:
    store = machine("a")
    store.obtain(ARTEFACT, fill, {})
    meta = store.meta(ARTEFACT)
    target = name if name != "/outside" else f"{tmp_path}/outside"
    meta["files"][target] = meta["files"]["value.json"]
    store.files.pipe_file(store._object(ARTEFACT, META), json.dumps(meta).encode())
    store.files.pipe_file(f"{store.remote}/outside", b"{}")  # what "../../outside" would bring
    fresh = machine("b")
    assert fresh.obtain(ARTEFACT, fill, {})
    assert not [path for path in tmp_path.rglob("outside") if path.parent.name != "shared"]
    assert machine("c").path(ARTEFACT, "deep/payload.bin").read_bytes() == b"content"


def test_remove_takes_it_away_everywhere(machine: Open) -> None:
    store = machine("a")
    store.obtain(ARTEFACT, fill, {})
    store.remove(ARTEFACT)
    assert not store.has(ARTEFACT)
    assert not machine("b").has(ARTEFACT)


def test_addresses(tmp_path: Path) -> None:
    assert type(open_store(str(tmp_path))) is Store
    assert open_store(f"file://{tmp_path}").root == tmp_path
    assert isinstance(open_store("memory://dubs", tmp_path), RemoteStore)


def test_an_address_that_cannot_be_used_is_the_store_s_fault(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for address in (f"{tmp_path}/file", f"file://{tmp_path}/file/below"):
        with pytest.raises(StoreError, match="file is not a folder"):
            open_store(address)
    for address in ("nonsense://dubs", "ftp://127.0.0.1:9/dubs"):
        with pytest.raises(StoreError, match="cannot open the store"):
            open_store(address, tmp_path)


def test_missing_credentials_are_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("s3fs")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    store = open_store("s3://x/without-credentials", tmp_path)
    for use in (store.claims.sweep, lambda: store.has(ARTEFACT), lambda: list(store.artefacts())):
        with pytest.raises(StoreError, match=r"cannot reach the store .*credentials"):
            use()


def test_a_missing_driver_names_its_package(tmp_path: Path) -> None:
    try:
        import gcsfs  # noqa: F401
    except ImportError:
        with pytest.raises(MissingError, match="pip install gcsfs"):
            open_store("gcs://dubs/store", tmp_path)
    else:
        pytest.skip("gcsfs is installed")
