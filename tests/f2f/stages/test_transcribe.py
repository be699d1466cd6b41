"""The stage on made-up sources with a recogniser that is played, and on real clips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import soundfile

from f2f import plan
from f2f.config import Config, from_tree
from f2f.errors import InputError, MissingError
from f2f.roles import SPEECH_RATE, BackendInfo, Closing, Samples
from f2f.stages.ingest import ingest
from f2f.stages.transcribe import transcribe
from f2f.store import values
from f2f.store.artefacts import VALUE, Artefact, Store
from f2f.store.stage import Plain
from f2f.types import Segment, Span, Speaker, Transcript, VideoInfo, Word

SECONDS = 8
SRT = """1
00:00:01,000 --> 00:00:02,000
[Ann] Good morning.

2
00:00:03,000 --> 00:00:04,000
Hello.
"""


class Played(Closing):
    """A recogniser and diariser that says what the test tells it to."""

    info: ClassVar[BackendInfo] = BackendInfo("played", "asr", "MIT", commercial=True)
    words: tuple[Word, ...] = (
        Word(" Good", Span(1.0, 1.4)),
        Word(" morning.", Span(1.4, 2.0)),
        Word(" Hello", Span(3.0, 3.5)),
        Word(" you.", Span(3.5, 4.0)),
    )

    def __init__(self, config: Config) -> None:
        self.config = config

    @classmethod
    def identity(cls, config: Config) -> str:
        return "1"

    def recognise(self, audio: Samples, language: str | None) -> Transcript:
        segment = Segment(0, Span(1.0, 4.0), "", "…", self.words)
        return Transcript(language or "en", (segment,) if self.words else ())

    def diarise(
        self, audio: Samples, segments: Sequence[Segment]
    ) -> tuple[tuple[Segment, ...], tuple[Speaker, ...]]:
        labelled = tuple(
            replace(item, speaker=f"S{number % 2 + 1}") for number, item in enumerate(segments)
        )
        return labelled, (Speaker("S1", "male", 110.0), Speaker("S2", "female", 220.0))


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> type[Played]:
    monkeypatch.setattr("f2f.stages.transcribe.resolve", lambda role, name: Played)
    return Played


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def source(
    store: Store, *, has_audio: bool = True, still: bool = False, tracks: tuple[str, ...] = ()
) -> Artefact:
    info = VideoInfo(
        path="source.mp4",
        digest="",
        fps=Fraction(25),
        size=(64, 64),
        frames=25 * SECONDS,
        duration=float(SECONDS),
        rotation=0,
        variable_rate=False,
        has_audio=has_audio,
        still=still,
        pixel_format="yuv420p",
        sound_tracks=tracks,
    )

    def fill(folder: Path) -> None:
        values.write(info, folder / VALUE)
        if has_audio:
            generator = np.random.default_rng(0)
            sound = 0.01 * generator.standard_normal(SECONDS * SPEECH_RATE)
            soundfile.write(folder / "speech.wav", sound, SPEECH_RATE, subtype="PCM_16")

    return store.make(Artefact("ingest", f"made-{has_audio}-{still}-{len(tracks)}"), fill, {})


def chosen(settings: dict[str, Any]) -> Config:
    """The options with backends as a plan chooses them."""
    recognition = {"backend": "faster-whisper", **settings.get("recognition", {})}
    diarisation = {"backend": "single"}
    return from_tree({**settings, "recognition": recognition, "diarisation": diarisation})


def heard(store: Store, made: Artefact, settings: dict[str, Any]) -> Transcript:
    run = Plain(chosen({"recognition": {"vad": False}, **settings}), store)
    return store.read(run(transcribe, made), Transcript)


def test_where_nobody_speaks_in_one_of_several_sounds_the_others_are_named(
    store: Store, played: type[Played], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(played, "words", ())
    with pytest.raises(InputError, match=r"--audio-track: 1 \(en\), 2 \(hi\)$"):
        heard(store, source(store, tracks=("1 (en)", "2 (hi)")), {})
    assert not heard(store, source(store, tracks=("1 (en)",)), {}).segments


def test_words_become_segments_with_speakers(store: Store, played: type[Played]) -> None:
    transcript = heard(store, source(store), {})
    assert transcript.language == "en"
    assert [(item.speaker, item.text) for item in transcript.segments] == [
        ("S1", "Good morning."),
        ("S2", "Hello you."),
    ]
    assert transcript.segments[0].words[1] == Word("morning.", Span(1.4, 2.0))
    assert [speaker.gender for speaker in transcript.speakers] == ["male", "female"]


def test_silence_is_an_empty_transcript(
    store: Store, played: type[Played], caplog: pytest.LogCaptureFixture
) -> None:
    settings = {"recognition": {"vad": True}}
    assert heard(store, source(store), settings) == Transcript("und", (), ())
    assert "nobody speaks" in caplog.text


def test_a_given_transcript_keeps_its_names_and_gives_the_rest_to_voices(
    store: Store, played: type[Played], tmp_path: Path
) -> None:
    (tmp_path / "talk.en.srt").write_text(SRT)
    settings = {"recognition": {"transcript": str(tmp_path / "talk.en.srt")}}
    transcript = heard(store, source(store), settings)
    assert [(item.speaker, item.text) for item in transcript.segments] == [
        ("Ann", "Good morning."),
        ("S2", "Hello."),
    ]
    assert [speaker.id for speaker in transcript.speakers] == ["Ann", "S2"]


def test_unnamed_lines_have_the_name_of_their_voice_and_capitals_become_sentences(
    store: Store, played: type[Played], tmp_path: Path
) -> None:
    lines = [">> ANN: GOOD MORNING, ALL.", ">> HELLO.", ">> HOW ARE YOU TODAY?", ">> THE FBI."]
    cues = [
        f"{at + 1}\n00:00:0{at + 1},000 --> 00:00:0{at + 1},900\n{line}\n"
        for at, line in enumerate(lines)
    ]
    (tmp_path / "talk.en.srt").write_text("\n".join(cues))
    settings = {"recognition": {"transcript": str(tmp_path / "talk.en.srt")}}
    transcript = heard(store, source(store), settings)
    assert [(item.speaker, item.text) for item in transcript.segments] == [
        ("ANN", "Good morning, all."),
        ("S2", "Hello."),
        ("ANN", "How are you today?"),
        ("S2", "The FBI."),
    ]


def test_a_source_without_sound_needs_a_transcript(store: Store, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no sound.*--transcript"):
        heard(store, source(store, has_audio=False), {})
    (tmp_path / "talk.en.srt").write_text(SRT)
    settings = {"recognition": {"transcript": str(tmp_path / "talk.en.srt")}}
    transcript = heard(store, source(store, has_audio=False), settings)
    assert [item.speaker for item in transcript.segments] == ["Ann", "S1"]
    assert transcript.speakers == (Speaker("Ann"), Speaker("S1"))


def test_a_line_beyond_the_end_is_refused_unless_the_source_is_a_still(
    store: Store, tmp_path: Path
) -> None:
    (tmp_path / "talk.en.srt").write_text(f"{SRT}\n3\n00:01:00,000 --> 00:01:01,000\nLate.\n")
    settings = {"recognition": {"transcript": str(tmp_path / "talk.en.srt")}}
    with pytest.raises(InputError, match=r"the line at 60\.0 s lies beyond .* \(8\.0 s\)"):
        heard(store, source(store, has_audio=False), settings)
    still = source(store, has_audio=False, still=True)
    assert len(heard(store, still, settings).segments) == 3


def test_the_key_follows_what_is_heard_and_nothing_else(tmp_path: Path) -> None:
    made = Artefact("ingest", "some")
    (tmp_path / "talk.en.srt").write_text(SRT)

    def key(tree: dict[str, Any]) -> str:
        return transcribe.artefact(chosen(tree), made).key

    given = {"recognition": {"transcript": str(tmp_path / "talk.en.srt")}}
    first = key(given)
    assert key({}) == key({"delivery": {"crf": 30}, "languages": {"target": "hi"}})
    assert (
        len({key({}), key({"recognition": {"beam": 1}}), key({"languages": {"source": "en"}})}) == 3
    )
    (tmp_path / "talk.en.srt").write_text(SRT.replace("Hello", "Hallo"))
    assert key(given) != first


@pytest.mark.slow
@pytest.mark.assets
def test_two_men_in_a_conversation(media: Path, store: Store) -> None:
    try:
        ready = plan.prepare_hearing(Config()).config
    except MissingError as error:
        pytest.skip(str(error))
    run = Plain(ready, store)
    transcript = store.read(run(transcribe, run(ingest, media / "two_people_720p.mp4")), Transcript)
    assert transcript.language == "ko"
    assert len(transcript.speakers) == 2
    middle = [item.speaker for item in transcript.segments if 11 < item.span.start < 18]
    ends = [item.speaker for item in transcript.segments if not 5 < item.span.start < 20]
    assert set(ends) == {"S1"} and "S1" not in middle
