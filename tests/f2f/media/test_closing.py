"""Whatever is opened is closed again when the next step fails, also while the error is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile

from f2f import media
from f2f.config import Delivery
from f2f.media import encode, frames, opening, probe

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")

TIMES = [Fraction(index, 25) for index in range(20)]
Failing = Callable[[Path, pytest.MonkeyPatch], object]


def no_stream(clip: Path, patch: pytest.MonkeyPatch) -> object:
    info = media.probe(clip)
    patch.setitem(encode.CODECS, "h264", "libnothing")
    return media.Encoder(clip.with_name("out.mp4"), info, Delivery())


def no_such_size(clip: Path, _: pytest.MonkeyPatch) -> None:
    info = replace(media.probe(clip), size=(-2, -2))
    with media.Encoder(clip.with_name("out.mp4"), info, Delivery()) as encoder:
        encoder.write(av.VideoFrame(320, 240, "yuv420p"))


def no_pixel_format(clip: Path, _: pytest.MonkeyPatch) -> object:
    info = replace(media.probe(clip), pixel_format="nothing")
    return media.Encoder(clip.with_name("out.mp4"), info, Delivery())


def second_sound_has_no_folder(clip: Path, _: pytest.MonkeyPatch) -> None:
    good, bad = clip.with_name("a.wav"), clip.parent / "nowhere" / "b.wav"
    media.extract_sound(clip, (good, 16_000, 1), (bad, 48_000, 2))


def no_container(clip: Path, _: pytest.MonkeyPatch) -> None:
    text = clip.with_name("text.mp4")
    text.write_text("this is no video")
    media.probe(text)


def no_picture(clip: Path, _: pytest.MonkeyPatch) -> None:
    sound = clip.with_name("sound.wav")
    soundfile.write(sound, np.zeros(1000), 16_000)
    media.probe(sound)


def no_facts(clip: Path, patch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no facts")

    patch.setattr(probe, "_facts", fail)
    media.probe(clip)


def no_conversion(clip: Path, patch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no conversion")

    patch.setattr(frames, "to_bgr", fail)
    next(media.frames(clip, media.probe(clip)))


def playlist(clip: Path, _: pytest.MonkeyPatch) -> None:
    text = clip.with_name("list.mp4")
    text.write_text("#EXTM3U\nhttp://example.invalid/a.ts\n")
    with opening.opened(text):
        pass


class Watched:
    """A container that remembers whether it was closed: a writer's file is opened only later."""

    def __init__(self, container: Any) -> None:
        self._container, self.closed = container, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._container, name)

    def __enter__(self) -> Watched:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True
        self._container.close()


@pytest.fixture
def containers(monkeypatch: pytest.MonkeyPatch) -> list[Watched]:
    """Every container that libav opens."""
    watched: list[Watched] = []
    real = av.open

    def watching(*arguments: Any, **options: Any) -> Watched:
        watched.append(Watched(real(*arguments, **options)))
        return watched[-1]

    monkeypatch.setattr(av, "open", watching)
    return watched


@pytest.mark.parametrize(
    "step",
    [
        no_stream,
        no_such_size,
        no_pixel_format,
        second_sound_has_no_folder,
        no_container,
        no_picture,
        no_facts,
        no_conversion,
        playlist,
    ],
)
def test_what_was_opened_is_closed_when_the_next_step_fails(
    clip: Callable[..., Path],
    containers: list[Watched],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: Failing,
) -> None:
    path = clip("a.mp4", TIMES, sound=np.sin, seconds=0.8)
    with pytest.raises(Exception) as error:
        step(path, monkeypatch)
    assert opened(tmp_path) == []
    assert all(container.closed for container in containers)
    assert error.value is not None  # kept alive, and its frames with it


def test_frames_that_nobody_wants_any_more_close_their_file(
    clip: Callable[..., Path], tmp_path: Path
) -> None:
    path = clip("a.mp4", TIMES)
    info = media.probe(path)
    shown = media.frames(path, info)
    next(shown)
    assert opened(tmp_path) == [path.name]
    shown.close()
    assert opened(tmp_path) == []


def opened(folder: Path) -> list[str]:
    """Names of the files in the folder that this process has open."""
    links = list(Path("/proc/self/fd").iterdir())
    targets = [link.readlink() for link in links if link.is_symlink()]
    return [target.name for target in targets if target.is_relative_to(folder)]
