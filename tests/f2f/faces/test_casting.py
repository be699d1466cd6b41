"""Who speaks, from made-up motion with known truth."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from f2f.faces.active_speaker import Scene
from f2f.faces.casting import cast, cast_most_prominent, needs_motion, with_unheard
from f2f.faces.mouth_motion import Motion
from f2f.faces.synchrony import SHIFTS, Synchrony
from f2f.types import Box, Cast, CastEntry, FaceTrack, FaceTracks, Segment, Span

FPS = Fraction(25)
SIZE = (640, 360)
LEFT: Box = (100.0, 100.0, 200.0, 220.0)
RIGHT: Box = (420.0, 100.0, 520.0, 220.0)
RED, BLUE = np.eye(4)[0], np.eye(4)[1]
RANDOM = np.random.default_rng(0)


def track(number: int, first: int, count: int, box: Box = LEFT) -> FaceTrack:
    return FaceTrack(number, first, (box,) * count, (0.9,) * count)


def segment(number: int, start: float, end: float, speaker: str = "A") -> Segment:
    return Segment(number, Span(start, end), speaker, "text")


def motion(one: FaceTrack, *talks: tuple[float, float], looks: np.ndarray = RED) -> Motion:
    """Noise of 0.3; 3 while it talks."""
    mouth = np.abs(RANDOM.normal(0, 0.3, len(one.boxes)))
    for start, end in talks:
        frames = np.arange(one.frames.start, one.frames.stop)
        mouth += (
            3
            * ((frames >= start * 25) & (frames < end * 25))
            * RANDOM.uniform(0.3, 1.0, len(mouth))
        )
    return Motion(mouth, looks)


def scene(
    tracks: list[FaceTrack], moves: list[Motion] | None = None, cuts: tuple[int, ...] = (0,)
) -> Scene:
    last = max(one.frames.stop for one in tracks)
    numbers = [one.id for one in tracks]
    return Scene(
        FaceTracks(tuple(tracks), cuts),
        SIZE,
        FPS,
        last,
        dict(zip(numbers, moves, strict=True)) if moves else {},
    )


def pairs(found: Cast) -> set[tuple[int, int]]:
    return {(entry.segment_id, entry.track_id) for entry in found.entries}


def synchrony(one: FaceTrack, agreement: float) -> Synchrony:
    """Sound and mouth alike by `agreement` at no shift, and by chance at all others."""
    starts = np.arange(one.frames.start, one.frames.stop - 4)
    likeness = RANDOM.normal(0.3, 0.1, (len(starts), 2 * SHIFTS + 1))
    likeness[:, SHIFTS] += agreement
    return Synchrony(starts, likeness)


def test_one_face_of_one_shot_needs_no_look_at_its_motion() -> None:
    assert not needs_motion([segment(0, 0, 2)], FaceTracks((track(0, 0, 100),), (0,)))
    two = FaceTracks((track(0, 0, 100), track(1, 100, 100)), (0, 100))
    assert needs_motion([segment(0, 0, 2)], two)
    one = FaceTracks((track(0, 0, 100),), (0,))
    assert needs_motion([segment(0, 0, 2), segment(1, 2, 3, "B")], one)


@pytest.mark.parametrize(("agreement", "moved"), [(0.2, True), (0.0, False)])
def test_one_voice_and_one_face_are_a_pair_only_if_they_fit(
    agreement: float, moved: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """A person who speaks; a narrator's voice over pictures of somebody."""
    segments, one = [segment(0, 0, 4), segment(1, 4, 8)], track(0, 0, 250)
    seen = replace(scene([one]), synchrony={0: synchrony(one, agreement)})
    assert pairs(cast(segments, seen, reach=0.0)) == ({(0, 0), (1, 0)} if moved else set())
    assert ("does not seem to speak" in caplog.text) is not moved


