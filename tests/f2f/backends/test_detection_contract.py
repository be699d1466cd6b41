"""What every face detector must do, on a real face."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from f2f import media, weights
from f2f.backends import BUILT_IN, resolve
from f2f.config import Config
from f2f.errors import MissingError
from f2f.faces.detection import find_tracks
from f2f.faces.tracks import shared
from f2f.roles import FaceDetector, Frame

BACKENDS = tuple(BUILT_IN["detection"])
MAN = (195.0, 70.0, 345.0, 285.0)
"""About where the face of the demo clip's first frame is."""


@pytest.fixture(params=BACKENDS)
def detector(request: pytest.FixtureRequest) -> Iterator[FaceDetector]:
    kind = resolve("detection", request.param)
    missing = kind.missing(Config())
    if missing is not None:
        pytest.skip(missing)
    with kind(Config()) as entered:
        yield entered


@pytest.fixture
def media_clips(media: Path) -> Path:
    """`media` by a name that the module `f2f.media` leaves free."""
    return media


@pytest.fixture(scope="module")
def frame() -> Frame:
    try:
        clip = weights.locate("demo-clip")
    except MissingError as error:
        pytest.skip(str(error))
    return next(iter(media.frames(clip, media.probe(clip))))


@pytest.mark.parametrize("name", BACKENDS)
def test_says_who_it_is(name: str) -> None:
    info = resolve("detection", name).info
    assert (info.name, info.role) == (name, "detection")
    assert info.licence and all(entry in weights.catalogue().entries for entry in info.weights)


@pytest.mark.assets
class TestOnARealFace:
    """Everything that needs weights."""

    def test_keeps_the_protocol(self, detector: FaceDetector) -> None:
        assert isinstance(detector, FaceDetector)

    def test_finds_the_face_with_its_landmarks(self, detector: FaceDetector, frame: Frame) -> None:
        face, *others = detector.detect(frame)
        assert shared(face.box, MAN) > 0.5
        assert 0.8 < face.score <= 1.0 and others == []
        right_eye, left_eye, nose, right_mouth, left_mouth = face.landmarks
        assert right_eye[0] < nose[0] < left_eye[0] and right_mouth[0] < left_mouth[0]
        assert right_eye[1] < nose[1] < right_mouth[1] < face.box[3]

    @pytest.mark.parametrize("scale", [0.5, 2.0, 3.0])
    def test_boxes_are_in_the_pixels_of_the_frame(
        self, detector: FaceDetector, frame: Frame, scale: float
    ) -> None:
        (face, *_) = detector.detect(frame)
        (other, *_) = detector.detect(cv2.resize(frame, None, fx=scale, fy=scale))
        back = tuple(value / scale for value in other.box)
        assert shared(face.box, back) > 0.85  # type: ignore[arg-type]

    def test_several_faces_come_best_first(self, detector: FaceDetector, frame: Frame) -> None:
        faces = detector.detect(np.hstack((frame, frame[:, ::-1], frame)))
        assert len(faces) == 3
        assert [face.score for face in faces] == sorted((f.score for f in faces), reverse=True)

    def test_a_face_that_is_cut_off_may_stick_out(
        self, detector: FaceDetector, frame: Frame
    ) -> None:
        (face, *_) = detector.detect(frame)
        middle = round(0.5 * (face.box[0] + face.box[2]))
        for cut in detector.detect(np.ascontiguousarray(frame[:, middle - 40 :])):
            assert cut.box[0] < cut.box[2] and cut.box[1] < cut.box[3]

    @pytest.mark.parametrize("shape", [(1, 1), (3, 500), (720, 20), (480, 640)])
    def test_no_face_is_an_empty_list(self, detector: FaceDetector, shape: tuple[int, int]) -> None:
        noise = np.random.default_rng(0).integers(0, 255, (*shape, 3), np.uint8)
        assert detector.detect(noise) == []

    def test_the_frame_is_left_alone_and_the_answer_is_the_same(
        self, detector: FaceDetector, frame: Frame
    ) -> None:
        before = frame.copy()
        first = detector.detect(frame)
        detector.detect(frame[:100, :100])
        assert detector.detect(frame) == first
        assert np.array_equal(frame, before)


@pytest.mark.assets
@pytest.mark.slow
@pytest.mark.parametrize(
    ("clip", "faces", "cuts"),
    [
        ("turning_720p_30fps.mp4", 1, 1),
        ("painting_720p_2997.mp4", 1, 1),
        ("odd_rate_700x700.mp4", 1, 1),
        ("talk_with_overlays_640x360.mp4", 4, 4),
    ],
)
def test_real_clips_have_a_face_in_every_frame(
    media_clips: Path, detector: FaceDetector, clip: str, faces: int, cuts: int
) -> None:
    path = media_clips / clip
    info = media.probe(path)
    found = find_tracks(media.frames(path, info), detector, fps=info.fps, options=Config().faces)
    assert (len(found.tracks), len(found.cuts)) == (faces, cuts)
    assert sum(len(track.boxes) for track in found.tracks) == info.frames
    for track in found.tracks:
        boxes = np.array(track.boxes)
        size = np.median(boxes[:, 3] - boxes[:, 1])
        steps = np.abs(np.diff(0.5 * (boxes[:, :2] + boxes[:, 2:]), n=2, axis=0))
        assert np.percentile(steps, 95) < 0.01 * size  # pixels a frame a frame: no jitter
        assert track.first_frame in found.cuts
