"""Where one shot ends and the next begins, on streamed frames.

PySceneDetect's adaptive detector judges a frame against its neighbours, so that a camera pan is
no cut; it therefore needs a few frames more before it can say so, and frames come out late.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from scenedetect import FrameTimecode
from scenedetect.detectors import AdaptiveDetector

from f2f.faces.reduction import reduce
from f2f.roles import Frame

SIDE = 256
"""Long side in pixels at which frames are compared."""
NEIGHBOURS = 2
"""Frames on either side that a frame's change is compared with."""
LEAST_CHANGE = 15.0
"""Mean change of hue, saturation and lightness (of 255) below which nothing is a cut."""
SHORTEST = 5
"""Frames; a cut sooner after another is taken for a flash."""


def mark_cuts(frames: Iterable[Frame]) -> Iterator[tuple[Frame, bool]]:
    """Each frame with True where a shot begins (so also for the first).

    Args:
        frames: pictures of one size, BGR; at most `NEIGHBOURS` + 1 are held.
    """
    detector = AdaptiveDetector(
        min_scene_len=SHORTEST, window_width=NEIGHBOURS, min_content_val=LEAST_CHANGE
    )
    waiting: deque[tuple[int, Frame]] = deque()
    cuts = {0}
    small: Frame | None = None
    number = -1

    def see(index: int, picture: Frame) -> None:
        found = detector.process_frame(FrameTimecode(index, fps=25.0), picture)
        cuts.update(cut.frame_num for cut in found)

    for number, frame in enumerate(frames):
        small, _ = reduce(frame, SIDE)
        see(number, small)
        waiting.append((number, frame))
        if len(waiting) > NEIGHBOURS:
            index, ready = waiting.popleft()
            yield ready, index in cuts
    for extra in range(1, NEIGHBOURS + 1):  # the end stands still, so that the last cut is seen
        if small is not None:
            see(number + extra, small)
    for index, ready in waiting:
        yield ready, index in cuts
