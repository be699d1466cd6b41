"""The words of a language's written forms: `assets/spoken_forms/<language>.yaml` as values."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal

import regex
import yaml

from f2f.text import numerals
from f2f.text.numerals import Agreement

_FOLDER = "spoken_forms"


@dataclass(frozen=True, slots=True, eq=False)
class Dates:
    """Dates and years; without months no date is read."""

    months: tuple[str, ...] = ()
    short_months: tuple[str, ...] = ()
    """May be followed by a full stop; Sep|Sept are two spellings."""
    month_first: bool = False
    """True where 3/4/2024 is the fourth of March."""
    link: str = ""
    """The word between day, month and year in running text: 12 de marzo de 2024."""
    day: str = "{cardinal}"
    """A day's words, of {cardinal} and {ordinal}."""
    first_day: str = ""
    """The day's words on the first of a month, if they differ."""
    before_day: str = ""
    after: str = ""
    """Patterns of what written text may have around the day: the 12th of March."""
    day_month: str = "{day} {month}"
    month_day: str = "{month} {day}"
    with_year: str = "{date} {year}"
    before_year: tuple[str, ...] = ()
    """Words behind which a number of four digits is a year."""
    after_year: tuple[str, ...] = ()
    bare_year: str = ""
    """What follows 1900 to 2099 where they are years wherever they stand; "" where they are not."""
    decades: bool = False
    """True where "1990s" is written."""


@dataclass(frozen=True, slots=True, eq=False)
class Clock:
    """Times of day; {h} and {m} are words, {next} is the following hour."""

    full: str = ""
    minutes: str = "{h} {m}"
    few_minutes: str = ""
    """For minutes below ten, if they are read differently."""
    quarters: dict[int, str] = field(default_factory=dict)
    """Minutes → template, where a half hour has a word of its own."""
    exact: dict[str, str] = field(default_factory=dict)
    """Times that have words of their own: 1:30."""
    bare: str = "{h}"
    """A full hour before a word of `words` or with a part of the day."""
    words: tuple[str, ...] = ()
    """What a person writes behind the figures to say that they are a time."""
    silent: tuple[str, ...] = ()
    """Abbreviations of those words, which the templates have."""
    suffixes: bool = False
    """True if those words may have endings: மணிக்கு."""
    joined: bool = False
    """True if those words are written together with the number."""
    parts: dict[int, str] = field(default_factory=dict)
    """First hour of 24 → what a.m. and p.m. are called from then on."""
    with_part: str = "{time} {part}"
    letter: str = ""
    """The letter that may stand between hour and minutes: 17h30."""
    agreement: Agreement = ""


@dataclass(frozen=True, slots=True, eq=False)
class Addresses:
    """Names of the marks in web and mail addresses, versions and handles."""

    dot: str = ""
    at: str = ""
    plus: str = ""
    """Before a country's number."""
    slash: str = ""
    dash: str = ""
    underscore: str = ""
    separator: str = ""
    """The full stop between the numbers of versions and IP addresses."""
    hashtag: str = ""
    number: str = ""
    """What #5 begins with."""
    version: str = ""
    version_words: tuple[str, ...] = ()
    telephone_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Money:
    """Currencies and the words that multiply."""

    currencies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Sign → one, many, one hundredth, many hundredths (as far as they are said)."""
    scales: dict[str, str] = field(default_factory=dict)
    """Written multiplier → its words before a currency: millones → millones de."""
    cents: str = ""
    """An amount with hundredths, of {whole} {name} {cents} {cent_name}."""
    per: str = ""
    """A slash behind an amount: $5/month."""


@dataclass(frozen=True, slots=True, eq=False)
class Roman:
    """Roman numerals: after headings numbers, after regnal names ordinals."""

    headings: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    ordinals_to: int = 0
    """The highest regnal number that is read as an ordinal."""
    regnal: str = "{ordinal}"
    anywhere: bool = False
    """True where the language's own letters are not Latin, so that II after a word is a number."""


