"""The edits file: read back as written, undone, refused in one sentence, never overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from f2f.edits import book, changes
from f2f.edits.book import Book, StaleError
from f2f.edits.changes import Add, Delete, Hear, Merge, Say, Speak, Split, Term, Time, Unsay, Voice
from f2f.errors import InputError

EVERYTHING = (
    Say(line=1, text="नमस्ते: दुनिया # nicht", at="2026-01-02T03:04:05+00:00"),
    Hear(line=1, text="no"),
    Unsay(line=1),
    Speak(line=2, speaker="yes"),
    Time(line=2, start=1.25, end=3.5),
    Split(line=2, moment=2.0, new=7, heard=("a", "b"), said=("c", "")),
    Merge(line=2, other=7, said="c"),
    Delete(line=3),
    Add(line=9, start=0.0, end=0.5, speaker="S1", heard="hm"),
    Voice(speaker="S1", voice="hf_alpha"),
    Term(source="null"),
    Term(source="deep learning", target="डीप लर्निंग"),
)


def test_every_change_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "talk.hi.edits.yaml"
    given = Book("hi", "abc", 3, EVERYTHING[:-1], EVERYTHING[-1:])
    book.write(path, given, seen=0)
    assert book.read(path, "hi") == given
    assert "डीप लर्निंग" in path.read_text("utf-8")
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_changes_are_undone_and_done_again_and_a_new_one_forgets_the_undone() -> None:
    start = Book().with_change(Say(line=1, text="a")).with_change(Say(line=1, text="b"))
    back = start.back()
    assert [change.text for change in back.changes if isinstance(change, Say)] == ["a"]
    assert back.forth().changes == start.changes
    assert back.with_change(Delete(line=1)).undone == ()
    assert (start.version, back.version, back.forth().version) == (2, 3, 4)
    with pytest.raises(InputError, match="nothing to undo"):
        Book().back()
    with pytest.raises(InputError, match="nothing to do again"):
        start.forth()


def test_two_windows_do_not_overwrite_each_other(tmp_path: Path) -> None:
    path = tmp_path / "edits.yaml"
    mine = Book().with_change(Say(line=1, text="mine"))
    theirs = Book().with_change(Say(line=1, text="theirs"))
    book.write(path, mine, seen=0)
    with pytest.raises(StaleError, match="changed in another window: it is version 1"):
        book.write(path, theirs, seen=0)
    assert book.read(path) == mine


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no edits file"),
        ("[1]", "no edits file"),
        ("format: 2", "no edits file of format 1"),
        ("format: 1\nversoin: 2", "unknown field 'versoin'"),
        ("format: 1\nversion: true", "version is a number"),
        ("format: 1\nversion: -1", "version is a number"),
        ("format: 1\nhearing: 3", "hearing is a text"),
        ("format: 1\nlanguage: Klingonish", "'Klingonish'"),
        ("format: 1\nchanges: {}", "changes are a list"),
        ("format: 1\nchanges: [3]", "change 1: "),
        ("format: 1\nchanges: [{do: dance}]", "change 1: .*'say'"),
        ("format: 1\nchanges: [{do: say, line: 1}]", "change 1: text: "),
        ("format: 1\nchanges: [{do: say, line: x, text: a}]", "change 1: line: "),
        ("format: 1\nchanges: [{do: say, line: 1, text: a, b: 1}]", "change 1: b: "),
        ("format: 1\nchanges: [{do: time, line: 1, start: 2, end: 2}]", "lasts at least 0.1 s"),
        ("format: 1\nchanges: [{do: time, line: 1, start: .nan, end: 2}]", "change 1: start: "),
        ("a: [", "no YAML"),
        ("format: 1\nchanges: !!python/object:os.system {}", "no YAML"),
    ],
)
def test_what_is_no_edits_file_is_refused_in_one_sentence(
    tmp_path: Path, text: str, sentence: str
) -> None:
    path = tmp_path / "edits.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=sentence) as told:
        book.read(path)
    assert "\n" not in str(told.value)


def test_a_file_that_is_not_there_or_of_another_language_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read the edits"):
        book.read(tmp_path / "absent.yaml")
    book.write(tmp_path / "edits.yaml", Book("hi"), seen=0)
    with pytest.raises(InputError, match="corrects a dub in 'hi', not in 'pt'"):
        book.read(tmp_path / "edits.yaml", "pt")


def test_a_time_that_a_person_wrote_without_quotes_is_a_time_still() -> None:
    import yaml

    tree = yaml.safe_load("{do: delete, line: 1, at: 2026-01-02T03:04:05Z}")
    assert changes.read(tree, "change 1") == Delete(line=1, at="2026-01-02 03:04:05+00:00")
