"""What is said, spoken: every line an artefact of its own, then all of them as clips."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from f2f.backends import resolve
from f2f.config import Config
from f2f.errors import InputError
from f2f.media.timeline import samples_of
from f2f.roles import CLONE, SPEECH_RATE, Sound, Synthesiser
from f2f.store import values
from f2f.store.artefacts import VALUE, Artefact
from f2f.store.digests import digest_json
from f2f.store.stage import Work, plain, stage
from f2f.store.versions import versions
from f2f.text import scripts
from f2f.types import Clip, Clips, Segment, Transcript
from f2f.voices import hearing_back, matching, spoken_line
from f2f.voices.spoken_line import AUDIO, Check, Line, SpokenLine

log = logging.getLogger(__name__)

SPOKEN_LINE = "spoken_line"
"""What a single line is called in the store; `gc` keeps the lines that kept clips are made of."""
_REFERENCE_SECONDS = 12.0
"""Length of a cloned speaker's recording."""


def _settings(config: Config) -> Any:
    """The voices that are kept in voices.yaml count by the plan's `cast`."""
    speech = config.speech.model_copy(update={"voices": None, "max_error_rate": None})
    identity = resolve("speech", speech.backend).identity(config)
    return config.languages.target, speech, identity, hearing_back.settings(config)


def _packages(config: Config) -> Iterable[str]:
    yield from ("numpy", "soundfile", *resolve("speech", config.speech.backend).info.packages)
    if config.speech.check:
        yield from ("scipy", *hearing_back.recogniser(config).info.packages)


@stage(version=3, settings=_settings, packages=_packages)
def synthesise(work: Work, said: Artefact, source: Artefact) -> None:
    """said, source → Clips, one WAV file a segment that has something to say."""
    transcript = work.read(said, Transcript)
    with _Studio(work, transcript, source) as studio:
        lines = [segment for segment in transcript.segments if spoken_line.speakable(segment.text)]
        clips = []
        for number, segment in enumerate(lines):
            clips.append(studio.clip(segment))
            work.advance(number + 1, len(lines))
    work.write(Clips(transcript.language, work.config.speech.backend, tuple(clips)))


def speak_line(
    work: Work,
    said: Artefact,
    source: Artefact,
    number: int,
    *,
    synthesiser: Synthesiser | None = None,
) -> tuple[Artefact, Clip]:
    """One line of a transcript, from the store or spoken now; nothing else is made.

    Args:
        work: its folder gets the clip's sound.
        said: Transcript.
        source: as for `synthesise`.
        number: the segment's id.
        synthesiser: one of the configured backend that is loaded already.

    Raises:
        InputError: the line is not there, or says nothing.
    """
    transcript = work.read(said, Transcript)
    chosen = [one for one in transcript.segments if one.id == number]
    if not chosen or not spoken_line.speakable(chosen[0].text):
        raise InputError(f"line {number} says nothing")
    with _Studio(work, transcript, source, synthesiser) as studio:
        return studio.spoken(chosen[0]), studio.clip(chosen[0])


