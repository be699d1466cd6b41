"""Configurations that nobody can mean, in every way that a loader could stumble over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from f2f.errors import ConfigError

VALUES = (
    "",
    "abc",
    "[1",
    "{a: 1}",
    "{[1]: 2}",
    ".nan",
    "2024-13-45",  # a date that is none
    "!!int ''",
    "!!bool maybe",
    "!!timestamp now",
    "!!python/object/apply:os.getcwd []",
    "&a [*a]",
    "*nowhere",
    "\x00",
    "[" * 5000,
)
FILES = (
    b"\xff\xfe\x00",
    b"topics: [1",
    b"- a list",
    b"3",
    b"1: 2",
    b"? [a, b]\n: 3",
    b"a: 1\n---\nb: 2",
    b"no_such_topic: {x: 1}",
    b"a: 2024-13-45",
    b"a: !!timestamp now",
    b"a: &a {b: *a}",
    b"\tx: 3",
    b"[" * 5000,
)


def overrides(topic: str, number: str) -> list[tuple[str, ...]]:
    """Lines of `--set`, given together, about a topic and a number in it."""
    key = f"{topic}.{number}"
    lines = [f"{key}={value}" for value in VALUES]
    lines += ["", "=", "=3", topic, key, f"{topic}=3", f"{topic}=[1]", f"{topic}.=3", f".{key}=3"]
    lines += [f"{topic}..{number}=3", f"{key}.deeper=3", f"{key}x=3", "no_such_topic.x=3"]
    lines += [f"two\nlines{key}", f"two\nlines.{number}=3"]
    together = [
        (f"{topic}=3", f"{key}=5"),
        (f"{topic}=null", f"{key}=5"),
        (f"{topic}=[]", f"{key}=5"),
        (f"{key}=3", f"{key}.deeper=5"),
    ]
    return [(line,) for line in lines] + together


def assert_one_sentence(load: Callable[[], object]) -> None:
    """The loader refuses with a ConfigError that fits on a line."""
    with pytest.raises(ConfigError) as caught:
        load()
    message = str(caught.value)
    assert message and "\n" not in message and len(message) < 1000, message


def unreadable(folder: Path) -> list[Path]:
    """Files that hold no configuration, and paths at which there is none."""
    paths = [folder / "absent.yaml", folder, folder / "nul\x00.yaml"]
    for number, content in enumerate(FILES):
        path = folder / f"{number}.yaml"
        path.write_bytes(content)
        paths.append(path)
    return paths
