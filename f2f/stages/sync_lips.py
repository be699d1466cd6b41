"""Make the new mouths of everyone who is seen speaking."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from f2f.config import Config
from f2f.errors import StageError
from f2f.faces.active_speaker import Scene
from f2f.faces.casting import with_unheard
from f2f.lips import engine_choice
from f2f.lips import weights as lip_weights
from f2f.lips.frame_selection import NOTHING, held, uttered_frames, wanted_mouths
from f2f.lips.kept_mouths import FILE as PIECES
from f2f.lips.kept_mouths import KeptMouths, digest_of
from f2f.lips.mel_source import LipSound
from f2f.lips.mouths import MOUTHS, Lips, Mouth
from f2f.media import extract_sound, frames
from f2f.media.timeline import frames_until
from f2f.roles import Frame
from f2f.store import values
from f2f.store.artefacts import Artefact
from f2f.store.digests import digest_given
from f2f.store.stage import Work, stage
from f2f.types import Cast, FaceTracks, SpeechTrack, Transcript, VideoInfo
from lipsync.audio import SAMPLE_RATE
from lipsync.checkpoint import load_generator
from lipsync.crops import crop
from lipsync.engine import FaceItem
from lipsync.errors import LipsyncError

log = logging.getLogger(__name__)


def _settings(config: Config) -> Any:
    """The weights count by their content, so that better ones are used at once; the path by what
    `auto` stands for here.  How many faces a pass takes decides nothing but the speed."""
    lips = config.lips
    if not lips.enabled:
        return ()
    paths = engine_choice.preferred(lips.path)
    return (paths, lips.close, lip_weights.choose(lips.weights).path)


def _packages(config: Config) -> Iterable[str]:
    yield from ("torch", "numpy", "av", "opencv-python-headless", "scipy")
    if any(path.startswith("openvino") for path in engine_choice.preferred(config.lips.path)):
        yield from ("openvino", "nncf")


@stage(version=7, settings=_settings, packages=_packages)
def sync_lips(
    work: Work,
    source: Artefact,
    speech: Artefact,
    cast: Artefact,
    faces: Artefact,
    *texts: Artefact,
) -> None:
    """Write Lips, and their pictures in `mouths.bin`.

    Args:
        work: where to write.
        source: VideoInfo and the video.
        speech: SpeechTrack.
        cast: Cast.
        faces: FaceTracks.
        texts: said and heard; none for `f2f lipsync`.  The lips are closed where the source speaks
            on and the dub is silent.
    """
    try:
        work.write(_make(work, source, speech, cast, faces, texts))
    except LipsyncError as error:
        raise StageError(f"lips: {error}") from error


def _make(
    work: Work,
    source: Artefact,
    speech: Artefact,
    cast: Artefact,
    faces: Artefact,
    texts: Sequence[Artefact],
) -> Lips:
    options = work.config.lips
    pictures = work.folder / MOUTHS
    pictures.touch()
    if not options.enabled:
        return _none("not asked for")
    info, track = work.read(source, VideoInfo), work.read(speech, SpeechTrack)
    found = work.read(faces, FaceTracks)
    said, heard = [work.read(text, Transcript).segments for text in texts] or ((), ())
    scene = Scene(found, info.size, info.fps, info.frames, motion={})
    known = with_unheard(work.read(cast, Cast), said, heard, scene)
    length = info.frames
    if info.still:
        ends = (placement.span.end for placement in track.placements)
        length = frames_until(max(ends, default=0.0), info.fps)
        found = held(found, length)
    weights = lip_weights.choose(options.weights)
    loaded = load_generator(weights.path)
    with _at_16_khz(work.path(speech, track.audio), work.folder) as wav:
        sound = LipSound(wav, fps=info.fps, form=loaded.model.form, offset=loaded.info.mel_offset)
        wanted = tuple(
            wanted_mouths(
                track.placements,
                known,
                found,
                listen=sound.samples,
                fps=info.fps,
                frames=length,
                uttered=uttered_frames(heard, fps=info.fps) if options.close else NOTHING,
            )
        )
        if not wanted:
            log.warning("no lips are moved: nobody in the picture speaks")
            return _none("nobody in the picture speaks")
        shown = frames(work.path(source, info.path), info, count=wanted[-1].frame + 1)
        items = _items(shown, wanted, sound, loaded.model.size)
        paths = engine_choice.suited(engine_choice.preferred(options.path), count=len(wanted))
        sample = list(itertools.islice(items, engine_choice.sample_size(paths)))
        chosen = engine_choice.choose(loaded.model, sample, paths=paths, batch=options.batch)
        kept = KeptMouths(
            work.store, work.stage, source, _identity(weights.path, chosen.engine.path, sample)
        )
        made = kept.through(chosen.engine.mouths, itertools.chain(sample, items), wanted)
        with pictures.open("wb") as file:
            for number, mouth in enumerate(made):
                file.write(mouth.tobytes())
                work.advance(number + 1, len(wanted))
        values.write(tuple(kept.pieces), work.folder / PIECES)
    log.info("lips: %d of %d mouths were there from before", kept.found, len(wanted))
    return Lips(
        mouths=wanted,
        size=loaded.model.size,
        weights=f"{weights.reason}; {loaded.info.training_data}; {loaded.info.licence}",
        path=chosen.engine.path,
        mean_difference=chosen.difference.mean,
        max_difference=chosen.difference.maximum,
        passed_over=chosen.passed_over,
    )


def _identity(weights: Path, path: str, sample: Sequence[FaceItem]) -> str:
    """What decides the mouths besides faces and sounds; int8 is fitted to a sample of them."""
    fitted = digest_of(sample) if path == engine_choice.QUANTISED else ""
    return f"{digest_given(weights)} {path} {fitted}"


def _none(why: str) -> Lips:
    return Lips((), 0, "", f"none: {why}", 0.0, 0.0)


def _items(
    shown: Iterator[Frame], wanted: Sequence[Mouth], sound: LipSound, size: int
) -> Iterator[FaceItem]:
    """Faces with their sound, one a mouth, in the mouths' order; a closed mouth hears nothing."""
    silence = sound.silence()
    of_frame = itertools.groupby(wanted, key=lambda mouth: mouth.frame)
    pictures = enumerate(shown)
    for number, mouths in of_frame:
        frame = next((picture for index, picture in pictures if index == number), None)
        if frame is None:
            raise StageError(f"lips: the video has no frame {number}")
        for mouth in mouths:
            heard = sound.window(number) if mouth.speaks else silence
            yield FaceItem(crop(frame, mouth.box, size), heard)


@contextmanager
def _at_16_khz(audio: Path, folder: Path) -> Iterator[Path]:
    """The sound at the models' rate, in a file that goes again."""
    wav = folder / "heard.wav"
    extract_sound(audio, (wav, SAMPLE_RATE, 1))
    try:
        yield wav
    finally:
        wav.unlink()
