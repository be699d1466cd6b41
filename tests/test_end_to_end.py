"""The main job on real weights and a real clip: what a viewer hears and sees, not what was logged.

The clip is the pinned demo clip: one man, frontal, English, 5.8 s.
"""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest

from f2f import config as configuration
from f2f import job, pipeline, weights
from f2f.delivery.dub import Dub
from f2f.delivery.report import Report
from f2f.errors import F2FError
from f2f.lips.mouths import Lips
from f2f.media import probe
from f2f.store import values
from f2f.store.artefacts import Store
from f2f.store.stage import Plain
from f2f.text.error_rate import cer
from f2f.types import FaceTracks, SpeechTrack, Transcript, VideoInfo

pytestmark = [pytest.mark.slow, pytest.mark.assets]

FRAME_MARGIN = 8
"""Frames of fading that a mouth may move before and after its speech."""


@pytest.fixture(scope="module")
def clip() -> Path:
    try:
        weights.locate("whisper-base")
        return weights.locate("demo-clip")
    except F2FError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("end-to-end")


@pytest.fixture(scope="module")
def options(folder: Path) -> configuration.Config:
    return configuration.load(
        options={"languages.target": "pt", "store.path": str(folder / "store")}
    )


@pytest.fixture(scope="module")
def dubbed(clip: Path, folder: Path, options: configuration.Config) -> job.Outcome:
    return job.translate(clip, options, output=folder / "talk.pt.mp4")


@pytest.fixture(scope="module")
def artefacts(
    clip: Path, dubbed: job.Outcome, options: configuration.Config
) -> tuple[Dub, Store, Plain]:
    """The artefacts of the finished job, found again without running anything."""
    store = job.open_store(options)
    ready = job.prepare(clip, options, lambda chosen: Plain(chosen, store))
    run = Plain(ready.config, store)
    return pipeline.translate(clip, run), store, run


def heard_in(path: Path, language: str, folder: Path) -> str:
    """What the recogniser hears in a finished file."""
    options = configuration.load(
        options={"languages.source": language, "store.path": str(folder / "listening")}
    )
    job.transcribe(path, options, output=folder / "heard.json")
    transcript = values.read(Transcript, folder / "heard.json")
    return " ".join(segment.text for segment in transcript.segments)


def test_a_second_run_repeats_nothing(artefacts: tuple[Dub, Store, Plain]) -> None:
    assert artefacts[2].ran == []


def test_the_words_of_the_source_are_recognised(
    artefacts: tuple[Dub, Store, Plain],
) -> None:
    dub, store, _ = artefacts
    heard = store.read(dub.spoken.heard, Transcript)
    text = " ".join(segment.text for segment in heard.segments).lower()
    assert heard.language == "en"
    assert all(segment.words for segment in heard.segments)
    assert "psychopy" in text.replace(" ", "") or "psycho" in text
    assert len(heard.speakers) == 1


def test_the_output_says_the_translation_aloud(
    artefacts: tuple[Dub, Store, Plain], dubbed: job.Outcome, folder: Path
) -> None:
    dub, store, _ = artefacts
    said = store.read(dub.spoken.said, Transcript)
    text = " ".join(segment.text for segment in said.segments)
    assert said.language == "pt"
    heard_back = heard_in(dubbed.files[0], "pt", folder)
    assert cer(text, heard_back) < 0.35, (text, heard_back)


def test_the_output_is_as_long_as_the_source(
    artefacts: tuple[Dub, Store, Plain], dubbed: job.Outcome
) -> None:
    dub, store, _ = artefacts
    source = store.read(dub.spoken.source, VideoInfo)
    result = probe(dubbed.files[0])
    assert abs(result.duration - source.duration) <= 1 / source.fps
    assert (result.frames, result.size, result.fps) == (source.frames, source.size, source.fps)


def test_sound_and_picture_keep_together(
    artefacts: tuple[Dub, Store, Plain], dubbed: job.Outcome
) -> None:
    """The delivered sound, on the picture's clock, is the mix that was planned, within a frame."""
    dub, store, _ = artefacts
    import soundfile

    planned, rate = soundfile.read(store.path(dub.spoken.sound, "sound.wav"), dtype="float32")
    delivered = np.zeros(len(planned) + rate, np.float32)
    with av.open(str(dubbed.files[0])) as container:
        start = float(
            (container.streams.video[0].start_time or 0) * container.streams.video[0].time_base
        )
        for frame in container.decode(audio=0):
            at = round((frame.time - start) * rate)
            block = frame.to_ndarray().mean(0)
            lo, hi = max(at, 0), min(at + len(block), len(delivered))
            delivered[lo:hi] = block[lo - at : hi - at]
    spectrum = np.fft.rfft(planned.mean(1), 2 * len(delivered)).conj()
    correlation = np.fft.irfft(spectrum * np.fft.rfft(delivered, 2 * len(delivered)))
    lag = int(np.argmax(correlation))
    lag -= 2 * len(delivered) if lag > len(delivered) else 0
    info = store.read(dub.spoken.source, VideoInfo)
    assert abs(lag) / rate < 1 / info.fps


def test_only_spoken_frames_get_a_new_mouth_and_all_of_them_do(
    artefacts: tuple[Dub, Store, Plain],
) -> None:
    dub, store, _ = artefacts
    info = store.read(dub.spoken.source, VideoInfo)
    changed = {mouth.frame for mouth in store.read(dub.frames, Lips).mouths}
    tracked = {i for track in store.read(dub.faces, FaceTracks).tracks for i in track.frames}
    spoken = set()
    for placement in store.read(dub.spoken.speech, SpeechTrack).placements:
        first, last = (
            round(t * float(info.fps)) for t in (placement.span.start, placement.span.end)
        )
        spoken |= set(range(first - FRAME_MARGIN, last + FRAME_MARGIN))
    assert changed <= spoken & tracked
    assert len(changed) > 0.5 * len(spoken & tracked)


def test_the_report_names_what_was_used(dubbed: job.Outcome) -> None:
    report = values.read(Report, dubbed.files[-1])
    assert report.target_language == "pt"
    assert {pick.split(":")[0] for pick in report.choices} == {
        "asr",
        "diarisation",
        "detection",
        "speech",
        "translation",
    }
    assert report.lips.weights
    assert "sha256" in report.lips.weights or len(report.lips.weights) > 8
    assert report.timing.clips and report.timing.dropped == 0
    sidecar = next(path for path in dubbed.files if path.name.endswith(".sources.json"))
    assert json.loads(sidecar.read_text(encoding="utf-8"))
