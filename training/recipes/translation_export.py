"""A trained translator as a folder that CTranslate2 runs, with its subwords and its origin."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ctranslate2
import numpy as np
import numpy.typing as npt
from ctranslate2.specs import TransformerSpec
from ctranslate2.specs.transformer_spec import TransformerDecoderSpec, TransformerEncoderSpec
from sentencepiece import SentencePieceProcessor
from torch import nn

from f2f import weights
from f2f.backends.translation.student import ENGLISH, NOTE, SUBWORDS, english_subwords
from f2f.store.digests import digest_given
from training.data.text_pack import ENCODER
from training.recipes.translation_model import NORM, Attention, Decoder, FeedForward
from training.settings import Settings

if TYPE_CHECKING:
    from transformers import BertModel

WEIGHTS = "model.safetensors"
"""A published encoder's."""
UNKNOWN = "<unk>"
"""CTranslate2 knows one name for both sides; BERT calls its own [UNK]."""


def export(
    model: tuple[BertModel, Decoder],
    packed: Path,
    folder: Path,
    *,
    languages: Sequence[str],
    settings: Settings,
    steps: int,
    begun_from: Mapping[str, str],
    quantisation: str = "int8",
) -> None:
    """Write the folder, whole or not at all; an older one is replaced.

    Args:
        model: what was trained.
        packed: the text it was trained on, for its subwords of both sides.
        folder: where to.
        languages: that it translates English into.
        settings: of the run, whose digest and data are named.
        steps: of training so far.
        begun_from: what the encoder was before, see `origin`.
        quantisation: CTranslate2's name for the form of the weights, int8, float16 or float32.
    """
    spec = _spec(*model)
    spec.register_source_vocabulary(_read(packed))
    spec.register_target_vocabulary(_written(packed))
    spec.config.unk_token = UNKNOWN
    spec.config.decoder_start_token = None  # the language's tag, which is given with every sentence
    spec.config.layer_norm_epsilon = NORM
    spec.validate()
    spec.optimize(quantization=quantisation)
    note = {
        "source": "en",
        "targets": list(languages),
        "training_data": settings.data.name,
        "licence": settings.data.licence,
        "config_digest": settings.digest(),
        "steps": steps,
        "encoder_begun_from": dict(begun_from),
        "parameters": sum(one.numel() for half in model for one in half.parameters()),
    }
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        made = Path(temporary) / "made"
        made.mkdir()
        spec.save(str(made))
        for name in (ENGLISH, SUBWORDS):
            (made / name).write_bytes((packed / name).read_bytes())
        (made / NOTE).write_text(json.dumps(note, indent=2), encoding="utf-8")
        if folder.exists():
            folder.rename(Path(temporary) / "old")
        made.rename(folder)


def origin(encoder: Path) -> dict[str, str]:
    """What a folder's encoder is: digest, and name and licence if it is the catalogue's.

    Raises:
        InputError: it has no weights.
    """
    digest = digest_given(encoder / WEIGHTS)
    known = weights.catalogue().entry(ENCODER)
    if digest not in {file.sha256 for file in known.files}:
        return {"sha256": digest, "licence": "unknown"}
    return {"name": known.name, "about": known.about, "licence": known.licence, "sha256": digest}


def _read(packed: Path) -> list[str]:
    vocabulary = english_subwords(packed / ENGLISH).get_vocab()
    names = sorted(vocabulary, key=vocabulary.__getitem__)
    return [UNKNOWN if name == "[UNK]" else name for name in names]


def _written(packed: Path) -> list[str]:
    model = SentencePieceProcessor(model_file=str(packed / SUBWORDS))
    return [model.id_to_piece(number) for number in range(model.get_piece_size())]


def _spec(encoder: BertModel, decoder: Decoder) -> Any:
    layers: Any = decoder.layers  # torch types what it holds as Module or Tensor
    spec = TransformerSpec(
        TransformerEncoderSpec(
            encoder.config.num_hidden_layers,
            encoder.config.num_attention_heads,
            pre_norm=False,
            activation=ctranslate2.specs.Activation.GELU,
            layernorm_embedding=True,
        ),
        TransformerDecoderSpec(
            len(layers),
            layers[0].attention.heads,
            pre_norm=True,
            activation=ctranslate2.specs.Activation.RELU,
        ),
    )
    _bert(spec.encoder, encoder)
    told, table = spec.decoder, _numbers(decoder.embedding.weight)
    told.embeddings.weight = table
    told.projection.weight = table
    told.position_encodings.encodings = _numbers(decoder.positions)
    _norm(told.layer_norm, decoder.norm)
    for one, layer in zip(told.layer, layers, strict=True):
        _norm(one.self_attention.layer_norm, layer.attention_norm)
        _self_attention(one.self_attention, layer.attention)
        _norm(one.attention.layer_norm, layer.source_norm)
        _linear(one.attention.linear[0], layer.source.query)
        _linear(one.attention.linear[1], layer.source.key_value)
        _linear(one.attention.linear[2], layer.source.out)
        _norm(one.ffn.layer_norm, layer.feed_norm)
        _feed(one.ffn, layer.feed)
    return spec


def _bert(told: Any, encoder: BertModel) -> None:
    """All words are of the first kind: what that adds is added to the positions."""
    tables = encoder.embeddings
    told.scale_embeddings = False
    told.embeddings[0].weight = _numbers(tables.word_embeddings.weight)
    first = _numbers(tables.token_type_embeddings.weight)[0]
    told.position_encodings.encodings = _numbers(tables.position_embeddings.weight) + first
    _norm(told.layernorm_embedding, tables.LayerNorm)
    for one, layer in zip(told.layer, encoder.encoder.layer, strict=True):
        ways = layer.attention.self
        _together(one.self_attention.linear[0], (ways.query, ways.key, ways.value))
        _linear(one.self_attention.linear[1], layer.attention.output.dense)
        _norm(one.self_attention.layer_norm, layer.attention.output.LayerNorm)
        _linear(one.ffn.linear_0, layer.intermediate.dense)
        _linear(one.ffn.linear_1, layer.output.dense)
        _norm(one.ffn.layer_norm, layer.output.LayerNorm)


def _self_attention(told: Any, attention: Attention) -> None:
    _together(told.linear[0], (attention.query, attention.key_value))
    _linear(told.linear[1], attention.out)


def _together(told: Any, ways: Sequence[nn.Module]) -> None:
    told.weight = np.concatenate([_numbers(way.weight) for way in ways])
    told.bias = np.concatenate([_numbers(way.bias) for way in ways])


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
