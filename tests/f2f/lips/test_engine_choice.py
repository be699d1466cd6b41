"""The fastest path that passes the gate, and a word about those that do not."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from f2f.lips import engine_choice
from lipsync import gate
from lipsync.audio import MEL_16
from lipsync.engine import FaceItem, default_path
from lipsync.errors import QualityError
from lipsync.generator import Generator

RANDOM = np.random.default_rng(0)


@pytest.fixture(scope="module")
def model() -> Generator:
    torch.manual_seed(0)
    return Generator(width=0.125).eval()


@pytest.fixture(scope="module")
def sample() -> list[FaceItem]:
    return [
        FaceItem(
            RANDOM.integers(0, 255, (96, 96, 3), np.uint8), torch.rand(1, MEL_16.bins, MEL_16.steps)
        )
        for _ in range(4)
    ]


def test_auto_takes_the_default_path(model: Generator, sample: list[FaceItem]) -> None:
    paths = engine_choice.suited(engine_choice.preferred("auto"), count=10)
    chosen = engine_choice.choose(model, sample, paths=paths, batch=4)
    assert chosen.engine.path == paths[0] == default_path()
    assert chosen.difference.within()
    assert chosen.passed_over == ()


def test_a_path_that_strays_is_passed_over_and_named(
    model: Generator, sample: list[FaceItem], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = gate.compare

    def strict(engine: object, items: list[FaceItem]) -> gate.PixelDifference:
        if engine.path == "bf16":  # type: ignore[attr-defined]
            return gate.PixelDifference(9.0, 90.0)
        return real(engine, items)  # type: ignore[arg-type]

    monkeypatch.setattr(gate, "compare", strict)
    chosen = engine_choice.choose(model, sample, paths=("bf16", "fp32"), batch=4)
    assert chosen.engine.path == "fp32"
    assert len(chosen.passed_over) == 1 and "bf16 strays 9.00/255" in chosen.passed_over[0]
    with pytest.raises(QualityError):
        engine_choice.choose(model, sample, paths=("bf16",), batch=4)


def test_the_wanted_path_is_taken(model: Generator, sample: list[FaceItem]) -> None:
    assert engine_choice.choose(model, sample, paths=("eager",), batch=4).difference.mean == 0


def test_auto_stands_for_what_suits_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_choice, "default_path", lambda device: "bf16")
    monkeypatch.setattr(engine_choice, "find_spec", lambda package: object())
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert engine_choice.preferred("auto") == ("openvino-int8", "bf16", "fp32")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert engine_choice.preferred("auto") == ("bf16", "fp32")
    monkeypatch.setattr(engine_choice, "find_spec", lambda package: None)
    monkeypatch.setattr(engine_choice, "default_path", lambda device: "fp32")
    assert engine_choice.preferred("auto") == ("fp32",)
    assert engine_choice.preferred("eager") == ("eager",)
    assert engine_choice.preferred(("bf16", "fp32")) == ("bf16", "fp32")


def test_few_mouths_are_not_worth_quantising() -> None:
    paths = ("openvino-int8", "bf16", "fp32")
    few, many = engine_choice.WORTH_QUANTISING - 1, engine_choice.WORTH_QUANTISING
    assert engine_choice.suited(paths, count=few) == ("bf16", "fp32")
    assert engine_choice.suited(paths, count=many) == paths
    assert engine_choice.suited(("openvino-int8",), count=few) == ("openvino-int8",)
    assert engine_choice.sample_size(paths) > engine_choice.sample_size(("bf16",))