class _Studio:
    """Voices are chosen at once; the backend is loaded when the first line must be spoken."""

    def __init__(
        self,
        work: Work,
        transcript: Transcript,
        source: Artefact,
        synthesiser: Synthesiser | None = None,
    ) -> None:
        self._work = work
        self._config = work.config
        self._transcript = transcript
        self._source = source
        self._backend = resolve("speech", self._config.speech.backend)
        self._cast = matching.cast(transcript, self._config)
        for note in sorted({voice.experimental for voice in self._cast.values()} - {""}):
            language = transcript.language
            log.warning("'%s' is spoken by a second-best voice: %s", language, note)
        _warn_of_unreadable(transcript)
        self._open = contextlib.ExitStack()
        self._synthesiser = synthesiser
        self._checker: Check | None = None
        self._references: dict[str, Sound] = {}

    def __enter__(self) -> _Studio:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def clip(self, segment: Segment) -> Clip:
        """The segment's line, from the store or spoken now, as a clip of this stage."""
        voice = self._cast[segment.speaker]
        made = self.spoken(segment)
        value = self._work.read(made, SpokenLine)
        name = f"{segment.id}.wav"
        _link(self._work.path(made, AUDIO), self._work.folder / name)
        return Clip(
            segment_id=segment.id,
            audio=name,
            sample_rate=value.sample_rate,
            duration=value.duration,
            text=segment.text,
            voice=voice.name,
            error_rate=value.error_rate,
            flags=value.flags,
        )

    def spoken(self, segment: Segment) -> Artefact:
        """The segment's line, from the store or spoken now."""
        voice = self._cast[segment.speaker]
        line = Line(segment.text, self._transcript.language, voice)
        return self._line(line, segment.speaker)

    def _line(self, line: Line, speaker: str) -> Artefact:
        reference = self._reference(speaker) if line.voice.name == CLONE else None
        speech = self._config.speech
        recipe = {
            "version": spoken_line.VERSION,
            "text": line.text,
            "language": line.language,
            "voice": line.voice.name,
            "backend": speech.backend,
            "identity": self._backend.identity(self._config),
            "check": plain(hearing_back.settings(self._config)),
            "reference": reference and hashlib.sha256(reference.samples.tobytes()).hexdigest(),
        }
        artefact = Artefact(SPOKEN_LINE, digest_json(recipe)[:32])

        def fill(folder: Path) -> None:
            value = spoken_line.make(
                line, self._loaded(), folder, reference=reference, check=self._check()
            )
            values.write(value, folder / VALUE)

        about = {
            "stage": SPOKEN_LINE,
            "version": spoken_line.VERSION,
            "packages": versions(_packages(self._config)),
            "settings": recipe,
            "inputs": [],
        }
        self._work.obtain(artefact, fill, about)
        return artefact

    def _loaded(self) -> Synthesiser:
        if self._synthesiser is None:
            self._synthesiser = self._open.enter_context(self._backend(self._config))
        return self._synthesiser

    def _check(self) -> Check | None:
        if self._config.speech.check and self._checker is None:
            recogniser = hearing_back.recogniser(self._config)(self._config)
            hear = hearing_back.hearing(self._open.enter_context(recogniser))
            self._checker = Check(hear, self._config.speech.max_error_rate)
        return self._checker

    def _reference(self, speaker: str) -> Sound:
        """The speaker's longest segments of the source, up to a dozen seconds."""
        if speaker not in self._references:
            spans = [one.span for one in self._transcript.segments if one.speaker == speaker]
            spans.sort(key=lambda span: -span.duration)
            path = self._work.path(self._source, "speech.wav")
            parts = list(_read(path, [(span.start, span.end) for span in spans]))
            self._references[speaker] = Sound(np.concatenate(parts), SPEECH_RATE)
        return self._references[speaker]


def _warn_of_unreadable(transcript: Transcript) -> None:
    texts = " ".join(segment.text for segment in transcript.segments)
    words = list(dict.fromkeys(scripts.unreadable(texts, transcript.language)))
    if words:
        spoken = ", ".join(
            f"{word} as {scripts.readable(word, transcript.language)}" for word in words
        )
        log.warning("letters that a '%s' voice cannot read: %s", transcript.language, spoken)


def _read(path: Path, spans: list[tuple[float, float]]) -> Iterator[Any]:
    left = _REFERENCE_SECONDS
    with soundfile.SoundFile(path) as file:
        for start, end in spans:
            if left <= 0:
                return
            file.seek(min(file.frames, samples_of(start, file.samplerate)))
            yield file.read(samples_of(min(left, end - start), file.samplerate), dtype="float32")
            left -= end - start


def _link(source: Path, target: Path) -> None:
    """A second name for the file, or a copy where the file system has none."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
