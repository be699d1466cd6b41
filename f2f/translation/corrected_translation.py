"""A machine's translation under a person's corrections: what he said stays word for word, what he
changed in the source is translated anew, and everything else is left as it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from f2f.edits import lines as edited
from f2f.edits.lines import Lines
from f2f.errors import InputError
from f2f.text import glossary
from f2f.text.glossary import Glossary
from f2f.text.sentences import units
from f2f.types import Segment, Transcript

Translate = Callable[[Transcript, frozenset[int]], dict[int, str]]
"""What is heard, and the lines whose sentences are wanted → their translations."""


def correct(
    heard: Transcript, said: Transcript, lines: Lines, translate: Translate | None
) -> tuple[Segment, ...]:
    """The segments to be spoken, in the order of their start.

    Args:
        heard: before any correction.
        said: the machine's translation of it.
        lines: `heard` after the corrections.
        translate: translates some lines; None where a person's file stands in for a translator.

    Raises:
        InputError: a line needs a translation and there is no translator.
    """
    texts = {segment.id: segment.text for segment in said.segments if segment.id in lines.by_id}
    wanted = stale(heard, texts, lines)
    if wanted and translate is not None:
        found = translate(edited.transcript(heard, lines), wanted)
        for number in wanted:  # a short sentence is spoken whole in one of its lines
            texts.pop(number, None)
        texts |= {number: text for number, text in found.items() if number in wanted}
    elif lost := sorted(wanted - set(texts)):
        raise InputError(
            f"line {lost[0]} has no translation, and a translator's file is used: give its text"
        )
    texts |= {line.id: line.said for line in lines.by_id.values() if line.said is not None}
    return tuple(
        Segment(line.id, line.span, line.speaker, texts[line.id])
        for line in lines.in_order()
        if texts.get(line.id, "").strip()
    )


def stale(heard: Transcript, texts: Mapping[int, str], lines: Lines) -> frozenset[int]:
    """The lines that must be translated anew: their text changed, or a new term does not appear
    in them as it must, or they share a sentence with such a line.

    A line that a person translated is never one of them, and causes none.
    """
    theirs = {line.id for line in lines.by_id.values() if line.said is not None}
    fresh = {line.id for line in lines.by_id.values() if line.fresh}
    wanted = (fresh | _without_their_terms(texts, lines)) - theirs
    after = tuple(line.segment for line in lines.in_order())
    for segments in (heard.segments, after):
        wanted |= _of_one_sentence(segments, wanted)
    return frozenset((wanted & set(lines.by_id)) - theirs)


def _of_one_sentence(segments: Sequence[Segment], numbers: set[int]) -> set[int]:
    """The lines that share a sentence with some."""
    together: set[int] = set()
    for unit in units(segments):
        owners = {owner for owner, _ in unit.shares}
        if owners & numbers:
            together |= owners
    return together


def _without_their_terms(texts: Mapping[int, str], lines: Lines) -> set[int]:
    terms = Glossary(tuple((source, target or source) for source, target in lines.terms.items()))
    return {
        line.id
        for line in lines.by_id.values()
        if any(
            not glossary.occurs(must.wanted, texts.get(line.id, ""))
            for must in terms.found(line.heard)
        )
    }
