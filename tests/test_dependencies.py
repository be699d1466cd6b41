"""What the packages import is declared: always needed in the core, lazily from an extra."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

REPOSITORY = Path(__file__).parent.parent
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OWN = {"f2f", "flows", "lipsync", "training"}
COME_WITH_OTHERS = {"ctranslate2", "google", "starlette", "httpx", "uvicorn"}
"""Modules of packages that ours bring: faster-whisper, onnx, fastapi, prefect."""


def plain(name: str) -> str:
    """A distribution's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(*lists: list[str]) -> set[str]:
    return {plain(Requirement(line).name) for lines in lists for line in lines}


CORE = declared(PROJECT["dependencies"])
ANY = CORE | declared(*PROJECT["optional-dependencies"].values())


def imports(file: Path, *, lazy: bool) -> Iterator[str]:
    """Top-level modules that a file imports as it is loaded, or inside its functions."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    inside = {
        node
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if (node in inside) != lazy:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def undeclared(package: str, known: set[str], *, lazy: bool) -> set[str]:
    found = {
        module: file.relative_to(REPOSITORY)
        for file in sorted((REPOSITORY / package).rglob("*.py"))
        for module in imports(file, lazy=lazy)
    }
    distributions = packages_distributions()
    return {
        f"{file}: {module}"
        for module, file in found.items()
        if module not in sys.stdlib_module_names | OWN | COME_WITH_OTHERS
        and not known & {plain(name) for name in distributions.get(module, [module])}
    }


@pytest.mark.parametrize("package", ["f2f", "lipsync"])
def test_what_is_always_imported_is_a_dependency_of_the_core(package: str) -> None:
    assert undeclared(package, CORE, lazy=False) == set()


@pytest.mark.parametrize("package", sorted(OWN))
def test_whatever_is_imported_is_declared(package: str) -> None:
    assert undeclared(package, ANY, lazy=True) | undeclared(package, ANY, lazy=False) == set()
