"""The lock: everything that pyproject.toml asks for, by version and hash."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).parent.parent
LOCKS = {name: REPOSITORY / "requirements" / f"{name}.txt" for name in ("core", "dev")}
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
ELSEWHERE = {"torch", "face-to-face"}
"""Installed by the Makefile itself, which says why."""
AGAIN = "`make lock` writes it anew"


def locked(name: str) -> dict[str, tuple[str, int]]:
    """Package → version and number of hashes."""
    found: dict[str, tuple[str, int]] = {}
    text = re.sub(r"^#.*\n", "", LOCKS[name].read_text(), flags=re.M)
    for entry in re.split(r"\n(?=\S)", text.strip()):
        package, version = re.match(r"([\w.-]+)==([^\s;]+)", entry).groups()  # type: ignore[union-attr]
        found[package] = (version, len(re.findall(r"--hash=sha256:[0-9a-f]{64}", entry)))
    return found


def asked(name: str) -> list[Requirement]:
    extras = PROJECT["optional-dependencies"].values() if name == "dev" else ()
    return [
        requirement
        for text in (*PROJECT["dependencies"], *(one for extra in extras for one in extra))
        if canonicalize_name((requirement := Requirement(text)).name) not in ELSEWHERE
    ]


@pytest.mark.parametrize("name", LOCKS)
def test_what_is_asked_for_is_locked(name: str) -> None:
    found = locked(name)
    for requirement in asked(name):
        package = canonicalize_name(requirement.name)
        assert package in found, f"{package} is not in requirements/{name}.txt: {AGAIN}"
        assert found[package][0] in requirement.specifier, f"{package}: {AGAIN}"


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_has_hashes_and_none_says_where_it_lies(name: str) -> None:
    assert all(hashes for _, hashes in locked(name).values())
    assert "://" not in LOCKS[name].read_text()
    assert not [package for package in locked(name) if package.startswith(("nvidia", "triton"))]


def test_both_locks_pin_the_same_versions() -> None:
    core, dev = locked("core"), locked("dev")
    assert core.items() <= dev.items(), AGAIN
    assert not ELSEWHERE & dev.keys()
