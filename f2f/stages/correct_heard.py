"""What was heard, as a person corrected it."""

from __future__ import annotations

from f2f.edits import lines, slices
from f2f.store.artefacts import Artefact
from f2f.store.stage import Work, stage
from f2f.types import Transcript


@stage(version=1, settings=slices.heard, packages=lambda config: ("pyyaml",))
def correct_heard(work: Work, heard: Artefact) -> None:
    """heard → Transcript.

    Raises:
        InputError: a change cannot be made, or was made on another hearing.
    """
    transcript, edits = work.read(heard, Transcript), slices.of(work.config)
    corrected = slices.applied(transcript, edits, slices.hearing(edits))
    work.write(lines.transcript(transcript, corrected))
