from __future__ import annotations

import pytest

from f2f.text import scripts


@pytest.mark.parametrize(
    ("language", "written", "read"),
    [
        ("en", "We flew to 北京, then Москва.", "We flew to Bei Jing, then Moskva."),
        ("es", "東京タワー", "Dong Jingtawa"),
        ("hi", "हम 北京 गए", "हम Bei Jing गए"),
        ("hi", "यह తెలుగు है", "यह तॆलुगु है"),
        ("ta", "இது ꯃꯤ", "இது mi"),
    ],
)
def test_foreign_letters_become_readable(language: str, written: str, read: str) -> None:
    assert scripts.readable(written, language) == read
    assert scripts.unreadable(read, language) == ()


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "naïve  café, Αθήνα and 서울 — 5 €"),
        ("hi", "यह machine learning மாடல் है।"),
        ("ur", "یہ اردو ہے"),
        ("ru", "Москва"),
        ("te", "తెలుగు"),
        ("ja", "東京タワーのすし"),
        ("zh", "北京"),
        ("th", "กรุงเทพ"),
    ],
)
def test_what_a_voice_reads_stays_as_it_is(language: str, written: str) -> None:
    assert scripts.unreadable(written, language) == ()
    assert scripts.readable(written, language) == written


def test_the_words_are_named() -> None:
    assert scripts.unreadable("to 北京 and Москва", "en") == ("北京", "Москва")
