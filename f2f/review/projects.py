"""The dubs that a server shows: where each comes from, where it goes, where its edits lie."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from f2f import weights
from f2f.config import Config, from_tree
from f2f.delivery import destinations, origins, own_results
from f2f.delivery.origins import Origin
from f2f.edits import book
from f2f.edits.book import Book
from f2f.errors import InputError
from f2f.store.digests import digest_file
from f2f.store.whole_files import make_whole

VIDEOS = (".mp4", ".m4v", ".mov")
_STATE = "state.json"


@dataclass(frozen=True, slots=True)
class Project:
    """One video in one language."""

    id: str
    source: Path
    output: Path
    edits: Path
    config: Config
    """As it was given, without edits."""
    folder: Path
    """What the server keeps of it: state, peaks, proxies."""

    @property
    def name(self) -> str:
        """What people see."""
        return self.output.name

    def book(self) -> Book:
        """Its edits now; an empty book if nobody has changed anything.

        Raises:
            InputError: the file cannot be used.
        """
        if not self.edits.exists():
            return Book(self.config.languages.target)
        return book.read(self.edits, self.config.languages.target)

    def state(self) -> dict[str, Any]:
        """What the worker found out; empty if nothing yet."""
        try:
            tree = json.loads((self.folder / _STATE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return tree if isinstance(tree, dict) else {}

    def put(self, **facts: Any) -> dict[str, Any]:
        """Add to its state, whole or not at all."""
        state = {**self.state(), **facts}
        text = json.dumps(state, ensure_ascii=False, indent=1)
        make_whole(self.folder / _STATE, lambda place: place.write_text(text, encoding="utf-8"))
        return state

    def spec(self) -> dict[str, Any]:
        """All that another process needs, as plain values; see `from_spec`."""
        return {
            "source": str(self.source),
            "output": str(self.output),
            "edits": str(self.edits),
            "config": origins.plain(self.config),
        }


def from_spec(spec: dict[str, Any]) -> Project:
    """The project that `Project.spec` told of."""
    project = of(Path(spec["source"]), Path(spec["output"]), from_tree(spec["config"]))
    return replace(project, edits=Path(spec["edits"]))


def of(source: Path, output: Path, config: Config) -> Project:
    """The project of a source and its result, which need not be there yet."""
    output = output.absolute()
    given = config.review.edits
    edits = given.absolute() if given is not None else book.place_beside(output)
    key = hashlib.sha256(f"{output}\n{source.absolute()}".encode()).hexdigest()[:12]
    review = config.review.model_copy(update={"edits": None})
    return Project(
        key,
        source.absolute(),
        output,
        edits,
        config.model_copy(update={"review": review}),
        weights.cache_folder() / "review" / key,
    )


def found(target: Path, config: Config) -> tuple[Project, ...]:
    """What a person means by a path.

    Args:
        target: a result, or a folder of results, or a source.
        config: options for a source; `languages.target` says that it is one.

    Raises:
        InputError: there is nothing to review.
    """
    if target.is_dir():
        projects = tuple(in_folder(target))
        if not projects:
            raise InputError(f"there is no result of f2f in {target} whose source is known here")
        return projects
    if not target.is_file():
        raise InputError(f"there is no file {str(target)!r}")
    if config.languages.target is not None:
        folder = target.absolute().parent
        name = destinations.named(target.stem, f".{config.languages.target}.mp4", folder)
        return (of(target, name, config),)
    origin = origins.recall([digest_file(target)])
    if origin is not None:
        return (of(origin.source, target, origin.config),)
    hint = (
        "it was made on another machine or by an older version: give its source and language, "
        "f2f review SOURCE --to LANG"
        if own_results.is_own_video(target)
        else "give the language to speak: f2f review VIDEO --to LANG"
    )
    raise InputError(f"what {target.name} was made from is not known here; {hint}")


def in_folder(folder: Path) -> Iterator[Project]:
    """The results in a folder and below it, by name."""
    for sidecar in sorted(folder.rglob("*.sources.json")):
        stem = sidecar.name.removesuffix(".sources.json")
        videos = [sidecar.with_name(stem + suffix) for suffix in VIDEOS]
        origin = _recalled(sidecar)
        for video in videos:
            if origin is not None and video.is_file():
                yield of(origin.source, video, origin.config)


def _recalled(sidecar: Path) -> Origin | None:
    return origins.recall(sorted(own_results.listed([sidecar])))
