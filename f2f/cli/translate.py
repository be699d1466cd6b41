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
from f2f.cli.inputs import source
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
    Url,
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
def translate(
    options: Dubbing,
    video: Input = None,
    url: Url = None,
    progress: ProgressStyle = Style.AUTO,
) -> None:
    """A video in another language: voice, timing and lips.

    Examples:  f2f translate talk.mp4 --to pt

    f2f translate talk.mp4 --to hi --translation talk.hi.srt -o out/talk.hi.mp4

    f2f translate https://example.org/watch/1 --to es
    """
    from f2f import job, plan

    config = options.configured()
    given = source(video, url, output=options.output, check=lambda: plan.prepare(config))
    _run(
        progress,
        lambda watch: job.translate(given(watch), config, output=options.output, progress=watch),
    )


@spread
def dub(
    options: SoundDubbing,
    video: Heard = None,
    url: Url = None,
    progress: ProgressStyle = Style.AUTO,
) -> None:
    """The sound only: the dubbed soundtrack as .wav, and subtitles.

    Example:  f2f dub talk.mp4 --to pt -o talk.pt.wav
    """
    from f2f import job, plan

    config = options.configured()
    given = source(
        *(video, url),
        output=options.output,
        check=lambda: plan.prepare(config, picture=False),
        sound=True,
    )
    _run(
        progress,
        lambda watch: job.dub(given(watch), config, output=options.output, progress=watch),
    )


def transcribe(
    video: Heard = None,
    url: Url = None,
    from_: From = None,
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
    from f2f import job, plan

    options = configured(config, set_, source=from_, speakers=speakers, audio_track=audio_track)
    given = source(
        *(video, url), output=output, check=lambda: plan.prepare_hearing(options), sound=True
    )
    _run(
        progress, lambda watch: job.transcribe(given(watch), options, output=output, progress=watch)
    )


def lipsync(
    face: Annotated[str, typer.Argument(help="Video or picture of a face, or web address.")],
    speech: Annotated[str, typer.Argument(help="Sound file to speak, or web address.")],
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
    from f2f import job, plan

    options = configured(config, set_, face=which, when_longer=when_longer)

    def check() -> object:
        return plan.prepare_faces(plan.Plan(options))

    seen = source(face, output=output, check=check)
    heard = source(speech, output=output, check=check, sound=True)
    _run(
        progress,
        lambda watch: job.lipsync(
            seen(watch), heard(watch), options, output=output, progress=watch
        ),
    )


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


def _run(style: Style, work: Callable[[Progress], Outcome]) -> None:
    with shown(style) as watch:
        outcome = work(watch)
    if style is Style.JSON:
        typer.echo(json.dumps({"files": [str(path) for path in outcome.files]}))
        return
    typer.echo(outcome.summary)
    for path in outcome.files:
        typer.echo(str(path))
