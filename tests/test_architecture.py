"""The map of the house shows rooms that exist, and every floor that exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAP = ROOT / "docs" / "architecture.md"
LONGEST_MODULE = 300
ROOMS_OF_A_FLOOR = 12


@pytest.mark.parametrize(("page", "least"), [("architecture.md", 50), ("real_files.md", 30)])
def test_every_room_that_a_page_names_exists(page: str, least: int) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    named = re.findall(r"`((?:f2f|flows|training|lipsync|tests)/[\w./]*)`", text)
    assert len(named) > least
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_floor_is_on_the_map() -> None:
    text = MAP.read_text("utf-8")
    floors = [folder for folder in (ROOT / "f2f").iterdir() if (folder / "__init__.py").is_file()]
    assert [folder.name for folder in floors if f"`f2f/{folder.name}/`" not in text] == []


@pytest.mark.parametrize("package", ["f2f", "flows", "lipsync", "training", "benchmarks"])
def test_no_module_is_longer_than_a_reader_can_hold(package: str) -> None:
    long = {
        str(file.relative_to(ROOT)): lines
        for file in (ROOT / package).rglob("*.py")
        if (lines := len(file.read_text("utf-8").splitlines())) > LONGEST_MODULE
    }
    assert long == {}


@pytest.mark.parametrize("package", ["f2f", "training"])
def test_the_ground_floor_is_small(package: str) -> None:
    assert len(list((ROOT / package).glob("*.py"))) <= ROOMS_OF_A_FLOOR
