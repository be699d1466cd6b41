from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch

from lipsync.crops import with_pose_prior
from lipsync.engine import PATHS, Engine, EnginePath, FaceItem, default_path, supports_bf16
from lipsync.errors import EngineError, ShapeError
from lipsync.features import MFCC_35
from lipsync.generator import Generator
from lipsync.lipgan import LipGan
from tests.lipsync.conftest import enliven

MakeItems = Callable[..., list[FaceItem]]
PURE: tuple[EnginePath, ...] = ("eager", "fp32", "bf16")
"""Paths that need neither a compiler nor an extra package."""


def by_hand(model: Generator, item: FaceItem) -> np.ndarray:
    """One mouth, the long way: the model's own forward, in fp32."""
    picture = torch.from_numpy(item.face).permute(2, 0, 1)[None] / 255
    with torch.inference_mode():
        face = model(item.mel[None], with_pose_prior(picture, picture))
    whole = (face[0].permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()
    half = model.size // 2
    return np.concatenate((item.face[:half], whole[half:]))


@pytest.mark.parametrize(("path", "tolerance"), [("eager", 1), ("fp32", 1), ("bf16", 20)])
def test_mouths_are_the_models(
    small: Generator, make_items: MakeItems, path: EnginePath, tolerance: int
) -> None:
    items = make_items(small, 5)
    mouths = list(Engine(small, path=path, batch=2).mouths(items))
    assert len(mouths) == 5
    for mouth, item in zip(mouths, items, strict=True):
        expected = by_hand(small, item)
        assert mouth.shape == (96, 96, 3) and mouth.dtype == np.uint8
        assert np.abs(mouth.astype(int) - expected).max() <= tolerance
        assert np.array_equal(mouth[:48], item.face[:48])
        assert (mouth[48:] != item.face[48:]).mean() > 0.5


@pytest.mark.parametrize("path", PURE)
@pytest.mark.parametrize("batch", [1, 3, 8, 50])
def test_any_batch_gives_the_same_mouths_in_order(
    small: Generator, make_items: MakeItems, path: EnginePath, batch: int
) -> None:
    items = make_items(small, 7)
    reference = list(Engine(small, path=path, batch=7).mouths(items))
    mouths = list(Engine(small, path=path, batch=batch).mouths(items))
    for one, other in zip(reference, mouths, strict=True):
        assert np.abs(one.astype(int) - other).max() <= (12 if path == "bf16" else 1)
    assert np.abs(mouths[0].astype(int) - mouths[1]).max() > 12  # the order would show


def test_nothing_in_nothing_out(small: Generator) -> None:
    assert list(Engine(small).mouths([])) == []


def test_a_batch_is_taken_at_a_time(small: Generator, make_items: MakeItems) -> None:
    taken = 0
    items = make_items(small, 3)

    def endless() -> Iterator[FaceItem]:
        nonlocal taken
        for item in itertools.cycle(items):
            taken += 1
            yield item

    mouths = Engine(small, batch=4).mouths(endless())
    for _ in range(5):
        next(mouths)
    assert taken == 8


def test_mouths_do_not_share_memory(small: Generator, make_items: MakeItems) -> None:
    items = make_items(small, 2)
    faces = [item.face.copy() for item in items]
    one, two = Engine(small, batch=2).mouths(items)
    one[:] = 0
    assert two.any()
    assert all(np.array_equal(f, item.face) for f, item in zip(faces, items, strict=True))


def test_other_generators_and_sizes_run(make_items: MakeItems) -> None:
    large = Generator(width=0.125, size=192)
    other = LipGan(width=0.125, sound="mfcc")
    for model in (enliven(large), enliven(other)):
        assert isinstance(model, Generator | LipGan)
        (mouth,) = Engine(model, batch=2).mouths(make_items(model, 1))
        assert mouth.shape == (model.size, model.size, 3)
    assert other.form == MFCC_35


def test_the_model_is_left_as_it_is(small: Generator, make_items: MakeItems) -> None:
    before = {name: t.clone() for name, t in small.state_dict().items()}
    for path in PURE:
        list(Engine(small, path=path).mouths(make_items(small, 1)))
    after = small.state_dict()
    assert all(
        torch.equal(t, after[name]) and t.dtype == after[name].dtype for name, t in before.items()
    )


def test_the_default_path_needs_no_extra() -> None:
    assert default_path() == ("bf16" if supports_bf16() else "fp32")
    assert default_path() in PATHS


@pytest.mark.parametrize(
    ("face", "mel", "message"),
    [
        (np.zeros((95, 96, 3), np.uint8), torch.zeros(1, 80, 16), "face must be 96×96"),
        (np.zeros((96, 96, 3), np.float32), torch.zeros(1, 80, 16), "uint8"),
        (np.zeros((96, 96, 3), np.uint8), torch.zeros(1, 80, 27), "window of sound"),
        (np.zeros((96, 96, 3), np.uint8), torch.full((1, 80, 16), torch.nan), "NaN"),
    ],
)
def test_bad_items_are_named(
    small: Generator, face: np.ndarray, mel: torch.Tensor, message: str
) -> None:
    with pytest.raises(ShapeError, match=message):
        list(Engine(small).mouths([FaceItem(face, mel)]))


def test_paths_and_devices_that_are_not_there_are_named(small: Generator) -> None:
    with pytest.raises(EngineError, match="known are eager, fp32"):
        Engine(small, path="turbo")  # type: ignore[arg-type]
    with pytest.raises(EngineError, match="no device"):
        Engine(small, device="toaster")
    with pytest.raises(EngineError, match="not on meta"):
        Engine(small, device="meta")
    with pytest.raises(EngineError, match="torch sees"):
        Engine(small, device="cuda:97")
    with pytest.raises(EngineError, match=r"CPU|torch sees"):
        Engine(small, path="openvino-bf16", device="cuda")
    with pytest.raises(ShapeError, match="batch"):
        Engine(small, batch=0)


def test_the_reference_is_what_the_model_knows_the_person_by(
    small: Generator, make_items: MakeItems
) -> None:
    one, other = make_items(small, 2)
    pictures = [
        torch.from_numpy(part).permute(2, 0, 1)[None] / 255 for part in (one.face, other.face)
    ]
    with torch.inference_mode():
        expected = small(one.mel[None], with_pose_prior(*pictures))[0].permute(1, 2, 0)
    for path in PURE[:2]:
        item = FaceItem(one.face, one.mel, other.face)
        (mouth,) = Engine(small, path=path).mouths([item])
        lower = (expected[48:] * 255).round().numpy()
        assert np.abs(mouth[48:].astype(int) - lower).max() <= 1
        assert np.array_equal(mouth[:48], one.face[:48])


def test_a_reference_of_another_size_is_refused(small: Generator, make_items: MakeItems) -> None:
    (item,) = make_items(small, 1)
    with pytest.raises(ShapeError, match="reference"):
        list(Engine(small).mouths([FaceItem(item.face, item.mel, item.face[:48])]))
