"""translate_text and synthesise through the store: what is made once, and what a change repeats."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import faces_video
import fake_voice
import numpy as np
import pytest
import soundfile
from fake_voice import FakeEars, FakeVoice

from f2f.backends import BUILT_IN
from f2f.config import Config, Recognition, from_tree
from f2f.errors import ConfigError
from f2f.stages.synthesise import synthesise
from f2f.stages.translate_text import translate_text
from f2f.store import values
from f2f.store.artefacts import VALUE, Artefact, Store
from f2f.store.contents import META
from f2f.store.garbage import OUTPUT, purge
from f2f.store.stage import Plain
from f2f.types import Clips, Segment, Span, Speaker, Transcript

SAID = Transcript(
    "es",
    (
        Segment(2, Span(0, 2), "S1", "Hola a todos, bienvenidos."),
        Segment(5, Span(2, 4), "S2", "Muchas gracias por venir."),
        Segment(6, Span(4, 5), "S1", "…"),
        Segment(8, Span(5, 6), "S1", "Hasta mañana."),
    ),
    (Speaker("S1", "male", 105.0), Speaker("S2", "female", 190.0)),
)
INFO = faces_video.info(200)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setitem(BUILT_IN["speech"], "fake", f"{fake_voice.__name__}:FakeVoice")
    monkeypatch.setattr(FakeVoice, "spoken", [])
    return Store(tmp_path / "store")


def config(**speech: Any) -> Config:
    return from_tree({"languages": {"target": "es"}, "speech": {"backend": "fake", **speech}})


def put(store: Store, value: Any, key: str) -> Artefact:
    artefact = Artefact("given", key)
    if not store.has(artefact):

        def fill(folder: Path) -> None:
            values.write(value, folder / VALUE)
            sound = 0.25 * np.linspace(0.9, 1.0, 16_000 * 8)  # no two passages are alike
            soundfile.write(folder / "speech.wav", sound, 16_000)

        store.make(artefact, fill, {})
    return artefact


def run(store: Store, settings: Config, said: Transcript = SAID, key: str = "a") -> Clips:
    source = put(store, SAID, "source")
    made = Plain(settings, store)(synthesise, put(store, said, key), source)
    clips = store.read(made, Clips)
    for clip in clips.clips:
        sound, rate = soundfile.read(store.path(made, clip.audio))
        assert (rate, len(sound) / rate) == (clip.sample_rate, pytest.approx(clip.duration))
    return clips


def test_every_line_gets_a_clip_and_every_speaker_a_voice(store: Store) -> None:
    clips = run(store, config())
    assert [(clip.segment_id, clip.voice) for clip in clips.clips] == [
        (2, "low"),
        (5, "high"),
        (8, "low"),
    ]
    assert clips.language == "es"
    assert clips.backend == "fake"


def test_changing_one_line_speaks_one_line(store: Store) -> None:
    run(store, config())
    before = len(FakeVoice.spoken)
    segments = (*SAID.segments[:3], replace(SAID.segments[3], text="Hasta pronto, amigos."))
    run(store, config(), replace(SAID, segments=segments), "b")
    assert FakeVoice.spoken[before:] == ["Hasta pronto, amigos."]


def test_after_a_purge_an_edited_line_still_speaks_one_line(store: Store) -> None:
    settings = config()
    inputs = put(store, SAID, "a"), put(store, SAID, "source")
    clips = Plain(settings, store)(synthesise, *inputs)
    store.make(Artefact(OUTPUT, "made"), lambda _folder: None, {"inputs": [str(clips)]})
    stray = put(store, SAID, "stray")
    for artefact in store.artefacts():
        os.utime(store.path(artefact, META), (0, 0))
    store.obtain(Artefact(OUTPUT, "made"), lambda _folder: None, {})
    assert purge(store, older_than=60.0).removed == (stray,)
    before = len(FakeVoice.spoken)
    segments = (*SAID.segments[:3], replace(SAID.segments[3], text="Hasta pronto, amigos."))
    run(store, settings, replace(SAID, segments=segments), "b")
    assert FakeVoice.spoken[before:] == ["Hasta pronto, amigos."]


def test_who_hears_the_clips_back_is_part_of_the_key(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = (Artefact("given", "said"), Artefact("given", "source"))
    monkeypatch.setattr(FakeEars, "state", "1")
    monkeypatch.setitem(BUILT_IN["asr"], "fake", f"{fake_voice.__name__}:FakeEars")
    checked = config(check=True).model_copy(update={"recognition": Recognition(backend="fake")})
    unchecked = checked.model_copy(update={"speech": config().speech})
    keys = [synthesise.artefact(one, *inputs) for one in (checked, unchecked)]
    monkeypatch.setattr(FakeEars, "state", "2")
    later = [synthesise.artefact(one, *inputs) for one in (checked, unchecked)]
    assert keys[0] != later[0] and keys[1] == later[1]


def test_nothing_is_spoken_twice(store: Store) -> None:
    first = run(store, config())
    before = len(FakeVoice.spoken)
    assert run(store, config()) == first
    assert len(FakeVoice.spoken) == before


def test_one_voice_for_all_if_asked_and_only_one_that_exists(store: Store) -> None:
    assert {clip.voice for clip in run(store, config(voice="high")).clips} == {"high"}
    with pytest.raises(ConfigError, match="low, high"):
        run(store, config(voice="robot"))


def test_a_speaker_may_be_given_a_voice(store: Store) -> None:
    clips = run(store, config(cast={"S1": "high", "S9": "low"}))
    assert {clip.segment_id: clip.voice for clip in clips.clips}[2] == "high"


def test_what_a_series_learns_repeats_nothing(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "voices.yaml"
    inputs = (Artefact("given", "said"), Artefact("given", "source"))
    before = synthesise.artefact(config(voices=str(path), cast={"S1": "low"}), *inputs)
    path.write_text("es:\n  S1: low\n  S9: high\n", encoding="utf-8")
    assert synthesise.artefact(config(voices=str(path), cast={"S1": "low"}), *inputs) == before
    assert synthesise.artefact(config(max_error_rate=0.5, cast={"S1": "low"}), *inputs) == before


def test_other_weights_speak_again(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    inputs = (Artefact("given", "said"), Artefact("given", "source"))
    before = synthesise.artefact(config(), *inputs)
    monkeypatch.setattr(FakeVoice, "identity", classmethod(lambda cls, config: "2"))
    assert synthesise.artefact(config(), *inputs) != before


def test_a_clone_of_another_passage_is_spoken_again(store: Store) -> None:
    run(store, config(voice="clone"))
    before = len(FakeVoice.spoken)
    moved = tuple(
        replace(one, span=Span(one.span.start + 2, one.span.end + 2)) for one in SAID.segments
    )
    run(store, config(voice="clone"), replace(SAID, segments=moved), "moved")
    assert len(FakeVoice.spoken) > before


def test_a_clone_hears_its_speaker(store: Store) -> None:
    clips = run(store, config(voice="clone"))
    source = put(store, SAID, "source")
    made = synthesise.artefact(config(voice="clone"), put(store, SAID, "a"), source)
    sound, _ = soundfile.read(store.path(made, clips.clips[0].audio))
    assert np.abs(sound).max() == pytest.approx(0.25, abs=0.01)


def test_a_translators_file_needs_no_backend(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "talk.hi.srt"
    path.write_text("1\n00:00:00,000 --> 00:00:02,000\nनमस्ते दोस्तो\n", encoding="utf-8")
    settings = from_tree({"languages": {"target": "hi"}, "translation": {"translation": str(path)}})
    source = put(store, INFO, "video")
    made = Plain(settings, store)(translate_text, put(store, SAID, "a"), source)
    said = store.read(made, Transcript)
    assert said.language == "hi"
    assert [(one.id, one.text) for one in said.segments] == [(2, "नमस्ते दोस्तो")]


def test_speakers_that_only_the_translator_names_have_their_own_voices(
    store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "talk.es.srt"
    file.write_text(
        "1\n00:00:00,000 --> 00:00:02,000\n[Anna] Hola.\n\n"
        "2\n00:00:02,000 --> 00:00:04,000\n[Bruno] Muy bien.\n",
        encoding="utf-8",
    )
    lines = [(Span(0, 2), "Hello."), (Span(2, 4), "Fine.")]
    segments = tuple(Segment(at, span, "S1", text) for at, (span, text) in enumerate(lines))
    heard = put(store, Transcript("en", segments, (Speaker("S1", "male", 105.0),)), "one voice")
    source = put(store, INFO, "with sound")
    settings = config().model_copy(
        update={
            "translation": config().translation.model_copy(
                update={"translation": file, "backend": "file"}
            )
        }
    )
    said = Plain(settings, store)(translate_text, heard, source)
    speakers = store.read(said, Transcript).speakers
    assert [speaker.id for speaker in speakers] == ["Anna", "Bruno"]
    for cast, wanted in (({}, None), ({"Anna": "high", "Bruno": "low"}, ["high", "low"])):
        speech = settings.speech.model_copy(update={"cast": cast})
        chosen = settings.model_copy(update={"speech": speech})
        clips = store.read(Plain(chosen, store)(synthesise, said, source), Clips).clips
        voices = [clip.voice for clip in clips]
        assert len(set(voices)) == 2
        assert wanted is None or voices == wanted


def test_the_compact_backend_translates_the_transcript(store: Store) -> None:
    english = replace(
        SAID, language="en", segments=(replace(SAID.segments[0], text="Hello, no problem."),)
    )
    settings = from_tree({"languages": {"target": "pt"}, "translation": {"backend": "compact"}})
    made = Plain(settings, store)(
        translate_text, put(store, english, "english"), put(store, INFO, "video")
    )
    said = store.read(made, Transcript)
    assert said.language == "pt"
    assert "problema" in said.segments[0].text
    assert said.segments[0].id == 2


def test_letters_without_a_sound_are_named_once(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    said = replace(
        SAID,
        segments=(
            Segment(0, Span(0, 2), "S1", "Volamos a 北京 hoy."),
            Segment(1, Span(2, 4), "S1", "De 北京 a Москва."),
        ),
    )
    run(store, config(), said)
    told = [one.getMessage() for one in caplog.records if "cannot read" in one.getMessage()]
    assert told == ["letters that a 'es' voice cannot read: 北京 as Bei Jing, Москва as Moskva"]
    assert "De Bei Jing a Moskva." in FakeVoice.spoken
