"""What is shown after the last frame: every picture is the source's own, the right one, in time."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import av
import numpy as np
import pytest
from clips import bars, number_of

from f2f import media
from f2f.media import continuation
from f2f.media.pictures import planes
from f2f.media.timeline import shown_frame
from f2f.types import Beyond

FRAMES = 40
TIMES = [Fraction(index, 25) for index in range(FRAMES)]
UNEVEN = [Fraction(index, 25) for index in range(60) if index % 3]
MODES = get_args(Beyond)


@pytest.fixture(autouse=True)
def short_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(continuation, "HELD_BYTES", 1)


def animated_gif(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("gif", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "rgb8"
        for number in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(bars(number), format="bgr24")
            container.mux(stream.encode(frame.reformat(format="rgb8")))
        container.mux(stream.encode())
    return path


@pytest.mark.parametrize("beyond", MODES)
@pytest.mark.parametrize(
    ("name", "codec", "times"),
    [
        ("a.mp4", "libx264", TIMES),
        ("uneven.mp4", "libx264", UNEVEN),
        ("a.ts", "libx264", TIMES),
        ("a.mkv", "libx264", UNEVEN),
        ("a.flv", "libx264", TIMES),
        ("a.gif", "gif", TIMES),
    ],
)
def test_every_picture_is_that_of_the_order(
    tmp_path: Path,
    clip: Callable[..., Path],
    beyond: Beyond,
    name: str,
    codec: str,
    times: list[Fraction],
) -> None:
    path = animated_gif(tmp_path / name) if codec == "gif" else clip(name, times, codec=codec)
    info = media.probe(path)
    forward = [list(map(np.copy, planes(one))) for one in media.pictures(path, info)]
    count = 3 * info.frames + 5
    seen = 0
    for index, picture in enumerate(media.continued(path, info, count=count, beyond=beyond)):
        wanted = forward[shown_frame(index, info.frames, beyond)]
        assert all(map(np.array_equal, planes(picture), wanted)), (index, name)
        seen += 1
    assert seen == count
    assert len(list(media.continued(path, info, count=7, beyond=beyond))) == 7


def test_the_orders() -> None:
    orders = {beyond: [shown_frame(index, 4, beyond) for index in range(12)] for beyond in MODES}
    assert orders == {
        "hold": [0, 1, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3],
        "bounce": [0, 1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1],
        "loop": [0, 1, 2, 3] * 3,
    }
    for beyond in MODES:
        assert {shown_frame(index, 1, beyond) for index in range(9)} == {0}


@pytest.mark.parametrize("count", [2, 3, 57])
def test_a_bounce_never_jumps(count: int) -> None:
    order = [shown_frame(index, count, "bounce") for index in range(5 * count)]
    assert {abs(after - before) for before, after in itertools.pairwise(order)} == {1}


def test_a_video_shown_backwards_is_never_held(
    clip: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many pictures as `HELD_BYTES` allows, however many there are and wherever its key
    pictures lie."""
    most = 12
    monkeypatch.setattr(continuation, "HELD_BYTES", most * 320 * 240 * 3 // 2)
    path = clip("long.mp4", [Fraction(index, 25) for index in range(250)])
    info = media.probe(path)
    asked = []

    def watched(*given: Any, **options: Any) -> Any:
        asked.append(options["count"])
        return media.pictures(*given, **options)

    monkeypatch.setattr(continuation, "pictures", watched)
    numbers = [
        number_of(image) for image in media.continued_frames(path, info, count=499, beyond="bounce")
    ]
    assert numbers == [*range(250), *range(248, -1, -1)]
    assert asked[0] == 250 and max(asked[1:]) == most


def test_closing_in_the_middle_closes_the_file(clip: Callable[..., Path]) -> None:
    path = clip("a.mp4", TIMES)
    source = media.continued(path, media.probe(path), count=200, beyond="bounce")
    for _ in range(60):
        next(source)
    source.close()
    if Path("/proc/self/fd").exists():
        links = [str(one.readlink()) for one in Path("/proc/self/fd").iterdir() if one.is_symlink()]
        assert str(path) not in links
