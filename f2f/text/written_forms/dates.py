"""Dates in all orders, years and decades."""

from __future__ import annotations

from functools import cache
from typing import Any

import regex

from f2f.text import numerals
from f2f.text.written_forms.figures import alternatives
from f2f.text.written_forms.forms import Forms

_ISO = (
    r"(?<![\w/.-])(?P<year>[12]\d{3})(?P<mark>[-/.])(?P<month>0?[1-9]|1[0-2])(?P=mark)"
    r"(?P<day>0?[1-9]|[12]\d|3[01])(?![\w]|[-/.,]\d)"
)
_NUMERIC = (
    r"(?<![\w/.-])(?P<first>\d{1,2})(?P<mark>[-/.])(?P<second>\d{1,2})(?P=mark)"
    r"(?P<year>[12]\d{3}|(?<=/)\d\d)(?![\w]|[-/.,]\d)"
)
_YEAR = r"(?:1[1-9]|20)\d\d"
_YEARS = regex.compile(rf"(?<![\w.,/-])(?P<from>{_YEAR})\s?[-–]\s?(?P<to>{_YEAR})(?![\w]|[-/.,]\d)")
_DECADE = regex.compile(r"(?<![\w.,])(?P<century>1[1-9]|20)?'?(?P<decade>\d0)'?s(?!\w)")
_LAST_MONTH, _LAST_DAY = 12, 31
_OR = "|"
"""Between the spellings of one month."""


def spoken(text: str, forms: Forms) -> str:
    """Dates as a person says them; what cannot be a date stays."""
    text = _decades(text, forms)
    if not forms.dates.months:
        return text
    iso, numeric = _numeric_patterns(forms)
    text = iso.sub(lambda match: _date(match["day"], match["month"], match["year"], forms), text)
    text = numeric.sub(lambda match: _numeric(match, forms), text)
    text = _day_first(forms).sub(lambda match: _written(match, forms), text)
    if not forms.dates.link:
        text = _month_first(forms).sub(lambda match: _written(match, forms), text)
    text = _month_and_year(forms).sub(lambda match: _year(match[0], forms), text)
    text = _years_in_context(forms).sub(lambda match: _year(match[0], forms), text)
    text = _YEARS.sub(lambda match: _span(match, forms), text)
    if not forms.dates.bare_year:
        return str(text)
    return str(_bare_years(forms).sub(lambda match: _year(match[0], forms), text))


def _numeric(match: Any, forms: Forms) -> str:
    """The language's custom decides only what can be both: 3/4/2024, but never 3.4.2024."""
    day, month = match["first"], match["second"]
    month_first = forms.dates.month_first and match["mark"] != "."
    if int(month) > _LAST_MONTH or (month_first and int(day) <= _LAST_MONTH):
        day, month = month, day
    if not (1 <= int(month) <= _LAST_MONTH and 1 <= int(day) <= _LAST_DAY):
        return str(match[0])
    return _date(day, month, match["year"], forms, by_month=month == match["first"])


def _written(match: Any, forms: Forms) -> str:
    """A date with its month's name; a day that is none leaves the text alone."""
    if not 1 <= int(match["day"]) <= _LAST_DAY:
        return str(match[0])
    month = _month_number(match["month"], forms)
    by_month = match.start("month") < match.start("day")
    return _date(match["day"], month, match["year"], forms, by_month=by_month, name=match["month"])


def _date(
    day: str,
    month: str | int,
    year: str | None,
    forms: Forms,
    *,
    by_month: bool = False,
    name: str = "",
) -> str:
    dates = forms.dates
    full = dates.months[int(month) - 1]
    template = dates.month_day if by_month else dates.day_month
    first = name if name.casefold() == full.casefold() else full
    date = template.format(day=_day(int(day), forms), month=first)
    return dates.with_year.format(date=date, year=_year(year, forms)) if year else date


def _day(day: int, forms: Forms) -> str:
    if day == 1 and forms.dates.first_day:
        return forms.dates.first_day
    return forms.dates.day.format(
        cardinal=numerals.spell(day, forms.language),
        ordinal=numerals.spell_ordinal(day, forms.language),
    )


def _year(year: str, forms: Forms) -> str:
    return numerals.spell_year(int(year), forms.language)


