"""Who may talk to the server: a web page elsewhere must not be able to drive it.

- The `Host` of every request is one of ours, against names that an attacker points at this machine.
- What changes anything carries a token that only our own pages know, and comes from our own origin.
- Beyond this machine, every request carries a second token, which is printed when the server
  starts.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Collection
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "x-f2f-page"
COOKIE = "f2f-key"
SAFE = {"GET", "HEAD", "OPTIONS"}
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'"
)


class Guard:
    """ASGI middleware.

    Args:
        app: what is guarded.
        hosts: values of `Host` that are ours, with their ports.
        page_token: of our own pages.
        key: asked of everybody; None on this machine alone.
    """

    def __init__(
        self, app: ASGIApp, *, hosts: Collection[str], page_token: str, key: str | None = None
    ) -> None:
        self._app, self._hosts, self._token, self._key = app, frozenset(hosts), page_token, key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope["method"], headers)
        if refusal is not None:
            await PlainTextResponse(refusal, 403)(scope, receive, send)
            return
        if self._key is not None and not self._knows_key(scope, headers):
            await PlainTextResponse("give the key that the server printed", 401)(
                scope, receive, send
            )
            return
        if self._key is not None and f"key={self._key}" in scope["query_string"].decode("latin-1"):
            answer = RedirectResponse(scope["path"], 303)
            answer.set_cookie(COOKIE, self._key, httponly=True, samesite="strict")
            await answer(scope, receive, send)
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent = MutableHeaders(scope=message)
                sent["Content-Security-Policy"] = POLICY
                sent["X-Content-Type-Options"] = "nosniff"
                sent["Referrer-Policy"] = "no-referrer"
                sent["Cross-Origin-Resource-Policy"] = "same-origin"
                sent.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, sealed)

    def _refusal(self, method: str, headers: Headers) -> str | None:
        host = headers.get("host", "")
        if host.lower() not in self._hosts:
            return f"this server is not {host[:80]!r}"
        followed = method == "GET" and headers.get("sec-fetch-mode") == "navigate"  # a link
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            if followed:
                return None
            return "a page of another site may not use this server"
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            return "a page of another site may not use this server"
        if method in SAFE or self._bears(headers):
            return None
        if not hmac.compare_digest(headers.get(HEADER, "").encode(), self._token.encode()):
            return "the page is too old: load it again"
        return None

    def _bears(self, headers: Headers) -> bool:
        """True if a program, not a page, shows the key."""
        return self._key is not None and hmac.compare_digest(
            headers.get("authorization", "").encode(), f"Bearer {self._key}".encode()
        )

    def _knows_key(self, scope: Scope, headers: Headers) -> bool:
        assert self._key is not None
        try:
            jar = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            jar = SimpleCookie()
        shown = jar[COOKIE].value if COOKIE in jar else ""
        asked = scope["query_string"].decode("latin-1").removeprefix("key=")
        return self._bears(headers) or any(
            hmac.compare_digest(one.encode(), self._key.encode()) for one in (shown, asked)
        )


def secret(folder: Path) -> str:
    """A token that stays the same when the server is started again, in a file for this user."""
    path = folder / "page-token"
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        token = secrets.token_urlsafe(32)
        folder.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(token)
        return token
