"""Captions in capitals, as they are made for the deaf, as sentences.

Translators were trained on sentences, and voices spell what looks like an abbreviation.  What stays
in capitals is what can be known to be: words that the rest of the file writes so, letters with
points or figures, words without a vowel, a few that everybody knows; speakers' names keep one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from f2f.types import Segment, Transcript

_SHARE = 0.9
"""Of the letters that have a case, in capitals."""
_FEWEST_LETTERS, _FEWEST_WORDS = 8, 2
"""Of a text that can be called shouted: less may be an acronym."""
_FEWEST_WORDS_ALONE = 3
"""Of a caption in capitals among others that are not."""
_MOST_CONSONANTS = 5
_WORD = re.compile(r"[^\W\d_](?:[\w.'’&-]*\w)?")
_POINTED = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")
_OPENING = r"[\"'“‘(¿¡\[]*"
_START = re.compile(rf"(?<!\.\w)[.!?…][\"'”’)\]]*\s+{_OPENING}\w")
_FIRST = re.compile(r"^\W*\w")
_CLOSED = re.compile(r"[.!?…][\"'”’)\]]*\s*$")
_ACRONYMS = frozenset((
    "AIDS", "CEO", "CIA", "FBI", "GPS", "HIV", "IBM", "IRS", "ISO", "MIT", "NASA", "NATO",
    "NGO", "OPEC", "UFO", "UNESCO", "UNICEF", "USA", "USB",
))  # fmt: skip
_ENGLISH = frozenset((
    "AI", "EU", "I", "ID", "IQ", "OK", "UK", "UN",
))  # fmt: skip
"""In other languages these are words."""
_SPOKEN = frozenset((
    "MR", "MRS", "MS", "DR", "ST", "SR", "JR", "HM", "HMM", "MM", "MMM", "SH", "SHH", "PST",
    "PSST", "BRR", "PFFT", "TSK", "NTH",
))  # fmt: skip
"""Words without a vowel that are no acronyms."""
_VOWELS = frozenset("AEIOUY")
_WITHOUT_VOWELS = frozenset((
    "bg", "bs", "cs", "hr", "mk", "sk", "sl", "sr",
))  # fmt: skip
"""Languages with words that have none."""


def are_shouted(texts: Iterable[str]) -> bool:
    """True if the texts together are in capitals."""
    return _is_shouted(" ".join(texts), _FEWEST_WORDS)


def in_sentence_case(transcript: Transcript) -> Transcript:
    """The transcript with its shouted segments written as sentences."""
    segments = transcript.segments
    everywhere = are_shouted(segment.text for segment in segments)
    quiet = [
        segment.text
        for segment in segments
        if not everywhere and not _is_shouted(segment.text, _FEWEST_WORDS_ALONE)
    ]
    if len(quiet) == len(segments):
        return transcript
    writer = _Writer(
        transcript.language,
        frozenset(word for text in quiet for word in _WORD.findall(text) if word.isupper()),
        frozenset(word for one in segments for word in _WORD.findall(one.speaker.upper())),
    )
    written: list[Segment] = []
    for segment in segments:
        loud = everywhere or _is_shouted(segment.text, _FEWEST_WORDS_ALONE)
        written.append(writer.sentences(segment, written[-1:]) if loud else segment)
    return replace(transcript, segments=tuple(written))


def _is_shouted(text: str, fewest_words: int) -> bool:
    cased = [letter for letter in text if letter.isupper() or letter.islower()]
    capitals = sum(letter.isupper() for letter in cased)
    enough = len(cased) >= _FEWEST_LETTERS and len(text.split()) >= fewest_words
    return enough and capitals >= _SHARE * len(cased)


@dataclass(frozen=True, slots=True)
class _Writer:
    language: str
    seen: frozenset[str]
    """Words that stand in capitals where the rest does not."""
    names: frozenset[str]

    def sentences(self, segment: Segment, before: list[Segment]) -> Segment:
        """The segment in small letters, but for acronyms, names and the beginnings of sentences.

        Its own beginning is one unless the segment before runs on.
        """
        text = _START.sub(_with_capital, _WORD.sub(self._word, segment.text))
        runs_on = before and before[-1].speaker == segment.speaker
        if not (runs_on and not _CLOSED.search(before[-1].text)):
            text = _FIRST.sub(_with_capital, text, count=1)
        words = segment.words
        if len(words) == len(text.split()):
            pairs = zip(words, text.split(), strict=True)
            words = tuple(replace(word, text=written) for word, written in pairs)
        return replace(segment, text=text, words=words)

    def _word(self, found: re.Match[str]) -> str:
        stem = re.split("['’]", found[0], maxsplit=1)[0]
        if self._is_acronym(stem):
            return stem + found[0][len(stem) :].lower()
        return found[0].capitalize() if stem in self.names else found[0].lower()

    def _is_acronym(self, stem: str) -> bool:
        if stem in _ACRONYMS or stem in self.seen or _POINTED.fullmatch(stem):
            return True
        if self.language == "en" and stem in _ENGLISH:
            return True
        if any(letter.isdigit() for letter in stem):
            return True
        consonants = stem.isascii() and stem.isalpha() and not _VOWELS & set(stem)
        known = stem in _SPOKEN or self.language in _WITHOUT_VOWELS
        return consonants and 1 < len(stem) <= _MOST_CONSONANTS and not known


def _with_capital(found: re.Match[str]) -> str:
    return found[0][:-1] + found[0][-1].upper()
