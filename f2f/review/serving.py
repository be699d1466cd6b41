"""Start the server, on this machine or, with a key, for others."""

from __future__ import annotations

import ipaddress
import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass

import uvicorn

from f2f import weights
from f2f.errors import InputError, why
from f2f.review import guard
from f2f.review.app import app
from f2f.review.projects import Project

SHUTDOWN_SECONDS = 2
"""That open events are waited for."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens, and what a person opens."""

    socket: socket.socket
    hosts: tuple[str, ...]
    url: str
    key: str | None


def bound(host: str, port: int, *, name: str | None = None) -> Address:
    """A place to listen; port 0 takes any free one.

    Args:
        host: an address or name of this machine.
        port: TCP port.
        name: by which others reach this machine, where that is not `host`.

    Raises:
        InputError: it cannot be listened to.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen()  # whoever comes before the server is ready waits for it
    except (OSError, OverflowError) as error:
        raise InputError(f"cannot listen on {host}:{port}: {why(error)}") from error
    port = listening.getsockname()[1]
    here = _is_here(host)
    names = ["127.0.0.1", "localhost", "[::1]"] if here else [_bracketed(host)]
    names += [name] if name else []
    key = None if here else secrets.token_urlsafe(24)
    hosts = tuple(place for one in names for place in (f"{one}:{port}".lower(), one.lower()))
    shown = name or ("localhost" if here else _bracketed(host))
    url = f"http://{shown}:{port}/" + (f"?key={key}" if key else "")
    return Address(listening, hosts, url, key)


def serve(projects: Sequence[Project], address: Address) -> None:
    """Serve until Ctrl-C."""
    token = guard.secret(weights.cache_folder() / "review")
    server = app(projects, hosts=address.hosts, page_token=token, key=address.key)
    config = uvicorn.Config(
        server, log_level="warning", timeout_graceful_shutdown=SHUTDOWN_SECONDS, server_header=False
    )
    uvicorn.Server(config).run(sockets=[address.socket])


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
