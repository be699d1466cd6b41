"""How an entry is made from another one on this machine.

The catalogue only names a maker: what is run is written here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

Maker = Callable[[Path, Path], None]
"""Called with what `locate` gives of the origin, and where to write: the file of an entry of one
file, else a folder."""


def _openai_whisper(origin: Path, target: Path) -> None:
    from f2f.weights import openai_format

    openai_format.convert(origin, target)


def _ctranslate2_whisper(origin: Path, target: Path) -> None:
    from f2f.weights import onnx_whisper

    onnx_whisper.convert(origin, target)


MAKERS: Mapping[str, Maker] = {
    "openai-whisper": _openai_whisper,
    "ctranslate2-whisper": _ctranslate2_whisper,
}
