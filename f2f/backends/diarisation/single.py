"""Everything is said by one speaker: right for most lectures, and needs no weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from f2f.backends.diarisation.speakers import describe
from f2f.config import Config
from f2f.errors import ConfigError
from f2f.roles import BackendInfo, Closing, Samples
from f2f.types import Segment, Speaker

NAME = "S1"


class Single(Closing):
    """One label for all; see `f2f.roles.Diariser`."""

    info: ClassVar[BackendInfo] = BackendInfo(
        name="single",
        role="diarisation",
        licence="MIT",
        commercial=True,
        packages=("scipy", "numpy"),
        note="one speaker",
    )

    def __init__(self, config: Config) -> None:
        if (config.diarisation.speakers or 1) > 1:
            raise ConfigError(
                "diarisation.backend=single knows one speaker: take wespeaker for "
                f"{config.diarisation.speakers}"
            )

    @classmethod
    def missing(cls, config: Config) -> str | None:
        """None: nothing is needed."""
        return None

    @classmethod
    def identity(cls, config: Config) -> str:
        """Nothing but its name: there are no weights."""
        return cls.info.name

    def diarise(
        self, audio: Samples, segments: Sequence[Segment]
    ) -> tuple[tuple[Segment, ...], tuple[Speaker, ...]]:
        """The segments, all of speaker "S1", with the pitch of the whole."""
        labelled = tuple(replace(segment, speaker=NAME) for segment in segments)
        return labelled, describe(audio, labelled)
