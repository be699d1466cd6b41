"""The font that a language's burnt-in subtitles are drawn with.

Every font here has the letters of its script, Latin letters, digits and punctuation, so that one
font draws a whole line: where a second one steps in for single letters, joined scripts fall apart.
The catalogue knows them by digest, so that a video looks the same on every machine.
"""

from __future__ import annotations

from f2f import weights
from f2f.errors import MissingError
from f2f.media.burning import Font, require_letters
from f2f.text import language_codes

_OF_SCRIPT = {
    "Arab": ("arabic", "Noto Naskh Arabic", 2.039),
    "Beng": ("bengali", "Noto Sans Bengali", 1.403),
    "Cyrl": ("latin", "Noto Sans", 1.519),
    "Deva": ("devanagari", "Noto Sans Devanagari", 1.906),
    "Grek": ("latin", "Noto Sans", 1.519),
    "Gujr": ("gujarati", "Noto Sans Gujarati", 1.484),
    "Guru": ("gurmukhi", "Noto Sans Gurmukhi", 1.304),
    "Hebr": ("hebrew", "Noto Sans Hebrew", 1.36),
    "Knda": ("kannada", "Noto Sans Kannada", 1.645),
    "Latn": ("latin", "Noto Sans", 1.519),
    "Mlym": ("malayalam", "Noto Sans Malayalam", 1.247),
    "Taml": ("tamil", "Noto Sans Tamil", 1.24),
    "Telu": ("telugu", "Noto Sans Telugu", 1.478),
    "Thai": ("thai", "Noto Sans Thai", 1.511),
}
"""ISO 15924 code → entry, family, and height of a line in ems by its OS/2 table."""
_OF_LANGUAGE = {"ur": ("urdu", "Noto Nastaliq Urdu", 2.5)}
"""Languages that are written in a style of their own."""


def entry(language: str) -> str | None:
    """The catalogue's entry, None for scripts that only a system's fonts have."""
    known = _known(language)
    return f"font-{known[0]}" if known else None


def entries() -> tuple[str, ...]:
    """The catalogue's entries of all fonts."""
    known = {name for name, _, _ in (*_OF_SCRIPT.values(), *_OF_LANGUAGE.values())}
    return tuple(f"font-{name}" for name in sorted(known))


def font(language: str) -> Font | None:
    """The font of a language, None where the system's fonts must serve.

    Raises:
        MissingError: it is not here; how to get it.
    """
    known, name = _known(language), entry(language)
    if known is None or name is None:
        return None
    gap = weights.missing(name)
    if gap is not None:
        spoken = language_codes.english_name(language)
        raise MissingError(f"no font to burn in subtitles in {spoken} with: {gap}")
    return Font(weights.locate(name), family=known[1], height=known[2])


def require(language: str) -> None:
    """See, before any work, that subtitles in a language can be burnt in.

    Raises:
        MissingError: they cannot, and what is lacking.
    """
    if font(language) is None:
        require_letters(language_codes.own_name(language))


def _known(language: str) -> tuple[str, str, float] | None:
    return _OF_LANGUAGE.get(language) or _OF_SCRIPT.get(language_codes.script(language))
