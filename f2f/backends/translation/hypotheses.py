"""What translators by beam search share: batches of like length, and which hypothesis is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from f2f.roles import Sentence

MOST_TOKENS = 256
"""Tokens of a translation, whatever else is in its batch; a sentence takes far fewer."""
MOST_UNKNOWN = 0.5
"""Share of unknown tokens above which a tokenizer does not fit the text."""
_SHORTEST_SHARE = 0.6
"""A hypothesis shorter than this share of the best one has probably lost content."""

Search = Callable[[list[Sentence], int], list[list[str]]]
"""Sentences, and how many hypotheses are wanted of each; these come best first."""


def translated(
    sentences: Sequence[Sentence], search: Search, *, batch: int, beam: int
) -> list[str]:
    """One translation a sentence, in order; an empty sentence stays empty.

    Of the beam's hypotheses the best one that keeps `max_chars` is taken, else the shortest one
    that has not lost much.
    """
    spoken = [index for index, sentence in enumerate(sentences) if sentence.text.strip()]
    spoken.sort(key=lambda index: len(sentences[index].text))  # little padding in a batch
    translations = [""] * len(sentences)
    for at in range(0, len(spoken), batch):
        chosen = spoken[at : at + batch]
        hinted = any(sentences[index].max_chars is not None for index in chosen)
        found = search([sentences[index] for index in chosen], beam if hinted else 1)
        for index, hypotheses in zip(chosen, found, strict=True):
            translations[index] = fitting(hypotheses, sentences[index].max_chars)
    return translations


def fitting(hypotheses: Sequence[str], max_chars: int | None) -> str:
    """The best hypothesis that keeps `max_chars`, else the shortest that is not much shorter.

    Args:
        hypotheses: best first.
        max_chars: None takes the best.
    """
    best = hypotheses[0]
    if max_chars is None or len(best) <= max_chars:
        return best
    whole = [text for text in hypotheses if len(text) >= _SHORTEST_SHARE * len(best)]
    return next((text for text in whole if len(text) <= max_chars), min(whole, key=len))
