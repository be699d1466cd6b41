"""The names of languages: what people write, the ISO 639 code that we use, and what MP4 wants.

Every language that comes in as text (an option, a manifest, a file, a file's name) goes through
`normalised` or `in_a_name`.  What is a language, its codes and names come from langcodes (IANA's
registry and CLDR).
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import langcodes
from language_data import names
from language_data.util import data_filename
from rapidfuzz import process, utils

from f2f.errors import ConfigError

UNKNOWN = "und"
_PREFERRED = {"fil": "tl", "nb": "no"}
"""langcodes' choice → the code that recognisers, translators and voices use."""
_NO_LANGUAGE = re.compile("und|mul|mis|zxx|q[a-t][a-z]")
"""Undetermined, several, uncoded, none; for private use (ISO 639-2)."""
_ALIKE = 75.0
"""Likeness in % from which on a name is taken for a misspelt one."""
_RIGHT_TO_LEFT = frozenset(["Adlm", "Arab", "Hebr", "Nkoo", "Rohg", "Syrc", "Thaa"])
"""Of the scripts in use (UAX #9: letters of class R or AL)."""
_MANY_SPEAKERS = 1_000_000
_WORDS = frozenset(["man", "new", "war"])
"""Codes that mean something else to whoever names a file."""


def normalised(text: object) -> str:
    """The code of a language as people write it: hi, HI, hi-IN, hin, Hindi or हिन्दी.

    Returns:
        ISO 639-1 where the language has such a code, else ISO 639-3 (Konkani: kok); regions and
        scripts are dropped, and a macrolanguage stands for its usual member (cmn: zh).

    Raises:
        ConfigError: it is no language.
    """
    if not isinstance(text, str):
        raise ConfigError(f"{text!r} is no language: give one code such as hi, pt or zh")
    written = " ".join(text.split())
    code = _by_code(written) or _by_name(written)
    if code is None:
        raise ConfigError(
            f"'{text}' is no language: {_hint(written)}give a code such as hi, pt or zh; "
            "see `f2f languages`"
        )
    return code


def in_a_name(part: str) -> str | None:
    """The language that a part of a file's name means, None if it may well mean something else.

    Thousands of three-letter codes are also suffixes and words (dub, mov, new): a code must be one
    of two letters, or of a language that has one or many speakers.
    """
    tag = re.sub("[-_]orig$", "", part, flags=re.IGNORECASE)  # of captions in the original language
    code = _by_code(tag)
    if code is None:
        code = _by_name(part) if len(part) > 3 else None
    elif len(code) == 3 and (code in _WORDS or _speakers(code) < _MANY_SPEAKERS):
        return None
    return code


def three_letters(code: str | None) -> str:
    """The ISO 639-2/T code of one of our codes; "und" where it is unknown or none."""
    try:
        return langcodes.Language.get(code or UNKNOWN, normalize=False).to_alpha3(variant="T")
    except (LookupError, ValueError):
        return UNKNOWN


def script(code: str) -> str:
    """The ISO 15924 code of the script that a language is usually written in: hi → Deva."""
    return str(langcodes.Language.get(code).maximize().script)


def right_to_left(code: str) -> bool:
    """True if a language is usually written so."""
    return script(code) in _RIGHT_TO_LEFT


def english_name(code: str) -> str:
    """What English calls a language: hi → Hindi."""
    return str(langcodes.Language.get(code).display_name())


def own_name(code: str) -> str:
    """What a language calls itself, in its own letters: hi → हिन्दी."""
    return str(langcodes.Language.get(code).autonym())


def _by_code(written: str) -> str | None:
    try:
        tag = langcodes.Language.get(written)
    except ValueError:
        return None
    code = tag.language
    if code is None or not tag.is_valid() or _NO_LANGUAGE.fullmatch(code):
        return None
    if len(code) == 3:
        code = tag.prefer_macrolanguage().language or code
    return _PREFERRED.get(code, code) if len(code) <= 3 else None


def _by_name(written: str) -> str | None:
    """By an exact name in English, else in any language (`langcodes.find` takes beginnings too)."""
    name = names.normalize_name(written)
    for table in _name_tables():
        if name in table:
            return _by_code(names.get_trie_value(table, name))
    return None


@cache
def _name_tables() -> tuple[Any, ...]:
    return tuple(
        names.load_trie(data_filename(f"trie/{of}/name_to_language.marisa")) for of in ("en", "und")
    )


def _hint(written: str) -> str:
    spoken = _spoken_in(written) if len(written) == 2 else None
    if len(written) > 3 and written.replace(" ", "").isalpha():
        offered = {code: name for name, code in _english_names().items()}
        near = process.extractOne(
            written, offered, processor=utils.default_process, score_cutoff=_ALIKE
        )
        spoken = near[2] if near else None
    if spoken is None:
        return ""
    return f"did you mean '{_PREFERRED.get(spoken, spoken)}' ({english_name(spoken)})? "


def _spoken_in(country: str) -> str | None:
    """The language of a country whose code was written in place of it."""
    country = country.upper()
    spoken = langcodes.Language.make(territory=country).maximize().language
    there = langcodes.Language.make(language=spoken, territory=country)
    return spoken if there.speaking_population() else None


@cache
def _english_names() -> dict[str, str]:
    """English name → code of the languages that have a two-letter one."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    pairs = (first + second for first in letters for second in letters)
    return {english_name(pair): pair for pair in pairs if _by_code(pair) == pair}


def _speakers(code: str) -> int:
    return langcodes.Language.get(code).speaking_population()
