"""Mouths that were made before for the same faces and sounds, found again a piece at a time.

A change of one line makes another `mouths.bin`, of which all pictures but that line's are known.
Each file comes with a list of its pieces: a digest of what the engine was given, and where the
pictures lie.  Pieces are cut at fixed frames, and the engine starts a batch anew with each, so that
a picture is the same whether its neighbours were made now or before.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
from torch import Tensor

from f2f.errors import InputError
from f2f.lips.mouths import MOUTHS, Mouth
from f2f.roles import Frame
from f2f.store import values
from f2f.store.artefacts import Artefact, Store
from lipsync.engine import FaceItem

FILE = "pieces.json"
"""A tuple of `Piece` beside the mouths."""
FRAMES = 64
"""Of the video in a piece."""

Make = Callable[[Iterable[FaceItem]], Iterator[Frame]]


@dataclass(frozen=True, slots=True)
class Piece:
    """Some pictures of `mouths.bin`."""

    digest: str
    """Of engine and model, and of all that they were given."""
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a piece's pictures lie."""

    artefact: Artefact
    piece: Piece


class KeptMouths:
    """The pieces that earlier runs made of a source.

    Args:
        store: where those runs' results lie.
        stage: name of the stage whose results they are.
        source: whose video it is.
        identity: of model and engine; only pieces that the same ones made are taken.
    """

    def __init__(self, store: Store, stage: str, source: Artefact, identity: str) -> None:
        self._store, self._identity = store, identity
        self._places = dict(_earlier(store, stage, source))
        self.pieces: list[Piece] = []
        self.found = 0
        """Pictures that were not made now."""

    def through(
        self, make: Make, items: Iterable[FaceItem], wanted: Sequence[Mouth]
    ) -> Iterator[Frame]:
        """A picture an item, in order, made now or before.

        Args:
            make: gives the pictures of some items.
            items: one a mouth.
            wanted: the mouths, by frame.
        """
        items, first = iter(items), 0
        for _, group in itertools.groupby(wanted, key=lambda mouth: mouth.frame // FRAMES):
            faces = list(itertools.islice(items, len(list(group))))
            piece = Piece(f"{self._identity} {digest_of(faces)}", first, len(faces))
            self.pieces.append(piece)
            first += piece.count
            known = self._pictures(piece)
            self.found += piece.count if known is not None else 0
            yield from make(faces) if known is None else known

    def _pictures(self, piece: Piece) -> Iterator[Frame] | None:
        place = self._places.get(piece.digest)
        if place is None or place.piece.count != piece.count:
            return None
        if not self._store.verify(place.artefact):
            return None
        path = self._store.path(place.artefact, MOUTHS)
        side = round((path.stat().st_size / _total(self._store, place.artefact) / 3) ** 0.5)
        size = side * side * 3
        held = np.fromfile(path, np.uint8, size * piece.count, offset=size * place.piece.first)
        return iter(held.reshape(piece.count, side, side, 3))


def digest_of(items: Iterable[FaceItem]) -> str:
    """SHA-256 over all that an engine is given."""
    digest = hashlib.sha256()
    for item in items:
        for field in fields(item):
            value = getattr(item, field.name)
            array = value.numpy() if isinstance(value, Tensor) else np.asarray(value)
            digest.update(f"{field.name} {array.shape} {array.dtype}".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _earlier(store: Store, stage: str, source: Artefact) -> Iterator[tuple[str, _Place]]:
    """All pieces of the results that a stage made of a source."""
    for artefact in store.artefacts():
        if artefact.stage != stage:
            continue
        try:
            if str(source) in store.meta(artefact).get("inputs", ()):
                for piece in _pieces(store, artefact):
                    yield piece.digest, _Place(artefact, piece)
        except (OSError, ValueError, InputError):
            continue  # it goes while we look, or an older version left no list


def _pieces(store: Store, artefact: Artefact) -> tuple[Piece, ...]:
    return values.read(tuple[Piece, ...], store.path(artefact, FILE))


def _total(store: Store, artefact: Artefact) -> int:
    return sum(piece.count for piece in _pieces(store, artefact))
