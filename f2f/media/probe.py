"""What a source is: size, rate, length, colours, sound; every fact measured, not believed.

Containers misstate rates and lengths, so all packets are read once (not decoded) for their times.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from av.container import InputContainer

from f2f.errors import InputError
from f2f.media import orientation, sizes
from f2f.media.audible import audible
from f2f.media.decoding import readable
from f2f.media.frames import main_picture, stored
from f2f.media.opening import PICTURE_FORMATS, opened
from f2f.media.orientation import Orientation
from f2f.media.pictures import BT709, LIMITED_RANGE, UNSPECIFIED
from f2f.media.sound import main_sound, sound_tracks
from f2f.media.timeline import STILL_RATE, constant_rate, frame_count, frames_until, time_of
from f2f.store.digests import digest_file
from f2f.types import VideoInfo

log = logging.getLogger(__name__)

STILL_SIDE = 1920
"""Long side in pixels to which pictures are reduced: they have no video size of their own."""
LONGEST_SECONDS = 6 * 3600
LOOSE_END = Fraction(1, 20)
"""Seconds of sound that may be heard before or after the picture and be cut; for more than that
the first or last frame is held."""
DYING_AWAY = Fraction(1)
"""Seconds of silence around what is heard there for which it is held as well."""


NO_PICTURE = (0, 0)
"""Size of a file that has only sound."""
Extent = tuple[Fraction, Fraction]
"""Start and end, in seconds on the source's clock."""


def probe(path: Path, *, track: str | None = None) -> VideoInfo:
    """Everything that later stages need to know about a video or picture.

    Args:
        path: the file.
        track: which of several sounds; see `main_sound`.

    Raises:
        InputError: the file cannot be used; one sentence says why.
    """
    with opened(path) as container:
        video = main_picture(container)
        audio = main_sound(container, track)
        sounds = sound_tracks(container)
        times, last_duration, heard = _scan(container, video, audio)
        average = [rate for rate in (video.average_rate, video.guessed_rate) if rate]
        picture = container.format.name in PICTURE_FORMATS
        still = picture or len(times) == 1
        stated = video.codec_context.width, video.codec_context.height
    if not times:
        raise InputError(f"{path.name} holds no picture data (it is damaged or cut off)")
    limit = sizes.LARGEST_PICTURE if still else sizes.LARGEST_VIDEO
    if all(stated):
        sizes.refuse_large(path.name, *stated, limit)
    with opened(path) as container, contextlib.closing(stored(container, limit)) as frames:
        first = next(frames, None)
        if first is None:
            raise sizes.undecodable(path.name)
        sizes.refuse_large(path.name, first[1].width, first[1].height, limit)
        still = still or next(frames, None) is None
        upright = orientation.of_picture(path) if picture else orientation.of_frame(first[1])
        facts = _facts(container, first[1], upright, still=still)
        sizes.refuse_small(path.name, *facts["size"])
        if first[1].interlaced_frame:
            log.warning("%s is interlaced; the result is progressive (deinterlaced)", path.name)
    if still:
        rate, varies, start = STILL_RATE, False, times[0]
        length = heard[1] - heard[0] if heard else 1 / rate
    else:
        rate, varies = constant_rate(times, average)
        shown = times[0], times[-1] + (last_duration or 1 / rate)
        start, end = _extent(shown, heard, lambda: audible(path, track))
        length = end - start
    held = not still and end > shown[1]
    count = (frames_until if held else frame_count)(bounded(path, length), rate)
    return VideoInfo(
        path=path.name,
        digest=digest_file(path),
        fps=rate,
        frames=count,
        duration=time_of(count, rate),
        variable_rate=varies,
        has_audio=heard is not None,
        sound_tracks=sounds,
        still=still,
        start=start if not still or not heard else heard[0],
        **facts,
    )


