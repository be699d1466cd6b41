from __future__ import annotations

from f2f.backends.asr import terms
from f2f.types import Segment, Span, Transcript, Word

TERMS = ("John Peirce", "University of Nottingham", "PsychoPy")


def heard(*sentences: str, start: float = 0.0) -> Transcript:
    """A segment a sentence, a word a second."""
    segments = []
    for number, sentence in enumerate(sentences):
        words = []
        for text in sentence.split():
            words.append(Word(f" {text}", Span(start, start + 1), 0.9))
            start += 1
        span = Span(words[0].span.start, words[-1].span.end)
        segments.append(Segment(number, span, "", sentence, tuple(words)))
    return Transcript("en", tuple(segments))


def texts(transcript: Transcript) -> list[str]:
    return [segment.text for segment in transcript.segments]


def test_misheard_names_are_taken_over_with_their_times() -> None:
    plain = heard("I'm John Pearce, a lecturer at the", "university of Latin America.")
    told = heard("I'm John Peirce, a lecturer at the University of Nottingham.", start=100.0)
    found = terms.taken_over(plain, told, TERMS)
    assert texts(found) == ["I'm John Peirce, a lecturer at the", "university of Nottingham."]
    assert found.segments[0].words[2] == told.segments[0].words[2]
    assert found.segments[1].span == Span(3 + 4, told.segments[0].words[-1].span.end)


def test_neighbouring_differences_go_together() -> None:
    plain = heard("and I'm for a track of psychopying today and tomorrow")
    told = heard("and I'm the creator of PsychoPy today and tomorrow")
    found = terms.taken_over(plain, told, TERMS)
    assert texts(found) == ["and I'm the creator of PsychoPy today and tomorrow"]


def test_what_the_terms_made_the_recogniser_leave_out_stays() -> None:
    plain = heard("they meet by accident, which is the story of my life. And PsychoBuy helps them")
    told = heard("they meet. And PsychoPy helps them")
    found = terms.taken_over(plain, told, TERMS)
    assert "the story of my life" in texts(found)[0]


def test_terms_that_nobody_says_are_not_believed() -> None:
    plain = heard("you never have the time to meet up or even")
    for echo in (
        "John Peirce, University of Nottingham, PsychoPy.",
        "PsychoPy, PsychoPy, PsychoPy.",
        "up or even John Peirce, University of Nottingham",
    ):
        told = heard(f"you never have the time to meet {echo}")
        assert terms.taken_over(plain, told, TERMS) == plain


def test_other_differences_do_not_count() -> None:
    plain, told = heard("a dialogue between two friends"), heard("a dialog between old friends")
    assert terms.taken_over(plain, told, TERMS) == plain
    assert terms.taken_over(Transcript("en", ()), told, TERMS).segments == ()


def test_no_terms_are_no_prompt() -> None:
    assert terms.prompt(()) is None
    assert terms.prompt(TERMS) == "John Peirce. University of Nottingham. PsychoPy."
