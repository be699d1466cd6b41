"""A transcript in another language: same segments, same times, same speakers.

Lengths are looked after in two places.  `translate` estimates how many letters fit each segment's
time and takes a shorter wording where one is at hand.  `shorten` is for later, when the spoken
clips' true durations are known: it asks once for shorter wordings of the segments that do not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from f2f.roles import Sentence
from f2f.text import sentences, speech_rate
from f2f.text.sentences import Unit
from f2f.translation.constrained_translator import ConstrainedTranslator
from f2f.types import Segment, Transcript

_AT_ONCE = 32
"""Sentences between two reports of progress."""


def translate(
    heard: Transcript,
    translator: ConstrainedTranslator,
    *,
    quickest: float = 1.0,
    advance: Callable[[float, float], None] = lambda _done, _total: None,
) -> Transcript:
    """The transcript in the translator's target language.

    Args:
        heard: in the source language.
        translator: translator, pair and glossary.
        quickest: smallest placed / natural duration that is still acceptable (`timing.planner`).
        advance: told how many sentences of how many are done.
    """
    units = sentences.units(heard.segments)
    room = speech_rate.room(heard.segments, translator.target, quickest)
    asked = _ask(units, heard.segments, room)
    texts: list[str] = []
    for at in range(0, len(asked), _AT_ONCE):
        texts += translator.render(asked[at : at + _AT_ONCE])
        advance(len(texts), len(asked))
    spoken = _by_segment(units, texts)
    return Transcript(translator.target, _with_texts(heard.segments, spoken), heard.speakers)


def translate_some(
    heard: Transcript,
    wanted: frozenset[int],
    translator: ConstrainedTranslator,
    *,
    quickest: float = 1.0,
) -> dict[int, str]:
    """Segment id → translation, of the sentences that some segments have a part in.

    Args:
        heard: in the source language.
        wanted: ids of those segments.
        translator: as for `translate`.
        quickest: as for `translate`.
    """
    units = [
        unit
        for group in _groups(sentences.units(heard.segments))
        if wanted & {owner for one in group for owner, _ in one.shares}
        for unit in group
    ]
    room = speech_rate.room(heard.segments, translator.target, quickest)
    return _by_segment(units, translator.render(_ask(units, heard.segments, room)))


def shorten(
    heard: Transcript,
    said: Transcript,
    limits: Mapping[int, int],
    translator: ConstrainedTranslator,
) -> Transcript:
    """`said` with shorter wordings where the translator has them; everything else unchanged.

    Args:
        heard: in the source language.
        said: its translation.
        limits: segment id → letters that fit.
        translator: as for `translate`.
    """
    units = sentences.units(heard.segments)
    texts = {segment.id: segment.text for segment in said.segments}
    for group in _groups(units):
        owners = {owner for unit in group for owner, _ in unit.shares}
        if not owners & set(limits):
            continue
        room = {owner: limits.get(owner, len(texts.get(owner, ""))) for owner in owners}
        asked = _ask(group, heard.segments, room)
        found = _by_segment(group, translator.render(asked))
        if set(found) == owners & set(texts) and _length(found) < _length(texts, owners):
            texts.update(found)
    return replace(
        said,
        segments=tuple(replace(segment, text=texts[segment.id]) for segment in said.segments),
    )


def _length(texts: Mapping[int, str], owners: Iterable[int] | None = None) -> int:
    return sum(len(texts.get(owner, "")) for owner in (texts if owners is None else owners))


def _ask(
    units: Sequence[Unit], segments: Sequence[Segment], room: Mapping[int, int]
) -> list[Sentence]:
    """Each unit's text with the letters that its shares of the segments' room come to."""
    lengths: dict[int, int] = dict.fromkeys((segment.id for segment in segments), 0)
    for unit in units:
        for owner, letters in unit.shares:
            lengths[owner] += letters
    return [
        Sentence(
            unit.text,
            int(sum(room[owner] * letters / lengths[owner] for owner, letters in unit.shares)),
        )
        for unit in units
    ]


def _by_segment(units: Sequence[Unit], texts: Sequence[str]) -> dict[int, str]:
    """Segment id → its text; a sentence of too few words stays whole in its largest segment."""
    parts: dict[int, list[str]] = {}
    for unit, text in zip(units, texts, strict=True):
        owners = [owner for owner, _ in unit.shares]
        letters = [count for _, count in unit.shares]
        dealt = sentences.deal(text, letters)
        if dealt is None:
            largest = owners[letters.index(max(letters))]
            owners, dealt = [largest], [text]
        for owner, part in zip(owners, dealt, strict=True):
            parts.setdefault(owner, []).append(part)
    return {owner: " ".join(part for part in found if part) for owner, found in parts.items()}


def _with_texts(segments: Sequence[Segment], texts: Mapping[int, str]) -> tuple[Segment, ...]:
    """Segments with their translation; one that has nothing to say is left out."""
    return tuple(
        replace(segment, text=texts[segment.id], words=())
        for segment in segments
        if texts.get(segment.id, "").strip()
    )


def _groups(units: Sequence[Unit]) -> list[list[Unit]]:
    """Units that share segments, together."""
    groups: list[list[Unit]] = []
    for unit in units:
        owners = {owner for owner, _ in unit.shares}
        if groups and owners & {owner for owner, _ in groups[-1][-1].shares}:
            groups[-1].append(unit)
        else:
            groups.append([unit])
    return groups