def probe_sound(path: Path, *, track: str | None = None) -> VideoInfo:
    """The same of the sound of a file alone, which is counted in frames of `STILL_RATE`.

    Raises:
        InputError: the file has no sound that can be used.
    """
    with opened(path) as container:
        audio = main_sound(container, track)
        if audio is None:
            raise InputError(f"{path.name} has neither picture nor sound in it")
        _, _, heard = _scan(container, None, audio)
        sounds = sound_tracks(container)
    if heard is None:
        raise InputError(f"{path.name} holds no sound data (it is damaged or cut off)")
    start = max(heard[0], min(heard[1], Fraction(0)))  # before 0 the decoder is warming up
    count = max(1, frames_until(bounded(path, heard[1] - start), STILL_RATE))
    return VideoInfo(
        path=path.name,
        digest=digest_file(path),
        fps=STILL_RATE,
        size=NO_PICTURE,
        frames=count,
        duration=time_of(count, STILL_RATE),
        rotation=0,
        variable_rate=False,
        has_audio=True,
        still=False,
        pixel_format="",
        start=start,
        sound_tracks=sounds,
    )


def bounded(path: Path, length: Fraction) -> Fraction:
    """A length in seconds, if it is one that is handled.

    Raises:
        InputError: it is longer than `LONGEST_SECONDS`.
    """
    if length > LONGEST_SECONDS:
        raise InputError(f"{path.name} is longer than {LONGEST_SECONDS // 3600} hours; split it")
    return length


def _scan(
    container: InputContainer, video: Any, audio: Any
) -> tuple[list[Fraction], Fraction, Extent | None]:
    """Times of the frames, ascending; seconds of the last one; start and end of the sound."""
    shown: list[tuple[int, int]] = []
    first: Fraction | None = None
    last = Fraction(0)
    for packet in readable(container, *(one for one in (video, audio) if one is not None)):
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is None or packet.is_discard:
            continue
        if packet.stream is video:
            shown.append((stamp, packet.duration or 0))
        else:
            time = stamp * packet.time_base
            first = time if first is None else min(first, time)
            last = max(last, time + (packet.duration or 0) * packet.time_base)
    shown.sort()
    base = video.time_base if video is not None else Fraction(0)
    times = [Fraction(stamp) * base for stamp in dict.fromkeys(stamp for stamp, _ in shown)]
    return (
        times,
        shown[-1][1] * base if shown else Fraction(0),
        None if first is None or last <= first else (first, last),
    )


def _extent(shown: Extent, sound: Extent | None, listen: Callable[[], Extent | None]) -> Extent:
    """Start and end of the output on the source's clock: of the picture and all that is heard."""
    start, end = shown
    if sound is None:
        return shown
    first = max(sound[0], min(start, Fraction(0)))  # before 0 the decoder is warming up
    if first >= start - LOOSE_END and sound[1] <= end + LOOSE_END:
        return shown
    heard = listen()
    if heard is None:
        return shown
    if max(first, heard[0]) < start - LOOSE_END:
        start = max(first, heard[0] - DYING_AWAY)
    if heard[1] > end + LOOSE_END:
        end = min(max(sound[1], heard[1]), heard[1] + DYING_AWAY)
    return min(start, shown[0]), end


def _facts(
    container: InputContainer, first: Any, upright: Orientation, *, still: bool
) -> dict[str, Any]:
    """Size, orientation and colours of the first decoded frame."""
    turned = upright.rotation in (90, 270)
    width, height = (first.height, first.width) if turned else (first.width, first.height)
    whole = width, height
    if still and max(width, height) > STILL_SIDE:
        scale = STILL_SIDE / max(width, height)
        width, height = round(width * scale), round(height * scale)
    aspect = main_picture(container).sample_aspect_ratio or Fraction(1)
    plain = first.format.is_rgb or first.format.has_palette or len(first.format.components) == 1
    full = first.format.name.startswith("yuvj")
    return {
        "size": (width & ~1, height & ~1),
        "original_size": whole if max(whole) > max(width, height) else None,
        "rotation": upright.rotation,
        "mirrored": upright.mirrored,
        "pixel_format": first.format.name,
        "sample_aspect": 1 / aspect if turned else aspect,
        "color_primaries": BT709 if plain else _stated(first.color_primaries),
        "color_transfer": BT709 if plain else _stated(first.color_trc),
        "color_space": BT709 if plain else _stated(first.colorspace),
        "color_range": LIMITED_RANGE if plain else 2 if full else first.color_range or None,
    }


def _stated(code: int) -> int | None:
    return None if code in (0, UNSPECIFIED) else int(code)
