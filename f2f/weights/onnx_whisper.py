"""Whisper weights from an 8-bit ONNX export to CTranslate2's format.

The export (Hugging Face Optimum) holds each matrix as 8-bit numbers with a scale and a zero point,
and names it after the graph's node that multiplies by it, e.g.

    /model/decoder/layers.0/self_attn/q_proj/MatMul_quant → model.decoder.layers.0.self_attn.q_proj

so the published names can be given back; what is not quantised keeps its name.  CTranslate2's own
converter does the rest, so that word times, beam search and openai-whisper work from these too.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from f2f import torchaudio_cpu
from f2f.errors import InputError

Tensors = dict[str, npt.NDArray[np.float32]]

ENCODER, DECODER = "onnx/encoder_model_quantized.onnx", "onnx/decoder_model_merged_quantized.onnx"
TOKENIZER = "tokenizer.json"

_MULTIPLIED = {"MatMulInteger", "ConvInteger"}
_PARTS = ("_quantized", "_scale", "_zero_point")
_MERGED = re.compile(r"_merged_\d+$")


def convert(folder: Path, target: Path) -> None:
    """Write a CTranslate2 Whisper (fp16) made of an ONNX one.

    Args:
        folder: the export: `ENCODER`, `DECODER`, configuration and tokenizer.
        target: folder for model.bin, config.json, vocabulary.json and tokenizer.json; emptied.

    Raises:
        InputError: the graphs are not an 8-bit Whisper.
    """
    torchaudio_cpu.ensure()  # transformers imports it where it is installed
    import transformers
    from ctranslate2.converters import TransformersConverter

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    with tempfile.TemporaryDirectory(prefix=".converting-", dir=target.parent) as place:
        _as_transformers(folder, Path(place))
        converter = TransformersConverter(place, copy_files=[TOKENIZER])
        converter.convert(str(target), quantization="float16", force=True)


def read_graph(path: Path, prefix: str = "") -> Tensors:
    """All weights of a quantised graph under their published names.

    Args:
        path: the .onnx file.
        prefix: put before each name.

    Raises:
        InputError: it is no ONNX file.
    """
    import onnx
    from google.protobuf.message import DecodeError
    from onnx import numpy_helper

    try:
        graph = onnx.load(path).graph
    except DecodeError as error:
        raise InputError(f"{path.name} is not an ONNX model: {error}") from error
    stored = {item.name: item for item in graph.initializer}

    def read(name: str) -> Any:
        return numpy_helper.to_array(stored[name])

    def restored(name: str) -> npt.NDArray[np.float32]:
        base = name.removesuffix("_quantized")
        steps = read(name).astype(np.float32) - read(base + "_zero_point").astype(np.float32)
        value: npt.NDArray[np.float32] = steps * read(base + "_scale")
        return value

    tensors: Tensors = {}
    for name in stored:
        plain = _MERGED.sub("", name)
        if not plain.endswith(_PARTS) and "/" not in plain:  # with it: the graph's own constants
            tensors[prefix + plain] = read(name)
    quantised: dict[str, Any] = {}  # by its published name a node that uses it: both branches do
    for node in _nodes(graph):
        if node.op_type == "Gather" and node.input[0].endswith("_quantized"):
            quantised[_MERGED.sub("", node.input[0].removesuffix("_quantized"))] = node
        elif node.op_type in _MULTIPLIED and node.input[1] in stored:
            module = node.name.strip("/").rpartition("/")[0].replace("/", ".")
            quantised[f"{module}.weight"] = node
    for plain, node in quantised.items():
        value = restored(node.input[0 if node.op_type == "Gather" else 1])
        tensors[prefix + plain] = value.T if node.op_type == "MatMulInteger" else value
    return tensors


def _as_transformers(folder: Path, target: Path) -> None:
    """The same model as transformers saves one; the output layer is the embedding's own."""
    import torch
    from safetensors.torch import save_file
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    tensors = read_graph(folder / ENCODER, "model.encoder.") | read_graph(folder / DECODER)
    with torch.device("meta"):
        empty = WhisperForConditionalGeneration(WhisperConfig.from_pretrained(folder))
    expected = {name: tuple(value.shape) for name, value in empty.state_dict().items()}
    expected.pop("proj_out.weight")
    found = {name: value.shape for name, value in tensors.items() if name in expected}
    if found != expected:
        wrong = sorted(name for name in expected if found.get(name) != expected[name])
        raise InputError(f"{folder.name} is not an 8-bit Whisper: no {wrong[0]}")
    halves = {name: np.ascontiguousarray(tensors[name], np.float16) for name in expected}
    state = {name: torch.from_numpy(value) for name, value in halves.items()}
    save_file(state, target / "model.safetensors", metadata={"format": "pt"})
    for path in folder.iterdir():
        if path.is_file() and path.suffix in (".json", ".txt"):
            shutil.copyfile(path, target / path.name)


def _nodes(graph: Any) -> Iterator[Any]:
    """All nodes, those of branches too."""
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            yield from _nodes(attribute.g)
