"""A result handed over: all its files or none, and never over what a person wrote."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count, takewhile
from pathlib import Path

from f2f.delivery import own_results
from f2f.delivery.destinations import beside, is_one_of, places_of
from f2f.delivery.files import Result
from f2f.store.artefacts import Artefact, Store
from f2f.store.digests import digest_file, digest_given
from f2f.store.whole_files import make_all

log = logging.getLogger(__name__)

Content = Path | str
"""A file of the store, or a text."""
Contents = Mapping[Path, Content]
"""What is delivered, by the place where it belongs."""


def of_result(
    store: Store, artefact: Artefact, output: Path, *, more: Contents | None = None
) -> Contents:
    """The files of a result at and beside `output`, and `more`, all listed in a sealed sidecar.

    Args:
        store: where the result lies.
        artefact: of `deliver`.
        output: the video's place.
        more: further files that belong to it.
    """
    result = store.read(artefact, Result)
    places = places_of(result, output)
    sidecar = places[result.sidecar]
    facts = json.loads(store.path(artefact, result.sidecar).read_text(encoding="utf-8"))
    contents: dict[Path, Content] = {
        **{place: store.path(artefact, name) for name, place in places.items()},
        **(more or {}),
    }
    digests = [_digest(content) for place, content in contents.items() if place != sidecar]
    return {**contents, sidecar: own_results.sealed(facts, digests)}


def deliver(contents: Contents, *, sources: Iterable[Path] = ()) -> tuple[Path, ...]:
    """Write all of them or none.

    A file that is not our own, or is one of `sources`, stays; ours then lies beside it, which is
    said in a warning.
    """
    places = _settled(contents, tuple(sources))
    for wanted, place in places.items():
        if place != wanted:
            log.warning(
                "%s stays: f2f did not write it, or it was edited or given; the new one is %s",
                *(wanted, place.name),
            )
    own_results.record(_digest(content) for content in contents.values())
    make_all({places[wanted]: _writer(content) for wanted, content in contents.items()})
    return tuple(places.values())


def is_delivered(contents: Contents, *, sources: Iterable[Path] = ()) -> bool:
    """True if all that `deliver` would write lies there, with the same content."""
    places = _settled(contents, tuple(sources))
    return all(
        place.is_file() and digest_file(place) == _digest(contents[wanted])
        for wanted, place in places.items()
    )


def _settled(contents: Contents, sources: tuple[Path, ...]) -> dict[Path, Path]:
    """Where each file goes, by where it belongs."""
    own = own_results.listed(
        sidecar
        for place in contents
        if place.name.endswith(".sources.json")
        for sidecar in takewhile(os.path.lexists, _names(place))
    )

    def is_free(place: Path, digest: str) -> bool:
        if not os.path.lexists(place):
            return True
        if not place.is_file() or is_one_of(place, sources):
            return False
        try:
            lies_there = digest_file(place)
        except OSError:  # whose it is cannot be known
            return False
        return lies_there in {digest, *own} or own_results.is_recorded(lies_there)

    return {
        wanted: next(place for place in _names(wanted) if is_free(place, _digest(content)))
        for wanted, content in contents.items()
    }


def _names(place: Path) -> Iterator[Path]:
    """What a file may be called: talk.srt, talk.dub.srt, talk.dub.2.srt, and so on."""
    yield place
    yield (second := beside(place))
    for number in count(2):
        yield second.with_stem(f"{second.stem}.{number}")


def _digest(content: Content) -> str:
    if isinstance(content, Path):
        return digest_given(content)
    return hashlib.sha256(content.encode()).hexdigest()


def _writer(content: Content) -> Callable[[Path], object]:
    if isinstance(content, Path):
        return lambda temporary: shutil.copyfile(content, temporary)
    return lambda temporary: temporary.write_bytes(content.encode())
