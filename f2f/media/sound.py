"""Sound of a source as WAV files whose length is exact to the sample.

Samples are placed by their timestamps: what a container leaves out becomes silence, what it gives
twice is cut, so that sound and picture stay together to the end of a long file.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import av
import numpy as np
import soundfile

from f2f.errors import ConfigError, InputError
from f2f.media.decoding import decode
from f2f.media.downmix import Block, Downmix, kept_channels
from f2f.media.opening import opened
from f2f.media.timeline import samples_of
from f2f.text import language_codes

SOUND_RATE = 48_000
"""Hz of everything that is heard in the result."""
TOLERANCE = 0.02
"""Seconds by which timestamps may wander before sound is cut or silence put in."""
LONGEST_GAP = 3600
"""Seconds of silence that are put in where timestamps jump; more is damage."""
_SILENCE_BLOCK = 1 << 16


class ExactWriter:
    """A WAV file (16-bit, RF64 when it gets large) that ends up with exactly `samples` samples.

    Args:
        path: the file to write.
        rate: Hz.
        channels: how many.
        samples: final length; what is written beyond it is cut; None keeps what is written.
    """

    def __init__(self, path: Path, rate: int, *, channels: int, samples: int | None) -> None:
        self.rate, self.channels, self.samples = rate, channels, samples
        self.written = 0
        self._file = soundfile.SoundFile(
            *(path, "w", rate, channels, "PCM_16"),
            format="RF64" if _large(samples, channels) else "WAV",
        )

    def __enter__(self) -> ExactWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None and self.samples is not None:
                self.silence(self.samples - self.written)
        finally:
            self._file.close()

    def write(self, block: Block) -> None:
        """Append (samples, channels) in -1..1."""
        if self.samples is not None:
            block = block[: self.samples - self.written]
        self._file.write(np.clip(block, -1.0, 1.0))
        self.written += len(block)

    def silence(self, samples: int) -> None:
        """Append silence."""
        while samples > 0:
            count = min(samples, _SILENCE_BLOCK)
            self.write(np.zeros((count, self.channels), np.float32))
            samples -= count


def extract(
    path: Path,
    *targets: tuple[Path, int, int],
    start: Fraction = Fraction(0),
    duration: Fraction | None = None,
    track: str | None = None,
) -> None:
    """Write the sound of `path` to WAV files, decoding it once.

    Args:
        path: any video or sound file.
        targets: (file, rate in Hz, channels) each; see `Downmix`.
        start: moment on the source's clock that becomes the first sample.
        duration: seconds of the result; None takes what there is, from the first sound on.
        track: which sound; see `main_sound`.

    Raises:
        InputError: the file has no sound, or none that can be decoded.
    """
    with contextlib.ExitStack() as stack:
        container = stack.enter_context(opened(path))
        stream = main_sound(container, track)
        if stream is None:
            raise InputError(f"{path.name} has no sound")
        writers = [
            stack.enter_context(
                ExactWriter(
                    file,
                    rate,
                    channels=channels,
                    samples=None if duration is None else samples_of(duration, rate),
                )
            )
            for file, rate, channels in targets
        ]
        placers = [_Placer(writer, start if duration is not None else None) for writer in writers]
        decoded = 0
        frames = stack.enter_context(contextlib.closing(decode(container, stream)))
        for time, frame in timed(frames, stream.time_base):
            decoded += 1
            for placer in placers:
                placer.put(time, frame)
            if duration is not None and time > start + duration:
                break
        for placer in placers:
            placer.end()
    if not decoded:
        raise InputError(f"{path.name}: its sound cannot be decoded")


def main_sound(container: Any, track: str | None = None) -> Any:
    """The sound stream to translate; None if there is none.

    Args:
        container: the opened file.
        track: its number among the sound tracks, from 1 on, or its language (ISO 639-1); None is
            the one marked as default, else the first.

    Raises:
        InputError: there are sound tracks, but not that one.
    """
    streams = _sounds(container)
    if not streams:
        return None
    if track is None:
        default = av.stream.Disposition.default
        return next((stream for stream in streams if stream.disposition & default), streams[0])
    for number, stream in enumerate(streams, start=1):
        if track in (str(number), language(stream)):
            return stream
    raise InputError(
        f"there is no sound track '{track}'; there are {', '.join(sound_tracks(container))}"
    )


def own_channels(path: Path, track: str | None = None) -> int:
    """Channels of a file's sound, where they are to be kept; see `downmix.kept_channels`."""
    with opened(path) as container:
        stream = main_sound(container, track)
        return 2 if stream is None else kept_channels(stream.codec_context.layout)


def sound_tracks(container: Any) -> tuple[str, ...]:
    """Number and, where it is known, language of each sound track."""
    codes = [language(stream) for stream in _sounds(container)]
    return tuple(
        f"{number} ({code})" if code else str(number) for number, code in enumerate(codes, start=1)
    )


def _sounds(container: Any) -> list[Any]:
    return [stream for stream in container.streams.audio if stream.codec_context is not None]


def language(stream: Any) -> str | None:
    """ISO 639-1 where there is such a code; None if the file does not say."""
    stated = stream.language
    if not stated or stated == "und":
        return None
    try:
        return language_codes.normalised(stated)
    except ConfigError:
        return None


class _Placer:
    """Resamples one stream into one writer, held to the timestamps."""

    def __init__(self, writer: ExactWriter, start: Fraction | None) -> None:
        self._writer = writer
        self._start = start
        self._kind: tuple[Any, ...] = ()
        self._resampler: Any = None
        self._mix: Any = None
        self._sent = 0.0
        """Where the next sample given to the resampler belongs, in seconds of the result."""
        self._skip = 0
        """Samples of the result still to be thrown away."""

    def put(self, time: Fraction, frame: Any) -> None:
        """Take the frame that belongs at `time` on the source's clock."""
        if self._start is None:
            self._start = time
        place = float(time - self._start)
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        if kind != self._kind or abs(place - self._sent) > TOLERANCE:
            self.end()
            self._kind, self._sent = kind, place
            self._resampler = av.AudioResampler("flt", frame.layout.name, self._writer.rate)
            self._mix = Downmix(frame.layout, self._writer.channels, self._writer.rate)
            self._move(samples_of(place, self._writer.rate) - self._writer.written)
        frame.pts = None
        self._append(self._resampler.resample(frame))
        self._sent += frame.samples / frame.sample_rate

    def end(self) -> None:
        """Write what the resampler and the mix still hold."""
        if self._resampler is not None:
            self._append(self._resampler.resample(None))
            self._write(self._mix.end())
            self._resampler = None

    def _move(self, samples: int) -> None:
        if self._writer.samples is None and samples > LONGEST_GAP * self._writer.rate:
            raise InputError("the times of the sound jump by hours; the file is damaged")
        self._writer.silence(samples)
        self._skip = max(0, -samples)

    def _append(self, blocks: list[Any]) -> None:
        for block in blocks:
            self._write(self._mix.put(block.to_ndarray()))

    def _write(self, samples: Block) -> None:
        self._writer.write(samples[self._skip :])
        self._skip = max(0, self._skip - len(samples))


def timed(frames: Iterable[Any], time_base: Fraction) -> Iterator[tuple[Fraction, Any]]:
    """Time on the source's clock and frame; one without a time follows the one before."""
    following = Fraction(0)
    for frame in frames:
        time = following if frame.pts is None else frame.pts * time_base
        following = time + Fraction(frame.samples, frame.sample_rate)
        yield time, frame


def _large(samples: int | None, channels: int) -> bool:
    return samples is not None and samples * channels > 1_000_000_000
