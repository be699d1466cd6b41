"""A store on object storage: a local working cache in front, the shared truth behind.

    store = open_store("s3://dubs/store")

Stages read and write local files only.  What is made here goes up at once, payload first and
meta.json last: an artefact is there when its meta.json is.  What another machine made comes down
when a stage first asks for it, is checked against its digests and appears by one rename.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import fsspec
from fsspec import AbstractFileSystem

from f2f.errors import F2FError, MissingError, StoreError, why
from f2f.store import contents, disk
from f2f.store.artefacts import CLAIMS, Artefact, Fill, Store
from f2f.store.contents import META, DamageError
from f2f.store.leases import Claims

log = logging.getLogger(__name__)

_EXTRAS = {"s3": "s3fs", "gcs": "gcsfs", "gs": "gcsfs"}
_DAY = 24 * 3600.0
_CACHES = Path("~/.cache/f2f/remote")


def open_store(address: str, cache: Path | None = None) -> Store:
    """The store at a folder or an fsspec address (`s3://`, `gcs://`, `file://`, `memory://`).

    Args:
        address: where the artefacts lie, `store.path` of the configuration.
        cache: local folder in front of a remote store; None takes one below `~/.cache/f2f`.

    Raises:
        StoreError: no such protocol, nobody there, or a file where a folder should be.
        MissingError: the package that speaks it is not installed.
    """
    protocol, separator, rest = address.partition("://")
    if not separator or protocol == "file":
        store = Store(Path(rest if separator else address))
        _refuse_file(store.root)
        return store
    try:
        files, root = fsspec.core.url_to_fs(address)
    except ImportError as error:
        package = _EXTRAS.get(protocol, f"the fsspec package for {protocol}")
        raise MissingError(f"{address} needs {package}: pip install {package}") from error
    except (ValueError, OSError) as error:
        raise StoreError(f"cannot open the store {address}: {error}") from error
    name = hashlib.sha256(address.encode()).hexdigest()[:16]
    return RemoteStore(files, root, cache or _CACHES / name)


class RemoteStore(Store):
    """Artefacts of a remote folder, worked on in a local one.

    Args:
        files: the remote file system.
        root: the remote folder.
        cache: the local folder; several processes of one machine may share it.
    """

    def __init__(self, files: AbstractFileSystem, root: str, cache: Path) -> None:
        super().__init__(cache)
        self.files = files
        self.remote = root.rstrip("/")
        self.claims = Claims(files, f"{self.remote}/{CLAIMS}")

    def folder(self, artefact: Artefact) -> Path:
        """The local folder, brought here when only the remote one has it."""
        folder = super().folder(artefact)
        if not folder.exists():
            self._pull(artefact)
        return folder

    def has(self, artefact: Artefact) -> bool:
        """True if the artefact is whole here and there; moves it to the side that lacks it."""
        return super().has(artefact) and self._is_sent(artefact)

    def verify(self, artefact: Artefact) -> bool:
        """The same by content."""
        whole = super().verify(artefact) or self._pull(artefact)
        return whole and self._is_sent(artefact)

    def _is_sent(self, artefact: Artefact) -> bool:
        with self._reaching():
            if not self.files.exists(self._object(artefact, META)):
                self._push(artefact)
        return True

    def make(self, artefact: Artefact, fill: Fill, about: Mapping[str, Any]) -> Artefact:
        """Make it here, then send it up with meta.json last."""
        super().make(artefact, fill, about)
        with self._reaching():
            self._push(artefact)
        return artefact

    def artefacts(self) -> Iterator[Artefact]:
        """Every artefact of the remote folder."""
        with self._reaching():
            self.files.invalidate_cache()
            found = self.files.glob(f"{self.remote}/*/*/{META}")
        for path in sorted(found):
            artefact = Artefact.named("/".join(path.split("/")[-3:-1]))
            if artefact is not None:
                yield artefact

    def meta(self, artefact: Artefact) -> dict[str, Any]:
        """What the remote meta.json says; brings nothing else here."""
        text = self.files.cat_file(self._object(artefact, META))
        meta: dict[str, Any] = json.loads(text)
        return meta

    def age(self, artefact: Artefact) -> float:
        """Seconds since it was made or, to a day, last found."""
        modified = self.files.modified(self._object(artefact, META))
        return float(time.time() - modified.timestamp())

    def remove(self, artefact: Artefact) -> None:
        """Remove it there (meta.json first, so nobody finds half of it) and here."""
        with self._reaching():
            self._drop(artefact)
        if self._folder(artefact).exists():
            super().remove(artefact)

    def _touch(self, artefact: Artefact) -> None:
        with self._reaching():
            if self.age(artefact) > _DAY:
                meta = self._object(artefact, META)
                self.files.put_file(str(self._folder(artefact) / META), meta)

    def _object(self, artefact: Artefact, name: str) -> str:
        return f"{self.remote}/{artefact.stage}/{artefact.key}/{name}"

    def _push(self, artefact: Artefact) -> None:
        self._drop(artefact)
        folder = self._folder(artefact)
        for name in [*map(str, contents.listed(folder)), META]:
            target = self._object(artefact, name)
            self.files.makedirs(target.rpartition("/")[0], exist_ok=True)
            self.files.put_file(str(folder / name), target)

    def _pull(self, artefact: Artefact) -> bool:
        """Bring it here; False if it is not there, or damaged there (which is reported)."""
        target = self._folder(artefact)
        with self._reaching():
            self.files.invalidate_cache()
            if not self.files.exists(self._object(artefact, META)):
                return False
            with self._temporary(target.parent) as temporary:
                try:
                    self.files.get_file(self._object(artefact, META), str(temporary / META))
                    for name in contents.listed(temporary):
                        (temporary / name).parent.mkdir(parents=True, exist_ok=True)
                        place = self._object(artefact, str(name))
                        self.files.get_file(place, str(temporary / name))
                except (FileNotFoundError, DamageError) as error:
                    log.warning("artefact %s is damaged remotely: %s", artefact, why(error))
                    return False
                if target.exists():
                    self._discard(target)
                with disk.writing(self.root):
                    self._publish(temporary, target)
        return super().verify(artefact)

    def _drop(self, artefact: Artefact) -> None:
        folder = self._object(artefact, "").rstrip("/")
        with contextlib.suppress(FileNotFoundError):
            self.files.rm_file(f"{folder}/{META}")
        with contextlib.suppress(FileNotFoundError):
            self.files.rm(folder, recursive=True)

    @contextlib.contextmanager
    def _reaching(self) -> Iterator[None]:
        """A failure of the remote side as one sentence."""
        try:
            yield
        except F2FError:
            raise
        except Exception as error:  # the drivers let their libraries' own errors through
            raise StoreError(f"cannot reach the store {self.remote}: {why(error)}") from error


def _refuse_file(root: Path) -> None:
    nearest = next(one for one in (root, *root.parents) if one.exists())
    if not nearest.is_dir():
        raise StoreError(f"cannot use the store {root}: {nearest} is not a folder")
