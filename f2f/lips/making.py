"""The making of all mouths of a video: what the engine is shown, and what becomes of its mouths."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import BinaryIO

from f2f.errors import StageError
from f2f.lips.mel_source import LipSound
from f2f.lips.mouth_bank import OwnPictures
from f2f.lips.mouths import Mouth
from f2f.lips.own_lips import Choice, MadeMouth, OwnLips, steadied
from f2f.roles import Frame
from lipsync.crops import crop
from lipsync.engine import FaceItem
from lipsync.level import level
from lipsync.own_mouth.descriptors import MOUTH_NUMBERS


class Making:
    """One pass over the frames; holds what a batch and a run of mouths need.

    Args:
        wanted: by frame.
        people: the bank's pictures, by person.
        sound: the dub.
        size: of the generator's faces.
        file: where the mouths go, in the order of `wanted`.
        source_frame: which frame of the source an output frame shows.
        own: False if the mouths are to be delivered just as the engine makes them.
    """

    def __init__(
        self,
        wanted: Sequence[Mouth],
        people: Sequence[OwnPictures],
        sound: LipSound,
        *,
        size: int,
        file: BinaryIO,
        source_frame: Callable[[int], int],
        own: bool,
    ) -> None:
        self.choices: dict[int, Choice] = {}
        self._wanted, self._people, self._sound = wanted, people, sound
        self._size, self._file, self._own = size, file, own
        looks = [one.looks(mouth=MOUTH_NUMBERS) if own and len(one) else None for one in people]
        self._lips: dict[int, OwnLips] = {}
        for mouth in wanted:
            if mouth.person is not None and mouth.track not in self._lips:
                theirs = looks[mouth.person]
                if theirs is not None:
                    self._lips[mouth.track] = OwnLips(people[mouth.person], theirs, source_frame)
        self._given: deque[Frame] = deque()

    def items(self, shown: Iterator[Frame]) -> Iterator[FaceItem]:
        """Faces with their sound, one a mouth, in the mouths' order; a closed mouth hears nothing.

        Args:
            shown: all frames of the video, from the first.

        Raises:
            StageError: the video is shorter than the mouths.
        """
        silence = self._sound.silence()
        pictures = enumerate(shown)
        for number, mouths in itertools.groupby(self._wanted, key=lambda mouth: mouth.frame):
            frame = next((picture for index, picture in pictures if index == number), None)
            if frame is None:
                raise StageError(f"lips: the video has no frame {number}")
            for mouth in mouths:
                upright = level(frame, mouth.box, mouth.roll)
                face = crop(upright.picture, upright.box, self._size)
                lips = self._lips.get(mouth.track)
                reference = None if lips is None else lips.reference(face, number)
                self._given.append(face)
                heard = self._sound.window(number) if mouth.speaks else silence
                yield FaceItem(face, heard, reference)

    def write(self, made: Iterable[Frame], *, advance: Callable[[float, float], None]) -> None:
        """Write the mouths and choose their pictures.

        Args:
            made: the engine's, in the order of `items`.
            advance: told how many of all are done.
        """
        if not self._own:
            for number, mouth in enumerate(made):
                self._given.popleft()
                self._file.write(mouth.tobytes())
                advance(number + 1, len(self._wanted))
            return
        for done, one in enumerate(steadied(self._with_faces(made))):
            self._file.seek(one.number * one.mouth.nbytes)
            self._file.write(one.mouth.tobytes())
            lips = self._lips.get(one.track)
            if lips is not None:
                self._keep(lips.made(one.number, one.frame, one.face, one.mouth))
            advance(done + 1, len(self._wanted))
        for lips in self._lips.values():
            self._keep(lips.finish())

    def _with_faces(self, made: Iterable[Frame]) -> Iterator[MadeMouth]:
        for number, mouth in enumerate(made):
            wanted = self._wanted[number]
            yield MadeMouth(number, wanted.track, wanted.frame, self._given.popleft(), mouth)

    def _keep(self, choices: Iterable[Choice]) -> None:
        self.choices.update({choice.number: choice for choice in choices})
