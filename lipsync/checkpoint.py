"""Weights on disk.

Ours are safetensors whose metadata rebuilds the model. The published ``.pth`` files are read
with torch's restricted unpickler, which runs no code, and checked name by name against the
model before anything is loaded.
"""

import json
import os
import pickle
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Generic, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from lipsync.audio import PUBLISHED_OFFSET
from lipsync.errors import CheckpointError, LipsyncError
from lipsync.expert import Expert
from lipsync.generator import FaceGenerator, Generator
from lipsync.lipgan import LipGan, LipGanDiscriminator
from lipsync.quality import QualityDiscriminator
from lipsync.speech2vid import Speech2Vid
from lipsync.syncnet import SyncNet

SUFFIX = ".safetensors"
METADATA = "lipsync"
"""The metadata key that holds everything, as one JSON object."""

PARALLEL_PREFIX = "module."
"""What torch's data parallelism puts before every name."""

SHOWN = 5
"""Names listed in an error before it says "and so many more"."""

KINDS: dict[str, type[nn.Module]] = {
    "wav2lip": Generator,
    "lipgan": LipGan,
    "speech2vid": Speech2Vid,
    "expert": Expert,
    "quality": QualityDiscriminator,
    "lipgan-discriminator": LipGanDiscriminator,
    "syncnet": SyncNet,
}

M = TypeVar("M", bound=nn.Module)


@dataclass(frozen=True)
class Info:
    """What is known of a checkpoint besides its weights; all of it lies in the file."""

    training_data: str = "unknown"
    """What the weights were made from."""
    licence: str = "unknown"
    """On what terms the weights may be used."""
    config_digest: str = ""
    """SHA-256 of the training configuration."""
    mel_offset: int = PUBLISHED_OFFSET
    """Steps by which a window of sound starts after its frame; see ``lipsync.audio``."""
    steps: int = 0
    """Training steps done."""


PUBLISHED = Info(
    training_data="LRS2 (published weights)",
    licence="research and personal use only, as the data set's",
)
"""What is said of a published file, which says nothing of itself."""


@dataclass(frozen=True)
class Loaded(Generic[M]):
    """A model in evaluation mode, in fp32 on the CPU, and what is known of it."""

    model: M
    info: Info


def save(path: Path, model: nn.Module, info: Info, *, half: bool = False) -> None:
    """Write a model, whole or not at all.

    Args:
        path: a ``.safetensors`` file; replaced if it exists.
        model: one of ``KINDS``.
        info: what to say of it.
        half: store convolution and linear weights as fp16, half the size; norms stay fp32.

    Raises:
        CheckpointError: the model is of no known kind, or holds what fp16 cannot.
    """
    path = Path(path)
    kind = next((name for name, known in KINDS.items() if type(model) is known), None)
    if kind is None or path.suffix != SUFFIX:
        raise CheckpointError(f"cannot save a {type(model).__name__} as {path.name}")
    tensors = {}
    for name, tensor in model.state_dict().items():
        kept = tensor.detach().cpu().contiguous().clone()
        if half and kept.is_floating_point() and kept.ndim >= 2:
            kept = kept.half()
        if kept.is_floating_point() and not bool(torch.isfinite(kept).all()):
            raise CheckpointError(f"{name} is not finite, so {path.name} was not written")
        tensors[name] = kept
    header = {"kind": kind, "dims": asdict(model.dims), **asdict(info)}  # type: ignore[call-overload]
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        save_file(tensors, partial, metadata={METADATA: json.dumps(header, sort_keys=True)})
        partial.replace(path)
    except OSError as error:
        raise CheckpointError(f"cannot write {path}: {error}") from error
    finally:
        partial.unlink(missing_ok=True)


def load(path: Path, kind: type[M]) -> Loaded[M]:
    """Read a model of a given class, from our format or from a published ``.pth``.

    Args:
        path: a ``.safetensors`` file of ours, or a published file of any other suffix.
        kind: the class to expect; a base class such as ``FaceGenerator`` takes any of its
            kinds, but then only from our own files.

    Raises:
        CheckpointError: the file is missing, damaged or unsafe, is of another model, lacks a
            tensor, has one too many or of the wrong shape, or holds NaN.
    """
    path = Path(path)
    if not path.is_file():
        raise CheckpointError(f"no weights file at {path}")
    if path.suffix == SUFFIX:
        tensors, model, info = _read_own(path, kind)
    else:
        tensors = _read_published(path)
        model, info = _published_model(path, kind, tensors), PUBLISHED
    _fill(path, model, tensors)
    return Loaded(model.eval(), info)


