"""Find every face of a video; the result serves every language it is dubbed into."""

from __future__ import annotations

from collections.abc import Iterator

from f2f.backends import resolve
from f2f.faces.detection import find_tracks
from f2f.media import frames
from f2f.roles import Frame
from f2f.store.artefacts import Artefact
from f2f.store.stage import Work, stage
from f2f.types import FaceTracks, VideoInfo


@stage(version=1, settings=lambda config: config.faces)
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