def test_a_cut_away_to_a_listener_who_moves_stays_as_it_is() -> None:
    segments = [segment(0, 0, 4), segment(1, 4, 8), segment(2, 8, 12)]
    tracks = [track(0, 0, 100), track(1, 100, 100), track(2, 200, 100)]
    moves = [motion(one, (0, 12), looks=RED if one.id != 1 else BLUE) for one in tracks]
    fits = {one.id: synchrony(one, 0.0 if one.id == 1 else 0.2) for one in tracks}
    seen = replace(scene(tracks, moves, cuts=(0, 100, 200)), synchrony=fits)
    assert pairs(cast(segments, seen, reach=0.0)) == {(0, 0), (2, 2)}


def test_a_look_too_short_to_tell_follows_the_person() -> None:
    """Half a second of the speaker, and half a second of somebody else."""
    segments = [segment(0, 0, 4), segment(1, 4, 4.5), segment(2, 4.5, 5)]
    tracks = [track(0, 0, 100), track(1, 100, 12), track(2, 112, 13)]
    moves = [
        motion(tracks[0], (0, 5), looks=RED),
        motion(tracks[1], (0, 5), looks=RED),
        motion(tracks[2], (0, 5), looks=BLUE),
    ]
    fits = {one.id: synchrony(one, 0.2) for one in tracks}
    seen = replace(scene(tracks, moves, cuts=(0, 100, 112)), synchrony=fits)
    assert pairs(cast(segments, seen, reach=0.0)) == {(0, 0), (1, 1)}
    alone = replace(scene(tracks[1:2], moves[1:2]), synchrony={1: synchrony(tracks[1], 0.2)})
    assert pairs(cast(segments[1:2], alone, reach=0.0)) == {(1, 1)}


def test_of_two_mouths_that_move_the_one_in_sync_speaks(caplog: pytest.LogCaptureFixture) -> None:
    """The other moves even more."""
    segments = [segment(0, 0, 8)]
    one, two = track(0, 0, 250, LEFT), track(1, 0, 250, RIGHT)
    still = motion(two, (0, 8))
    moves = [Motion(0.9 * still.mouth, RED), Motion(still.mouth, BLUE)]
    fits = {0: synchrony(one, 0.2), 1: synchrony(two, 0.0)}
    seen = replace(scene([one, two], moves), synchrony=fits)
    assert pairs(cast(segments, seen, reach=0.0)) == {(0, 0)}
    assert "two mouths" not in caplog.text
    cast(segments, scene([one, two], moves), reach=0.0)
    assert "two mouths move alike from 0.0 s to 10.0 s" in caplog.text


def test_two_faces_take_turns() -> None:
    segments = [segment(0, 0, 4, "A"), segment(1, 4, 8, "B"), segment(2, 8, 10, "A")]
    one, two = track(0, 0, 250, LEFT), track(1, 0, 250, RIGHT)
    moves = [motion(one, (4, 8)), motion(two, (0, 4), (8, 10))]
    found = cast(segments, scene([one, two], moves), reach=0.0)
    assert pairs(found) == {(0, 1), (1, 0), (2, 1)}
    assert all("mouth" in entry.reason for entry in found.entries)


def test_a_voice_from_off_has_no_face() -> None:
    segments = [segment(0, 0, 4, "A"), segment(1, 4, 8, "Narrator"), segment(2, 8, 10, "A")]
    one = track(0, 0, 250)
    found = cast(segments, scene([one], [motion(one, (0, 4), (8, 10))]), reach=0.0)
    assert pairs(found) == {(0, 0), (2, 0)}


def test_who_listens_in_his_own_shot_does_not_speak() -> None:
    """A speaks in both shots; the second shows B, who listens, and speaks in the third."""
    segments = [segment(0, 0, 4, "A"), segment(1, 4, 8, "A"), segment(2, 8, 12, "B")]
    tracks = [track(0, 0, 100), track(1, 100, 100), track(2, 200, 100)]
    moves = [
        motion(tracks[0], (0, 4), looks=RED),
        motion(tracks[1], looks=BLUE),
        motion(tracks[2], (8, 12), looks=BLUE),
    ]
    found = cast(segments, scene(tracks, moves, cuts=(0, 100, 200)), reach=0.0)
    assert pairs(found) == {(0, 0), (2, 2)}


