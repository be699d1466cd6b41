from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import pytest

from lipsync import accel
from lipsync.engine import CALIBRATION, Engine, EnginePath, FaceItem
from lipsync.errors import EngineError, MissingExtraError
from lipsync.gate import checked_engine
from lipsync.generator import Generator

MakeItems = Callable[..., list[FaceItem]]


needs_accel = pytest.mark.skipif(
    not (find_spec("openvino") and find_spec("nncf")), reason="the extra accel is not installed"
)


@pytest.mark.slow
@needs_accel
@pytest.mark.parametrize("path", ["openvino-bf16", "openvino-int8"])
def test_openvino_paths_pass_the_gate(
    small: Generator, make_items: MakeItems, path: EnginePath
) -> None:
    # Lively random weights amplify rounding far beyond a trained model's; hence the limit.
    engine, difference = checked_engine(
        small, make_items(small, CALIBRATION + 4), path=path, batch=4, limit=8
    )
    assert difference.mean > 0
    assert sys.modules[accel.TELEMETRY] is None  # neither package can report what it did
    items = make_items(small, 6, seed=1)
    mouths = list(engine.mouths(items))  # the last batch is not full
    exact = list(Engine(small, path="eager").mouths(items))
    assert len(mouths) == 6
    for mouth, other in zip(mouths, exact, strict=True):
        assert np.abs(mouth.astype(int) - other).mean() < 8


@pytest.mark.slow
@needs_accel
def test_the_batch_decides_nothing_but_the_speed_of_int8(
    small: Generator, make_items: MakeItems
) -> None:
    items = make_items(small, CALIBRATION)
    engines = (
        Engine(small, path="openvino-int8", batch=batch, calibration=items) for batch in (3, 16)
    )
    one, other = (np.stack(list(engine.mouths(items[:4]))) for engine in engines)
    assert np.array_equal(one, other)


@needs_accel
def test_int8_needs_faces_to_be_calibrated_on(small: Generator) -> None:
    with pytest.raises(EngineError, match="calibrated"):
        Engine(small, path="openvino-int8", batch=4)


def test_a_missing_package_says_how_to_get_it(
    small: Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    assert accel.INSTALL.startswith("pip install")
    with pytest.raises(MissingExtraError, match=r"openvino is not installed: pip install .*accel"):
        Engine(small, path="openvino-bf16")
