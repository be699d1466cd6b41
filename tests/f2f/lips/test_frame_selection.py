"""Which frames get a new mouth: the heard ones, faded, within tracks and cuts."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from f2f.faces.active_speaker import Scene
from f2f.faces.casting import cast
from f2f.lips.frame_selection import (
    FADE,
    LEAD,
    heard_frames,
    uttered_frames,
    wanted_mouths,
    with_chin,
)
from f2f.lips.mouths import Mouth
from f2f.media.timeline import time_of
from f2f.types import Cast, CastEntry, FaceTrack, FaceTracks, Placement, Segment, Span, Word

FPS = Fraction(25)
RATE = 16_000
BOX = (10.0, 10.0, 110.0, 110.0)
FADE_FRAMES, LEAD_FRAMES = round(FADE * FPS), round(LEAD * FPS)


class Tone:
    """A sound track that is loud in some spans and nearly silent elsewhere."""

    def __init__(self, *loud: tuple[float, float]) -> None:
        random = np.random.default_rng(0)
        self.sound = random.normal(0, 1e-5, 20 * RATE).astype(np.float32)
        for start, end in loud:
            self.sound[round(start * RATE) : round(end * RATE)] += 0.1

    def __call__(self, start: float, end: float) -> np.ndarray:
        return self.sound[round(start * RATE) : round(end * RATE)]


def placed(*spans: tuple[float, float]) -> tuple[Placement, ...]:
    return tuple(Placement(n, Span(*span), 1.0) for n, span in enumerate(spans))


def track(number: int, first: int, count: int, scores: list[float] | None = None) -> FaceTrack:
    return FaceTrack(number, first, (BOX,) * count, tuple(scores or [0.9] * count))


def mouths_of(
    placements: tuple[Placement, ...],
    pairs: list[tuple[int, int]],
    faces: FaceTracks,
    sound: Tone,
    frames: int = 500,
    uttered: dict[int, list[range]] | None = None,
) -> list[Mouth]:
    cast = Cast(tuple(CastEntry(segment, number, "") for segment, number in pairs))
    mouths = list(
        wanted_mouths(
            placements, cast, faces, listen=sound, fps=FPS, frames=frames, uttered=uttered or {}
        )
    )
    assert [mouth.frame for mouth in mouths] == sorted(mouth.frame for mouth in mouths)
    return mouths


def wanted(
    placements: tuple[Placement, ...],
    pairs: list[tuple[int, int]],
    faces: FaceTracks,
    sound: Tone,
    frames: int = 500,
) -> dict[int, float]:
    mouths = mouths_of(placements, pairs, faces, sound, frames)
    assert all(mouth.speaks for mouth in mouths)
    return {mouth.frame: mouth.blend for mouth in mouths}


def test_only_heard_frames_and_short_pauses() -> None:
    sound = Tone((1.0, 2.0), (2.4, 3.0), (5.0, 6.0))
    runs = heard_frames(placed((0.5, 8.0)), listen=sound, fps=FPS, frames=500)
    assert runs == {0: [range(25, 75), range(125, 150)]}


def test_silence_is_not_speech() -> None:
    runs = heard_frames(placed((0.5, 8.0)), listen=Tone(), fps=FPS, frames=500)
    assert runs == {0: []}
    assert heard_frames((), listen=Tone(), fps=FPS, frames=500) == {}


def test_the_new_mouth_fades_in_before_the_speech_and_out_after_it() -> None:
    faces = FaceTracks((track(0, 0, 500),), (0,))
    blend = wanted(placed((2.0, 4.0)), [(0, 0)], faces, Tone((2.0, 4.0)))
    margin = FADE_FRAMES + LEAD_FRAMES
    assert (min(blend), max(blend)) == (50 - margin, 99 + margin)
    assert all(blend[frame] == 1.0 for frame in range(50, 100))
    rising = [blend[frame] for frame in range(50 - margin, 50 - LEAD_FRAMES)]
    assert rising == sorted(rising) and 0 < rising[0] < rising[-1] < 1
    assert [blend[99 + margin - k] for k in range(FADE_FRAMES)] == rising


def test_a_cut_needs_no_fade_but_a_face_that_appears_does() -> None:
    faces = FaceTracks((track(0, 60, 20), track(1, 80, 100)), (0, 60))
    sound = Tone((1.0, 6.0))
    blend = wanted(placed((1.0, 6.0)), [(0, 0), (0, 1)], faces, sound)
    assert blend[60] == 1.0  # the cut
    assert blend[79] < 1.0 and blend[80] < 1.0  # the first face goes, the second appears


def test_a_hidden_face_keeps_its_own_mouth() -> None:
    scores = [0.9] * 50 + [0.0] * 10 + [0.9] * 40
    faces = FaceTracks((track(0, 0, 100, scores),), (0,))
    blend = wanted(placed((0.0, 4.0)), [(0, 0)], faces, Tone((0.0, 4.0)))
    assert blend.keys().isdisjoint(range(50, 60))
    assert blend[49] < 1.0 and blend[60] < 1.0


def test_who_is_not_in_the_picture_moves_no_lips() -> None:
    faces = FaceTracks((track(0, 0, 500),), (0,))
    assert wanted(placed((2.0, 4.0)), [], faces, Tone((2.0, 4.0))) == {}


def test_nothing_beyond_the_last_frame() -> None:
    faces = FaceTracks((track(0, 0, 100),), (0,))
    blend = wanted(placed((3.0, 5.0)), [(0, 0)], faces, Tone((3.0, 5.0)), frames=100)
    assert max(blend) == 99 and blend[99] == 1.0


def test_the_chin_is_within_the_box() -> None:
    assert with_chin(BOX) == pytest.approx((10.0, 10.0, 110.0, 117.0))


def test_lips_are_closed_where_the_source_speaks_on() -> None:
    faces = FaceTracks((track(0, 0, 500),), (0,))
    mouths = mouths_of(
        placed((2.0, 4.0)),
        [(0, 0)],
        faces,
        Tone((2.0, 4.0)),
        uttered={0: [range(50, 200)], 1: [range(300, 400)]},
    )
    margin = FADE_FRAMES + LEAD_FRAMES
    speaks = {mouth.frame for mouth in mouths if mouth.speaks}
    closed = {mouth.frame for mouth in mouths if not mouth.speaks}
    assert speaks == set(range(50 - margin, 100 + margin))
    assert closed == set(range(100 + margin, 200 + margin))  # segment 1 is nobody's here
    blend = {mouth.frame: mouth.blend for mouth in mouths}
    assert all(blend[frame] == 1.0 for frame in range(50, 200))
    assert blend[199 + margin] < blend[198 + margin] < 1.0


def test_a_segment_that_the_dub_leaves_out_closes_the_lips_too() -> None:
    faces = FaceTracks((track(0, 0, 500),), (0,))
    mouths = mouths_of((), [(3, 0)], faces, Tone(), uttered={3: [range(50, 100)]})
    assert {mouth.frame for mouth in mouths} >= set(range(50, 100))
    assert not any(mouth.speaks for mouth in mouths)


def test_the_source_speaks_where_its_words_are() -> None:
    words = tuple(Word("w", Span(*span)) for span in ((1.0, 1.5), (1.8, 2.0), (4.0, 4.99)))
    said = uttered_frames(
        [
            Segment(0, Span(0.5, 6.0), "A", "w w w", words),
            Segment(1, Span(-0.1, 0.4), "B", "no words with times"),
        ],
        fps=FPS,
    )
    assert said == {0: [range(25, 50), range(100, 125)], 1: [range(10)]}


@pytest.mark.parametrize("fps", [FPS, Fraction(30000, 1001)])
def test_speech_of_whole_frames_has_just_these(fps: Fraction) -> None:
    """Heard, uttered and cast alike, for every frame, however its time is rounded to a float."""
    for frame in range(30, 480):
        span = Span(time_of(frame, fps), time_of(frame + 2, fps))
        run = [range(frame, frame + 2)]
        segment = Segment(0, span, "A", "said")
        sound = Tone((span.start - 1, span.end + 1))
        placements = (Placement(0, span, 1.0),)
        assert uttered_frames([segment], fps=fps) == {0: run}
        assert heard_frames(placements, listen=sound, fps=fps, frames=500) == {0: run}
        tracks = FaceTracks((track(0, 0, frame), track(1, frame, 2), track(2, frame + 2, 9)), (0,))
        scene = Scene(tracks, (320, 240), fps, 500, motion={})
        assert [entry.track_id for entry in cast([segment], scene, reach=0.0).entries] == [1]


def test_a_profile_is_left_alone_and_a_tilted_head_is_made_upright() -> None:
    turns = (0.0,) * 40 + (1.0,) * 20 + (0.0,) * 40
    tilted = replace(track(0, 0, 100), rolls=(0.3,) * 100, turns=turns)
    faces = FaceTracks((tilted,), (0,))
    wanted = mouths_of(placed((0.0, 4.0)), [(0, 0)], faces, Tone((0.0, 4.0)), 100)
    frames = {mouth.frame for mouth in wanted}
    assert not frames & set(range(40, 60)) and {39, 60} <= frames
    assert {round(mouth.roll, 4) for mouth in wanted} == {round(0.3 - math.radians(6), 4)}
    near = {mouth.frame: mouth.blend for mouth in wanted}
    assert near[39] < near[36] == 1.0


def test_small_tilts_are_no_reason_to_resample() -> None:
    faces = FaceTracks((replace(track(0, 0, 50), rolls=(0.1,) * 50),), (0,))
    wanted = mouths_of(placed((0.0, 2.0)), [(0, 0)], faces, Tone((0.0, 2.0)), 50)
    assert {mouth.roll for mouth in wanted} == {0.0}
