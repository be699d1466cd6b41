"""The losses of a run, by step."""

from __future__ import annotations

import csv
import logging
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

CURVES = "curves.csv"


class Curves:
    """`curves.csv` (step, seconds, name, value) and, where it is installed, TensorBoard.

    Lines that a killed run wrote after its last checkpoint are dropped on resumption.
    """

    def __init__(self, folder: Path, step: int) -> None:
        self._path = folder / CURVES
        rows: list[list[str]] = []
        if self._path.is_file() and step > 0:
            with self._path.open(newline="") as file:
                rows = [row for row in list(csv.reader(file))[1:] if int(row[0]) <= step]
        with self._path.open("w", newline="") as file:
            csv.writer(file).writerows([["step", "seconds", "name", "value"], *rows])
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            self._board: Any = None
            log.info("no TensorBoard here: pip install 'face-to-face[training]'")
        else:
            self._board = SummaryWriter(str(folder / "board"))

    def write(self, step: int, values: dict[str, float], *, seconds: float, rate: float) -> None:
        """One point of every curve, and a line of the log."""
        with self._path.open("a", newline="") as file:
            csv.writer(file).writerows(
                [step, round(seconds, 1), name, f"{value:.6g}"] for name, value in values.items()
            )
        if self._board is not None:
            for name, value in values.items():
                self._board.add_scalar(name, value, step)
            self._board.flush()
        shown = "  ".join(f"{name} {value:.4g}" for name, value in values.items())
        log.info("step %d  %.0f s  %.1f samples/s  %s", step, seconds, rate, shown)
