"""What an exported checkpoint says of itself."""

from __future__ import annotations

from lipsync.checkpoint import Info
from training.settings import Settings


def describe(settings: Settings, steps: int) -> Info:
    """The metadata of weights that `settings` made."""
    offset = settings.wav2lip.mel_offset if settings.model == "wav2lip" else 0
    return Info(
        training_data=settings.data.name,
        licence=settings.data.licence,
        config_digest=settings.digest(),
        mel_offset=offset,
        steps=steps,
    )
