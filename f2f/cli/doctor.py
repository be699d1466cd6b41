"""`f2f doctor`: what works on this machine, and how to get the rest."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import get_args

import typer
from rich.text import Text

from f2f.backends import names, resolve
from f2f.cli import tables
from f2f.config import Config
from f2f.delivery import licences
from f2f.errors import F2FError, MissingError
from f2f.roles import Role

_EXTRAS = {
    "openai-whisper": "the reference recogniser: pip install 'face-to-face[whisper]'",
    "coqui-tts": "VITS and XTTS voices, cloning: pip install 'face-to-face[coqui]'",
    "prefect": "batches and schedules: pip install 'face-to-face[flows]'",
    "openvino": "faster lips on a CPU: pip install 'face-to-face[accel]'",
    "yt-dlp": "videos by their web address: pip install 'face-to-face[url]'",
    "tensorboard": "training curves: pip install 'face-to-face[training]'",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's table."""

    what: str
    well: bool
    detail: str
    needed: bool = False
    """True when the default path does not work without it."""


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command()(doctor)


def doctor() -> None:
    """Check this machine: programs, packages, weights, backends; and what licences ask.

    Ends with exit code 4 when something that the default path needs is missing.
    """
    findings = [*_machine(), *_programs(), *_packages(), *_backends()]
    rows = [(_sign(finding), finding.what, finding.detail) for finding in findings]
    tables.show(("", "what", "detail"), rows, typed=("what",))
    typer.echo("\nlicences that ask something of whoever passes these parts on (see NOTICE):")
    tables.show(("part", "licence", "how it is used", "what follows"), _licences())
    if any(finding.needed and not finding.well for finding in findings):
        raise MissingError("the default path is not complete; the lines marked 'no' say what to do")


def _licences() -> Iterator[tuple[str, ...]]:
    for part in licences.parts():
        here = f" ({part.package} {part.installed or 'is not installed'})" if part.package else ""
        yield f"{part.part}{here}", part.licence, licences.USES[part.use], part.meaning


def _sign(finding: Finding) -> Text:
    if finding.well:
        return Text("ok", "green")
    return Text("no", "red") if finding.needed else Text("–")


def _machine() -> Iterator[Finding]:
    import torch

    yield Finding("python", True, platform.python_version())
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield Finding("processor", True, f"{cores} cores, {torch.backends.cpu.get_cpu_capability()}")
    has_gpu = torch.cuda.is_available()
    gpu = torch.cuda.get_device_name() if has_gpu else "none; all stages run on the processor"
    yield Finding("gpu", has_gpu, gpu)
    yield Finding("torch", True, torch.__version__)


def _programs() -> Iterator[Finding]:
    from f2f.lips import weights as lip_weights
    from f2f.media import ffmpeg_binary

    try:
        yield Finding("ffmpeg", True, Path(ffmpeg_binary()).name, needed=True)
    except F2FError as error:
        yield Finding("ffmpeg", False, str(error), needed=True)
    try:
        yield Finding("lips", True, lip_weights.choose(lip_weights.AUTO).reason, needed=True)
    except F2FError as error:
        yield Finding("lips", False, str(error), needed=True)
    for program, use in {"apertium": "apt-get install apertium apertium-es-pt"}.items():
        found = shutil.which(program)
        yield Finding(program, found is not None, found or f"Spanish offline: {use}")


def _packages() -> Iterator[Finding]:
    for package, use in _EXTRAS.items():
        try:
            yield Finding(package, True, version(package))
        except PackageNotFoundError:
            yield Finding(package, False, use)


def _backends() -> Iterator[Finding]:
    config = Config()
    for role in get_args(Role):
        ready = False
        for name in names(role):
            gap = resolve(role, name).missing(config)
            ready = ready or gap is None
            yield Finding(f"{role}: {name}", gap is None, gap or "ready")
        if role not in ("translation", "separation"):
            yield Finding(f"{role}", ready, "at least one backend", needed=True)
