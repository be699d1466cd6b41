"""A pinned file from an address, going on where an earlier try ended.

The downloaders of `pooch` and `urllib3` begin again each time; files here are up to 300 MB, so what
is there is kept.  Whatever a server answers, only the digest says that a file is whole.
"""

from __future__ import annotations

import http.client
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

from f2f.errors import MissingError
from f2f.store.digests import digest_file
from f2f.weights.catalogue import PinnedFile

Advance = Callable[[int], None]
"""Told how many bytes of the current file are here."""

CONNECT_SECONDS = 15.0
"""Longest wait for a server that says nothing."""
CHUNK = 1 << 20

_NO_ANSWER = (
    *(urllib.error.URLError, http.client.HTTPException),
    *(ConnectionError, TimeoutError, ssl.SSLError),
)
_PARTIAL, _UNSATISFIABLE = 206, 416
_FIRST_BYTE = re.compile(r"bytes (\d+)-")


class SourceError(MissingError):
    """One source did not give the file; the next one is tried."""


class UnreachableError(SourceError):
    """The source's server does not answer at all."""


def matches(path: Path, file: PinnedFile) -> bool:
    """True if `path` is the pinned file, whole."""
    return path.is_file() and path.stat().st_size == file.size and digest_file(path) == file.sha256


def download(address: str, file: PinnedFile, target: Path, advance: Advance) -> None:
    """Write the pinned file to `target`.

    Args:
        address: of the publisher.
        file: its size and digest.
        target: may hold the beginning of the file; what turns out to be none is thrown away.
        advance: see `Advance`.

    Raises:
        SourceError: the server does not have the pinned file.  What came in time stays in `target`,
            for the next try.
        UnreachableError: there is no answer.
    """
    if matches(target, file):
        return
    have = target.stat().st_size if target.is_file() else 0
    resumable = 0 < have < (file.size or 0)
    for start in (have, 0) if resumable else (0,):
        began = _receive(address, start, file, target, advance)
        if matches(target, file):
            return
        target.unlink(missing_ok=True)
        if began == 0:
            break
    raise SourceError(f"{_host(address)}: another file than the pinned one")


def _receive(address: str, start: int, file: PinnedFile, target: Path, advance: Advance) -> int:
    """Write what the server sends; the offset that it began at, or `start` if it sent nothing."""
    wanted = {"Range": f"bytes={start}-"} if start else {}
    host = _host(address)
    try:
        request = urllib.request.Request(address, headers=wanted)
        with urllib.request.urlopen(request, timeout=CONNECT_SECONDS) as answer:
            began = _first_byte(answer) if answer.status == _PARTIAL else 0
            if began not in (0, start):
                return start
            done = began
            with target.open("ab" if began else "wb") as out:
                while chunk := answer.read1(CHUNK):
                    done += len(chunk)
                    if file.size is not None and done > file.size:
                        raise SourceError(f"{host}: sends more than the file's {file.size} bytes")
                    out.write(chunk)
                    advance(done)
    except urllib.error.HTTPError as error:
        if error.code == _UNSATISFIABLE and start:
            return start
        raise SourceError(f"{host}: {error.code} {error.reason}") from error
    except _NO_ANSWER as error:
        raise UnreachableError(f"{host}: {getattr(error, 'reason', error)}") from error
    if file.size is not None and done < file.size:
        raise SourceError(f"{host}: ended after {done} of {file.size} bytes")
    return began


def _first_byte(answer: http.client.HTTPResponse) -> int:
    """Where a partial answer says that it begins; -1 if it does not say."""
    found = _FIRST_BYTE.match(answer.headers.get("Content-Range", ""))
    return int(found[1]) if found else -1


def _host(address: str) -> str:
    return urllib.parse.urlsplit(address).netloc
