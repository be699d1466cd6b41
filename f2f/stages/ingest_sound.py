"""Ingest of a file that is only heard: `f2f dub` and `f2f transcribe` of an .mp3, .wav, .m4a, …"""

from __future__ import annotations

from pathlib import Path

from f2f import media
from f2f.stages.ingest import take
from f2f.store.stage import Work, stage


@stage(
    version=1,
    settings=lambda config: config.recognition.audio_track,
    packages=lambda config: ("av", "numpy", "soundfile"),
)
def ingest_sound(work: Work, recording: Path) -> None:
    """As `ingest`; the size of the picture is (0, 0).

    Raises:
        InputError: the file cannot be used, and why.
    """
    take(work, recording, media.probe_sound)
