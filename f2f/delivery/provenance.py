"""What a synthetic video owes its viewers: a visible mark, metadata, and a list of all it is
made of."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter

import f2f
from f2f.config import Delivery
from f2f.delivery import licences
from f2f.errors import ConfigError
from f2f.media.pictures import LIMITED_RANGE, color_range, copy, planes
from f2f.store.artefacts import Artefact, Store
from f2f.store.versions import versions
from f2f.types import VideoInfo

MARK = "AI dubbed"
"""The text of the visible mark."""
_HEIGHT = 0.026
"""Height of the mark's letters over the picture's short side."""
_LEAST_HEIGHT = 8
_MARGIN = 0.025
"""Distance from the corner over the picture's short side."""
_SHADE, _INK = 0.45, 0.92
"""How far the box is darkened, and how opaque the letters are."""


def check(delivery: Delivery) -> None:
    """Refuse an unmarked video without a reason on record.

    Raises:
        ConfigError: `mark` is off and `mark_off_reason` is empty.
    """
    if delivery.mark == "off" and not (delivery.mark_off_reason or "").strip():
        raise ConfigError(
            "delivery.mark=off needs delivery.mark_off_reason: why viewers need not be told; "
            "it is recorded in the video's metadata and in the report"
        )


class Mark:
    """Draws the visible mark onto working pictures, straight onto their YUV planes.

    Args:
        info: size and colour range of the pictures.
        delivery: the corner, or off with its reason.

    Raises:
        ConfigError: see `check`.
    """

    def __init__(self, info: VideoInfo, delivery: Delivery) -> None:
        check(delivery)
        self._corner = delivery.mark
        limited = color_range(info) == LIMITED_RANGE
        self._black, self._white = (16, 235) if limited else (0, 255)
        side = min(info.size)
        height = max(_LEAST_HEIGHT, round(side * _HEIGHT))
        self._letters = _letters(height, info.size)
        rows, columns = self._letters.shape
        margin = round(side * _MARGIN)
        top = margin if "top" in self._corner else info.size[1] - margin - rows
        left = margin if "left" in self._corner else info.size[0] - margin - columns
        self._top, self._left = max(0, top) & ~1, max(0, left) & ~1

    def draw(self, picture: Any) -> Any:
        """A copy of `picture` with the mark; `picture` itself if the mark is off."""
        if self._corner == "off":
            return picture
        marked = copy(picture)
        luma, *chroma = planes(marked)
        scale = 4 if luma.dtype == np.uint16 else 1
        rows, columns = self._letters.shape
        where = np.s_[self._top : self._top + rows, self._left : self._left + columns]
        dark = luma[where] + (self._black * scale - luma[where].astype(np.float32)) * _SHADE
        lit = dark + (self._white * scale - dark) * self._letters
        luma[where] = np.rint(lit).astype(luma.dtype)
        half = np.s_[
            self._top // 2 : (self._top + rows) // 2, self._left // 2 : (self._left + columns) // 2
        ]
        for plane in chroma:
            grey = plane[half] + (128 * scale - plane[half].astype(np.float32)) * _INK
            plane[half] = np.rint(grey).astype(plane.dtype)
        return marked


def tags(
    languages: tuple[str | None, str | None], delivery: Delivery, *, lips: bool
) -> dict[str, str]:
    """Metadata of the file: that it is synthetic, in what way, and why if unmarked.

    Args:
        languages: heard and said; none is said where a recording was given.
        delivery: the mark.
        lips: True if any lips were changed.
    """
    heard, said = languages
    made = []
    if said:
        made.append(f"the speech, from {heard or 'another language'} into {said}")
    if lips:
        made.append("the movement of the lips")
    what = f"a machine made {' and '.join(made)}" if made else "the sound was replaced"
    statement = f"Synthetic media: {what} (face-to-face {f2f.__version__})."
    if delivery.mark == "off":
        statement += f" The visible mark was left out: {delivery.mark_off_reason}"
    return {"comment": statement, "description": statement, "synopsis": statement}


