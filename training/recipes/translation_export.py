"""A trained translator as a folder that CTranslate2 runs, with its subwords and its origin."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import numpy.typing as npt
from ctranslate2.specs import TransformerSpec
from sentencepiece import SentencePieceProcessor
from torch import nn

from f2f.backends.translation.student import NOTE, SUBWORDS
from training.recipes.translation_model import Attention, FeedForward, Translator
from training.settings import Settings


def export(
    model: Translator,
    subwords: bytes,
    folder: Path,
    *,
    languages: Sequence[str],
    settings: Settings,
    steps: int,
    quantisation: str = "int8",
) -> None:
    """Write the folder, whole or not at all; an older one is replaced.

    Args:
        model: what was trained.
        subwords: the serialised SentencePiece model whose numbers it speaks.
        folder: where to.
        languages: that it translates English into.
        settings: of the run, whose digest and data are named.
        steps: of training so far.
        quantisation: CTranslate2's name for the form of the weights, int8, float16 or float32.
    """
    spec = _spec(model)
    names = _pieces(subwords)
    spec.register_source_vocabulary(names)
    spec.register_target_vocabulary(names)
    spec.config.add_source_eos = True
    spec.validate()
    spec.optimize(quantization=quantisation)
    note = {
        "source": "en",
        "targets": list(languages),
        "training_data": settings.data.name,
        "licence": settings.data.licence,
        "config_digest": settings.digest(),
        "steps": steps,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
    }
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        made = Path(temporary) / "made"
        made.mkdir()
        spec.save(str(made))
        (made / SUBWORDS).write_bytes(subwords)
        (made / NOTE).write_text(json.dumps(note, indent=2), encoding="utf-8")
        if folder.exists():
            folder.rename(Path(temporary) / "old")
        made.rename(folder)


def _pieces(subwords: bytes) -> list[str]:
    model = SentencePieceProcessor(model_proto=subwords)
    return [model.id_to_piece(number) for number in range(model.get_piece_size())]


def _spec(model: Translator) -> Any:
    encoder: Any = model.encoder  # torch types what it holds as Module or Tensor
    decoder: Any = model.decoder
    spec = TransformerSpec.from_config(
        (len(encoder), len(decoder)),
        encoder[0].attention.heads,
        pre_norm=True,
        activation=ctranslate2.specs.Activation.RELU,
    )
    table, positions = _numbers(model.embedding.weight), _numbers(model.positions)
    spec.encoder.embeddings[0].weight = table
    spec.decoder.embeddings.weight = table
    spec.decoder.projection.weight = table
    spec.encoder.position_encodings.encodings = positions
    spec.decoder.position_encodings.encodings = positions
    _norm(spec.encoder.layer_norm, model.encoder_norm)
    _norm(spec.decoder.layer_norm, model.decoder_norm)
    for told, layer in zip(spec.encoder.layer, encoder, strict=True):
        _norm(told.self_attention.layer_norm, layer.attention_norm)
        _self_attention(told.self_attention, layer.attention)
        _norm(told.ffn.layer_norm, layer.feed_norm)
        _feed(told.ffn, layer.feed)
    for told, layer in zip(spec.decoder.layer, decoder, strict=True):
        _norm(told.self_attention.layer_norm, layer.attention_norm)
        _self_attention(told.self_attention, layer.attention)
        _norm(told.attention.layer_norm, layer.source_norm)
        _linear(told.attention.linear[0], layer.source.query)
        _linear(told.attention.linear[1], layer.source.key_value)
        _linear(told.attention.linear[2], layer.source.out)
        _norm(told.ffn.layer_norm, layer.feed_norm)
        _feed(told.ffn, layer.feed)
    return spec


def _self_attention(told: Any, attention: Attention) -> None:
    together = told.linear[0]
    ways = (attention.query, attention.key_value)
    together.weight = np.concatenate([_numbers(way.weight) for way in ways])
    together.bias = np.concatenate([_numbers(way.bias) for way in ways])
    _linear(told.linear[1], attention.out)


def _feed(told: Any, feed: FeedForward) -> None:
    _linear(told.linear_0, feed[0])
    _linear(told.linear_1, feed[2])


def _linear(told: Any, linear: nn.Module) -> None:
    told.weight, told.bias = _numbers(linear.weight), _numbers(linear.bias)


def _norm(told: Any, norm: nn.LayerNorm) -> None:
    told.gamma, told.beta = _numbers(norm.weight), _numbers(norm.bias)


def _numbers(tensor: Any) -> npt.NDArray[np.float32]:
    array: npt.NDArray[np.float32] = tensor.detach().float().cpu().numpy()
    return array
