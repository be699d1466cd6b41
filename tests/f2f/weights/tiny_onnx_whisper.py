"""A tiny Whisper as Hugging Face Optimum exports it, quantised by ONNX Runtime itself.

The graph only names every weight and multiplies by it, in an `If` like the published export's: it
is there to be read, not to be run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnx
import torch
import transformers
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer, models

from f2f import torchaudio_cpu
from f2f.weights.onnx_whisper import DECODER, ENCODER

torchaudio_cpu.ensure()  # transformers imports it where it is installed

KINDS = ["MatMul", "Conv", "Gather"]
MERGED = "_merged_0"
WIDTH, VOCABULARY = 32, 60


def model() -> Any:
    """Random weights with the published names."""
    torch.manual_seed(0)
    config = transformers.WhisperConfig(
        vocab_size=VOCABULARY,
        d_model=WIDTH,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=2 * WIDTH,
        decoder_ffn_dim=2 * WIDTH,
        max_target_positions=16,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=3,
    )
    made = transformers.WhisperForConditionalGeneration(config).eval()
    with torch.no_grad():
        for name, value in made.named_parameters():
            if "positions" not in name:
                centre = 1.0 if "norm.weight" in name else 0.0
                value.copy_(centre + 0.3 * torch.randn_like(value))
    return made


def save(made: Any, folder: Path) -> Path:
    """The export: two graphs, configuration and a tokenizer."""
    (folder / "onnx").mkdir(parents=True)
    state = {name: value.numpy() for name, value in made.state_dict().items()}
    encoder = {
        name.removeprefix("model.encoder."): value
        for name, value in state.items()
        if name.startswith("model.encoder.")
    }
    decoder = {name: value for name, value in state.items() if name.startswith("model.decoder.")}
    onnx.save(_quantised(encoder, folder), folder / ENCODER)
    onnx.save(_in_a_branch(_quantised(decoder, folder)), folder / DECODER)
    made.config.save_pretrained(folder)
    heads = [[1, 0], [1, 1]]
    transformers.GenerationConfig(alignment_heads=heads, lang_to_id={"<|en|>": 10}).save_pretrained(
        folder
    )
    _save_tokenizer(folder)
    return folder


def _quantised(weights: dict[str, Any], folder: Path) -> Any:
    nodes, stored, inputs = [], [], []
    for number, (name, value) in enumerate(weights.items()):
        module, _, _ = name.rpartition(".")
        given, shape, kind = f"input_{number}", list(value.shape), "Add"
        label = name
        if "embed_tokens" in name:
            kind, shape = "Gather", [1]
        elif value.ndim == 3:
            kind, shape = "Conv", [1, value.shape[1], 9]
        elif value.ndim == 2 and "positions" not in name:
            kind, shape, label = "MatMul", [1, value.shape[1]], f"onnx::MatMul_{number}"
            value = value.T.copy()
        number_type = TensorProto.INT64 if kind == "Gather" else TensorProto.FLOAT
        operands = [label, given] if kind == "Gather" else [given, label]
        path = "/" + module.replace(".", "/").replace("layers/", "layers.")
        stored.append(numpy_helper.from_array(value, label))
        inputs.append(helper.make_tensor_value_info(given, number_type, shape))
        nodes.append(helper.make_node(kind, operands, [f"output_{number}"], f"{path}/{kind}"))
    outputs = [
        helper.make_tensor_value_info(node.output[0], TensorProto.FLOAT, None) for node in nodes
    ]
    graph = helper.make_graph(nodes, "whisper", inputs, outputs, stored)
    plain, small = folder / "plain.onnx", folder / "quantised.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)]), plain)
    quantize_dynamic(plain, small, weight_type=QuantType.QUInt8, op_types_to_quantize=KINDS)
    made = onnx.load(small)
    plain.unlink()
    small.unlink()
    return made


def _in_a_branch(made: Any) -> Any:
    """The graph inside an `If`, its weights outside and renamed, as the export merges two."""
    graph = made.graph
    new = {item.name: _merged(item.name) for item in graph.initializer}
    for item in graph.initializer:
        item.name = new[item.name]
    for node in graph.node:
        node.input[:] = [new.get(name, name) for name in node.input]
    branch = helper.make_graph(graph.node, "branch", [], graph.output)
    choice = helper.make_tensor_value_info("use_cache_branch", TensorProto.BOOL, [1])
    outputs = [output.name for output in graph.output]
    either = helper.make_node("If", ["use_cache_branch"], outputs, "optimum::if")
    either.attribute.append(helper.make_attribute("then_branch", branch))
    either.attribute.append(helper.make_attribute("else_branch", branch))
    outer = helper.make_graph(
        [either], "merged", [choice, *graph.input], graph.output, graph.initializer
    )
    return helper.make_model(outer, opset_imports=made.opset_import)


def _merged(name: str) -> str:
    for part in ("_quantized", "_scale", "_zero_point"):
        if name.endswith(part):
            return name.removesuffix(part) + MERGED + part
    return name + MERGED


def _save_tokenizer(folder: Path) -> None:
    words = {f"<{number}>": number for number in range(VOCABULARY)}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="<0>"))
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer).save_pretrained(folder)
