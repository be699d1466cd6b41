"""What an exported checkpoint says of itself."""

from __future__ import annotations

from lipsync.checkpoint import Info
from training.settings import Settings


def describe(settings: Settings, steps: int, *, mel_offset: int = 0) -> Info:
    """The metadata of weights that `settings` made."""
    return Info(
        training_data=settings.data.name,
        licence=settings.data.licence,
        config_digest=settings.digest(),
        mel_offset=mel_offset,
        steps=steps,
    )
