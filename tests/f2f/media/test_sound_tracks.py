"""One of several sounds, by its number, its language, or what the file calls the default."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from f2f import media
from f2f.config import from_tree
from f2f.errors import ConfigError, InputError
from f2f.stages.ingest import SPEECH, ingest
from f2f.store.artefacts import Store
from f2f.store.stage import Plain
from f2f.types import VideoInfo

TIMES = [Fraction(index, 25) for index in range(50)]
RATE = 48_000
PITCHES = {"eng": 400, "hin": 700, None: 1000}
DEFAULT = "hin"


@pytest.fixture
def several(clip: Callable[..., Path]) -> Path:
    """A film with three sounds, each a tone of its own; the second is the default."""
    picture = clip("picture.mp4", TIMES)
    folder = picture.parent
    tracks = []
    for language, pitch in PITCHES.items():
        name = f"{pitch}.wav"
        tone = 0.3 * np.sin(2 * np.pi * pitch * np.arange(2 * RATE) / RATE)
        soundfile.write(folder / name, tone, RATE)
        tracks.append(media.Track(name, language, str(pitch)))
    order = [tracks[1], tracks[0], tracks[2]]  # the muxer marks the first as default
    media.mux(
        *(folder, "picture.mp4", order, [], "film.mp4"),
        seconds=2.0,
        codec="h264",
        audio_bitrate=128_000,
        tags={},
    )
    return folder / "film.mp4"


def pitch(path: Path) -> float:
    sound, rate = soundfile.read(path)
    return float(np.argmax(np.abs(np.fft.rfft(sound))) * rate / len(sound))


@pytest.mark.parametrize(
    ("track", "expected"),
    [(None, 700), (1, 700), ("2", 400), ("3", 1000), ("en", 400), ("Hindi", 700), ("eng", 400)],
)
def test_the_sound_that_is_asked_for_is_taken(
    several: Path, tmp_path: Path, track: str | int | None, expected: float
) -> None:
    store = Store(tmp_path / "store")
    run = Plain(from_tree({"recognition": {"audio_track": track}}), store)
    made = run(ingest, several)
    assert pitch(store.path(made, SPEECH)) == pytest.approx(expected, abs=2)
    assert store.read(made, VideoInfo).sound_tracks == ("1 (hi)", "2 (en)", "3")


@pytest.mark.parametrize("track", ["4", "0", "fr"])
def test_what_is_not_there_is_refused_with_what_there_is(several: Path, track: str) -> None:
    with pytest.raises(InputError, match=rf"no sound track '{track}'.*1 \(hi\), 2 \(en\), 3$"):
        media.probe(several, track=track)


@pytest.mark.parametrize("track", [True, 1.5, "second"])
def test_what_is_neither_number_nor_language_is_refused(track: object) -> None:
    with pytest.raises(ConfigError):
        from_tree({"recognition": {"audio_track": track}})
