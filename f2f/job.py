"""One file, start to end: plan, run the stages, put the results where the user wants them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from f2f import pipeline, plan, subtitles
from f2f.config import Config
from f2f.delivery import destinations, handover, origins, report
from f2f.delivery.dub import Dub
from f2f.delivery.files import Result, placed
from f2f.delivery.origins import Origin
from f2f.errors import InputError, why
from f2f.media import has_picture, not_media
from f2f.plan import Plan
from f2f.stages.ingest import ingest
from f2f.stages.ingest_sound import ingest_sound
from f2f.stages.transcribe import transcribe as transcribe_stage
from f2f.stages.translate_text import translate_text
from f2f.store import remote, values
from f2f.store.artefacts import Store
from f2f.store.digests import digest_file
from f2f.store.stage import Plain, Progress, Runner, Stage, silent
from f2f.types import SpeechTrack, Transcript


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a person gets: the files, best first, and a few lines about them."""

    files: tuple[Path, ...]
    summary: str
    report: report.Report | None = None


def translate(
    video: Path, config: Config, *, output: Path | None = None, progress: Progress = silent
) -> Outcome:
    """A video in another language.

    Args:
        video: any file that holds a picture and, unless a transcript is given, speech.
        config: options; `languages.target` must be set.
        output: the result's path; default `<name>.<language>.mp4` in the current folder.
        progress: told how far each stage is.

    Raises:
        F2FError: one clear sentence (see `f2f.errors`).
    """
    check_file(video)
    target = output or default_output(video, config)
    destinations.check(target, sources=(video,), suffixes=destinations.VIDEO)
    store = open_store(config)
    run = Plain(config, store, progress)
    ready = prepare(video, config, run.with_config)
    made = pipeline.translate(video, run.with_config(ready.config))
    return finish(made, ready, store, target)


def prepare(
    video: Path, config: Config, runner: Callable[[Config], Runner], *, picture: bool = True
) -> Plan:
    """The plan of a dub; listens to the video first if what it says must be known to plan."""
    ready = replace(plan.prepare(config, picture=picture), given=config)
    chosen = any(choice.role == "translation" for choice in ready.choices)
    if chosen and config.speech.voices is None:
        return ready
    run = runner(ready.config)
    source = run(ingest if picture else listening_stage(video), video)
    heard = run(transcribe_stage, source)
    store = open_store(config)
    transcript = store.read(heard, Transcript)
    ready = plan.choose_translator(ready, transcript.language)
    if config.speech.voices is not None and config.translation.translation is not None:
        said = runner(ready.config)(translate_text, heard, source)
        transcript = store.read(said, Transcript)  # whose speakers its translator may name
    return plan.keep_voices(ready, transcript)


def finish(dub: Dub, ready: Plan, store: Store, output: Path) -> Outcome:
    """Put the delivered files and the report beside `output`, each complete or not at all.

    Raises:
        StoreError: what is to be delivered was damaged in the store.
    """
    store.trust(dub.result)
    told = report.of(dub, ready, store)
    contents = _contents(dub, told, store, output)
    files = handover.deliver(contents, sources=destinations.given_files(ready.config))
    (given,) = store.meta(dub.spoken.source)["inputs"]
    origins.remember(digest_file(files[0]), Origin(Path(given), ready.given or ready.config))
    return Outcome(files, report.summary(told), told)


def is_delivered(dub: Dub, ready: Plan, store: Store, output: Path) -> bool:
    """True if all that `finish` would put there lies there, with the same content."""
    contents = _contents(dub, report.of(dub, ready, store), store, output)
    return handover.is_delivered(contents, sources=destinations.given_files(ready.config))


def dub(
    video: Path, config: Config, *, output: Path | None = None, progress: Progress = silent
) -> Outcome:
    """The dubbed soundtrack alone, as .wav, with its subtitles."""
    check_file(video)
    target = output or default_output(video, config).with_suffix(".wav")
    destinations.check(target, sources=(video,), suffixes=destinations.SOUND)
    store = open_store(config)
    run = Plain(config, store, progress)
    ready = prepare(video, config, run.with_config, picture=False)
    sound = pipeline.dub(video, run.with_config(ready.config), take=listening_stage(video))
    store.trust(sound.sound)
    placements = store.read(sound.speech, SpeechTrack).placements
    said = placed(store.read(sound.said, Transcript), placements)
    contents: handover.Contents = {
        target: store.path(sound.sound, "sound.wav"),
        target.with_suffix(".srt"): _text(
            lambda path: subtitles.write_srt(said, path, display=True)
        ),
    }
    files = handover.deliver(contents, sources=destinations.given_files(config))
    return Outcome(files, report.speech_summary(sound, store))


