"""Text to Kokoro's phonemes, by espeak-ng.

Kokoro was trained on misaki's alphabet; misaki turns espeak's into it, in espeak-ng's own process.
What a language has and the alphabet lacks is mapped to the nearest letter here; `Speller.unknown`
names what is left.
"""

from __future__ import annotations

import re

from f2f.backends.speech.espeak_process import EspeakProcess

ESPEAK_CODES = {
    "as": "as", "bn": "bn", "en": "en-us", "en-gb": "en-gb", "es": "es", "fr": "fr-fr", "gu": "gu",
    "hi": "hi", "it": "it", "kn": "kn", "ml": "ml", "mr": "mr", "ne": "ne", "or": "or", "pa": "pa",
    "pt": "pt-br", "ta": "ta", "te": "te", "ur": "ur",
}  # fmt: skip
"""espeak-ng's names of the languages that Kokoro's voices read; en-gb is the British accent."""

_NEAREST = str.maketrans(
    {
        "ʉ": "u",  # Tamil, final short u
        "ɭ": "l",  # Tamil, Malayalam, Kannada: retroflex l
        "ɫ": "l",
        "ɬ": "l",
        "ɦ": "h",
        "ħ": "h",
        "ʱ": "ʰ",
        "ʑ": "ʒ",
        "ɓ": "b",
        "ɗ": "d",
        "ɵ": "o",
        "ʏ": "y",
        "ɶ": "œ",
        "ɱ": "m",
        "ɘ": "ə",
        "ɞ": "ɜ",
        "g": "ɡ",
    }
)
"""Sounds outside the vocabulary, to the nearest inside."""

_PAUSES = str.maketrans({"(": ",", ")": ",", "[": ",", "]": ",", "/": " ", "*": " ", "_": " "})


class Speller:
    """Phonemes of one language.

    Args:
        language: a key of `ESPEAK_CODES`.
        vocabulary: phoneme → token, as Kokoro's vocab.json has it.
        espeak: spells.
    """

    def __init__(self, language: str, vocabulary: dict[str, int], espeak: EspeakProcess) -> None:
        self._language = language
        self._vocabulary = vocabulary
        self._espeak = espeak
        self.unknown: set[str] = set()
        """Phonemes met so far that the vocabulary lacks and that were left out."""

    def phonemes(self, text: str) -> str:
        """Phonemes of `text`, all of them in the vocabulary."""
        spelt = self._espeak.phonemes(text.translate(_PAUSES), ESPEAK_CODES[self._language])
        if self._language.startswith("en"):
            spelt = spelt.replace("ɹɹ", "ɹ")  # espeak links a final r to the next vowel
        raw = "".join(
            letter if letter in self._vocabulary else letter.translate(_NEAREST) for letter in spelt
        )
        self.unknown |= {letter for letter in raw if letter not in self._vocabulary}
        known = "".join(letter for letter in raw if letter in self._vocabulary)
        return re.sub(r"\s+", " ", known).strip()

    def tokens(self, phonemes: str) -> list[int]:
        """Token numbers of phonemes."""
        return [self._vocabulary[letter] for letter in phonemes]
