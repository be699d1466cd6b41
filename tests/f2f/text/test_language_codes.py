"""Languages as people write them: in options, manifests, files and the names of files."""

from __future__ import annotations

import pytest

from f2f import config
from f2f.backends.speech.phonemes import ESPEAK_CODES
from f2f.backends.translation.language_tags import FLORES
from f2f.errors import ConfigError
from f2f.text.language_codes import in_a_name, normalised, three_letters


@pytest.mark.parametrize(
    ("written", "code"),
    [
        *(("hi", "hi"), ("HI", "hi"), ("hi-IN", "hi"), ("hin", "hi"), ("Hindi", "hi")),
        *(("pt_BR", "pt"), ("en-GB", "en"), ("English", "en"), (" Haitian  Creole ", "ht")),
        *(("ger", "de"), ("cmn", "zh"), ("zh-Hans", "zh"), ("nb", "no"), ("Farsi", "fa")),
        *(
            ("हिन्दी", "hi"),
            ("Português", "pt"),
            ("日本語", "ja"),
            ("Deutsch", "de"),
        ),
        *(("kok", "kok"), ("mni-Mtei", "mni"), ("arb", "ar"), ("tl", "tl"), ("Mandarin", "zh")),
        *(("தமிழ்", "ta"), ("Bangla", "bn"), ("Oriya", "or"), ("es-419", "es"), ("iw", "he")),
    ],
)
def test_every_way_of_writing_a_language_is_one_code(written: str, code: str) -> None:
    assert normalised(written) == code
    loaded = config.load(options={"languages.target": written, "languages.source": written})
    assert (loaded.languages.target, loaded.languages.source) == (code, code)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("Hindii", r"'Hindii' is no language: did you mean 'hi' \(Hindi\)\?"),
        ("jp", r"'jp' is no language: did you mean 'ja' \(Japanese\)\?"),
        ("auto", "'auto' is no language: give a code such as hi"),
        ("", "'' is no language"),
        ("xx", "'xx' is no language: give a code"),
        ("und", "'und' is no language: give a code"),
        ("en;hi", "is no language"),
        ("../../etc/en", "is no language: give a code"),
        ("x-klingon", "is no language"),
    ],
)
def test_what_is_no_language_is_refused(written: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        config.load(options={"languages.target": written})


@pytest.mark.parametrize("value", [["en"], None, 5, {"en": 1}, True])
def test_what_is_no_text_is_no_language(value: object) -> None:
    with pytest.raises(ConfigError, match="is no language: give one code"):
        normalised(value)


@pytest.mark.parametrize(
    ("part", "code"),
    [
        *(("en", "en"), ("EN", "en"), ("hin", "hi"), ("en-US", "en"), ("pt_BR", "pt")),
        *(("en-orig", "en"), ("zh-Hans", "zh"), ("kok", "kok"), ("Hindi", "hi"), ("english", "en")),
        *(("dub", None), ("mov", None), ("mp4", None), ("avi", None), ("new", None)),
        *(("ass", None), ("final", None), ("v2", None), ("the", None), ("x264", None)),
    ],
)
def test_a_part_of_a_name_is_a_language_only_where_it_can_hardly_be_anything_else(
    part: str, code: str | None
) -> None:
    assert in_a_name(part) == code


def test_norwegian_that_yaml_reads_as_false() -> None:
    assert config.load(overrides=("languages.target=no",)).languages.target == "no"


def test_every_language_on_offer_is_its_own_code_and_has_three_letters() -> None:
    for code in {*FLORES, *ESPEAK_CODES} - {"en-gb"}:
        assert normalised(code) == code
        assert normalised(three_letters(code)) == code
    assert [three_letters(code) for code in ("sv", "kok", "de", "zh", "xx", "../x", None)] == [
        *("swe", "kok", "deu", "zho", "und", "und", "und")
    ]