def write_sidecar(
    path: Path,
    inputs: Iterable[Artefact],
    store: Store,
    *,
    packages: Iterable[str],
    facts: Mapping[str, Any],
) -> None:
    """Write a JSON of everything used: each stage's settings, weights, inputs, and the versions
    of the packages that made it, which may have been others than those that deliver.

    Says nothing of when or where it ran, so the same work gives the same file.

    Args:
        path: the file.
        inputs: artefacts that the video is made of; what they are made of is followed.
        store: where they lie.
        packages: distributions that are in the delivered video itself.
        facts: values to put first.
    """
    tree = {
        **{name: TypeAdapter(Any).dump_python(fact, mode="json") for name, fact in facts.items()},
        "generator": f"face-to-face {f2f.__version__}",
        "packages": versions(packages),
        "licences": [_terms(part) for part in licences.parts() if part.installed],
        "stages": [_facts_of(artefact, store) for artefact in _ancestry(inputs, store)],
    }
    path.write_text(json.dumps(tree, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _letters(height: int, size: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Opacity of the letters, (rows, columns), both even, no larger than half the picture."""
    font, thickness = cv2.FONT_HERSHEY_DUPLEX, max(1, round(height / 11))
    scale = cv2.getFontScaleFromHeight(font, height, thickness)
    (width, _), baseline = cv2.getTextSize(MARK, font, scale, thickness)
    edge = max(2, height // 2)
    rows = (height + baseline // 2 + 2 * edge + 1) & ~1
    columns = (width + 2 * edge + 1) & ~1
    canvas = np.zeros((rows, columns), np.uint8)
    origin = (edge, edge + height)
    cv2.putText(canvas, MARK, origin, font, scale, 255, thickness, cv2.LINE_AA)
    if columns > size[0] // 2:  # a very small picture
        canvas = cv2.resize(canvas, ((size[0] // 2) & ~1, rows), interpolation=cv2.INTER_AREA)
    opacity: npt.NDArray[np.float32] = canvas * np.float32(_INK / 255)
    return opacity


def _terms(part: licences.Part) -> dict[str, str | None]:
    """What an installed part's licence asks, for the sidecar."""
    return {
        "part": part.part,
        "package": part.package,
        "version": part.installed,
        "licence": part.licence,
        "use": licences.USES[part.use],
    }


def _ancestry(inputs: Iterable[Artefact], store: Store) -> list[Artefact]:
    """The artefacts and all that they were made of, each once, sources first."""
    order: dict[Artefact, None] = {}

    def visit(artefact: Artefact) -> None:
        if artefact not in order:
            for name in store.meta(artefact)["inputs"]:
                if (made_of := Artefact.named(name)) is not None:
                    visit(made_of)
            order[artefact] = None

    for artefact in inputs:
        visit(artefact)
    return list(order)


def _facts_of(artefact: Artefact, store: Store) -> dict[str, Any]:
    meta = store.meta(artefact)
    facts = {
        "stage": artefact.stage,
        "key": artefact.key,
        "version": meta["version"],
        "settings": meta["settings"],
        "packages": meta["packages"],
        "inputs": [
            name if Artefact.named(name) is not None else Path(name).name for name in meta["inputs"]
        ],
    }
    parts = [made for name in meta.get("parts", ()) if (made := Artefact.named(name)) is not None]
    return {**facts, "parts": _makers(parts, store)} if parts else facts


def _makers(parts: Iterable[Artefact], store: Store) -> list[dict[str, Any]]:
    """How many of the parts were made by the same packages: lines live longer than releases."""
    made_by = [(part.stage, tuple(store.meta(part)["packages"].items())) for part in parts]
    return [
        {"stage": stage, "count": count, "packages": dict(packages)}
        for (stage, packages), count in Counter(made_by).items()
    ]
