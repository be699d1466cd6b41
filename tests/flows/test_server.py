from __future__ import annotations

import http.client
import threading
import urllib.request
from typing import cast

import pytest

from f2f.store import owners
from flows import child, server
from flows.tracking import served


def wait(ready: threading.Event) -> None:
    assert ready.wait(50)


class Dead:
    """A server process that has ended."""

    def poll(self) -> int:
        return 1


class Living:
    def poll(self) -> None:
        return None


@pytest.mark.parametrize("error", [OSError("cannot fork"), RuntimeError("whatever")])
def test_the_keeper_tries_again_until_the_server_is_back(
    monkeypatch: pytest.MonkeyPatch, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    keeper = server._Keeper()
    keeper._server = Dead()  # type: ignore[assignment]
    back = threading.Event()
    starts = 0

    def start() -> None:
        nonlocal starts
        starts += 1
        if starts < 3:
            raise error
        keeper._server = Living()  # type: ignore[assignment]
        back.set()

    monkeypatch.setattr(keeper, "_start", start)
    monkeypatch.setattr(child, "stop", lambda _process: None)
    monkeypatch.setattr(server, "_LOOK", 0.01)
    monkeypatch.setattr(server, "_AGAIN", 0.01)
    keeper._watch.start()
    wait(back)
    keeper._stopped.set()
    keeper._watch.join()
    assert starts == 3 and caplog.text.count(str(error)) == 2


@pytest.mark.parametrize("error", [http.client.BadStatusLine(""), ConnectionResetError()])
def test_a_server_that_breaks_off_is_not_healthy(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(urllib.request, "urlopen", broken)
    assert not server.healthy("http://127.0.0.1:1/api")


def test_a_served_run_ends_with_its_server_though_one_look_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended = threading.Event()
    looks = iter([RuntimeError("no /proc just now"), False, True])

    class Owner:
        @property
        def gone(self) -> bool:
            found = next(looks)
            if isinstance(found, Exception):
                raise found
            return cast(bool, found)

    def leave(_code: int) -> None:
        ended.set()

    monkeypatch.setattr(owners, "parse", lambda _text: Owner())
    monkeypatch.setattr(served, "_LOOK", 0.01)
    monkeypatch.setattr("os._exit", leave)
    served.follow()
    wait(ended)


def test_a_run_that_nobody_serves_follows_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("F2F_SERVED_BY", raising=False)
    before = threading.active_count()
    served.follow()
    monkeypatch.setenv("F2F_SERVED_BY", owners.here().token)
    served.follow()
    assert threading.active_count() == before
