"""What every synthesiser must do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_vits

from f2f.backends import BUILT_IN, resolve
from f2f.backends.speech.coqui import Coqui
from f2f.backends.speech.kokoro import Kokoro, split
from f2f.config import Config
from f2f.errors import MissingError, StageError
from f2f.roles import CLONE, Sound, Synthesiser, Voice

TEXT = {"hi": "नमस्ते दोस्तो, आप कैसे हैं.", "es": "Hola a todos, bienvenidos."}


@pytest.fixture(scope="module")
def vits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_vits.build(tmp_path_factory.mktemp("voice") / "tiny")


@pytest.fixture(params=BUILT_IN["speech"], scope="module")
def case(
    request: pytest.FixtureRequest, vits: Path
) -> Iterator[tuple[Synthesiser, tuple[Voice, ...]]]:
    config = Config.model_validate({"speech": {"model": str(vits)}})
    kind = resolve("speech", request.param)
    gap = kind.missing(config)
    if gap is not None:
        pytest.skip(gap)
    with kind(config) as synthesiser:
        yield synthesiser, kind.voices("hi", config)


def test_voices_and_facts(case: tuple[Synthesiser, tuple[Voice, ...]]) -> None:
    synthesiser, voices = case
    assert len({voice.name for voice in voices}) == len(voices) >= 2
    assert all(voice.language == "hi" for voice in voices)
    assert synthesiser.info.role == "speech"
    assert synthesiser.info.licence
    assert synthesiser.voices("xx", Config()) == ()


def test_speech_is_sound(case: tuple[Synthesiser, tuple[Voice, ...]]) -> None:
    synthesiser, voices = case
    for voice in voices[:2]:
        sound = synthesiser.speak(TEXT["hi"], "hi", voice)
        assert sound.samples.dtype == np.float32
        assert sound.samples.ndim == 1
        assert 16_000 <= sound.rate <= 48_000
        assert 0.3 < len(sound.samples) / sound.rate < 10
        assert np.isfinite(sound.samples).all()
        assert np.abs(sound.samples).max() > 0.01


def test_more_text_takes_longer(case: tuple[Synthesiser, tuple[Voice, ...]]) -> None:
    synthesiser, voices = case
    short = synthesiser.speak("नमस्ते.", "hi", voices[0])
    long = synthesiser.speak(" ".join([TEXT["hi"]] * 3), "hi", voices[0])
    assert len(long.samples) / long.rate > 1.5 * len(short.samples) / short.rate


def test_nothing_to_say_is_refused(case: tuple[Synthesiser, tuple[Voice, ...]]) -> None:
    synthesiser, voices = case
    with pytest.raises(StageError):
        synthesiser.speak(" ... ", "hi", voices[0])


def test_speakers_of_a_model_sound_different_and_its_paths_are_rewritten(vits: Path) -> None:
    config = Config.model_validate({"speech": {"model": str(vits)}})
    voices = Coqui.voices("hi", config)
    assert [voice.name for voice in voices] == ["asha", "ravi"]
    with Coqui(config) as coqui:
        first, second = (coqui.speak(TEXT["hi"], "hi", voice) for voice in voices)
    assert first.samples.shape != second.samples.shape or not np.allclose(
        first.samples, second.samples
    )


def test_another_rendering_of_the_same_text_but_the_same_in_every_run(vits: Path) -> None:
    config = Config.model_validate({"speech": {"model": str(vits)}})
    voice = Coqui.voices("hi", config)[0]
    runs = []
    for _ in range(2):
        with Coqui(config) as coqui:
            runs.append([coqui.speak(TEXT["hi"], "hi", voice).samples for _ in range(2)])
    for one, other in zip(*runs, strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(runs[0][0], runs[0][1])


def test_letters_that_a_model_lacks_are_refused(vits: Path) -> None:
    config = Config.model_validate({"speech": {"model": str(vits)}})
    with Coqui(config) as coqui, pytest.raises(StageError, match="does not know"):
        coqui.speak("வணக்கம் நண்பர்களே", "hi", Coqui.voices("hi", config)[0])


def test_digits_are_named_for_a_model_without_digits(vits: Path) -> None:
    config = Config.model_validate({"speech": {"model": str(vits)}})
    with Coqui(config) as coqui:
        assert coqui._readable("२ किताबें".replace("२", "2"), "hi") == "दो किताबें"


def test_a_clone_needs_a_reference(vits: Path) -> None:
    config = Config.model_validate({"speech": {"model": str(vits)}})
    with Coqui(config) as coqui, pytest.raises(StageError, match="reference"):
        coqui.speak(TEXT["hi"], "hi", Voice(CLONE, "hi", "unknown"))


def test_a_model_without_its_weights_is_refused(tmp_path: Path, vits: Path) -> None:
    (tmp_path / "config.json").write_bytes((vits / "config.json").read_bytes())
    with pytest.raises(MissingError, match="no weights"):
        Coqui(Config.model_validate({"speech": {"model": str(tmp_path)}}))
    assert "there is no folder" in (
        Coqui.missing(Config.model_validate({"speech": {"model": "./nowhere"}})) or ""
    )
    assert "speech.model" in (Coqui.missing(Config()) or "")


@pytest.mark.parametrize("length", [1, 40, 41, 95, 400])
def test_long_phonemes_are_split_without_loss(length: int) -> None:
    phonemes = ("ab, cd. efgh " * 40)[:length]
    pieces = split(phonemes, 40)
    assert all(0 < len(piece) <= 40 for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(phonemes.split())


def test_a_split_follows_a_full_stop_rather_than_a_comma() -> None:
    assert split("aaaaaaaaaa. bbb, cccc dddd", 16) == ["aaaaaaaaaa.", "bbb, cccc dddd"]


def test_experimental_languages_name_their_error_rate() -> None:
    for language in ("ur", "mr", "ta"):
        voices = Kokoro.voices(language, Config())
        assert voices
        assert all("%" in voice.experimental for voice in voices)
    assert all(not voice.experimental for voice in Kokoro.voices("hi", Config()))


@pytest.mark.assets
@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "text", "limit"),
    [
        ("es", "El comité anunciará su decisión mañana por la mañana.", 0.1),
        ("pt", "Muito obrigado pela sua paciência e pelas suas perguntas.", 0.1),
        ("en", "Students should bring their own books to the first lesson.", 0.1),
    ],
)
def test_real_speech_is_recognised_back(language: str, text: str, limit: float) -> None:
    from scipy.signal import resample_poly

    from f2f.text.error_rate import cer

    recogniser: Any = resolve("asr", "faster-whisper")
    for kind in (Kokoro, recogniser):
        gap = kind.missing(Config())
        if gap is not None:
            pytest.skip(gap)
    with Kokoro(Config()) as kokoro:
        sound: Sound = kokoro.speak(text, language, kokoro.voices(language, Config())[0])
    samples = resample_poly(sound.samples, 2, 3).astype(np.float32)  # 24 to 16 kHz
    with recogniser(Config()) as hearing:
        heard = hearing.recognise(samples, language)
    assert cer(text, " ".join(segment.text for segment in heard.segments)) <= limit
