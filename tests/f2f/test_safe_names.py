"""Names from outside: what would leave its folder is refused."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from f2f.errors import InputError
from f2f.safe_names import relative_name


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("", "empty"),
        (".", "empty"),
        ("/etc/passwd", "absolute"),
        ("//host/share", "absolute"),
        ("C:/x", "drive"),
        ("c:x", "drive"),
        ("..", "leaves"),
        ("../x", "leaves"),
        ("a/../../x", "leaves"),
        ("a/..", "leaves"),
        ("a\\b", "backslash"),
        ("..\\x", "backslash"),
        ("a\0b", "NUL"),
    ],
)
def test_what_would_leave_its_folder_is_refused(name: str, fault: str) -> None:
    with pytest.raises(InputError, match=fault):
        relative_name(name)


@pytest.mark.parametrize("name", ["a", "a/b.bin", "a/./b", "a//b", "..a/b..", "हिन्दी/x y", "a/"])
def test_a_name_inside_is_a_path(name: str) -> None:
    assert relative_name(name) == PurePosixPath(name)


@given(st.text("ab./\\:\0 ", max_size=8) | st.text(max_size=12))
@example("~/x")
def test_whatever_is_let_through_stays_inside(name: str) -> None:
    try:
        path = relative_name(name)
    except InputError:
        return
    folder = Path("/some/folder")
    inside = (folder / path).resolve()
    assert inside.is_relative_to(folder) and inside != folder
