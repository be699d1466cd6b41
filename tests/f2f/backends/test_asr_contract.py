"""What every recogniser must do, over every one that is built in, on real formats.

The tiny models have random weights: what they write is nonsense, how they write it is not.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import tiny_whisper

from f2f import weights
from f2f.backends import BUILT_IN, resolve
from f2f.config import Config, from_tree
from f2f.errors import ConfigError
from f2f.listening import Heard, listen, sound_of
from f2f.roles import SPEECH_RATE, Recogniser, Samples
from f2f.store import values
from f2f.text.error_rate import wer
from f2f.types import Transcript

BACKENDS = tuple(BUILT_IN["asr"])
SPOKEN = "hi i'm john peirce i'm a lecturer at the university of nottingham and i'm the creator of"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Tiny weights for each backend."""
    folder = tmp_path_factory.mktemp("whisper")
    tiny = tiny_whisper.model()
    return {
        "faster-whisper": tiny_whisper.save_ctranslate2(tiny, folder / "ct2"),
        "openai-whisper": tiny_whisper.save_openai(tiny, folder / "tiny.pt"),
    }


@pytest.fixture(scope="module")
def noise() -> Samples:
    """Two seconds of noise, which random weights turn into words."""
    generator = np.random.default_rng(0)
    return (0.1 * generator.standard_normal(2 * SPEECH_RATE)).astype(np.float32)


def config(model: Path) -> Config:
    return from_tree({"recognition": {"model": str(model), "beam": 1}})


def test_every_backend_has_tiny_weights(models: dict[str, Path]) -> None:
    assert set(models) == set(BACKENDS)


@pytest.mark.parametrize("name", BACKENDS)
def test_says_who_it_is(name: str) -> None:
    info = resolve("asr", name).info
    assert (info.name, info.role) == (name, "asr")
    assert info.licence and all(entry in weights.catalogue().entries for entry in info.weights)


@pytest.mark.parametrize("name", BACKENDS)
def test_says_what_is_missing(name: str, models: dict[str, Path], tmp_path: Path) -> None:
    backend = resolve("asr", name)
    assert backend.missing(config(models[name])) is None
    assert str(tmp_path / "absent") in backend.missing(config(tmp_path / "absent"))


@pytest.mark.parametrize("name", BACKENDS)
def test_a_size_that_is_not_in_the_catalogue_lists_the_sizes(name: str) -> None:
    with pytest.raises(ConfigError, match="base"):
        resolve("asr", name).missing(from_tree({"recognition": {"model": "colossal"}}))


@pytest.mark.slow
@pytest.mark.parametrize("name", BACKENDS)
def test_contract(name: str, models: dict[str, Path], noise: Samples) -> None:
    backend = resolve("asr", name)
    with backend(config(models[name])) as recogniser:
        assert isinstance(recogniser, Recogniser)
        heard = recogniser.recognise(noise, "hi")
        assert heard.language == "hi"
        check_form(heard, seconds=30.0)  # a random model knows no end
        assert any(segment.words for segment in heard.segments)
        detected = recogniser.recognise(noise, None).language
        assert re.fullmatch("[a-z]{2,3}", detected) and detected != "jw"
        assert recogniser.recognise(np.zeros(0, np.float32), "hi").segments == ()
        with pytest.raises(ConfigError, match="'xx'"):
            recogniser.recognise(noise, "xx")
    with pytest.raises(AssertionError):
        recogniser.recognise(noise, "hi")
    with backend(config(models[name])) as again:
        assert again.recognise(noise, "hi") == heard


def check_form(heard: Transcript, *, seconds: float) -> None:
    assert values.from_json(Transcript, values.to_json(heard)) == heard
    for segment in heard.segments:
        assert type(segment.span.start) is float
        for word in segment.words:
            assert type(word.span.start) is type(word.span.end) is type(word.confidence) is float
            assert 0.0 <= word.span.start <= word.span.end <= seconds
            assert 0.0 <= word.confidence <= 1.0


def hear(recogniser: Recogniser, sound: Samples) -> Heard:
    """A whole recording, gated, in the language that is found."""
    return listen(
        sound,
        recogniser,
        language=None,
        piece_seconds=600.0,
        gated=True,
        advance=lambda done, total: None,
    )


@pytest.mark.slow
@pytest.mark.assets
@pytest.mark.parametrize("size", ["base", "small"])
@pytest.mark.parametrize("name", BACKENDS)
def test_real_weights_hear_the_demo_clip(name: str, size: str, demo_speech: Path) -> None:
    backend, asked = resolve("asr", name), from_tree({"recognition": {"model": size}})
    gap = backend.missing(asked)
    if gap is not None:
        pytest.skip(gap)
    with backend(asked) as recogniser:
        with sound_of(demo_speech) as sound:
            heard = hear(recogniser, sound)
        assert hear(recogniser, np.zeros(60 * SPEECH_RATE, np.float32)).words == ()
    assert heard.language == "en"
    text = "".join(word.text for word in heard.words)
    assert wer(SPOKEN, text) < 0.25, text
    assert 0.5 < heard.words[0].span.start < 1.2
    assert 4.5 < heard.words[-1].span.end < 5.5


@pytest.mark.slow
@pytest.mark.assets
@pytest.mark.parametrize("name", BACKENDS)
def test_given_terms_are_heard(name: str, demo_speech: Path) -> None:
    terms = ["John Peirce", "University of Nottingham", "PsychoPy"]
    backend, asked = resolve("asr", name), from_tree({"recognition": {"terms": terms}})
    gap = backend.missing(asked)
    if gap is not None:
        pytest.skip(gap)
    with backend(asked) as recogniser, sound_of(demo_speech) as sound:
        heard = hear(recogniser, sound)
    text = "".join(word.text for word in heard.words)
    assert all(term in text for term in terms), text
