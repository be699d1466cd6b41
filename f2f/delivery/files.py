"""The finished files: video with sound and subtitle tracks, subtitle files, a list of sources."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import soundfile

from f2f import media, subtitles
from f2f.config import Delivery
from f2f.delivery import provenance
from f2f.lips.mouths import Patcher
from f2f.media import tone_mapping
from f2f.media.burning import RIGHT_TO_LEFT
from f2f.media.carried.cargo import Cargo
from f2f.media.pictures import TEN_BIT, repaint, to_bgr
from f2f.media.timeline import exact_time, frame_count
from f2f.text import language_codes
from f2f.types import Beyond, Placement, Transcript, VideoInfo

log = logging.getLogger(__name__)

VIDEO, SIDECAR = "dub.mp4", "dub.sources.json"
_PICTURE, _BURNT, _SOUND, _ORIGINAL = "picture.mp4", "burnt.mp4", "dub.wav", "original.wav"
_LINES = "burnt.srt"
_NEAR_LOSSLESS = {"crf": 8, "preset": "ultrafast"}
"""Of the picture in between where subtitles are burnt in, which encodes it twice."""


@dataclass(frozen=True, slots=True)
class Result:
    """Names of the delivered files in the artefact, and what the video is."""

    video: str
    subtitles: tuple[str, ...]
    sidecar: str
    frames: int
    fps: Fraction
    codec: str
    mark: str
    changed_frames: int
    """Frames whose lips were changed."""


def frames_to_deliver(info: VideoInfo, sound: Path) -> int:
    """As many as the sound lasts, which is made for the source's own number, or for more."""
    length = soundfile.info(sound)
    return frame_count(Fraction(length.frames, length.samplerate), info.fps)


def encode(
    source: Path,
    info: VideoInfo,
    patcher: Patcher,
    options: Delivery,
    folder: Path,
    *,
    count: int,
    burn: str | None,
    font: media.Font | None,
    beyond: Beyond,
    advance: Callable[[float, float], None],
) -> None:
    """Decode once, paste the new mouths, mark and encode `count` frames; pictures only.

    Args:
        source: the file that `info` describes.
        info: of the source.
        patcher: the new mouths.
        options: codec, mark.
        folder: where to write, and where `burn` lies, which is used up.
        count: frames to write.
        burn: subtitle file to draw into the picture, or None.
        font: what to draw it with; None leaves the choice to the system.
        beyond: what is shown after the source's last frame.
        advance: told how many frames of `count` are done.
    """
    first = options
    if burn:
        deep = media.pixel_format(info, options.codec) == TEN_BIT
        between = {"codec": "h265" if deep else "h264", **_NEAR_LOSSLESS}
        first = options.model_copy(update=between)
    shown = _shown(info, first)
    with media.Encoder(folder / _PICTURE, shown, first) as encoder:
        pictures = _finished(source, (info, shown), patcher, first, count, beyond)
        for index, picture in enumerate(pictures):
            encoder.write(picture)
            advance(index, count)
    if burn:
        media.burn(folder, _PICTURE, burn, _BURNT, shown, options, frames=count, font=font)
        (folder / _BURNT).replace(folder / _PICTURE)
        (folder / burn).unlink()


def keep_original(source: Path, info: VideoInfo, folder: Path, *, track: str | None) -> None:
    """Put the source's sound, with its own channels, where `join` finds it.

    Args:
        source: the file that `info` describes.
        info: of the source.
        folder: where `encode` wrote.
        track: which sound of several.
    """
    target = (folder / _ORIGINAL, media.SOUND_RATE, media.own_channels(source, track))
    length = exact_time(info.frames, info.fps)
    media.extract_sound(source, target, start=info.start, duration=length, track=track)


