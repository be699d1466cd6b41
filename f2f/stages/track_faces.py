"""Find every face of a video; the result serves every language it is dubbed into."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from f2f.backends import resolve
from f2f.config import Config
from f2f.faces.detection import find_tracks
from f2f.media import frames
from f2f.roles import Frame
from f2f.store.artefacts import Artefact
from f2f.store.stage import Work, stage
from f2f.types import FaceTracks, VideoInfo


def _settings(config: Config) -> Any:
    found_by = config.faces.model_dump(exclude={"doubtful"})
    return found_by, resolve("detection", config.faces.backend).identity(config)


def _packages(config: Config) -> Iterable[str]:
    found_by = resolve("detection", config.faces.backend).info.packages
    return ("av", "opencv-python-headless", "scenedetect-headless", "numpy", "scipy", *found_by)


@stage(version=3, settings=_settings, packages=_packages)
def track_faces(work: Work, source: Artefact) -> None:
    """source → FaceTracks."""
    info = work.read(source, VideoInfo)

    def watched() -> Iterator[Frame]:
        for number, frame in enumerate(frames(work.path(source, info.path), info)):
            yield frame
            work.advance(number + 1, info.frames)

    with resolve("detection", work.config.faces.backend)(work.config) as detector:
        found: FaceTracks = find_tracks(
            watched(), detector, fps=info.fps, options=work.config.faces
        )
    work.write(found)
