"""The options of the commands that work on one file, each said once."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from f2f import config as configuration
from f2f.cli.progress import Style
from f2f.config import Config

Input = Annotated[Path, typer.Argument(help="Video file; write ./-name for a leading dash.")]
Heard = Annotated[
    Path, typer.Argument(help="Video or sound file; write ./-name for a leading dash.")
]
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
TextOutput = Annotated[
    Path | None, typer.Option("--output", "-o", help=".srt, .vtt or .json; default NAME.srt.")
]
File = Annotated[Path | None, typer.Option("--config", "-c", help="YAML file with any options.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", "-s", metavar="KEY=VALUE", help="Any option, e.g. delivery.crf=20."),
]
Transcript = Annotated[
    Path | None,
    typer.Option(help="What is said (.srt, .vtt, .ass, .json …), not recognised."),
]
Translation = Annotated[
    Path | None, typer.Option(help="What to say: a translator's .srt, .vtt, .ass, .json …")
]
Glossary = Annotated[Path | None, typer.Option(help="YAML: term -> forced translation.")]
Edits = Annotated[
    Path | None, typer.Option(help="Corrections of single lines, made with f2f review.")
]
Voice = Annotated[
    str | None, typer.Option(help="One voice for all speakers; see f2f languages --to LANG.")
]
Speakers = Annotated[int | None, typer.Option(help="Number of speakers, when known.")]
Background = Annotated[str | None, typer.Option(help="none, duck or separate; default by command.")]
AudioTrack = Annotated[
    str | None, typer.Option(help="Which sound of several: its number or language, e.g. 2 or en.")
]
ProgressStyle = Annotated[Style, typer.Option("--progress", help="How progress is shown.")]

_KEYS = {
    "to": "languages.target",
    "source": "languages.source",
    "transcript": "recognition.transcript",
    "translation": "translation.translation",
    "glossary": "translation.glossary",
    "edits": "review.edits",
    "voice": "speech.voice",
    "speakers": "diarisation.speakers",
    "background": "soundtrack.background",
    "audio_track": "recognition.audio_track",
}
"""Where in the configuration each option goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dubbing:
    """What a video in another language can be told."""

    to: To = None
    source: From = None
    output: Output = None
    config: File = None
    set_: Set = None
    transcript: Transcript = None
    translation: Translation = None
    glossary: Glossary = None
    edits: Edits = None
    voice: Voice = None
    speakers: Speakers = None
    background: Background = None
    audio_track: AudioTrack = None

    def configured(self) -> Config:
        """The configuration that these options make."""
        given = {name: getattr(self, name) for name in _KEYS}
        return configured(self.config, self.set_, **given)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundDubbing(Dubbing):
    """The same for its sound alone."""

    output: SoundOutput = None


def configured(file: Path | None, overrides: list[str] | None, **given: Any) -> Config:
    """The configuration of a file, of KEY=VALUEs, and of options named as in `_KEYS`."""
    return configuration.load(
        file, overrides or (), {_KEYS[name]: value for name, value in given.items()}
    )


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """The command as Typer sees it: a parameter of a dataclass's type as that class's fields."""
    parameters = inspect.signature(command, eval_str=True).parameters
    classes: dict[str, Any] = {
        name: parameter.annotation
        for name, parameter in parameters.items()
        if is_dataclass(parameter.annotation)
    }

    @functools.wraps(command)
    def called(**given: Any) -> None:
        values = {
            name: kind(**{field.name: given.pop(field.name) for field in fields(kind)})
            for name, kind in classes.items()
        }
        command(**given, **values)

    shown = [
        one
        for name, parameter in parameters.items()
        for one in (_of(classes[name]) if name in classes else (parameter,))
    ]
    keyword = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in shown]
    called.__dict__["__signature__"] = inspect.Signature(keyword, return_annotation=None)
    called.__annotations__ = {one.name: one.annotation for one in shown}
    return called


def _of(kind: type[Any]) -> Iterator[inspect.Parameter]:
    hints = get_type_hints(kind, include_extras=True)
    for field in fields(kind):
        if field.default is MISSING:
            raise TypeError(f"{kind.__name__}.{field.name}: an option can be left out")
        yield inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=field.default,
            annotation=hints[field.name],
        )
