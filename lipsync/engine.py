"""The engine: an iterator of faces with their sound in, an iterator of mouths out.

It holds one batch at a time, keeps the order, and takes any number of faces. The paths:

    eager           fp32, the model as it was trained; what the others are measured against
    fp32            norms folded, channels-last, lower half only; the same numbers
    bf16            the same in bfloat16
    compile         bf16 through torch.compile (CUDA graphs on a GPU); minutes to start
    openvino-bf16   OpenVINO on the CPU; needs the extra ``accel``
    openvino-int8   the same, quantised by NNCF on the caller's own faces

A fast path changes pixels a little: ``lipsync.gate`` measures how much and refuses too much.
"""

import copy
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor, nn

from lipsync.audio import AudioForm
from lipsync.crops import Image, check_image, with_pose_prior
from lipsync.errors import EngineError, ShapeError
from lipsync.fusion import LowerHalf, fold_norms
from lipsync.generator import FaceGenerator

EnginePath = Literal["eager", "fp32", "bf16", "compile", "openvino-bf16", "openvino-int8"]
PATHS: tuple[EnginePath, ...] = get_args(EnginePath)

DEFAULT_BATCH = 8
"""Faces at once; more gains nothing on a CPU and 8 fit its caches best."""

CALIBRATION = 16
"""Faces that the int8 path is calibrated on, whatever the batch: they decide the result."""

Forward = Callable[[Tensor, Tensor, Tensor], Tensor]
"""(B, 1, bins, steps) float32 and twice (B, S, S, 3) uint8, faces and references, to
(B, S/2, S, 3) uint8, on the CPU."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceItem:
    """One face to be given new lips."""

    face: Image
    """(S, S, 3) uint8 BGR, from ``lipsync.crops.crop``."""
    mel: Tensor
    """(1, bins, steps) float32, one of ``lipsync.audio.windows``."""
    reference: Image | None = None
    """The same person with another mouth, (S, S, 3) uint8 BGR; None is the face itself, whose own
    mouth then shows through in the new one."""


class ByteGenerator(nn.Module):
    """A generator between bytes: what a path runs, compiles or converts as one graph.

    Args:
        generator: makes whole faces or lower halves.
        dtype: in which it computes.
    """

    def __init__(self, generator: nn.Module, dtype: torch.dtype) -> None:
        super().__init__()
        self.generator = generator
        self.dtype = dtype

    def forward(self, mels: Tensor, faces: Tensor, references: Tensor) -> Tensor:
        """(B, 1, bins, steps) and twice (B, S, S, 3) uint8 to (B, S/2, S, 3) uint8."""
        # Bytes come with the channels last, which is how the convolutions like them.
        shown, known = (
            (part.to(torch.float32) / 255).permute(0, 3, 1, 2) for part in (faces, references)
        )  # (B, 3, S, S)
        six = with_pose_prior(shown, known).to(self.dtype)
        out = self.generator(mels.to(self.dtype), six).float()
        lower = out[:, :, out.shape[2] - faces.shape[1] // 2 :]  # (B, 3, S/2, S)
        halves: Tensor = (lower * 255).round().permute(0, 2, 3, 1).to(torch.uint8)
        return halves


def supports_bf16(device: str = "cpu") -> bool:
    """Whether the device multiplies bfloat16 natively; ``EngineError`` if it is not there."""
    if _device(device).type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    if not hasattr(torch.cpu, "get_capabilities"):  # torch before 2.10 does not say
        return False
    known = torch.cpu.get_capabilities()
    return bool(known.get("avx512_bf16") or known.get("amx_bf16") or known.get("bf16"))


def default_path(device: str = "cpu") -> EnginePath:
    """The fastest path that needs no extra package and no warm-up."""
    return "bf16" if supports_bf16(device) else "fp32"


class Engine:
    """A generator made ready to run.

    Args:
        model: the trained generator, in fp32; it is left as it is.
        path: one of ``PATHS``; ``default_path`` when None.
        device: "cpu", "cuda", "cuda:1"; OpenVINO runs on the CPU only.
        batch: faces at once.
        calibration: faces of the kind to come; the int8 path is calibrated on the first
            ``CALIBRATION`` of them.

    Raises:
        EngineError: unknown path, a device that is not there, or a path that cannot run on it.
        MissingExtraError: the path needs a package that is not installed.
        ShapeError: the batch is not positive.
    """

    def __init__(
        self,
        model: FaceGenerator,
        *,
        path: EnginePath | None = None,
        device: str = "cpu",
        batch: int = DEFAULT_BATCH,
        calibration: Sequence[FaceItem] = (),
    ) -> None:
        if batch < 1:
            raise ShapeError(f"batch must be at least 1, got {batch}")
        self.path: EnginePath = default_path(device) if path is None else path
        self.model = model
        self.batch = batch
        self._size, self._form = model.size, model.form
        self._forward, self._fixed_batch = self._prepare(device, calibration)

    def mouths(self, items: Iterable[FaceItem]) -> Iterator[Image]:
        """New lips for every face, in order.

        Args:
            items: any number of faces; they are taken a batch at a time.

        Yields:
            (S, S, 3) uint8 BGR: the face with its lower half made anew. The upper half is the
            face's own.

        Raises:
            ShapeError: a face or window of the wrong shape, or a window that holds NaN.
        """
        items = iter(items)
        while group := list(itertools.islice(items, self.batch)):
            faces, references, mels = stack(group, self._size, self._form)
            lower = self._run(mels, faces, references).numpy()  # (B, S/2, S, 3)
            for face, half in zip(faces.numpy(), lower, strict=True):
                face[self._size // 2 :] = half
                yield face.copy()

    def _run(self, *parts: Tensor) -> Tensor:
        count = parts[0].shape[0]
        if self._fixed_batch and count < self.batch:
            # A graph of one shape: repeat the last face, and cut it off again.
            missing = self.batch - count
            parts = tuple(
                torch.cat((part, part[-1:].expand(missing, -1, -1, -1))) for part in parts
            )
        mels, faces, references = parts
        return self._forward(mels, faces, references)[:count]

    def _prepare(self, device: str, calibration: Sequence[FaceItem]) -> tuple[Forward, bool]:
        """The path's function, and whether it takes full batches only."""
        if self.path not in PATHS:
            raise EngineError(f"unknown path {self.path!r}; known are {', '.join(PATHS)}")
        target = _device(device)
        if self.path == "eager":
            return _on(
                target, ByteGenerator(copy.deepcopy(self.model).eval(), torch.float32)
            ), False
        lean = LowerHalf(fold_norms(self.model))
        if self.path in ("openvino-bf16", "openvino-int8"):
            if target.type != "cpu":
                raise EngineError(f"{self.path} runs on the CPU, not on {device}")
            # Lazily, because it imports packages of the extra ``accel``.
            from lipsync.accel import openvino_forward

            calibrated = self.path == "openvino-int8"
            if calibrated and len(calibration) < CALIBRATION:
                raise EngineError(f"openvino-int8 needs {CALIBRATION} faces to be calibrated on")
            some = stack(calibration[:CALIBRATION], self._size, self._form) if calibrated else None
            module = ByteGenerator(lean, torch.float32)
            return openvino_forward(module, self._example(), some), True
        dtype = torch.float32 if self.path == "fp32" else torch.bfloat16
        module = ByteGenerator(lean, dtype).to(dtype).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        if self.path == "compile":
            mode = "reduce-overhead" if target.type == "cuda" else "default"
            compiled = torch.compile(module.to(target), mode=mode, dynamic=False)
            return _on(target, compiled), True
        return _on(target, module), False

    def _example(self) -> tuple[Tensor, Tensor, Tensor]:
        """A blank full batch, as of ``stack``."""
        faces = torch.zeros(self.batch, self._size, self._size, 3, dtype=torch.uint8)
        mels = torch.full((self.batch, 1, *self._form.shape()), self._form.silence)
        return faces, faces.clone(), mels


