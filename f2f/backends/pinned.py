"""Pinned weights told apart: by the digests in the catalogue, without reading the files."""

from __future__ import annotations

from typing import ClassVar

from f2f import weights
from f2f.config import Config
from f2f.roles import BackendInfo, Closing
from f2f.store.digests import digest_json

_DIGITS = 16


class Pinned(Closing):
    """A backend that needs the weights of its `info`, and always these."""

    info: ClassVar[BackendInfo]

    @classmethod
    def missing(cls, config: Config) -> str | None:
        """None if the weights are here, else the line that brings them."""
        return weights.missing(*cls.info.weights)

    @classmethod
    def identity(cls, config: Config) -> str:
        """The weights."""
        return identity(*cls.info.weights)


def identity(*names: str) -> str:
    """The entries' names, each with a digest over what the catalogue knows its files by.

    An entry that is made on this machine is as good as what it is made from and how.

    Raises:
        ConfigError: an entry is not in the catalogue.
    """
    return ", ".join(f"{name} {digest_json(_facts(name))[:_DIGITS]}" for name in names)


def _facts(name: str) -> list[object]:
    entry = weights.catalogue().entry(name)
    origin = [entry.maker, _facts(entry.made_from)] if entry.made_from is not None else []
    return [[[file.name, file.sha256] for file in entry.files], *origin]
