"""Whatever is wrong with a file, an override or a value is one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from f2f import config
from f2f.errors import ConfigError
from f2f.strict_config import overridden
from tests import malformed


@pytest.mark.parametrize("lines", malformed.overrides("lips", "batch"), ids=repr)
def test_malformed_overrides_are_refused(lines: tuple[str, ...]) -> None:
    malformed.assert_one_sentence(lambda: config.load(overrides=lines))


def test_malformed_files_are_refused(tmp_path: Path) -> None:
    for path in malformed.unreadable(tmp_path):
        malformed.assert_one_sentence(lambda path=path: config.load(path))


@given(
    st.lists(st.tuples(st.sampled_from(["lips", "lips.batch", "lips.", ""]), st.text()), max_size=3)
)
def test_any_text_loads_or_is_refused(lines: list[tuple[str, str]]) -> None:
    try:
        config.load(overrides=[f"{key}={value}" for key, value in lines])
    except ConfigError as error:
        assert "\n" not in str(error)


def test_overrides_leave_the_tree_alone() -> None:
    tree = {"lips": {"batch": 1}}
    assert overridden(tree, ("lips.batch=2", "faces.every=3")) == {
        "lips": {"batch": 2},
        "faces": {"every": 3},
    }
    assert tree == {"lips": {"batch": 1}}
