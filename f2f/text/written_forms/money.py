"""Amounts of money, with the words that multiply: "$5 million" is five million dollars."""

from __future__ import annotations

from functools import cache
from typing import Any

import regex

from f2f.text import numerals
from f2f.text.written_forms import figures
from f2f.text.written_forms.figures import DASH, NUMBER, SIGN, alternatives
from f2f.text.written_forms.forms import Forms

_LINK = regex.compile(r"\s(?:de|di)$")
_ENDS_IN_LETTER = regex.compile(r"\w$")
_HUNDREDTHS = 2
"""Digits of a fraction that are cents."""


def spoken(text: str, forms: Forms) -> str:
    """Amounts in words, the currency's name behind them."""
    if not forms.money.currencies:
        return text
    for pattern in _patterns(forms):
        text = pattern.sub(lambda match: _amount(match, forms), text)
    return text


def _amount(match: Any, forms: Forms) -> str:
    """The amount; its currency goes before a multiplier that is inflected ("₹5 कोटींचा")."""
    money = forms.money
    names = money.currencies[match["name"]]
    number, scale = match["number"], match["scale"]
    whole, fraction = figures.parts(number, forms.decimal)
    if match["again"] is not None:
        words = figures.read(number, forms, forms.agreement(names[0]))
        words = f"{words} {_LINK.sub('', money.scales[scale])}" if scale else words
    elif match["bent"] is not None:
        words = f"{names[1]} {figures.read(number, forms)}"
    elif scale:
        words = f"{figures.read(number, forms, 'masculine')} {money.scales[scale]} {names[1]}"
    elif len(fraction) == _HUNDREDTHS and match["first"] is None:
        words = _with_cents(int(whole), int(fraction), names, forms)
    elif fraction:
        words = f"{figures.read(number, forms)} {names[1]}"
    else:
        name = names[0] if int(whole) == 1 else names[1]
        words = f"{figures.read(number, forms, forms.agreement(names[0]))} {name}"
    if match["first"]:
        words = f"{figures.read(match['first'], forms)} {forms.to} {words}"
    if match["sign"]:
        words = f"{forms.minus} {words}"
    if match["per"] and money.per:
        return f"{words} {money.per} "
    return f"{words}{match['per'] or ''}"


def _with_cents(whole: int, cents: int, names: tuple[str, ...], forms: Forms) -> str:
    agreement = forms.agreement(names[0])
    if cents == 0:
        name = names[0] if whole == 1 else names[1]
        return f"{numerals.spell(whole, forms.language, agreement)} {name}"
    few = names[2:] or ("", "")
    cent_name = few[0] if cents == 1 else few[-1]
    if whole == 0 and cent_name:
        return f"{numerals.spell(cents, forms.language, forms.agreement(few[0]))} {cent_name}"
    words = forms.money.cents.format(
        whole=numerals.spell(whole, forms.language, agreement),
        name=names[0] if whole == 1 else names[1],
        cents=numerals.spell(cents, forms.language),
        cent_name=cent_name,
    )
    return " ".join(words.split())


@cache
def _patterns(forms: Forms) -> tuple[Any, ...]:
    money = forms.money
    codes = [name for name in money.currencies if _ENDS_IN_LETTER.search(name)]
    signs = [name for name in money.currencies if name not in codes]
    before = rf"(?P<name>(?<!\w)(?:{alternatives(codes) or '(?!)'})|{alternatives(signs)})"
    behind = rf"(?P<name>(?:{alternatives(codes) or '(?!)'})(?!\w)|{alternatives(signs)})"
    said = {name for names in money.currencies.values() for name in names[:2]}
    again = rf"(?P<again>(?=\s(?:de\s|di\s)?(?:{alternatives(said)})))?"
    stems = [name for name in money.scales if not name.isascii()]
    bent = rf"(?P<bent>(?=\s?(?:{alternatives(stems) or '(?!)'})\w))?"
    scale = rf"(?:[\s-]?(?P<scale>{alternatives(money.scales) or '(?!)'})(?!\w)|{bent})"
    number = rf"(?:(?P<first>{NUMBER}){DASH})?(?P<number>{NUMBER})"
    per = r"(?P<per>(?:/(?=\p{L}))?)(?:/-)?"
    sign = rf"(?P<sign>{SIGN}?)"
    return (
        regex.compile(rf"{sign}{before}\s?{number}{scale}{again}{per}(?!\d)"),
        regex.compile(rf"{sign}(?<![\w.,]){number}{scale}\s?{behind}{again}{per}"),
    )
