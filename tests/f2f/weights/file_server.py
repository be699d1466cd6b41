"""A server of one file on the loopback address, honest or not about ranges."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

Manner = Literal["ranges", "whole", "refuses", "elsewhere", "silent", "early", "more"]
"""How a request for a range is answered: as asked; by the whole file (200); by 416; by another
range; by 206 that does not say which range.  "early" ends each answer half-way, "more" sends too
much."""

NAME = "/weights.bin"


@dataclass
class FileServer:
    """What is served, how, and what was asked for."""

    content: bytes
    manner: Manner = "ranges"
    seconds: float = 0.0
    """How long the file takes."""
    asked: list[str] = field(default_factory=list)
    """The `Range` of each request."""
    address: str = ""

    @contextmanager
    def running(self) -> Iterator[str]:
        """Serve; gives the file's address."""
        handler = type("Handler", (_Handler,), {"serves": self})
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            self.address = f"http://127.0.0.1:{server.server_port}"
            yield self.address + NAME
            server.shutdown()


class _Handler(http.server.BaseHTTPRequestHandler):
    serves: FileServer

    def do_GET(self) -> None:
        if self.path != NAME:
            self.send_error(404)
            return
        it = self.serves
        asked = self.headers.get("Range", "")
        it.asked.append(asked)
        start = int(asked.removeprefix("bytes=").rstrip("-") or 0)
        if start and (it.manner == "refuses" or start >= len(it.content)):
            self.send_error(416)
            return
        first = {"whole": 0, "elsewhere": start // 2}.get(it.manner, start)
        body = it.content[first:] + (b"more" if it.manner == "more" else b"")
        self.send_response(206 if start and it.manner != "whole" else 200)
        self.send_header("Content-Length", str(len(body)))
        if start and it.manner != "silent":
            self.send_header("Content-Range", f"bytes {first}-{len(it.content) - 1}/*")
        self.end_headers()
        if it.manner == "early":
            body = body[: len(body) // 2]
        pieces = 20
        size = max(1, -(-len(body) // pieces))
        for at in range(0, len(body), size):
            time.sleep(it.seconds / pieces)
            self.wfile.write(body[at : at + size])

    def log_message(self, format: str, *args: object) -> None:
        return