def test_clothes_carry_the_speaker_through_a_cut() -> None:
    """In the second shot both mouths move alike (laughter); the first shot told who is who."""
    segments = [
        segment(0, 0, 4, "A"),
        segment(1, 4, 8, "B"),
        segment(2, 8, 10, "A"),
        segment(3, 10, 12, "B"),
    ]
    tracks = [
        track(0, 0, 200, LEFT),
        track(1, 0, 200, RIGHT),
        track(2, 200, 100, RIGHT),
        track(3, 200, 100, LEFT),
    ]
    moves = [
        motion(tracks[0], (0, 4), looks=RED),
        motion(tracks[1], (4, 8), looks=BLUE),
        motion(tracks[2], (8, 12), looks=RED),
        motion(tracks[3], (8, 12), looks=BLUE),
    ]
    found = cast(segments, scene(tracks, moves, cuts=(0, 200)), reach=0.0)
    assert pairs(found) == {(0, 0), (1, 1), (2, 2), (3, 3)}


def test_a_mumbler_beside_a_lively_listener() -> None:
    """A hardly opens his mouth, B laughs all the time; a shot of A alone told who A is."""
    segments = [segment(0, 0, 4, "A"), segment(1, 4, 8, "B"), segment(2, 8, 12, "A")]
    tracks = [
        track(0, 0, 100, LEFT),
        track(1, 100, 100, RIGHT),
        track(2, 200, 100, LEFT),
        track(3, 200, 100, RIGHT),
    ]
    quiet = motion(tracks[2], (8, 12), looks=RED).mouth * 0.3
    moves = [
        Motion(motion(tracks[0], (0, 4)).mouth * 0.3, RED),
        motion(tracks[1], (4, 8), looks=BLUE),
        Motion(quiet, RED),
        Motion(quiet * 1.1, BLUE),
    ]
    found = cast(segments, scene(tracks, moves, cuts=(0, 100, 200)), reach=0.0)
    assert pairs(found) == {(0, 0), (1, 1), (2, 2)}


def test_who_was_seen_to_speak_is_known_in_a_shot_where_he_mumbles_after_applause() -> None:
    """In the second shot A claps before he speaks: more motion without speech than with it."""
    segments = [segment(0, 0, 3, "A"), segment(1, 4, 8, "B"), segment(2, 10, 12, "A")]
    tracks = [
        track(0, 0, 100, LEFT),
        track(1, 100, 100, RIGHT),
        track(2, 200, 100, LEFT),
        track(3, 200, 100, RIGHT),
    ]
    clapping = np.where(np.arange(100) < 50, 4.0, 0.3)
    moves = [
        Motion(motion(tracks[0], (0, 3)).mouth * 0.4, RED),
        motion(tracks[1], (4, 8), looks=BLUE),
        Motion(clapping, RED),
        motion(tracks[3], looks=BLUE),
    ]
    found = cast(segments, scene(tracks, moves, cuts=(0, 100, 200)), reach=0.0)
    assert pairs(found) == {(0, 0), (1, 1), (2, 2)}
    still = [*moves[:2], Motion(np.where(clapping > 1, clapping, 0.0), RED), moves[3]]
    found = cast(segments, scene(tracks, still, cuts=(0, 100, 200)), reach=0.0)
    assert pairs(found) == {(0, 0), (1, 1)}, "a mouth that does not move at all does not speak"


def test_who_speaks_after_the_cut_does_not_take_the_face_before_it() -> None:
    """B's clip may reach back into the shot of A, who bows as B begins in the next one."""
    segments = [segment(0, 0, 3, "A"), segment(1, 5, 8, "B")]
    tracks = [track(0, 0, 100), track(1, 100, 40, LEFT), track(2, 100, 150, RIGHT)]
    bowing = np.where(np.arange(40) >= 25, 3.0, 0.2)
    moves = [
        Motion(motion(tracks[0], (0, 3)).mouth * 0.4, RED),
        Motion(bowing, RED),
        motion(tracks[2], (5, 8), looks=BLUE),
    ]
    found = cast(segments, scene(tracks, moves, cuts=(0, 100)), reach=2.0)
    assert pairs(found) == {(0, 0), (1, 2)}


