"""Acronyms that espeak-ng takes for words, spelt for it: "UAE" would be "you", "IQ" "ick".

It spells most by itself (GPU, FBI) and reads others as people do (NASA, RAM).  The letter A alone
would be the article, so it is written as it sounds.
"""

from __future__ import annotations

import regex

_READS_ENGLISH = frozenset(
    ("as", "bn", "en", "gu", "hi", "kn", "ml", "mr", "ne", "or", "pa", "ta", "te", "ur")
)
"""Languages in which espeak-ng reads Latin letters as English."""
_SPELT = (
    "APR AQI AR AWS BA COO ECG ED EEG EMI EPF EQ ESA EV EVM FAQ FIR IAF IAS ICSE ICU IFS IIM IIT "
    "IMF IPL IPO IPS IQ IR ISS ITR IVF JEE KYC LED LIC MA NGO NIT ODI OTP OTT SAP UAE UAV UGC UPI "
    "UPSC UX VIP WHO"
)
_ACRONYM = regex.compile(rf"(?<!\w)({'|'.join(_SPELT.split())}|(?<=\p{{Ll}}\s)AM)(s?)(?!\w)")
_SENTENCE_CASE = regex.compile(r"\p{Ll}|\p{Lo}")


def spelt(text: str, language: str) -> str:
    """`text` with those acronyms as single letters; what is all in capitals stays."""
    if language not in _READS_ENGLISH or not _SENTENCE_CASE.search(text):
        return text
    return str(_ACRONYM.sub(lambda match: _letters(*match.groups()), text))


def _letters(acronym: str, plural: str) -> str:
    letters = " ".join("eh" if letter == "A" else letter for letter in acronym)
    return f"{letters}'s" if plural else letters