def _span(match: Any, forms: Forms) -> str:
    first, last = match["from"], match["to"]
    if int(first) >= int(last):
        return str(match[0])
    return f"{_year(first, forms)} {forms.to} {_year(last, forms)}"


def _decades(text: str, forms: Forms) -> str:
    def replace(match: Any) -> str:
        decade, century = int(match["decade"]), match["century"]
        if century is None:
            words = numerals.spell(decade, forms.language)
        else:
            words = numerals.spell_year(int(century) * 100 + decade, forms.language)
        return words.removesuffix("y") + "ies" if words.endswith("y") else words + "s"

    return str(_DECADE.sub(replace, text)) if forms.dates.decades else text


def _month_number(name: str, forms: Forms) -> int:
    wanted = name.casefold().rstrip(".")
    for names in (forms.dates.months, forms.dates.short_months):
        for number, spellings in enumerate(names, start=1):
            if wanted in spellings.casefold().split(_OR):
                return number
    raise AssertionError(name)


def _spellings(names: tuple[str, ...]) -> str:
    """A pattern of months; English "May" is a month, "may" is not, but "Mayo" and "mayo" are."""
    words = alternatives(one for spellings in names for one in spellings.split(_OR))
    return rf"(?i:{words})" if words and words.islower() else words


@cache
def _month_pattern(forms: Forms) -> str:
    full = _spellings(forms.dates.months)
    short = _spellings(forms.dates.short_months)
    return rf"(?P<month>{full}|(?:{short})\b\.?)" if short else rf"(?P<month>{full})"


@cache
def _numeric_patterns(forms: Forms) -> tuple[Any, Any]:
    before = rf"(?:{forms.dates.before_day})?"
    return regex.compile(before + _ISO), regex.compile(before + _NUMERIC)


@cache
def _day_first(forms: Forms) -> Any:
    link = rf"(?:{regex.escape(forms.dates.link)}\s)" if forms.dates.link else ""
    before = rf"(?:{forms.dates.before_day})?"
    between = rf"\s{link}" if link else r"[\s-]"
    return regex.compile(
        rf"(?<![\w.,:/-]){before}(?P<day>\d{{1,2}})(?:{forms.dates.after})?{between}"
        rf"{_month_pattern(forms)}(?!\w)(?:,?[\s-]{link or ''}{'?' if link else ''}"
        rf"(?P<year>[12]\d{{3}})(?![\w]|[.,]\d))?"
    )


@cache
def _month_first(forms: Forms) -> Any:
    return regex.compile(
        rf"(?<!\w){_month_pattern(forms)}\s(?P<day>\d{{1,2}})(?:{forms.dates.after})?(?![\w%]|[-–.,:]\d)"
        rf"(?:,?\s(?P<year>[12]\d{{3}})(?![\w]|[.,]\d))?"
    )


@cache
def _month_and_year(forms: Forms) -> Any:
    link = rf"(?:{regex.escape(forms.dates.link)}\s)?" if forms.dates.link else ""
    months = _spellings((*forms.dates.months, *forms.dates.short_months))
    return regex.compile(rf"(?<=(?<!\w)(?:{months})[.,]?\s{link}){_YEAR}(?![\w]|[.,]\d)")


@cache
def _bare_years(forms: Forms) -> Any:
    units = alternatives((*forms.units, *forms.money.currencies))
    end = rf"(?!\w|[.,:/]\d|\s?[-–×x/]\s?\d?|\s?(?:{units})(?!\w))"
    return regex.compile(rf"(?<![\w.,:/$€£₹#+-]|[=×]\s?)(?:19|20)\d\d{end}{forms.dates.bare_year}")


@cache
def _years_in_context(forms: Forms) -> Any:
    before = alternatives(forms.dates.before_year) or "(?!)"
    after = alternatives(forms.dates.after_year) or "(?!)"
    end = r"(?!\w|[.,:]\d|\s?[%°-]\d?)"
    return regex.compile(
        rf"(?:(?<=(?<!\w)(?i:{before})\s)(?<!\d){_YEAR}{end}(?![-–]))"
        rf"|(?<![\w.,:/-]){_YEAR}(?=\s?(?:{after})(?!\w))"
    )