def transcribe(
    video: Path, config: Config, *, output: Path | None = None, progress: Progress = silent
) -> Outcome:
    """What is said, as .srt, .vtt or .json by the output's suffix."""
    check_file(video)
    target = output or destinations.named(video.stem, ".srt")
    write = _transcript_writer(target)
    sources = (video, *destinations.given_files(config))
    destinations.check(target, sources=sources, suffixes=(target.suffix.lower(),))
    store = open_store(config)
    ready = plan.prepare_hearing(config)
    heard = pipeline.transcribe(
        video, Plain(ready.config, store, progress), take=listening_stage(video)
    )
    transcript = store.read(heard, Transcript)
    files = handover.deliver({target: _text(lambda path: write(transcript, path))}, sources=sources)
    lines = f"{len(transcript.segments)} segments in '{transcript.language}'"
    return Outcome(files, lines)


def lipsync(
    face: Path,
    speech: Path,
    config: Config,
    *,
    output: Path | None = None,
    progress: Progress = silent,
) -> Outcome:
    """A face, in a video or a picture, speaks a recording.

    Raises:
        InputError: no face is seen or nobody is heard, so that no lips can move.
    """
    check_file(face)
    check_file(speech)
    target = output or destinations.named(face.stem, ".speaks.mp4")
    destinations.check(target, sources=(face, speech), suffixes=destinations.VIDEO)
    store = open_store(config)
    ready = plan.prepare_faces(Plan(config))
    result = pipeline.lipsync(face, speech, Plain(ready.config, store, progress))
    made = store.read(result, Result)
    if config.lips.enabled and made.changed_frames == 0:
        raise InputError(
            f"no lips can be moved: {face.name} shows no face, or nobody speaks in {speech.name}"
        )
    store.trust(result)
    files = handover.deliver(handover.of_result(store, result, target), sources=(face, speech))
    return Outcome(files, f"lips: {made.changed_frames} of {made.frames} frames changed")


def listening_stage(video: Path) -> Stage:
    """The stage that takes in what is only listened to: a video, or sound alone."""
    return ingest if has_picture(video) else ingest_sound


def open_store(config: Config) -> Store:
    """The store of this configuration, cleaned of what killed runs left long ago."""
    store = remote.open_store(config.store.path)
    store.sweep()
    return store


def check_file(path: Path) -> None:
    """Refuse what is not a readable, non-empty file, or is plainly something else than media.

    Raises:
        InputError: in one sentence.
    """
    shown = repr(str(path))
    try:
        if (hint := not_media.hint(path)) is not None:
            raise InputError(hint)
        if not path.exists():
            raise InputError(f"there is no file {shown}")
        if not path.is_file():
            raise InputError(f"{shown} is not a file")
        if not os.access(path, os.R_OK):
            raise InputError(f"{shown} may not be read by this user")
        if path.stat().st_size == 0:
            raise InputError(f"{shown} is empty (zero bytes)")
    except OSError as error:
        raise InputError(f"cannot read {shown}: {why(error)}") from error


def default_output(video: Path, config: Config) -> Path:
    """`talk.mp4` in Hindi becomes `talk.hi.mp4` in the current folder."""
    return destinations.named(video.stem, f".{config.languages.target}.mp4")


def _contents(dub: Dub, told: report.Report, store: Store, output: Path) -> handover.Contents:
    report_json: handover.Contents = {output.with_suffix(".report.json"): values.to_json(told)}
    return handover.of_result(store, dub.result, output, more=report_json)


def _text(write: Callable[[Path], object]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        write(file := Path(folder) / "text")
        return file.read_bytes().decode()


def _transcript_writer(target: Path) -> Callable[[Transcript, Path], None]:
    writers = {
        ".srt": subtitles.write_srt,
        ".vtt": subtitles.write_vtt,
        ".json": subtitles.write_json,
    }
    try:
        return writers[target.suffix.lower()]
    except KeyError:
        raise InputError(
            f"cannot write a transcript as {target.name}: choose {', '.join(writers)}"
        ) from None
