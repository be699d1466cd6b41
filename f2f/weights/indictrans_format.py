"""IndicTrans2 from the published folder to CTranslate2, without running any of its Python.

Published are config.json, one dictionary and one SentencePiece model a side, and the weights.  The
network is M2M-100's with a vocabulary for each side: pre-norm, sinusoidal positions and, unless the
configuration says otherwise, an output layer of its own (Gala et al., "IndicTrans2", 2023).
"""

from __future__ import annotations

import json
import math
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from f2f.errors import InputError, why

KIND = "IndicTrans"
"""Its `model_type`."""
SUBWORDS = ("model.SRC", "model.TGT")
_DICTIONARIES = ("dict.SRC.json", "dict.TGT.json")
PUBLISHED = ("config.json", *_DICTIONARIES, *SUBWORDS)
WEIGHTS = ("model.safetensors", "pytorch_model.bin")
"""Either will do."""
NOTE = "indictrans2.json"
MADE = (
    "model.bin",
    "config.json",
    "source_vocabulary.json",
    "target_vocabulary.json",
    *SUBWORDS,
    NOTE,
)
"""What `convert` writes."""

_FIRST_POSITION = 2
"""Positions count from the padding token's number on, as in fairseq."""
_SPECIAL = {"bos_token": "<s>", "pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
_PADDED_TO = 8
"""A vocabulary is filled up to a multiple of it, which dictionaries do not always show."""
_DEVANAGARI = re.compile("[\u0900-\u097f]")
_INDIC_SHARE = 0.1

Tensors = Mapping[str, Any]


def is_published(folder: Path) -> bool:
    """True if the folder's configuration says that it is one."""
    return settings(folder).get("model_type") == KIND


def settings(folder: Path) -> dict[str, Any]:
    """config.json as it is.

    Raises:
        InputError: there is none, or it is no JSON object.
    """
    return _json(folder / "config.json")


def convert(folder: Path, target: Path, quantization: str = "int8") -> None:
    """Write a CTranslate2 translator.

    Args:
        folder: as published.
        target: folder that is made: `MADE`.
        quantization: a type of CTranslate2's, such as int8 or float32.

    Raises:
        InputError: the folder is cut short, or its parts do not belong together.
    """
    missing = [name for name in PUBLISHED if not (folder / name).is_file()]
    if missing:
        raise InputError(f"{folder} is not a whole IndicTrans2 folder: no {missing[0]}")
    config = settings(folder)
    dictionaries = [_dictionary(folder / name) for name in _DICTIONARIES]
    try:
        spec = _specification(config, _tensors(folder))
        for vocabulary, register, size in (
            (dictionaries[0], spec.register_source_vocabulary, spec.encoder.embeddings[0]),
            (dictionaries[1], spec.register_target_vocabulary, spec.decoder.embeddings),
        ):
            register(_filled(vocabulary, size.weight.shape[0], folder))
    except KeyError as error:
        raise InputError(f"{folder} is not a whole IndicTrans2 folder: no {error}") from error
    spec.config.bos_token, spec.config.eos_token = "<s>", "</s>"
    spec.config.unk_token, spec.config.decoder_start_token = "<unk>", "</s>"
    spec.validate()
    spec.optimize(quantization=quantization)
    target.mkdir(parents=True, exist_ok=True)
    spec.save(str(target))
    for name in SUBWORDS:
        shutil.copyfile(folder / name, target / name)
    about = {
        "indic": [_is_indic(vocabulary) for vocabulary in dictionaries],
        "tags": [word for word in dictionaries[0] if re.fullmatch("[a-z]{3}_[A-Z][a-z]{3}", word)],
        "longest": int(config["max_source_positions"]),
    }
    (target / NOTE).write_text(json.dumps(about), encoding="utf-8")


def directions(folder: Path) -> tuple[bool, bool]:
    """Whether a published folder's source and target are Indian languages (else English).

    Raises:
        InputError: a dictionary cannot be read.
    """
    source, target = (_is_indic(_dictionary(folder / name)) for name in _DICTIONARIES)
    return source, target


def _is_indic(vocabulary: list[str]) -> bool:
    return sum(bool(_DEVANAGARI.search(word)) for word in vocabulary) > _INDIC_SHARE * len(
        vocabulary
    )


def _dictionary(path: Path) -> list[str]:
    """Words in the order of their numbers."""
    numbers = _json(path)
    words = sorted(numbers, key=lambda word: numbers[word])
    if [numbers[word] for word in words] != list(range(len(words))):
        raise InputError(f"{path} is no dictionary: its numbers are not 0 to {len(words) - 1}")
    if words[: len(_SPECIAL)] != list(_SPECIAL.values()):
        raise InputError(f"{path} is no IndicTrans2 dictionary: it begins with {words[:4]}")
    return words


def _filled(vocabulary: list[str], size: int, folder: Path) -> list[str]:
    lacking = size - len(vocabulary)
    if not 0 <= lacking < _PADDED_TO:
        raise InputError(
            f"a dictionary of {folder} is another model's: it has {len(vocabulary)} words, the "
            f"weights {size}"
        )
    return [*vocabulary, *(f"madeupword{number:04d}" for number in range(lacking))]


def _tensors(folder: Path) -> Tensors:
    """The weights by their published names, in float32.

    Raises:
        InputError: there are none, or the file is cut short.
    """
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    paths = [folder / name for name in WEIGHTS if (folder / name).is_file()]
    if not paths:
        raise InputError(f"{folder} is not a whole IndicTrans2 folder: no {' or '.join(WEIGHTS)}")
    try:
        if paths[0].suffix == ".safetensors":
            loaded: dict[str, Any] = load_file(paths[0])
        else:
            loaded = torch.load(paths[0], map_location="cpu", weights_only=True, mmap=True)
    except (SafetensorError, OSError, RuntimeError, ValueError, EOFError) as error:
        raise InputError(f"{paths[0]} is cut short or no weights file: {error}") from error
    except Exception as error:  # pickle's own, of whatever a file holds beside tensors
        raise InputError(f"{paths[0]} holds more than weights, or none: {why(error)}") from error
    return {name: value.float().numpy() for name, value in loaded.items()}


def _specification(config: dict[str, Any], tensors: Tensors) -> Any:
    from ctranslate2.specs import common_spec, transformer_spec

    activations = {
        "gelu": common_spec.Activation.GELU,
        "relu": common_spec.Activation.RELU,
        "swish": common_spec.Activation.SWISH,
    }
    heads = config["encoder_attention_heads"]
    unlike = [
        name
        for name, known in (
            ("activation_function", config["activation_function"] in activations),
            ("decoder_attention_heads", config["decoder_attention_heads"] == heads),
            (
                "decoder_normalize_before",
                _pre_norm(config, "decoder") == _pre_norm(config, "encoder"),
            ),
        )
        if not known
    ]
    if unlike:
        raise InputError(f"an IndicTrans2 with {unlike[0]} {config[unlike[0]]} is not known")
    spec = transformer_spec.TransformerSpec.from_config(
        (config["encoder_layers"], config["decoder_layers"]),
        heads,
        pre_norm=_pre_norm(config, "encoder"),
        activation=activations[config["activation_function"]],
        layernorm_embedding=bool(config.get("layernorm_embedding")),
    )
    for side, part, embedding in (
        ("encoder", spec.encoder, spec.encoder.embeddings[0]),
        ("decoder", spec.decoder, spec.decoder.embeddings),
    ):
        prefix = f"model.{side}"
        width = config[f"{side}_embed_dim"]
        embedding.weight = tensors[f"{prefix}.embed_tokens.weight"]
        part.scale_embeddings = math.sqrt(width) if config["scale_embedding"] else 1.0
        part.position_encodings.encodings = sinusoids(
            config[f"max_{_LENGTHS[side]}_positions"], width
        )
        if _pre_norm(config, side):
            _norm(part.layer_norm, tensors, f"{prefix}.layer_norm")
        if config.get("layernorm_embedding"):
            _norm(part.layernorm_embedding, tensors, f"{prefix}.layernorm_embedding")
        for number, layer in enumerate(part.layer):
            _layer(layer, tensors, f"{prefix}.layers.{number}", crossed=side == "decoder")
    tied = config.get("share_decoder_input_output_embed")
    output = "model.decoder.embed_tokens.weight" if tied else "lm_head.weight"
    spec.decoder.projection.weight = tensors[output]
    return spec


_LENGTHS = {"encoder": "source", "decoder": "target"}


def _pre_norm(config: dict[str, Any], side: str) -> bool:
    return bool(config[f"{side}_normalize_before"])


def sinusoids(positions: int, width: int) -> npt.NDArray[np.float32]:
    """(positions, width): sines, then cosines, of angles that fall geometrically to 1/10000."""
    half = width // 2
    rates = np.exp(np.arange(half, dtype=np.float32) * -(math.log(10000) / (half - 1)))
    numbers = np.arange(_FIRST_POSITION, positions + _FIRST_POSITION, dtype=np.float32)
    angles = numbers[:, None] * rates[None]
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)


