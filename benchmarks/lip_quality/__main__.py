"""The command: see the package."""

from __future__ import annotations

import argparse
import csv
import json
import logging
import resource
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.lip_quality import clips
from benchmarks.lip_quality.measures import (
    Judges,
    correlation,
    cosine,
    fid,
    flicker,
    mouths,
    sharpness,
)
from f2f.store.artefacts import Store

log = logging.getLogger("benchmarks.lip_quality")

OPENING_EVERY = 2
"""Frames of which one has its lips measured."""
EVERY = 6
"""Frames of which one is shown to Inception: neighbours are alike."""
COLUMNS, WIDTH = 8, 230
"""Of the sheets, pictures and pixels each."""
SOUNDS = ("own", "foreign", "hindi")
KINDS = ("source", *clips.DETAILS)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="lip_quality", description=__doc__)
    parser.add_argument("clips", nargs="*", type=Path)
    parser.add_argument("--people", type=int, default=0, help="held-out people of --data")
    parser.add_argument("--data", type=Path, help="a folder with manifest.csv")
    parser.add_argument("--sounds", nargs="+", choices=SOUNDS, default=SOUNDS)
    parser.add_argument("--seconds", type=float, default=5.0, help="of every clip")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    chosen = [*given.clips, *(clips.people(given.data, given.people) if given.people else ())]
    given.out.mkdir(parents=True, exist_ok=True)
    measured = Measured(Judges())
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        cut = [clips.cut(clip, place, given.seconds) for clip in chosen]
        sounds = [clips.sound_of(clip, place) for clip in cut]
        hindi = clips.hindi(place)
        for number, clip in enumerate(cut):
            heard = {
                "own": sounds[number],
                "foreign": sounds[(number + 1) % len(cut)],
                "hindi": hindi,
            }
            for kind in given.sounds:
                sound = heard[kind]
                if kind == "foreign" and clip.stem == sound.stem:
                    continue
                store = Store(place / "store" / clip.stem)
                found = clips.spoken(clip, sound, store)
                if found is None:
                    print(f"{clip.stem}, {kind}: no lips are moved", flush=True)
                    continue
                print(measured.add(clip.stem, kind, found), flush=True)
                if kind == "foreign":
                    _write_sheet(given.out / f"{clip.stem}.png", found)
    measured.write(given.out)


class Measured:
    """One row a clip, sound and kind of pixels; features for FID over all clips."""

    def __init__(self, judges: Judges) -> None:
        self._judges = judges
        self._rows: list[dict[str, Any]] = []
        self._features: dict[tuple[str, str], list[npt.NDArray[np.float64]]] = defaultdict(list)

    def add(self, clip: str, heard: str, found: clips.Spoken) -> str:
        """Measure all kinds of one clip; a line for the terminal."""
        shown = {"source": found.source, **found.made}
        openings = self._judges.openings(found.source[::OPENING_EVERY])
        whole = self._judges.features(found.source[::EVERY])
        sharp, flickers = sharpness(found.source), flicker(found.source)
        line = []
        for kind in KINDS:
            faces = shown[kind]
            features = self._judges.features(mouths(faces)[::EVERY])
            self._features[heard, kind].append(features)
            row: dict[str, Any] = {
                "clip": clip,
                "sound": heard,
                "kind": kind,
                "frames": len(faces),
                "sharpness": sharpness(faces) / max(sharp, 1e-6),
                "flicker": flicker(faces) / max(flickers, 1e-6),
                "lpips": self._judges.lpips(faces, found.source),
                **self._judges.synchrony(faces, found.sound, found.info.fps),
            }
            if kind != "source":
                row["leak"] = correlation(openings, self._judges.openings(faces[::OPENING_EVERY]))
                row["likeness"] = cosine(whole, self._judges.features(faces[::EVERY]))
                row["ms"] = sum(
                    cost
                    for name, cost in found.costs.items()
                    if name.endswith(kind) and not (kind == "generator" and "gather" in name)
                )
            if kind == "auto":
                row |= found.shares
            self._rows.append(row)
            numbers = " ".join(
                f"{name} {value:.3g}"
                for name, value in row.items()
                if isinstance(value, float | int) and name != "frames"
            )
            line.append(f"  {kind:9s} {numbers}")
        return "\n".join((f"{clip}, {heard}, {len(found.source)} frames", *line))

    def write(self, folder: Path) -> None:
        """All rows as CSV, their means as JSON and as a table."""
        names = list(dict.fromkeys(name for row in self._rows for name in row))
        with (folder / "clips.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(self._rows)
        means = {
            f"{heard}, {kind}": self._mean(heard, kind, names[4:])
            for heard in dict.fromkeys(row["sound"] for row in self._rows)
            for kind in KINDS
        }
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        summary = {"means": means, "peak_rss_mb": peak / 1024}
        (folder / "summary.json").write_text(json.dumps(summary, indent=2))
        table = _table(means)
        (folder / "summary.md").write_text(table)
        print(table)

    def _mean(self, heard: str, kind: str, names: Sequence[str]) -> dict[str, float]:
        rows = [row for row in self._rows if row["sound"] == heard and row["kind"] == kind]
        found = {
            name: float(np.mean(values))
            for name in names
            if (values := [row[name] for row in rows if name in row])
        }
        found["clips"] = len(rows)
        found["fid"] = fid(self._features[heard, kind], self._features[heard, "source"])
        return found


def _table(means: Mapping[str, Mapping[str, float]]) -> str:
    names = list(dict.fromkeys(name for row in means.values() for name in row))
    lines = [f"| | {' | '.join(names)} |", "| --- " * (len(names) + 1) + "|"]
    for title, row in means.items():
        cells = [f"{row[name]:.3f}" if name in row else "" for name in names]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _write_sheet(path: Path, found: clips.Spoken) -> None:
    """Three rows: source, generator, own."""
    count, height, width = found.source.shape[:3]
    size = (WIDTH, round(WIDTH * height / width))
    places = np.linspace(0, count - 1, COLUMNS + 2).astype(int)[1:-1]
    rows = [
        np.concatenate(
            [cv2.resize(faces[place], size, interpolation=cv2.INTER_CUBIC) for place in places], 1
        )[round(0.4 * size[1]) :]
        for faces in (found.source, *found.made.values())
    ]
    cv2.imwrite(str(path), np.concatenate(rows))


if __name__ == "__main__":
    main()
