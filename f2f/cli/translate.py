"""Commands that work on one file: translate, dub, transcribe, lipsync, demo.

`f2f.job`, and torch with it, is imported only when one is called, so that help comes at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from f2f import weights
from f2f.cli.options import (
    AudioTrack,
    Dubbing,
    Face,
    FaceOutput,
    File,
    From,
    Heard,
    Input,
    ProgressStyle,
    Set,
    SoundDubbing,
    Speakers,
    TextOutput,
    To,
    WhenLonger,
    configured,
    spread,
)
from f2f.cli.progress import Style, shown

if TYPE_CHECKING:
    from f2f.job import Outcome
    from f2f.store.stage import Progress

DEMO_CLIP = "demo-clip"
DEMO = Path("out") / "demo"
"""Below a folder that the repository's git ignores."""
DEMO_LANGUAGE = "pt"
DEMO_TERMS = "recognition.terms=[John Peirce, University of Nottingham, PsychoPy]"


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    for command in (translate, dub, transcribe, lipsync, demo):
        app.command()(command)


@spread
def translate(video: Input, options: Dubbing, progress: ProgressStyle = Style.AUTO) -> None:
    """A video in another language: voice, timing and lips.

    Examples:  f2f translate talk.mp4 --to pt

    f2f translate talk.mp4 --to hi --translation talk.hi.srt -o out/talk.hi.mp4
    """
    from f2f import job

    _run(progress, _with(job.translate, video, options))


@spread
def dub(video: Heard, options: SoundDubbing, progress: ProgressStyle = Style.AUTO) -> None:
    """The sound only: the dubbed soundtrack as .wav, and subtitles.

    Example:  f2f dub talk.mp4 --to pt -o talk.pt.wav
    """
    from f2f import job

    _run(progress, _with(job.dub, video, options))


def transcribe(
    video: Heard,
    source: From = None,
    output: TextOutput = None,
    config: File = None,
    set_: Set = None,
    speakers: Speakers = None,
    audio_track: AudioTrack = None,
    progress: ProgressStyle = Style.AUTO,
) -> None:
    """What is said, when, and by whom.

    Example:  f2f transcribe talk.mp4 -o talk.en.srt
    """
    from f2f import job

    options = configured(config, set_, source=source, speakers=speakers, audio_track=audio_track)
    _run(progress, lambda watch: job.transcribe(video, options, output=output, progress=watch))


def lipsync(
    face: Annotated[Path, typer.Argument(help="Video or picture of a face.")],
    speech: Annotated[Path, typer.Argument(help="Sound file to speak.")],
    which: Face = None,
    when_longer: WhenLonger = None,
    output: FaceOutput = None,
    config: File = None,
    set_: Set = None,
    progress: ProgressStyle = Style.AUTO,
) -> None:
    """A face speaks a given recording.

    Examples:  f2f lipsync face.jpg speech.wav

    f2f lipsync two_people.mp4 speech.wav --face 2 --when-longer loop -o speaks.mp4
    """
    from f2f import job

    options = configured(config, set_, face=which, when_longer=when_longer)
    _run(progress, lambda watch: job.lipsync(face, speech, options, output=output, progress=watch))


def demo(
    to: To = DEMO_LANGUAGE,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the result.")] = DEMO,
    progress: ProgressStyle = Style.AUTO,
) -> None:
    """Translate the pinned sample clip, whose names the recogniser is told.

    Examples:  f2f models pull demo

    f2f demo --to es -o talks
    """
    clip = weights.locate(DEMO_CLIP)
    from f2f import job

    options = configured(None, [DEMO_TERMS], to=to, source="en")
    target = output / f"demo.{options.languages.target}.mp4"
    _run(progress, lambda watch: job.translate(clip, options, output=target, progress=watch))


def _with(
    work: Callable[..., Outcome], video: Path, options: Dubbing
) -> Callable[[Progress], Outcome]:
    config = options.configured()
    return lambda watch: work(video, config, output=options.output, progress=watch)


def _run(style: Style, work: Callable[[Progress], Outcome]) -> None:
    with shown(style) as watch:
        outcome = work(watch)
    if style is Style.JSON:
        typer.echo(json.dumps({"files": [str(path) for path in outcome.files]}))
        return
    typer.echo(outcome.summary)
    for path in outcome.files:
        typer.echo(str(path))
