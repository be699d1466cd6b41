"""Deliver: the finished video with its sound, subtitles, mark and list of sources."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from f2f.backends import pinned
from f2f.config import Config
from f2f.delivery import provenance
from f2f.delivery.files import (
    SIDECAR,
    VIDEO,
    Result,
    encode,
    frames_to_deliver,
    join,
    keep_original,
    placed,
    write_lines_to_burn,
    write_subtitles,
)
from f2f.lips.mouth_bank import MouthBank, OwnPictures
from f2f.lips.mouths import MOUTHS, Lips, Patcher
from f2f.media.carried import cargo
from f2f.media.timeline import exact_time
from f2f.soundtrack.mixing import Mix
from f2f.store.artefacts import Artefact
from f2f.store.stage import Work, stage
from f2f.types import SpeechTrack, Transcript, VideoInfo
from f2f.weights import fonts


def packages(_config: Config) -> tuple[str, ...]:
    """Whose versions are in a delivered video."""
    return ("av", "imageio-ffmpeg", "numpy", "opencv-python-headless")


def _settings(config: Config) -> Any:
    return (
        config.delivery,
        config.recognition.audio_track,  # of which the original is kept
        pinned.identity(*fonts.entries()) if config.delivery.burn_subtitles else None,
    )


@stage(version=8, settings=_settings, packages=packages)
def deliver(
    work: Work,
    source: Artefact,
    frames: Artefact,
    bank: Artefact,
    sound: Artefact,
    speech: Artefact,
    *texts: Artefact,
) -> None:
    """Write the files that `delivery.Result` names.

    Args:
        work: where to write.
        source: VideoInfo.
        frames: Lips and their mouths.
        bank: MouthBank and its pictures.
        sound: Mix.
        speech: SpeechTrack, for the times of the subtitles.
        texts: said and heard; none for `f2f lipsync`.

    Raises:
        ConfigError: the mark is off without a reason.
        MissingError: subtitles are to be burnt in and no font has their letters.
    """
    options = work.config.delivery
    provenance.check(options)
    info, lips = work.read(source, VideoInfo), work.read(frames, Lips)
    dubbed = work.path(sound, work.read(sound, Mix).audio)
    count = frames_to_deliver(info, dubbed)
    transcripts = [work.read(text, Transcript) for text in texts]
    heard, said = [text.language for text in reversed(transcripts)] or (None, None)
    spoken = work.read(speech, SpeechTrack)
    if transcripts:
        transcripts[0] = placed(transcripts[0], spoken.placements)
    tracks = write_subtitles(transcripts, work.folder)
    burnt = tracks[:1] if options.burn_subtitles else ()
    length = exact_time(count, info.fps)
    own = cargo.take_out(
        work.path(source, info.path),
        work.folder,
        start=info.start,
        length=length,
        rate=info.fps,
        subtitles=options.soft_subtitles,
    )
    soft = [track for track in (*tracks, *own.subtitles) if track not in burnt]
    people = [
        OwnPictures(person, lambda name: work.path(bank, name))
        for person in work.read(bank, MouthBank).people
    ]
    patcher = Patcher(lips, work.path(frames, MOUTHS), people)
    encode(
        work.path(source, info.path),
        info,
        patcher,
        options,
        work.folder,
        count=count,
        burn=write_lines_to_burn(transcripts[0], work.folder) if burnt else None,
        font=fonts.font(transcripts[0].language) if burnt else None,
        beyond=spoken.beyond,
        advance=work.advance,
    )
    changed = sum(patcher.changes(index) for index in range(count))
    if options.keep_source_audio and info.has_audio:
        track = work.config.recognition.audio_track
        keep_original(work.path(source, info.path), info, work.folder, track=track)
    join(
        work.folder,
        dubbed,
        soft if options.soft_subtitles else (),
        (heard, said),
        options,
        lips=changed > 0,
        cargo=own,
    )
    for file in own.files:
        (work.folder / file).unlink()
    result = Result(
        video=VIDEO,
        subtitles=tuple(
            Path(track.file).with_suffix(suffix).name
            for track in tracks
            for suffix in (".srt", ".vtt")
        ),
        sidecar=SIDECAR,
        frames=count,
        fps=info.fps,
        codec=options.codec,
        mark=options.mark,
        changed_frames=changed,
    )
    provenance.write_sidecar(
        work.folder / SIDECAR,
        (source, frames, bank, sound, speech, *texts),
        work.store,
        packages=packages(work.config),
        facts={"result": result, "source": info, "lips": lips.weights},
    )
    work.write(result)
