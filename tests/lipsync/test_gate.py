from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lipsync.engine import Engine, FaceItem
from lipsync.errors import QualityError
from lipsync.gate import PixelDifference, checked_engine, compare
from lipsync.generator import Generator

MakeItems = Callable[..., list[FaceItem]]


def test_the_exact_path_does_not_differ(small: Generator, make_items: MakeItems) -> None:
    items = make_items(small, 4)
    assert compare(Engine(small, path="eager"), items) == PixelDifference(0.0, 0.0)
    assert compare(Engine(small, path="fp32"), items).maximum <= 1


def test_the_difference_is_that_of_the_lower_halves(
    small: Generator, make_items: MakeItems
) -> None:
    items = make_items(small, 3)
    engine = Engine(small, path="bf16", batch=3)
    fast = np.stack(list(engine.mouths(items)))[:, 48:].astype(int)
    exact = np.stack(list(Engine(small, path="eager", batch=3).mouths(items)))[:, 48:]
    measured = compare(engine, items)
    assert measured.mean == pytest.approx(np.abs(fast - exact).mean())
    assert measured.maximum == np.abs(fast - exact).max() > 0


def test_a_path_that_strays_is_refused(small: Generator, make_items: MakeItems) -> None:
    items = make_items(small, 4)
    engine, difference = checked_engine(small, items, path="fp32", batch=4)
    assert engine.path == "fp32" and difference.within()
    with pytest.raises(QualityError, match=r"bf16 strays .* more than the 1e-06/255"):
        checked_engine(small, items, path="bf16", batch=4, limit=1e-6)


def test_nothing_can_be_said_without_faces(small: Generator) -> None:
    with pytest.raises(QualityError, match="at least one face"):
        checked_engine(small, [], batch=4)
