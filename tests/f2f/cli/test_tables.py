"""Tables: readable on a narrow terminal, whole lines in a file."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from f2f.cli import tables

COLUMNS = ("name", "state", "licence", "what it is")
LONG = "Whisper small, multilingual, ONNX q8; hears Hindi in Devanagari हिन्दी better than base"
ROWS = [
    ("whisper-small-onnx", "absent", "Apache-2.0", LONG),
    ("demo", "here", "GPL-3.0-or-later", "[bold] talk[/draft].mp4 :smile:"),
]
TYPED = ("name",)


def printed(
    rows: Sequence[Sequence[str]],
    width: int,
    *,
    terminal: bool = True,
    typed: Sequence[str] = TYPED,
) -> list[str]:
    file = io.StringIO()
    console = Console(
        file=file,
        force_terminal=terminal,
        width=width,
        color_system=None,
        markup=False,
        emoji=False,
    )
    tables.show(COLUMNS[: len(rows[0])], rows, typed=typed, console=console)
    return file.getvalue().splitlines()


@pytest.mark.parametrize("width", [200, 100, 80, 60, 40, 20])
def test_no_word_is_broken_and_no_line_is_wider_than_its_longest_word(width: int) -> None:
    lines = printed(ROWS, width)
    words = {word for line in lines for word in line.split()}
    for row in ROWS:
        for cell in row:
            assert set(cell.split()) <= words
    indent = 2 * len(tables.INDENT)
    longest = max(cell_len(word) for row in ROWS for cell in row for word in cell.split())
    assert max(map(cell_len, lines)) <= max(width, longest + indent)


def test_what_does_not_fit_beside_the_others_is_under_its_row() -> None:
    lines = printed(ROWS, 60)
    assert lines[0].split() == ["name", "state", "licence"]
    assert lines[1].split() == ["whisper-small-onnx", "absent", "Apache-2.0"]
    assert lines[2].startswith("    what it is: Whisper small,")
    assert lines[3].startswith("        ")


def test_a_text_beside_the_others_has_room_to_be_read() -> None:
    lines = printed(ROWS, 80)
    assert "what it is" in lines[0]
    assert (
        cell_len(lines[1]) - cell_len(lines[1][: lines[1].index("Whisper")]) >= tables.READABLE - 8
    )


def test_in_a_file_every_row_is_one_whole_line() -> None:
    lines = printed(ROWS, 40, terminal=False)
    assert len(lines) == 1 + len(ROWS)
    for line, row in zip(lines[1:], ROWS, strict=True):
        assert all(cell in line for cell in row)


@given(
    st.lists(st.tuples(*[st.text("ab हि漢", max_size=30)] * 3), min_size=1, max_size=4),
    st.integers(1, 120),
)
def test_nothing_is_lost_at_any_width(rows: list[tuple[str, ...]], width: int) -> None:
    text = "".join("".join(line.split()) for line in printed(rows, width, typed=()))
    for row in rows:
        for cell in row:
            for word in cell.split():
                assert word in text
