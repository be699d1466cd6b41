"""Which lines there are, when they are said and by whom, after a person's changes of just that."""

from __future__ import annotations

from dataclasses import replace

from f2f.edits import lines, slices
from f2f.store.artefacts import Artefact
from f2f.store.stage import Work, stage
from f2f.types import Transcript


@stage(version=1, settings=slices.shape, packages=lambda config: ("pyyaml",))
def place_lines(work: Work, heard: Artefact) -> None:
    """heard → Transcript without texts: whose face speaks does not hang on the wording.

    Raises:
        InputError: a change cannot be made, or was made on another hearing.
    """
    transcript, edits = work.read(heard, Transcript), slices.of(work.config)
    shaped = slices.applied(transcript, edits, slices.shaping(edits))
    placed = lines.transcript(transcript, shaped)
    work.write(replace(placed, segments=tuple(replace(one, text="") for one in placed.segments)))
