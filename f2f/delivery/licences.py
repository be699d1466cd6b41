"""Parts of others whose licences ask something of whoever passes them on.

The facts lie in `f2f/assets/third_party.yaml`; the doctor, the sidecar of a result and NOTICE show
the same ones.
"""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass

from f2f import weights

Use = Literal["library", "worker", "program", "file"]
USES: dict[Use, str] = {
    "library": "loaded into f2f's process",
    "worker": "in a process of its own",
    "program": "run as a program",
    "file": "read as a file",
}
_WIDTH = 88


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class Part:
    """One part and what follows from its licence."""

    part: str
    licence: str
    """SPDX."""
    use: Use
    purpose: str
    meaning: str
    """For someone who passes it on."""
    package: str | None = None
    """Its name in pip."""

    @property
    def installed(self) -> str | None:
        """The version that is here; None if there is none, or pip does not know."""
        try:
            return None if self.package is None else version(self.package)
        except PackageNotFoundError:
            return None


@functools.cache
def parts() -> tuple[Part, ...]:
    """All parts, those that ask most first."""
    text = (files("f2f") / "assets" / "third_party.yaml").read_text(encoding="utf-8")
    return TypeAdapter(tuple[Part, ...]).validate_python(yaml.safe_load(text))


def notice() -> str:
    """The text of NOTICE."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield from _paragraph(
        "face-to-face is under the MIT licence (LICENSE), but for the files in lipsync/weights, "
        "which are for research only (lipsync/weights/LICENSE) and are not in its wheel. It uses "
        "parts of others; nobody's code is copied into its own. This file is written by "
        "`make notice`; it is no legal advice."
    )
    yield "## Parts whose licences ask something of whoever passes them on"
    yield ""
    for part in parts():
        brought = f" (pip: {part.package})" if part.package else ""
        yield f"- {part.part}{brought}: {part.licence}"
        for text in (f"{USES[part.use]}: {part.purpose}", part.meaning):
            yield from textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="  ")
    yield ""
    yield "## Weights"
    yield ""
    yield from _paragraph(
        "Pulled by `f2f models pull` or brought by you, each under its own licence. Those marked "
        "(*) may not be used commercially. LicenseRef-face-to-face-research-only is "
        "lipsync/weights/LICENSE; LicenseRef-non-commercial-LRS2 is what the published Wav2Lip "
        "says of its weights: personal and research use only, since LRS2 allows no other."
    )
    for entry in weights.catalogue().entries.values():
        yield f"- {entry.name}: {entry.licence}{'' if entry.commercial else ' (*)'}"


def _paragraph(text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, _WIDTH)
    yield ""
