"""Commands that work on one file: translate, dub, transcribe, lipsync, demo.

`f2f.job`, and torch with it, is imported only when one is called, so that help comes at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from f2f import config as configuration
from f2f import weights
from f2f.cli.progress import Style, shown
from f2f.config import Config

if TYPE_CHECKING:
    from f2f.job import Outcome
    from f2f.store.stage import Progress

Input = Annotated[Path, typer.Argument(help="Video file; write ./-name for a leading dash.")]
To = Annotated[
    str | None, typer.Option("--to", "-t", help="Language to speak, e.g. hi, es, pt, ta.")
]
From = Annotated[
    str | None, typer.Option("--from", "-f", help="Language spoken in it; detected if not given.")
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Result; default: NAME.LANG.mp4 here.")
]
SoundOutput = Annotated[
    Path | None, typer.Option("--output", "-o", help="Result; default: NAME.LANG.wav here.")
]
FaceOutput = Annotated[
    Path | None, typer.Option("--output", "-o", help="Result; default: NAME.speaks.mp4 here.")
]
File = Annotated[Path | None, typer.Option("--config", "-c", help="YAML file with any options.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", "-s", metavar="KEY=VALUE", help="Any option, e.g. delivery.crf=20."),
]
Transcript = Annotated[
    Path | None, typer.Option(help="What is said: .srt, .vtt or .json, in place of recognition.")
]
Translation = Annotated[
    Path | None, typer.Option(help="What to say: a translator's .srt, .vtt or .json.")
]
Glossary = Annotated[Path | None, typer.Option(help="YAML: term -> forced translation.")]
Voice = Annotated[
    str | None, typer.Option(help="One voice for all speakers; see f2f languages --to LANG.")
]
Speakers = Annotated[int | None, typer.Option(help="Number of speakers, when known.")]
Background = Annotated[str | None, typer.Option(help="none, duck or separate.")]
ProgressStyle = Annotated[Style, typer.Option("--progress", help="How progress is shown.")]

_KEYS = {
    "to": "languages.target",
    "source": "languages.source",
    "transcript": "recognition.transcript",
    "translation": "translation.translation",
    "glossary": "translation.glossary",
    "voice": "speech.voice",
    "speakers": "diarisation.speakers",
    "background": "soundtrack.background",
}
"""Where in the configuration each option of the commands goes."""
DEMO_CLIP = "demo-clip"
DEMO_LANGUAGE = "pt"
DEMO_TERMS = "recognition.terms=[John Peirce, University of Nottingham, PsychoPy]"


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    for command in (translate, dub, transcribe, lipsync, demo):
        app.command()(command)


def translate(
    video: Input,
    to: To = None,
    source: From = None,
    output: Output = None,
    config: File = None,
    set_: Set = None,
    transcript: Transcript = None,
    translation: Translation = None,
    glossary: Glossary = None,
    voice: Voice = None,
    speakers: Speakers = None,
    background: Background = None,
    progress: ProgressStyle = Style.AUTO,
) -> None:
    """A video in another language: voice, timing and lips.

    Examples:  f2f translate talk.mp4 --to pt

    f2f translate talk.mp4 --to hi --translation talk.hi.srt -o out/talk.hi.mp4
    """
    from f2f import job

    options = _options(
        config,
        set_,
        to=to,
        source=source,
        transcript=transcript,
        translation=translation,
        glossary=glossary,
        voice=voice,
        speakers=speakers,
        background=background,
    )
    _run(progress, lambda watch: job.translate(video, options, output=output, progress=watch))


def dub(
    video: Input,
    to: To = None,
    source: From = None,
    output: SoundOutput = None,
    config: File = None,
    set_: Set = None,
    transcript: Transcript = None,
    translation: Translation = None,
    glossary: Glossary = None,
    voice: Voice = None,
    speakers: Speakers = None,
    background: Background = None,
    progress: ProgressStyle = Style.AUTO,
) -> None:
    """The sound only: the dubbed soundtrack as .wav, and subtitles.

    Example:  f2f dub talk.mp4 --to pt -o talk.pt.wav
    """
    from f2f import job

    options = _options(
        config,
        set_,
        to=to,
        source=source,
        transcript=transcript,
        translation=translation,
        glossary=glossary,
        voice=voice,
        speakers=speakers,
        background=background,
    )
    _run(progress, lambda watch: job.dub(video, options, output=output, progress=watch))


def transcribe(
    video: Input,
    source: From = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help=".srt, .vtt or .json; default NAME.srt.")
    ] = None,
    config: File = None,
    set_: Set = None,
    speakers: Speakers = None,
    progress: ProgressStyle = Style.AUTO,
) -> None:
    """What is said, when, and by whom.

    Example:  f2f transcribe talk.mp4 -o talk.en.srt
    """
    from f2f import job

    options = _options(config, set_, source=source, speakers=speakers)
    _run(progress, lambda watch: job.transcribe(video, options, output=output, progress=watch))


def lipsync(
    face: Annotated[Path, typer.Argument(help="Video or picture of a face.")],
    speech: Annotated[Path, typer.Argument(help="Sound file to speak.")],
    output: FaceOutput = None,
    config: File = None,
    set_: Set = None,
    progress: ProgressStyle = Style.AUTO,
) -> None:
    """A face speaks a given recording.

    Examples:  f2f lipsync face.jpg speech.wav

    f2f lipsync talk.mp4 speech.wav -o talk.speaks.mp4
    """
    from f2f import job

    options = _options(config, set_)
    _run(progress, lambda watch: job.lipsync(face, speech, options, output=output, progress=watch))


def demo(
    to: To = DEMO_LANGUAGE,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the result.")] = Path(
        "demo"
    ),
    progress: ProgressStyle = Style.AUTO,
) -> None:
    """Translate the pinned sample clip, whose names the recogniser is told.

    Examples:  f2f models pull demo

    f2f demo --to pt -o demo
    """
    clip = weights.locate(DEMO_CLIP)
    from f2f import job

    options = _options(None, [DEMO_TERMS], to=to, source="en")
    target = output / f"demo.{options.languages.target}.mp4"
    _run(progress, lambda watch: job.translate(clip, options, output=target, progress=watch))


def _options(file: Path | None, overrides: list[str] | None, **given: Any) -> Config:
    """The configuration of a command; its options are named as in `_KEYS`."""
    return configuration.load(
        file, overrides or (), {_KEYS[name]: value for name, value in given.items()}
    )


def _run(style: Style, work: Callable[[Progress], Outcome]) -> None:
    with shown(style) as watch:
        outcome = work(watch)
    if style is Style.JSON:
        typer.echo(json.dumps({"files": [str(path) for path in outcome.files]}))
        return
    typer.echo(outcome.summary)
    for path in outcome.files:
        typer.echo(str(path))
