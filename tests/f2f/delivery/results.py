"""A result of a dub, its video and subtitles not there."""

from __future__ import annotations

from fractions import Fraction

from f2f.delivery.files import Result


def a_result(*subtitles: str) -> Result:
    """One frame, nothing marked, no mouth moved."""
    return Result(
        video="dub.mp4",
        subtitles=subtitles,
        sidecar="dub.sources.json",
        frames=1,
        fps=Fraction(25),
        codec="h264",
        mark="off",
        changed_frames=0,
    )
