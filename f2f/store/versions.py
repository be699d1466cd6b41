"""Versions of installed packages: what made an artefact."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterable

import f2f


def versions(names: Iterable[str]) -> dict[str, str]:
    """Distribution → version of those that are installed, and face-to-face itself."""
    return {"face-to-face": f2f.__version__, **dict(_installed(names))}


def _installed(names: Iterable[str]) -> Iterable[tuple[str, str]]:
    for name in sorted(set(names)):
        try:
            yield name, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