@dataclass(frozen=True, slots=True, eq=False)
class Ordinal:
    """How a number with a written ending is read."""

    ending: str
    """The pattern of what is written: (?:st|nd|rd|th)."""
    base: Literal["ordinal", "cardinal"]
    """Which of the number's words `changes` start from."""
    exceptions: dict[int, str]
    changes: tuple[tuple[str, str], ...]
    """Patterns and replacements, each applied once."""


@dataclass(frozen=True, slots=True, eq=False)
class Abbreviation:
    """The words of an abbreviation by what stands beside it; "" leaves it as it is."""

    otherwise: str = ""
    before_number: str = ""
    before_name: str = ""
    after_name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Forms:
    """One language's tables."""

    language: str
    point: str = ""
    minus: str = ""
    subtract: str = ""
    """Between two numbers, where it is not `minus`."""
    to: str = ""
    """Between the ends of a range."""
    score: str = ""
    """Between the parts of 3-2, where it is not a range."""
    times: str = ""
    by: str = ""
    """Of measures: 1920×1080."""
    slash: str = ""
    """A fraction of {a} and {b}."""
    fractions: dict[str, str] = field(default_factory=dict)
    """½ alone, "{} ½" behind a number, and whole amounts such as 1½."""
    feminine: str = "(?!)"
    """The pattern of nouns before which numbers are feminine."""
    not_nouns: tuple[str, ...] = ()
    """Words before which a number keeps its own form: uno de cada diez."""
    ordinals: tuple[Ordinal, ...] = ()
    endings: bool = False
    """True where letters behind a number are its ending: ২৫টি."""
    symbols: dict[str, str] = field(default_factory=dict)
    units: dict[str, tuple[str, ...]] = field(default_factory=dict)
    abbreviations: dict[str, Abbreviation] = field(default_factory=dict)
    dates: Dates = Dates()
    clock: Clock = Clock()
    addresses: Addresses = Addresses()
    money: Money = Money()
    roman: Roman = Roman()

    @property
    def decimal(self) -> str:
        """The sign before a fraction."""
        return numerals.decimal_mark(self.language)

    def agreement(self, noun: str) -> Agreement:
        """How a number agrees with the noun behind it."""
        return "feminine" if regex.match(rf"(?:{self.feminine})\b", noun) else "masculine"


@cache
def of(language: str) -> Forms:
    """The language's tables; nearly empty ones where it has none."""
    file = resources.files("f2f") / "assets" / _FOLDER / f"{language}.yaml"
    if not file.is_file():
        point, minus = numerals.sign_words(language)
        return Forms(language, point=point, minus=minus)
    text = unicodedata.normalize("NFC", file.read_text(encoding="utf-8"))
    row: dict[str, Any] = yaml.safe_load(text)
    for name, kind in _GROUPS.items():
        if name in row:
            row[name] = kind(**_tuples(row[name]))
    row["abbreviations"] = {
        short: Abbreviation(**words) if isinstance(words, dict) else Abbreviation(words)
        for short, words in row.get("abbreviations", {}).items()
    }
    row["ordinals"] = tuple(Ordinal(*_tuples(entry)) for entry in row.get("ordinals", ()))
    return Forms(language, **_tuples(row))


def languages() -> tuple[str, ...]:
    """Languages that have tables."""
    files = (resources.files("f2f") / "assets" / _FOLDER).iterdir()
    return tuple(sorted(file.name.removesuffix(".yaml") for file in files))


_GROUPS = {"dates": Dates, "clock": Clock, "addresses": Addresses, "money": Money, "roman": Roman}


def _tuples(value: Any) -> Any:
    """Lists as tuples, all the way down."""
    if isinstance(value, list):
        return tuple(map(_tuples, value))
    if isinstance(value, dict):
        return {key: _tuples(one) for key, one in value.items()}
    return value
