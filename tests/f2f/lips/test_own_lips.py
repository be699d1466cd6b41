"""References, smoothing in time and the choice of pictures, on drawn faces."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from f2f.errors import StageError
from f2f.lips.mouth_bank import Covered, MouthBank, OwnPictures, PersonMouths
from f2f.lips.own_lips import GIVES_WAY, MadeMouth, OwnLips, steadied
from lipsync.own_mouth.descriptors import MOUTH_NUMBERS, describe, resized
from tests.lipsync.own_mouth.faces import face

OPENINGS = np.linspace(0, 1, 40)


def person(folder: Path, pictures: list[np.ndarray], sharpness: float = 100.0) -> PersonMouths:
    (folder / "pictures").write_bytes(b"".join(one.tobytes() for one in pictures))
    mouths, poses = describe([resized(one, 96) for one in pictures])
    (folder / "looks").write_bytes(np.hstack((mouths, poses)).astype(np.float32).tobytes())
    height, width = pictures[0].shape[:2]
    count = len(pictures)
    box = (0.0, 0.0, float(width), float(height))
    return PersonMouths(
        (0, 3),
        "pictures",
        "looks",
        height,
        width,
        tuple(range(count)),
        (box,) * count,
        (sharpness,) * count,
    )


@pytest.fixture
def pictures(tmp_path: Path) -> OwnPictures:
    shown = [face(opening, side=120, seed=n) for n, opening in enumerate(OPENINGS)]
    return OwnPictures(person(tmp_path, shown), lambda name: tmp_path / name)


def lips(pictures: OwnPictures) -> OwnLips:
    return OwnLips(pictures, pictures.looks(mouth=MOUTH_NUMBERS), int)


def test_pictures_come_back_as_they_were_stored(pictures: OwnPictures) -> None:
    assert np.array_equal(pictures.picture(7), face(OPENINGS[7], side=120, seed=7))
    assert pictures.face(7, 96).shape == (96, 96, 3)


def test_a_file_of_another_length_is_refused(tmp_path: Path) -> None:
    facts = person(tmp_path, [face(side=120)])
    (tmp_path / "pictures").write_bytes(b"short")
    with pytest.raises(StageError, match="does not hold 1 mouths"):
        OwnPictures(facts, lambda name: tmp_path / name)


def test_soft_pictures_cost_more(tmp_path: Path) -> None:
    facts = person(tmp_path, [face(0.1 * n, side=96) for n in range(4)])
    facts = PersonMouths(
        **{
            **{name: getattr(facts, name) for name in facts.__slots__},
            "sharpness": (100.0, 100.0, 100.0, 10.0),
        }
    )
    penalty = OwnPictures(facts, lambda name: tmp_path / name).looks(mouth=MOUTH_NUMBERS).penalty
    assert not penalty[:3].any() and penalty[3] > 0.5


def test_the_reference_is_the_mean_mouth_and_not_of_this_moment(pictures: OwnPictures) -> None:
    found = lips(pictures).reference(face(1.0), 500)
    assert found is not None
    (chosen,), _ = describe([found])
    mouths = pictures.looks(mouth=MOUTH_NUMBERS).mouths
    number = int(np.linalg.norm(mouths - chosen, axis=1).argmin())
    assert 8 < number < 32  # neither shut nor wide open
    near = lips(pictures).reference(face(0.5), number)
    assert near is not None
    (other,), _ = describe([near])
    assert abs(int(np.linalg.norm(mouths - other, axis=1).argmin()) - number) > 8


def test_without_another_moment_there_is_no_reference(tmp_path: Path) -> None:
    pictures = OwnPictures(person(tmp_path, [face(side=96)]), lambda name: tmp_path / name)
    assert lips(pictures).reference(face(), 0) is None
    alone = lips(pictures)
    assert list(alone.made(0, 0, face(), face(0.3))) == []
    assert list(alone.finish()) == []


def test_each_mouth_gets_the_picture_that_is_like_it(pictures: OwnPictures) -> None:
    chooser = lips(pictures)
    wanted = [0.2, 0.22, 0.25, 0.8, 0.82, 0.85]
    for number, opening in enumerate(wanted):
        assert list(chooser.made(number, 1000 + number, face(0.0), face(opening))) == []
    choices = list(chooser.finish())
    assert [choice.number for choice in choices] == list(range(6))
    for choice, opening in zip(choices, wanted, strict=True):
        most = max(choice.pictures, key=lambda one: one[1])[0]
        assert abs(OPENINGS[most] - opening) < 0.15
        assert choice.misfit < 0.4 and choice.strange < 0.2
        assert abs(sum(share for _, share in choice.pictures) - 1) < 1e-3
    # The jump from 0.25 to 0.8 is bridged: each side shows a third of the other.
    assert [len(choice.pictures) for choice in choices[2:4]] == [2, 2]
    assert choices[2].pictures[0][1] == pytest.approx(GIVES_WAY, abs=1e-3)


def test_a_new_run_gives_out_the_one_before(pictures: OwnPictures) -> None:
    chooser = lips(pictures)
    assert list(chooser.made(0, 1000, face(), face(0.5))) == []
    before = list(chooser.made(1, 1010, face(), face(0.5)))
    assert [choice.number for choice in before] == [0]


def flat(value: int) -> np.ndarray:
    return np.full((8, 8, 3), value, np.uint8)


def test_changes_are_smoothed_within_a_run_and_the_head_is_not() -> None:
    faces = [50, 60, 70, 80, 30]
    changes = [0, 80, 0, 0, 40]
    frames = [10, 11, 12, 13, 20]
    made = [
        MadeMouth(n, 0, frames[n], flat(faces[n]), flat(faces[n] + changes[n])) for n in range(5)
    ]
    result = {
        one.number: int(one.mouth[0, 0, 0]) - faces[one.number] for one in steadied(iter(made))
    }
    assert result == {0: 8, 1: 64, 2: 8, 3: 0, 4: 40}


def test_tracks_are_smoothed_apart() -> None:
    made = [MadeMouth(n, n % 2, 10 + n // 2, flat(50), flat(50 if n % 2 else 90)) for n in range(8)]
    result = list(steadied(iter(made)))
    assert sorted(one.number for one in result) == list(range(8))
    assert {int(one.mouth[0, 0, 0]) for one in result if one.track == 1} == {50}
    assert {int(one.mouth[0, 0, 0]) for one in result if one.track == 0} == {90}


def test_whose_track_it_is_and_what_is_hidden() -> None:
    people = tuple(PersonMouths(tracks, "p", "l", 1, 1, (), (), ()) for tracks in ((0, 3), (1,)))
    bank = MouthBank(people, (Covered(3, 10, 14), Covered(3, 20, 20), Covered(1, 5, 6)))
    assert [bank.person_of(track) for track in (0, 1, 2, 3)] == [0, 1, None, 0]
    assert bank.hidden() == {3: (range(10, 15), range(20, 21)), 1: (range(5, 7),)}
