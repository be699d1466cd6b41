"""The Prefect server of a batch: the user's own, or one that lives exactly as long as the batch.

Prefect's own ephemeral server stays behind after kill -9 and gives up after 20 s of starting;
this one is a child that ends with its parent (`flows.child`), is waited for, and is started
again on the same port should it die in mid-batch.

    python -m flows.server PORT        # the child
"""

from __future__ import annotations

import contextlib
import http.client
import logging
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator

from f2f.errors import MissingError
from flows import child, settings

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
_LOOK = 0.2
"""Seconds between two looks at a starting or running server."""
_AGAIN = 5.0
"""Seconds after which a server that could not be started again gets its next try."""


@contextlib.contextmanager
def running() -> Iterator[str]:
    """The address of a server, as Prefect's settings say, or of a child for this block.

    Raises:
        MissingError: Prefect is not installed, or its server does not start.
    """
    url = configured()
    if url is not None:
        yield url
        return
    from prefect.context import refresh_global_settings_context

    with _Keeper() as url:
        os.environ["PREFECT_API_URL"] = url
        refresh_global_settings_context()
        try:
            yield url
        finally:
            _flush_logs()
            del os.environ["PREFECT_API_URL"]
            refresh_global_settings_context()


def configured() -> str | None:
    """The address of the server that Prefect's settings name; None without one.

    Raises:
        MissingError: Prefect is not installed.
    """
    settings.prepare()
    from prefect.settings import PREFECT_API_URL

    return PREFECT_API_URL.value() or None


def healthy(url: str) -> bool:
    """True if a server answers there."""
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as reply:
            return bool(reply.status == 200)
    except (OSError, http.client.HTTPException):  # nobody there, or one that dies in mid-sentence
        return False


class _Keeper:
    """Holds the child server up."""

    def __init__(self) -> None:
        self._port = _free_port()
        self._url = f"http://{HOST}:{self._port}/api"
        self._stopped = threading.Event()
        self._server: subprocess.Popen[str] | None = None
        self._watch = threading.Thread(target=self._keep, name="server keeper", daemon=True)

    def __enter__(self) -> str:
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        self._watch.start()
        return self._url

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._watch.join()
        self._stop()

    def _start(self) -> None:
        """Start the server and wait until it answers, or until it is no longer wanted."""
        environment = {"PREFECT_SERVER_API_HOST": HOST, "PREFECT_SERVER_API_PORT": str(self._port)}
        self._server = child.start("flows.server", str(self._port), environment=environment)
        until = time.monotonic() + settings.STARTUP_SECONDS
        while not healthy(self._url):
            code = self._server.poll()
            if code is not None:
                raise MissingError(f"the Prefect server did not start (exit {code})")
            if time.monotonic() > until:
                self._stop()
                raise MissingError(
                    f"the Prefect server did not start in {settings.STARTUP_SECONDS} s"
                )
            if self._stopped.wait(_LOOK):
                return
        log.info("Prefect: http://%s:%d", HOST, self._port)

    def _stop(self) -> None:
        if self._server is not None:
            child.stop(self._server)
            self._server = None

    def _keep(self) -> None:
        while not self._stopped.wait(_LOOK):
            if self._server is not None and self._server.poll() is None:
                continue
            log.warning("the Prefect server is gone; starting it again")
            try:
                self._stop()
                self._start()
            except Exception as error:  # a busy machine, a full disk: the next try may succeed
                log.error("the Prefect server: %s; trying again in %g s", error, _AGAIN)
                self._stopped.wait(_AGAIN)


def _flush_logs() -> None:
    """Send what waits to be sent while the server is still there."""
    from prefect.logging.handlers import APILogWorker

    APILogWorker.drain_all(timeout=5)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _serve(port: int) -> None:
    import uvicorn

    uvicorn.run(
        "prefect.server.api.server:create_app",
        factory=True,
        host=HOST,
        port=port,
        log_level="error",
    )


def main() -> None:
    """Be the child: serve until the parent is gone."""
    settings.prepare()
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    child.obey(sys.stdin, lambda _line: None)
    _serve(int(sys.argv[1]))


if __name__ == "__main__":
    main()