def load_generator(path: Path) -> Loaded[FaceGenerator]:
    """Read a generator: any kind of ours, or a published Wav2Lip file; errors as ``load``."""
    if Path(path).suffix == SUFFIX:
        return load(path, FaceGenerator)
    published = load(path, Generator)
    return Loaded(published.model, published.info)


def load_expert(path: Path) -> Loaded[Expert]:
    """Read a sync expert, ours or the published one; errors as ``load``."""
    return load(path, Expert)


def load_syncnet(path: Path) -> Loaded[SyncNet]:
    """Read the published ``syncnet_v2.model``; errors as ``load``."""
    loaded = load(path, SyncNet)
    licence = replace(loaded.info, training_data="BBC news (published weights)")
    return Loaded(loaded.model, licence)


def _read_own(path: Path, kind: type[M]) -> tuple[dict[str, Tensor], M, Info]:
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {})[METADATA])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise CheckpointError(f"{path.name} is damaged or not safetensors: {error}") from error
    except (KeyError, ValueError) as error:
        raise CheckpointError(f"{path.name} has no lipsync metadata") from error
    try:
        found = KINDS[header["kind"]]
        if not issubclass(found, kind):
            raise CheckpointError(f"{path.name} holds a {header['kind']}, not a {_name(kind)}")
        with torch.device("meta"):
            model = found(**header["dims"])
        info = Info(**{f.name: header[f.name] for f in fields(Info)})
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise CheckpointError(f"{path.name}: its metadata rebuilds no model: {error}") from error
    except CheckpointError:
        raise
    except LipsyncError as error:
        raise CheckpointError(f"{path.name}: its metadata rebuilds no model: {error}") from error
    return tensors, model, info


def _name(kind: type[nn.Module]) -> str:
    return next((name for name, known in KINDS.items() if known is kind), kind.__name__)


def _read_published(path: Path) -> dict[str, Tensor]:
    """The state dict of a ``.pth`` file, without the data-parallel prefix."""
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path.name} is not plain weights: it is damaged or holds code, "
            "and nothing of it was run"
        ) from error
    except Exception as error:  # torch's reader answers garbage with whatever it stumbles over
        raise CheckpointError(f"{path.name} is damaged or not a weights file") from error
    if isinstance(content, Mapping) and "state_dict" in content:
        content = content["state_dict"]
    if not isinstance(content, Mapping) or not content:
        raise CheckpointError(f"{path.name} holds no weights")
    tensors: dict[str, Tensor] = {}
    for name, tensor in content.items():
        if not isinstance(name, str) or not isinstance(tensor, Tensor):
            raise CheckpointError(f"{path.name} holds something other than named tensors")
        tensors[name.removeprefix(PARALLEL_PREFIX)] = tensor
    return tensors


def _published_model(path: Path, kind: type[M], tensors: Mapping[str, Tensor]) -> M:
    """An empty model of the published dimensions; the expert's Tv is read off its input."""
    if kind not in KINDS.values():
        raise CheckpointError(f"{path.name}: say which kind of model a published file holds")
    dims = {}
    first = tensors.get("face_encoder.0.conv_block.0.weight")
    if kind is Expert and first is not None and first.ndim == 4 and first.shape[1] >= 3:
        dims["frames"] = first.shape[1] // 3
    with torch.device("meta"):
        return kind(**dims)


def _fill(path: Path, model: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Put tensors into an empty model once every name, shape and value is known to fit."""
    wanted = model.state_dict()
    problems = []
    if missing := wanted.keys() - tensors.keys():
        problems.append(f"lacks {_some(missing)}")
    if extra := tensors.keys() - wanted.keys():
        problems.append(f"has the unknown {_some(extra)}")
    shared = wanted.keys() & tensors.keys()
    if wrong := {name for name in shared if wanted[name].shape != tensors[name].shape}:
        name = min(wrong)
        problems.append(
            f"has the wrong shape for {_some(wrong)} ({name}: {tuple(tensors[name].shape)}, "
            f"not {tuple(wanted[name].shape)})"
        )
    if problems:
        raise CheckpointError(
            f"{path.name} does not hold a {_name(type(model))}: it {'; '.join(problems)}"
        )
    state = {name: tensors[name].to(wanted[name].dtype) for name in wanted}
    if broken := {name for name, tensor in state.items() if not bool(tensor.isfinite().all())}:
        raise CheckpointError(f"{path.name} holds NaN or infinite values in {_some(broken)}")
    model.load_state_dict(state, strict=True, assign=True)


def _some(names: set[str]) -> str:
    shown = sorted(names)[:SHOWN]
    rest = len(names) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")