def test_one_speaker_among_two_faces() -> None:
    segments = [segment(0, 0, 8)]
    one, two = track(0, 0, 250, LEFT), track(1, 0, 250, RIGHT)
    found = cast(segments, scene([one, two], [motion(one), motion(two, (0, 8))]), reach=0.0)
    assert pairs(found) == {(0, 1)}


def test_a_clip_may_reach_into_the_next_shot() -> None:
    segments = [segment(0, 1, 3.9)]
    tracks = [track(0, 0, 100), track(1, 100, 100)]
    assert pairs(cast(segments, scene(tracks), reach=0.0)) == {(0, 0)}
    assert pairs(cast(segments, scene(tracks), reach=1.0)) == {(0, 0), (0, 1)}


def test_no_face_no_entry_and_no_segments_none_either() -> None:
    empty = Scene(FaceTracks((), (0,)), SIZE, FPS, 100, {})
    assert cast([segment(0, 0, 2)], empty, reach=0.0) == Cast(())
    assert cast([], scene([track(0, 0, 50)]), reach=0.0) == Cast(())


def test_a_recording_goes_to_the_most_prominent_face_of_each_shot() -> None:
    small, large = (300.0, 10.0, 340.0, 60.0), (250.0, 60.0, 400.0, 250.0)
    tracks = [track(0, 0, 100, small), track(1, 0, 100, large), track(2, 100, 50, small)]
    assert pairs(cast_most_prominent(7, scene(tracks, cuts=(0, 100)))) == {(7, 1), (7, 2)}


def test_a_translators_line_where_nothing_was_heard_is_spoken_by_the_same_face() -> None:
    one, other = track(0, 0, 100), track(1, 0, 100, RIGHT)
    heard = [segment(0, 0, 1, "A"), segment(1, 1, 2, "B")]
    known = Cast((CastEntry(0, 0, "test"), CastEntry(1, 1, "test")))
    said = [*heard, segment(2, 3, 4, "B")]
    assert pairs(with_unheard(known, said, heard, scene([one, other]))) == {(0, 0), (1, 1), (2, 1)}


def test_faces_follow_the_names_that_a_translator_gives() -> None:
    one, other = track(0, 0, 100), track(1, 0, 100, RIGHT)
    known = Cast((CastEntry(0, 0, ""), CastEntry(1, 1, "")))
    heard = [segment(0, 0, 1, "S1"), segment(1, 1, 2, "S2")]
    said = [segment(0, 0, 0.5, "Anna"), segment(1, 1, 2, "Bruno")]
    again, within = segment(2, 2, 3, "Bruno"), segment(3, 0.5, 1, "Carla")
    found = with_unheard(known, [*said, again, within], heard, scene([one, other]))
    assert pairs(found) == {(0, 0), (1, 1), (2, 1), (3, 0)}


def test_where_nobody_is_heard_the_most_prominent_face_speaks() -> None:
    tracks = [track(0, 0, 100, (10.0, 10.0, 40.0, 40.0)), track(1, 0, 100)]
    found = with_unheard(Cast(()), [segment(0, 0, 1), segment(1, 2, 3)], [], scene(tracks))
    assert pairs(found) == {(0, 1), (1, 1)}


def test_faces_that_are_exactly_still_do_not_stop_the_casting() -> None:
    tracks = [track(number, 0, 100, LEFT if number else RIGHT) for number in range(5)]
    moves = [motion(tracks[0], (0, 4)), *(Motion(np.zeros(100), BLUE) for _ in tracks[1:])]
    found = cast([segment(0, 0, 3)], scene(tracks, moves), reach=0.0)
    assert pairs(found) == {(0, 0)}
