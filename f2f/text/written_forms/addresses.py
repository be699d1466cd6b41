"""Web and mail addresses, hashtags and handles."""

from __future__ import annotations

import regex

from f2f.text import numerals
from f2f.text.written_forms.forms import Forms

_MAIL = regex.compile(r"(?<![\w.@])[a-z0-9][\w.+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)+", regex.IGNORECASE)
_TOP = (
    "com|org|net|edu|gov|mil|int|info|io|ai|app|tv|me|co|in|uk|us|br|es|mx|ar|pt|fr|it|de|eu|ch"
    "|nl|pk|bd|lk|np"
)
"""Top-level domains by which an address without http is known."""
_WEB = regex.compile(
    rf"(?<![\w.@])(?:https?://)(?P<long>[a-z0-9-]+(?:[./][\w.~%/#?=&-]*\w)?/?)"
    rf"|(?<![\w.@])(?P<short>(?:[a-z0-9-]+\.)+(?:{_TOP})(?:/[\w.~%/#?=&-]*\w)?)/?(?![\w@=(])",
    regex.IGNORECASE,
)
_LETTERS_SPELT = 2
"""Country domains of so many letters are spelt: co.uk."""
_PIECE = regex.compile(r"[^\W\d_]+|\d|[./@_-]")

_HASHTAG = regex.compile(r"(?<![\w&#])#(?P<tag>\w*[^\W\d_]\w*)")
_NUMBER = regex.compile(r"(?<![\w&#])#\s?(?P<number>\d+)(?!\w)")
_HANDLE = regex.compile(r"(?<![\w.])@(?P<name>\w+)")
_HUMP = regex.compile(r"(?<=\p{Ll})(?=\p{Lu})|(?<=[^\W\d_])(?=\d)|_")


def spoken(text: str, forms: Forms) -> str:
    """Addresses and handles by the names of their marks."""
    names = forms.addresses
    if not names.dot:
        return text
    text = _MAIL.sub(lambda match: _spelt(match[0], forms), text)
    text = _WEB.sub(lambda match: _spelt(match["long"] or match["short"], forms), text)
    text = _NUMBER.sub(rf"{names.number} \g<number>", text)
    text = _HASHTAG.sub(lambda match: f"{names.hashtag} {_HUMP.sub(' ', match['tag'])}", text)
    return str(_HANDLE.sub(lambda match: f"{names.at} {_HUMP.sub(' ', match['name'])}", text))


def _spelt(address: str, forms: Forms) -> str:
    names = forms.addresses
    marks = {".": names.dot, "/": names.slash, "@": names.at, "_": names.underscore}
    marks["-"] = names.dash
    pieces = _PIECE.findall(address.rstrip("/"))
    words = []
    for place, piece in enumerate(pieces):
        last = pieces[place - 1 : place] == ["."] and pieces[place + 1 : place + 2] != ["."]
        country = last and len(piece) <= _LETTERS_SPELT
        if piece in marks:
            words.append(marks[piece])
        elif piece.isdigit():
            words.append(numerals.spell_digits(piece, forms.language))
        elif country or piece.casefold() == "www":
            words.append(" ".join(piece.upper()))
        else:
            words.append(piece)
    return " ".join(words)