def _layer(spec: Any, tensors: Tensors, prefix: str, *, crossed: bool) -> None:
    _attention(spec.self_attention, tensors, f"{prefix}.self_attn", fused=True)
    if crossed:
        _attention(spec.attention, tensors, f"{prefix}.encoder_attn", fused=False)
    _linear(spec.ffn.linear_0, tensors, f"{prefix}.fc1")
    _linear(spec.ffn.linear_1, tensors, f"{prefix}.fc2")
    _norm(spec.ffn.layer_norm, tensors, f"{prefix}.final_layer_norm")


def _attention(spec: Any, tensors: Tensors, prefix: str, *, fused: bool) -> None:
    """Queries, keys and values as one matrix, or the queries apart from what the encoder gives."""
    groups = (("q_proj", "k_proj", "v_proj"),) if fused else (("q_proj",), ("k_proj", "v_proj"))
    for linear, names in zip(spec.linear, groups, strict=False):
        for field in ("weight", "bias"):
            parts = [tensors[f"{prefix}.{name}.{field}"] for name in names]
            setattr(linear, field, np.concatenate(parts))
    _linear(spec.linear[-1], tensors, f"{prefix}.out_proj")
    _norm(spec.layer_norm, tensors, f"{prefix}_layer_norm")


def _linear(spec: Any, tensors: Tensors, name: str) -> None:
    spec.weight, spec.bias = tensors[f"{name}.weight"], tensors[f"{name}.bias"]


def _norm(spec: Any, tensors: Tensors, name: str) -> None:
    spec.gamma, spec.beta = tensors[f"{name}.weight"], tensors[f"{name}.bias"]


def _json(path: Path) -> dict[str, Any]:
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {path}: {error}") from error
    if not isinstance(tree, dict):
        raise InputError(f"{path} is not a JSON object")
    return tree