def stack(items: Sequence[FaceItem], size: int, form: AudioForm) -> tuple[Tensor, Tensor, Tensor]:
    """A batch of items as tensors: faces and references, (B, S, S, 3) uint8 each, and their
    sound, (B, 1, bins, steps) float32.

    Raises:
        ShapeError: an item of the wrong shape or type, or sound that is not finite.
    """
    for item in items:
        check_image("face", item.face, side=size)
        if item.reference is not None:
            check_image("reference", item.reference, side=size)
        if tuple(item.mel.shape) != (1, *form.shape()):
            raise ShapeError(
                f"a window of sound must have shape {(1, *form.shape())} for {form.name}, "
                f"got {tuple(item.mel.shape)}"
            )
    faces = torch.from_numpy(np.stack([item.face for item in items]))
    references = torch.from_numpy(
        np.stack([item.face if item.reference is None else item.reference for item in items])
    )
    mels = torch.stack([item.mel for item in items]).to("cpu", torch.float32)
    if not bool(torch.isfinite(mels).all()):
        raise ShapeError("a window of sound holds NaN or infinite values")
    return faces, references, mels


def _device(name: str) -> torch.device:
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise EngineError(f"{name!r} is no device") from error
    if device.type not in ("cpu", "cuda"):
        raise EngineError(f"the engine runs on cpu and cuda, not on {device.type}")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise EngineError(f"no {name} here: torch sees {torch.cuda.device_count()} GPUs")
    return device


def _on(device: torch.device, module: Callable[..., Tensor]) -> Forward:
    if isinstance(module, nn.Module):
        module = module.to(device)

    def forward(*parts: Tensor) -> Tensor:
        with torch.inference_mode():
            out = module(*(part.to(device, non_blocking=True) for part in parts))
            return out.to("cpu")

    return forward
