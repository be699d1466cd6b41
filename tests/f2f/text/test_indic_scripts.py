"""Brahmic scripts in Devanagari letters, and back."""

from __future__ import annotations

import unicodedata

import pytest

from f2f.text.indic_scripts import BLOCKS, from_devanagari, to_devanagari, western_digits

SENTENCES = {
    "bn": "এই সেতুটি ১৮৯১ সালে তৈরি হয়েছিল। ড়",
    "gu": "આ પુલ ખૂબ જૂનો છે, machine learning જેવો.",
    "hi": "यह पुल बहुत पुराना है।",
    "kn": "ಈ ಸೇತುವೆ ಬಹಳ ಹಳೆಯದು.",
    "ml": "ഈ പാലം വളരെ പഴയതാണ്; അവർ അവൻ.",
    "mr": "हा पूल खूप जुना आहे.",
    "pa": "ਇਹ ਪੁਲ ਬਹੁਤ ਪੁਰਾਣਾ ਹੈ। ਅੰਮ੍ਰਿਤਸਰ, ਪੱਕਾ",
    "ta": "இந்தப் பாலம் மிகவும் பழமையானது.",
    "te": "ఈ వంతెన చాలా పాతది.",
    "ur": "یہ پل بہت پرانا ہے۔",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_a_text_comes_back_the_same(language: str) -> None:
    text = unicodedata.normalize("NFC", SENTENCES[language])
    assert from_devanagari(to_devanagari(text, language), language) == text


@pytest.mark.parametrize("language", sorted(BLOCKS))
def test_one_word_is_spelled_alike_in_every_script(language: str) -> None:
    assert to_devanagari(from_devanagari("राम नमक", language), language) == "राम नमक"


def test_a_letter_that_a_script_lacks_becomes_its_neighbour() -> None:
    assert from_devanagari("भाग", "ta") == "பாக"  # Tamil writes p and bh, k and g alike
    assert from_devanagari("ऴ", "bn") != "ऴ" or from_devanagari("ऱ", "bn") == "র"


def test_the_full_stop_of_devanagari_stays() -> None:
    assert from_devanagari("राम।", "bn") == "রাম।"


def test_digits_of_any_script_become_western() -> None:
    assert western_digits("১৮৯১, ३.५ ۱۲ 7") == "1891, 3.5 12 7"
