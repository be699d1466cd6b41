from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from f2f import backends, config, plan
from f2f.errors import ConfigError, InputError, MissingError, UnsupportedError
from f2f.lips import engine_choice
from f2f.lips import weights as lip_weights
from f2f.roles import BackendInfo, Voice
from f2f.types import Segment, Span, Speaker, Transcript


class Ready:
    """A backend that is complete and speaks and translates a few languages."""

    info: ClassVar[BackendInfo] = BackendInfo("ready", "asr", "MIT", True)
    languages: ClassVar[set[str]] = {"en", "hi"}

    @classmethod
    def missing(cls, _config: Any) -> str | None:
        return None

    @classmethod
    def voices(cls, language: str, _config: Any) -> tuple[Voice, ...]:
        return (Voice("v", language, "female"),) if language in cls.languages else ()

    @classmethod
    def serves(cls, source: str, target: str, _config: Any) -> bool:
        return {source, target} <= cls.languages


class Lacking(Ready):
    """The same, but its weights are not here; it also knows Tamil."""

    languages: ClassVar[set[str]] = {"en", "hi", "ta"}

    @classmethod
    def missing(cls, _config: Any) -> str | None:
        return "f2f models pull lacking"


@pytest.fixture(autouse=True)
def two_backends(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every role has a first choice that lacks its weights and a second that is ready."""
    table = {
        role: {"lacking": f"{__name__}:Lacking", "ready": f"{__name__}:Ready"}
        for role in backends.BUILT_IN
    }
    monkeypatch.setattr(backends, "BUILT_IN", table)
    monkeypatch.setattr(lip_weights, "choose", lambda _name: None)
    yield


def options(**given: Any) -> config.Config:
    return config.load(options={key.replace("__", "."): value for key, value in given.items()})


def test_a_named_backend_that_lacks_its_model_says_so_whatever_it_speaks() -> None:
    with pytest.raises(MissingError, match="lacking: f2f models pull lacking"):
        plan.prepare(options(languages__target="fr", speech__backend="lacking"))


def test_auto_takes_the_first_that_is_ready_and_says_why() -> None:
    ready = plan.prepare(options(languages__target="hi", languages__source="en"))
    assert {choice.name for choice in ready.choices} == {"ready"}
    asked_for_only = {"separation"}
    assert {choice.role for choice in ready.choices} == set(backends.BUILT_IN) - asked_for_only
    assert all("lacking: f2f models pull lacking" in pick.reason for pick in ready.choices)
    assert ready.config.recognition.backend == "ready"
    assert ready.config.translation.backend == "ready"


def test_a_named_backend_is_never_replaced() -> None:
    with pytest.raises(MissingError, match="f2f models pull lacking"):
        plan.prepare(options(languages__target="hi", recognition__backend="lacking"))


def test_an_unknown_name_lists_the_choices() -> None:
    with pytest.raises(ConfigError, match="'whispr'; choices: lacking, ready"):
        plan.prepare(options(languages__target="hi", recognition__backend="whispr"))


def test_no_target_is_refused() -> None:
    with pytest.raises(ConfigError, match="--to"):
        plan.prepare(options())


def test_a_language_nobody_speaks_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="speaks 'got'"):
        plan.prepare(options(languages__target="got"))


def test_a_voice_that_is_not_ready_says_how_to_get_it() -> None:
    with pytest.raises(MissingError, match="'ta' is not ready; lacking: f2f models pull"):
        plan.prepare(options(languages__target="ta"))


def test_a_pair_nobody_translates_is_refused_with_the_ways_to_get_it() -> None:
    with pytest.raises(UnsupportedError, match=r"fr to hi.*translation\.model.*--translation"):
        plan.prepare(options(languages__target="hi", languages__source="fr"))


def test_the_translator_waits_for_the_language_that_is_heard() -> None:
    ready = plan.prepare(options(languages__target="hi"))
    assert "translation" not in {choice.role for choice in ready.choices}
    later = plan.choose_translator(ready, "en")
    assert later.config.translation.backend == "ready"
    with pytest.raises(ConfigError, match="already speaks 'hi'"):
        plan.choose_translator(ready, "hi")


def test_a_recording_without_speech_is_refused_in_its_own_words() -> None:
    ready = plan.prepare(options(languages__target="hi"))
    with pytest.raises(InputError, match="nobody speaks"):
        plan.choose_translator(ready, "und")


def test_files_made_by_people_take_the_place_of_backends(tmp_path: Any) -> None:
    file = tmp_path / "talk.en.srt"
    file.write_text("1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    given = options(
        languages__target="hi", recognition__transcript=file, translation__translation=file
    )
    ready = plan.prepare(given)
    assert ready.config.recognition.backend == plan.FILE
    assert ready.config.translation.backend == plan.FILE


def test_missing_lip_weights_are_refused_before_any_work(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(_name: str) -> None:
        raise MissingError("no lip-sync weights")

    monkeypatch.setattr(lip_weights, "choose", nothing)
    with pytest.raises(MissingError, match="no lip-sync weights"):
        plan.prepare(options(languages__target="hi"))
    plan.prepare(options(languages__target="hi", lips__enabled=False))


def test_a_broken_file_of_the_user_is_refused_before_any_work(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("[a, list]")
    for key, file, reason in (
        ("translation__translation", tmp_path / "absent.srt", "cannot read"),
        ("recognition__transcript", broken, "must be a .srt, .vtt or .json"),
        ("translation__glossary", broken, "a glossary is a mapping"),
        ("speech__voices", broken, "voices are languages"),
    ):
        with pytest.raises(InputError, match=reason):
            plan.prepare(
                options(languages__target="hi", languages__source="en", **{key: str(file)})
            )


def test_a_voice_that_nobody_has_is_refused_before_any_work() -> None:
    with pytest.raises(ConfigError, match=r"no voice 'nobody'.*choices: v"):
        plan.prepare(options(languages__target="hi", speech__voice="nobody"))


def test_a_series_gives_its_speakers_their_voices(tmp_path: Path) -> None:
    path = tmp_path / "voices.yaml"
    path.write_text("hi:\n  Anna: v\n", encoding="utf-8")
    given = {"languages__target": "hi", "languages__source": "en"}
    ready = plan.prepare(options(**given, speech__voices=str(path)))
    spoken = tuple(Segment(0, Span(0, 1), name, "text") for name in ("Anna", "Ben"))
    kept = plan.keep_voices(ready, Transcript("en", spoken))
    assert kept.config.speech.cast == {"Anna": "v", "Ben": "v"}
    assert "Ben: v" in path.read_text(encoding="utf-8")
    assert plan.keep_voices(ready, Transcript("en", spoken)) == kept
    plain = plan.prepare(options(**given))
    assert plan.keep_voices(plain, Transcript("en", spoken)) == plain


def test_a_voice_that_does_not_fit_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "voices.yaml"
    path.write_text("hi:\n  S1: v\n", encoding="utf-8")
    given = {"languages__target": "hi", "languages__source": "en"}
    ready = plan.prepare(options(**given, speech__voices=str(path)))
    spoken = (Segment(0, Span(0, 1), "S1", "text"),)
    plan.keep_voices(ready, Transcript("en", spoken, (Speaker("S1", "female"),)))
    assert not caplog.messages
    plan.keep_voices(ready, Transcript("en", spoken, (Speaker("S1", "male"),)))
    assert "S1 the female voice v, who sounds male here" in caplog.text


def test_a_translation_named_after_another_language_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("talk.hi.srt", "talk.srt", "talk.en.srt"):
        (tmp_path / name).write_text("1\n00:00:00,000 --> 00:00:02,000\nText\n", encoding="utf-8")
        plan.prepare(options(languages__target="hi", translation__translation=str(tmp_path / name)))
    assert caplog.messages == ["talk.en.srt is taken to be in 'hi', as asked"]


def test_the_lips_path_is_settled_before_any_key_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_choice, "preferred", lambda path: (path, "fp32"))
    ready = plan.prepare(options(languages__target="hi", lips__path="bf16"))
    assert ready.config.lips.path == ("bf16", "fp32")
    left = plan.prepare(options(languages__target="hi", lips__enabled=False))
    assert left.config.lips.path == "auto"
