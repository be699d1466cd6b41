"""Whisper weights from CTranslate2's `model.bin` to openai-whisper's `.pt`.

Both hold the published tensors; they differ in names and in that CTranslate2 joins the query, key
and value projections (key projections get a bias of zeros, which the original does not have).
The binary format is read here, without CTranslate2, as its `ModelSpec` writes it (version 6):
numbers are little-endian, a text is a uint16 length with a closing zero, then

    uint32 version, text spec, uint32 revision, uint32 count, count x
        (text name, uint8 rank, rank x uint32 shape, uint8 type, uint32 bytes, data), aliases
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from f2f.errors import InputError

Tensors = dict[str, npt.NDArray[np.generic]]

VERSION = 6
SPEC = "WhisperSpec"
TYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}


def convert(folder: Path, target: Path) -> None:
    """Write openai-whisper's checkpoint made of a CTranslate2 folder.

    Args:
        folder: holds `model.bin`.
        target: the `.pt` to write: `dims` and an fp16 `model_state_dict`, nothing else, so that
            `torch.load(weights_only=True)` reads it.

    Raises:
        InputError: the file is not an unquantised Whisper of a known format version.
    """
    tensors = read_model(folder / "model.bin")
    state = {name: torch.from_numpy(value) for name, value in _renamed(tensors)}
    torch.save({"dims": _dims(tensors), "model_state_dict": state}, target)


def read_model(path: Path) -> Tensors:
    """All variables of a CTranslate2 Whisper model, by their own names.

    Raises:
        InputError: the file is something else, or damaged.
    """
    data = np.memmap(path, dtype=np.uint8, mode="r")
    try:
        return _parse(memoryview(data))  # type: ignore[arg-type]
    except (struct.error, KeyError, ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name} is not a CTranslate2 Whisper model: {error}") from error


def _parse(data: memoryview) -> Tensors:
    place = 0

    def number(code: str) -> int:
        nonlocal place
        (value,) = struct.unpack_from("<" + code, data, place)
        place += struct.calcsize("<" + code)
        return int(value)

    def text() -> str:
        nonlocal place
        length = number("H")
        value = bytes(data[place : place + length - 1]).decode()
        place += length
        return value

    version, spec = number("I"), text()
    number("I")  # the spec's revision
    if version != VERSION or spec != SPEC:
        raise ValueError(f"format {version} of {spec!r}, not {VERSION} of {SPEC!r}")
    tensors: Tensors = {}
    for _ in range(number("I")):
        name = text()
        shape = [number("I") for _ in range(number("B"))]
        kind, size = TYPES[number("B")], number("I")
        tensors[name] = np.frombuffer(data[place : place + size], kind).reshape(shape)
        place += size
    return tensors


def _dims(tensors: Tensors) -> dict[str, int]:
    width, mels, _ = tensors["encoder/conv1/weight"].shape
    vocabulary, text_width = tensors["decoder/embeddings/weight"].shape
    return {
        "n_mels": mels,
        "n_audio_ctx": tensors["encoder/position_encodings/encodings"].shape[0],
        "n_audio_state": width,
        "n_audio_head": int(tensors["encoder/num_heads"]),
        "n_audio_layer": _layers(tensors, "encoder"),
        "n_vocab": vocabulary,
        "n_text_ctx": tensors["decoder/position_encodings/encodings"].shape[0],
        "n_text_state": text_width,
        "n_text_head": int(tensors["decoder/num_heads"]),
        "n_text_layer": _layers(tensors, "decoder"),
    }


def _layers(tensors: Tensors, side: str) -> int:
    numbers = {name.split("/")[1] for name in tensors if name.startswith(f"{side}/layer_")}
    return len(numbers - {"layer_norm"})


def _renamed(tensors: Tensors) -> Iterator[tuple[str, npt.NDArray[np.generic]]]:
    for side in ("encoder", "decoder"):
        place = tensors[f"{side}/position_encodings/encodings"]
        yield f"{side}.positional_embedding", place.copy()
    yield "decoder.token_embedding.weight", tensors["decoder/embeddings/weight"].copy()
    for conv in ("conv1", "conv2"):
        yield from _linear(tensors, f"encoder/{conv}", f"encoder.{conv}")
    yield from _norm(tensors, "encoder/layer_norm", "encoder.ln_post")
    yield from _norm(tensors, "decoder/layer_norm", "decoder.ln")
    for side in ("encoder", "decoder"):
        for layer in range(_layers(tensors, side)):
            yield from _block(tensors, f"{side}/layer_{layer}", f"{side}.blocks.{layer}")


def _block(tensors: Tensors, old: str, new: str) -> Iterator[tuple[str, npt.NDArray[np.generic]]]:
    yield from _norm(tensors, f"{old}/self_attention/layer_norm", f"{new}.attn_ln")
    joined = f"{old}/self_attention/linear_0"
    yield from _projections(tensors, joined, f"{new}.attn", ("query", "key", "value"))
    yield from _linear(tensors, f"{old}/self_attention/linear_1", f"{new}.attn.out")
    if f"{old}/attention/linear_0/weight" in tensors:
        cross = f"{new}.cross_attn"
        yield from _norm(tensors, f"{old}/attention/layer_norm", f"{cross}_ln")
        yield from _linear(tensors, f"{old}/attention/linear_0", f"{cross}.query")
        yield from _projections(tensors, f"{old}/attention/linear_1", cross, ("key", "value"))
        yield from _linear(tensors, f"{old}/attention/linear_2", f"{cross}.out")
    yield from _norm(tensors, f"{old}/ffn/layer_norm", f"{new}.mlp_ln")
    yield from _linear(tensors, f"{old}/ffn/linear_0", f"{new}.mlp.0")
    yield from _linear(tensors, f"{old}/ffn/linear_1", f"{new}.mlp.2")


def _projections(
    tensors: Tensors, old: str, new: str, names: tuple[str, ...]
) -> Iterator[tuple[str, npt.NDArray[np.generic]]]:
    weights = np.split(tensors[f"{old}/weight"], len(names))
    biases = np.split(tensors[f"{old}/bias"], len(names))
    for name, weight, bias in zip(names, weights, biases, strict=True):
        yield f"{new}.{name}.weight", weight.copy()
        if name != "key":
            yield f"{new}.{name}.bias", bias.copy()
        elif bias.any():
            raise InputError(f"{old} has a bias in its key projection, which Whisper has not")


def _linear(tensors: Tensors, old: str, new: str) -> Iterator[tuple[str, npt.NDArray[np.generic]]]:
    yield f"{new}.weight", tensors[f"{old}/weight"].copy()
    yield f"{new}.bias", tensors[f"{old}/bias"].copy()


def _norm(tensors: Tensors, old: str, new: str) -> Iterator[tuple[str, npt.NDArray[np.generic]]]:
    yield f"{new}.weight", tensors[f"{old}/gamma"].copy()
    yield f"{new}.bias", tensors[f"{old}/beta"].copy()
