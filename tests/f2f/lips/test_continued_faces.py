"""The faces of a picture that is shown backwards, anew, or held."""

from __future__ import annotations

from f2f.lips.continuation import Continuation
from f2f.media.timeline import shown_frame
from f2f.types import Beyond, FaceTrack, FaceTracks

FRAMES = 10


def track(number: int, first: int, count: int) -> FaceTrack:
    """Its boxes and scores tell the frame of the source."""
    frames = range(first, first + count)
    return FaceTrack(
        number,
        first,
        tuple((frame, 0.0, frame + 1.0, 1.0) for frame in map(float, frames)),
        tuple(frame / 100 for frame in frames),
    )


def shown(faces: FaceTracks, count: int, beyond: Beyond) -> FaceTracks:
    found = Continuation(FRAMES, count, beyond).tracks(faces)
    for one in found.tracks:
        for frame, box, score in zip(one.frames, one.boxes, one.scores, strict=True):
            source = shown_frame(frame, FRAMES, beyond)
            assert (box[0], score) == (source, source / 100)
    return found


def pieces(faces: FaceTracks) -> list[tuple[int, int, int]]:
    return [(one.id, one.frames.start, one.frames.stop) for one in faces.tracks]


WHOLE = FaceTracks((track(0, 0, FRAMES),), (0,))
TWO_SHOTS = FaceTracks((track(0, 0, 6), track(1, 6, 3)), (0, 6))


def test_a_face_goes_on_where_the_picture_turns_round() -> None:
    found = shown(WHOLE, 30, "bounce")
    assert pieces(found) == [(0, 0, 30)]
    assert found.cuts == (0,)


def test_a_new_start_is_a_cut() -> None:
    found = shown(WHOLE, 25, "loop")
    assert pieces(found) == [(0, 0, 10), (0, 10, 20), (0, 20, 25)]
    assert found.cuts == (0, 10, 20)


def test_a_held_frame_holds_its_face() -> None:
    found = shown(WHOLE, 25, "hold")
    assert pieces(found) == [(0, 0, 25)]
    assert found.cuts == (0,)


def test_cuts_and_tracks_are_mirrored() -> None:
    """Frames 6, 7, 8, then 9 without a face, then 8, 7, 6 and the first shot from behind."""
    found = shown(TWO_SHOTS, 25, "bounce")
    assert pieces(found) == [(0, 0, 6), (1, 6, 9), (1, 10, 13), (0, 13, 24), (1, 24, 25)]
    assert found.cuts == (0, 6, 13, 24)


def test_what_is_no_longer_than_the_source_stays_as_it_is() -> None:
    assert Continuation(FRAMES, FRAMES, "bounce").tracks(TWO_SHOTS) is TWO_SHOTS


def test_a_still_face_lasts_as_long_as_the_speech() -> None:
    found = Continuation(1, 40, "bounce").tracks(FaceTracks((track(0, 0, 1),), (0,)))
    (one,) = found.tracks
    assert (len(one.boxes), len(one.scores), one.frames) == (40, 40, range(40))
    assert found.cuts == (0,)


def test_frames_with_a_hand_before_the_mouth_are_known_again() -> None:
    turned = Continuation(FRAMES, 3 * FRAMES, "bounce")
    runs = turned.runs({7: (range(2, 4),)})[7]
    inside = {frame for run in runs for frame in run}
    assert inside == {k for k in range(3 * FRAMES) if 2 <= turned.source_frame(k) < 4}
    assert len(runs) == 3
    assert Continuation(FRAMES, FRAMES, "hold").runs({7: (range(2, 4),)}) == {7: (range(2, 4),)}
