"""The lines of a video after a person's changes: what each is, and what became of whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from f2f.edits import changes
from f2f.edits.changes import SHORTEST, Change
from f2f.errors import InputError
from f2f.types import Segment, Span, Transcript, Word


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it stands after all changes."""

    id: int
    span: Span
    speaker: str
    heard: str
    words: tuple[Word, ...]
    said: str | None = None
    """A person's translation; None where it is the machine's."""
    fresh: bool = False
    """True if the machine's first translation is not of this text."""

    @property
    def segment(self) -> Segment:
        """What was heard."""
        return Segment(self.id, self.span, self.speaker, self.heard, self.words)


@dataclass(frozen=True, slots=True)
class Lines:
    """All lines by number, and what holds for the whole video."""

    by_id: Mapping[int, Line]
    voices: Mapping[str, str] = field(default_factory=dict)
    """Speaker → voice."""
    terms: Mapping[str, str | None] = field(default_factory=dict)
    """Source term → how it must appear; None as it is."""
    gone: frozenset[int] = frozenset()
    """Numbers that were heard and are no lines any more."""

    def in_order(self) -> list[Line]:
        """By their start."""
        return sorted(self.by_id.values(), key=lambda line: (line.span.start, line.id))


def of(heard: Transcript, edits: Iterable[Change]) -> Lines:
    """What was heard, with the changes made in their order.

    Raises:
        InputError: a change is of a line that is not there (any more), or cannot be made.
    """
    lines = {
        one.id: Line(one.id, one.span, one.speaker, one.text, one.words) for one in heard.segments
    }
    voices: dict[str, str] = {}
    terms: dict[str, str | None] = {}
    for number, change in enumerate(edits, start=1):
        match change:
            case changes.Voice():
                voices[change.speaker] = change.voice
            case changes.Term():
                terms[change.source] = change.target
            case _:
                for line_id, line in _changed(lines, change, f"change {number}"):
                    if line is None:
                        del lines[line_id]
                    else:
                        lines[line_id] = line
    was = {one.id for one in heard.segments}
    return Lines(lines, voices, terms, frozenset(was - set(lines)))


def transcript(heard: Transcript, lines: Lines) -> Transcript:
    """What was heard, corrected; new speakers are described by nothing but their names."""
    segments = tuple(line.segment for line in lines.in_order())
    return replace(heard, segments=segments)


def _changed(
    lines: Mapping[int, Line], change: Change, where: str
) -> Iterator[tuple[int, Line | None]]:
    """The lines that a change makes anew; None for one that goes."""
    if isinstance(change, changes.Add):
        yield change.line, _added(lines, change, where)
        return
    assert not isinstance(change, changes.Voice | changes.Term)
    line = _line(lines, change.line, where)
    match change:
        case changes.Say():
            yield line.id, replace(line, said=change.text)
        case changes.Unsay():
            yield line.id, replace(line, said=None)
        case changes.Hear():
            yield line.id, replace(line, heard=change.text, words=(), fresh=True)
        case changes.Speak():
            yield line.id, replace(line, speaker=change.speaker)
        case changes.Time():
            span = Span(change.start, change.end)
            yield line.id, replace(line, span=span, words=_within(line.words, span))
        case changes.Delete():
            yield line.id, None
        case changes.Merge():
            yield from _merged(line, _line(lines, change.other, where), change, where)
        case changes.Split():
            yield from _split(lines, line, change, where)


def _line(lines: Mapping[int, Line], number: int, where: str) -> Line:
    if number not in lines:
        raise InputError(f"{where}: there is no line {number}")
    return lines[number]


def _added(lines: Mapping[int, Line], change: changes.Add, where: str) -> Line:
    if change.line in lines:
        raise InputError(f"{where}: there is a line {change.line} already")
    span = Span(change.start, change.end)
    said = change.said
    return Line(change.line, span, change.speaker, change.heard, (), said, fresh=True)


def _merged(
    line: Line, other: Line, change: changes.Merge, where: str
) -> Iterator[tuple[int, Line | None]]:
    if line.id == other.id:
        raise InputError(f"{where}: line {line.id} cannot be joined to itself")
    first, second = sorted((line, other), key=lambda one: one.span.start)
    whole = Span(first.span.start, max(first.span.end, second.span.end))
    words = first.words + second.words if first.words and second.words else ()
    heard = f"{first.heard} {second.heard}".strip()
    yield other.id, None
    yield line.id, replace(line, span=whole, heard=heard, words=words, said=change.said, fresh=True)


def _split(
    lines: Mapping[int, Line], line: Line, change: changes.Split, where: str
) -> Iterator[tuple[int, Line | None]]:
    if change.new in lines:
        raise InputError(f"{where}: there is a line {change.new} already")
    span = line.span
    if not span.start + SHORTEST <= change.moment <= span.end - SHORTEST:
        raise InputError(
            f"{where}: line {line.id} can be cut between {span.start + SHORTEST:.2f} and "
            f"{span.end - SHORTEST:.2f} s, not at {change.moment:.2f} s"
        )
    before = tuple(word for word in line.words if _middle(word) < change.moment)
    after = line.words[len(before) :]
    heard = change.heard or _parts(line, before, after, change.moment)
    said = change.said or (None, None)
    yield (
        line.id,
        replace(
            line,
            span=Span(span.start, change.moment),
            heard=heard[0],
            words=_within(before, Span(span.start, change.moment)),
            said=said[0],
            fresh=True,
        ),
    )
    yield (
        change.new,
        replace(
            line,
            id=change.new,
            span=Span(change.moment, span.end),
            heard=heard[1],
            words=_within(after, Span(change.moment, span.end)),
            said=said[1],
            fresh=True,
        ),
    )


def _parts(
    line: Line, before: tuple[Word, ...], after: tuple[Word, ...], moment: float
) -> tuple[str, str]:
    """The heard text cut where its words are, or by its share of the time."""
    if before or after:
        first, second = (" ".join(word.text.strip() for word in part) for part in (before, after))
        return first, second
    texts = line.heard.split()
    count = round(len(texts) * (moment - line.span.start) / line.span.duration)
    return " ".join(texts[:count]), " ".join(texts[count:])


def _within(words: tuple[Word, ...], span: Span) -> tuple[Word, ...]:
    """Words whose times all lie within a span: those outside are moved to its nearer edge."""

    def inside(moment: float) -> float:
        return min(span.end, max(span.start, moment))

    return tuple(
        replace(word, span=Span(inside(word.span.start), inside(word.span.end))) for word in words
    )


def _middle(word: Word) -> float:
    return (word.span.start + word.span.end) / 2
