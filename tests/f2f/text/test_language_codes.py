"""Languages as people write them, in the configuration and in lists."""

from __future__ import annotations

import pytest

from f2f import config
from f2f.backends.speech.phonemes import ESPEAK_CODES
from f2f.backends.translation.language_tags import FLORES
from f2f.errors import ConfigError
from f2f.text.language_codes import LANGUAGES, normalised, three_letters


@pytest.mark.parametrize(
    ("written", "code"),
    [
        *(("hi", "hi"), ("HI", "hi"), ("hi-IN", "hi"), ("hin", "hi"), ("Hindi", "hi")),
        *(("pt_BR", "pt"), ("en-GB", "en"), ("English", "en"), (" Haitian  Creole ", "ht")),
        *(("ger", "de"), ("cmn", "zh"), ("zh-Hans", "zh"), ("nb", "no"), ("Farsi", "fa")),
        *(("kok", "kok"), ("jp", "jp")),
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
        ("auto", "'auto' is no language: give a code such as hi"),
        ("", "'' is no language"),
    ],
)
def test_what_is_no_language_is_refused(written: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        config.load(options={"languages.target": written})


def test_norwegian_that_yaml_reads_as_false() -> None:
    assert config.load(overrides=("languages.target=no",)).languages.target == "no"


def test_every_language_on_offer_has_its_three_letters() -> None:
    for code in {*FLORES, *ESPEAK_CODES} - {"en-gb"}:
        assert three_letters(code) == LANGUAGES[code][0]
    assert [three_letters(code) for code in ("sv", "kok", "xx", None)] == [
        *("swe", "kok", "und", "und")
    ]
