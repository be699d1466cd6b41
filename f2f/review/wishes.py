"""From what a person does on the page to changes of the edits file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from f2f.edits import changes, lines
from f2f.edits.book import Book
from f2f.edits.changes import Change
from f2f.errors import InputError
from f2f.review.marks import Row
from f2f.text import sentences
from f2f.types import Transcript

_MOMENT = 0.0005
"""Seconds by which a time that a person did not touch may differ from what it was."""

Form = Mapping[str, str]


def wished(form: Form, rows: Sequence[Row], free: int) -> tuple[Change, ...]:
    """The changes that a form asks for; none if it changes nothing.

    Args:
        form: `do`, and the fields of that.
        rows: the lines as they are.
        free: a number that no line has or had.

    Raises:
        InputError: it cannot be understood.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return tuple(
        changes.read({**tree, "at": now}, "this change") for tree in _trees(form, rows, free)
    )


def added(book: Book, new: Sequence[Change], heard: Transcript) -> Book:
    """The book with further changes, if they can be made.

    Raises:
        InputError: they cannot, and why.
    """
    for change in new:
        book = book.with_change(change)
    lines.of(heard, book.changes)
    return book


def _trees(form: Form, rows: Sequence[Row], free: int) -> Iterator[dict[str, Any]]:
    do = form.get("do", "")
    match do:
        case "save":
            yield from _saved(form, _row(form, rows))
        case "split":
            yield _split(form, _row(form, rows), free)
        case "merge":
            yield _merged(_row(form, rows), rows)
        case "add":
            given = {name: form.get(name, "") for name in ("start", "end", "speaker", "heard")}
            said = form.get("said") or None
            yield {"do": do, "line": free, **given, "said": said}
        case "voice":
            yield {"do": do, "speaker": form.get("speaker"), "voice": form.get("voice")}
        case "term":
            target = form.get("target", "").strip() or None
            yield {"do": do, "source": form.get("source", "").strip(), "target": target}
        case "delete" | "unsay":
            yield {"do": do, "line": _row(form, rows).id}
        case "time":
            row = _row(form, rows)
            yield {"do": do, "line": row.id, "start": form.get("start"), "end": form.get("end")}
        case _:
            raise InputError(f"nothing is known to do {do[:40]!r}")


def _saved(form: Form, row: Row) -> Iterator[dict[str, Any]]:
    """What differs from the line as it is."""
    heard, said = _text(form, "heard", row.heard), _text(form, "said", row.said)
    speaker = _text(form, "speaker", row.speaker)
    if heard != row.heard:
        yield {"do": "hear", "line": row.id, "text": heard}
    if said != row.said:
        yield {"do": "say", "line": row.id, "text": said}
    if speaker != row.speaker:
        yield {"do": "speaker", "line": row.id, "speaker": speaker}
    start, end = (
        _number(form, name, old) for name, old in (("start", row.start), ("end", row.end))
    )
    if abs(start - row.start) > _MOMENT or abs(end - row.end) > _MOMENT:
        yield {"do": "time", "line": row.id, "start": start, "end": end}


def _split(form: Form, row: Row, free: int) -> dict[str, Any]:
    moment = _number(form, "moment", (row.start + row.end) / 2)
    if not row.start < moment < row.end:
        raise InputError("put the playhead inside the line to cut it there")
    shares = (moment - row.start, row.end - moment)
    dealt = sentences.deal(row.said, shares) if row.said.strip() else None
    return {
        "do": "split",
        "line": row.id,
        "moment": moment,
        "new": free,
        "said": tuple(dealt) if dealt else None,
    }


def _merged(row: Row, rows: Sequence[Row]) -> dict[str, Any]:
    place = [one.id for one in rows].index(row.id)
    if place + 1 == len(rows):
        raise InputError("there is no line after this one")
    other = rows[place + 1]
    said = f"{row.said} {other.said}".strip()
    return {"do": "merge", "line": row.id, "other": other.id, "said": said or None}


def free_number(heard: Transcript, book: Book) -> int:
    """A number that no line has, or ever had: those taken out leave theirs to nobody."""
    taken = {segment.id for segment in heard.segments}
    for change in book.changes:
        taken |= {getattr(change, name) for name in ("line", "new") if hasattr(change, name)}
    return max(taken, default=0) + 1


def _row(form: Form, rows: Sequence[Row]) -> Row:
    for row in rows:
        if str(row.id) == form.get("line"):
            return row
    raise InputError("there is no such line any more")


def _text(form: Form, name: str, old: str) -> str:
    return " ".join(form.get(name, old).split())


def _number(form: Form, name: str, old: float) -> float:
    try:
        return float(form[name]) if form.get(name) else old
    except ValueError:
        raise InputError(f"{name} is a number of seconds, not {form[name][:40]!r}") from None