def join(
    folder: Path,
    sound: Path,
    tracks: Sequence[media.Track],
    languages: tuple[str | None, str | None],
    options: Delivery,
    *,
    lips: bool,
    cargo: Cargo,
) -> None:
    """The encoded picture with its sound and subtitle tracks and metadata, as dub.mp4; what
    `keep_original` wrote is a second sound.

    Args:
        folder: where `encode` wrote.
        sound: the dub.
        tracks: subtitles.
        languages: heard and said; None where unknown.
        options: bit rate, mark.
        lips: True if any lips were changed.
        cargo: what the source carries beside picture and sound.
    """
    heard, said = languages
    sounds = [media.Track(_SOUND, said, "Dubbed sound")]
    shutil.copyfile(sound, folder / _SOUND)
    if (folder / _ORIGINAL).exists():
        sounds.append(media.Track(_ORIGINAL, heard, "Original sound"))
    media.mux(
        folder,
        _PICTURE,
        sounds,
        tracks,
        VIDEO,
        seconds=soundfile.info(sound).duration,
        codec=options.codec,
        audio_bitrate=options.audio_bitrate,
        tags={**cargo.tags, **provenance.tags(languages, options, lips=lips)},
        chapters=cargo.chapters,
        covers=cargo.covers,
        timecode=cargo.timecode,
    )
    for name in (_PICTURE, _SOUND, _ORIGINAL):
        (folder / name).unlink(missing_ok=True)


def placed(said: Transcript, placements: Sequence[Placement]) -> Transcript:
    """The translation at the times at which it is spoken; unspoken segments are left out."""
    spans = {placement.segment_id: placement.span for placement in placements}
    segments = [
        replace(segment, span=spans[segment.id], words=())
        for segment in said.segments
        if segment.id in spans
    ]
    return replace(said, segments=tuple(sorted(segments, key=lambda one: one.span.start)))


def write_subtitles(texts: Sequence[Transcript], folder: Path) -> tuple[media.Track, ...]:
    """dub.<language>.srt and .vtt of each text that has any; the .srt files as tracks.

    Of texts in one language the first is written.
    """
    tracks: dict[str, media.Track] = {}
    for text in texts:
        if text.segments and text.language not in tracks:
            name = f"dub.{text.language}"
            subtitles.write_srt(text, folder / f"{name}.srt", display=True)
            subtitles.write_vtt(text, folder / f"{name}.vtt", display=True)
            title = f"Subtitles {text.language}"
            tracks[text.language] = media.Track(f"{name}.srt", text.language, title)
    return tuple(tracks.values())


def write_lines_to_burn(text: Transcript, folder: Path) -> str:
    """The name of a file with the text as it is drawn into the picture."""
    mark = RIGHT_TO_LEFT if language_codes.right_to_left(text.language) else ""
    subtitles.write_srt(text, folder / _LINES, display=True, mark=mark)
    return _LINES


def _shown(info: VideoInfo, options: Delivery) -> VideoInfo:
    """The form in which the source is delivered: high dynamic range needs more than 8 bits."""
    if not tone_mapping.is_hdr(info) or media.pixel_format(info, options.codec) == TEN_BIT:
        return info
    log.warning(
        "the source is HDR (%s) and is written with 8 bits: it is tone-mapped to BT.709 "
        "(delivery.codec=h265 or av1 keeps 10 bits)",
        tone_mapping.NAMES[info.color_transfer or 0],
    )
    return tone_mapping.standard_form(info)


def _finished(
    source: Path,
    forms: tuple[VideoInfo, VideoInfo],
    patcher: Patcher,
    options: Delivery,
    count: int,
    beyond: Beyond,
) -> Iterator[Any]:
    """Working pictures with new mouths and the mark; all else exactly as it was decoded.

    Args:
        source: the file.
        forms: of the source and of what is delivered, which is tone-mapped if it differs.
        patcher: the new mouths.
        options: codec, mark.
        count: pictures.
        beyond: what is shown after the source's last one.
    """
    info, shown = forms
    mark = provenance.Mark(shown, options)
    tone_map = tone_mapping.ToneMap(info) if tone_mapping.is_hdr(info) else None
    convert = tone_map if shown != info else None
    pixel_format = media.pixel_format(info, "h265" if convert else options.codec)
    pictures = media.continued(source, info, count=count, beyond=beyond, pixel_format=pixel_format)
    for index, picture in enumerate(pictures):
        ready = convert(picture) if convert else picture
        if patcher.changes(index):
            kept = tone_map if convert is None else None  # whose codes the mouths are not made in
            before = kept.image(ready) if kept else to_bgr(ready, shown)
            after = patcher.patch(index, before)
            ready = (tone_mapping.repaint if kept else repaint)(ready, before, after, shown)
        yield mark.draw(ready)
