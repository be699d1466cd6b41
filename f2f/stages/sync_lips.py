"""Make the new mouths of everyone who is seen speaking."""

from __future__ import annotations

import functools
import itertools
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from f2f.config import Config
from f2f.delivery.files import frames_to_deliver
from f2f.errors import StageError
from f2f.faces.active_speaker import Scene
from f2f.faces.casting import with_unheard
from f2f.lips import engine_choice
from f2f.lips import weights as lip_weights
from f2f.lips.continuation import Continuation
from f2f.lips.detail import Detailer
from f2f.lips.frame_selection import NOTHING, uttered_frames, wanted_mouths
from f2f.lips.making import Making
from f2f.lips.mel_source import LipSound
from f2f.lips.mouth_bank import MouthBank, OwnPictures
from f2f.lips.mouths import MOUTHS, Lips, Mouth
from f2f.media import continued_frames, extract_sound
from f2f.store.artefacts import Artefact
from f2f.store.stage import Work, stage
from f2f.types import Cast, FaceTracks, SpeechTrack, Transcript, VideoInfo
from lipsync.audio import SAMPLE_RATE
from lipsync.checkpoint import load_generator
from lipsync.errors import LipsyncError

log = logging.getLogger(__name__)


def _settings(config: Config) -> Any:
    """The weights count by their content, so that better ones are used at once; the path by what
    `auto` stands for here.  How many faces a pass takes decides nothing but the speed."""
    lips = config.lips
    if not lips.enabled:
        return ()
    paths = engine_choice.preferred(lips.path)
    return (paths, lips.close, lips.detail, lip_weights.choose(lips.weights).path)


def _packages(config: Config) -> Iterable[str]:
    yield from ("torch", "numpy", "av", "opencv-python-headless", "scipy")
    if any(path.startswith("openvino") for path in engine_choice.preferred(config.lips.path)):
        yield from ("openvino", "nncf")


@stage(version=8, settings=_settings, packages=_packages)
def sync_lips(
    work: Work,
    source: Artefact,
    speech: Artefact,
    cast: Artefact,
    faces: Artefact,
    bank: Artefact,
    *texts: Artefact,
) -> None:
    """Write Lips, and their pictures in `mouths.bin`.

    Args:
        work: where to write.
        source: VideoInfo and the video.
        speech: SpeechTrack.
        cast: Cast.
        faces: FaceTracks.
        bank: MouthBank and its pictures.
        texts: said and heard; none for `f2f lipsync`.  The lips are closed where the source speaks
            on and the dub is silent.
    """
    try:
        work.write(_make(work, source, speech, cast, faces, bank, texts))
    except LipsyncError as error:
        raise StageError(f"lips: {error}") from error


def _make(
    work: Work,
    source: Artefact,
    speech: Artefact,
    cast: Artefact,
    faces: Artefact,
    bank: Artefact,
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
    goes_on = Continuation(
        info.frames, frames_to_deliver(info, work.path(speech, track.audio)), track.beyond
    )
    found = goes_on.tracks(found)
    gathered = work.read(bank, MouthBank)
    people = [OwnPictures(person, lambda name: work.path(bank, name)) for person in gathered.people]
    weights = lip_weights.choose(options.weights)
    loaded = load_generator(weights.path)
    with _at_16_khz(work.path(speech, track.audio), work.folder) as wav:
        sound = LipSound(wav, fps=info.fps, form=loaded.model.form, offset=loaded.info.mel_offset)
        select = functools.partial(
            wanted_mouths,
            track.placements,
            known,
            found,
            listen=sound.samples,
            fps=info.fps,
            frames=goes_on.count,
            uttered=uttered_frames(heard, fps=info.fps) if options.close else NOTHING,
        )
        hidden = goes_on.runs(gathered.hidden())
        wanted = tuple(
            replace(mouth, person=gathered.person_of(mouth.track))
            for mouth in select(hidden=hidden)
        )
        covered, turned = _untouched(select, wanted, hidden)
        if not wanted:
            log.warning("no lips are moved: nobody in the picture speaks")
            nobody = _none("nobody in the picture speaks")
            return replace(nobody, covered=covered, turned=turned)
        shown = continued_frames(
            work.path(source, info.path), info, count=wanted[-1].frame + 1, beyond=track.beyond
        )
        paths = engine_choice.suited(engine_choice.preferred(options.path), count=len(wanted))
        with pictures.open("wb") as file:
            making = Making(
                wanted,
                people,
                sound,
                size=loaded.model.size,
                file=file,
                source_frame=goes_on.source_frame,
                own=options.detail != "generator",
            )
            items = making.items(shown)
            sample = list(itertools.islice(items, engine_choice.sample_size(paths)))
            chosen = engine_choice.choose(loaded.model, sample, paths=paths, batch=options.batch)
            made = chosen.engine.mouths(itertools.chain(sample, items))
            making.write(made, advance=work.advance)
        detailer = Detailer(
            options.detail,
            making.choices,
            [len(person.frames) for person in gathered.people],
            sound.samples,
            info.fps,
        )
        mouths = detailer.decided(wanted)
    return Lips(
        mouths=mouths,
        size=loaded.model.size,
        weights=f"{weights.reason}; {loaded.info.training_data}; {loaded.info.licence}",
        path=chosen.engine.path,
        mean_difference=chosen.difference.mean,
        max_difference=chosen.difference.maximum,
        passed_over=chosen.passed_over,
        covered=covered,
        turned=turned,
    )


def _none(why: str) -> Lips:
    return Lips((), 0, "", f"none: {why}", 0.0, 0.0)


def _untouched(
    select: Callable[..., Iterator[Mouth]],
    wanted: Sequence[Mouth],
    hidden: Mapping[int, Sequence[range]],
) -> tuple[int, int]:
    """Frames that would get a new mouth if nothing were before it, and if no face were a profile;
    a warning of each."""
    have = {mouth.frame for mouth in wanted}
    covered = len({mouth.frame for mouth in select()} - have) if hidden else 0
    turned = len({mouth.frame for mouth in select(hidden=hidden, profiles=True)} - have)
    if covered:
        log.warning("something is before the mouth in %d frames: they stay as they are", covered)
    if turned:
        log.warning("a face that speaks is a profile in %d frames: they stay as they are", turned)
    return covered, turned


@contextmanager
def _at_16_khz(audio: Path, folder: Path) -> Iterator[Path]:
    """The sound at the models' rate, in a file that goes again."""
    wav = folder / "heard.wav"
    extract_sound(audio, (wav, SAMPLE_RATE, 1))
    try:
        yield wav
    finally:
        wav.unlink()
