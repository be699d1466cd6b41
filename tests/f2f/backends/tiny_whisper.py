"""A tiny Whisper with random weights in both real formats, so that the real loading code runs.

The CTranslate2 folder is written by CTranslate2's own specification classes, the checkpoint by
openai-whisper's own model: each is an independent oracle for `f2f.weights.openai_format`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import torch
import whisper
from ctranslate2.specs.whisper_spec import WhisperSpec
from transformers.convert_slow_tokenizer import TikTokenConverter
from whisper.tokenizer import get_tokenizer

HEADS, LAYERS, WIDTH = 2, 2, 32
END_OF_TEXT = 50257


LAST_POSITION = 14
"""From here on the end of the text is by far the most probable token."""


def model(*, seed: int = 0) -> whisper.Whisper:
    """A random model that writes nonsense of at most a dozen tokens a window."""
    torch.manual_seed(seed)
    dims = whisper.ModelDimensions(
        n_mels=80,
        n_audio_ctx=1500,
        n_audio_state=WIDTH,
        n_audio_head=HEADS,
        n_audio_layer=LAYERS,
        n_vocab=51865,
        n_text_ctx=448,
        n_text_state=WIDTH,
        n_text_head=HEADS,
        n_text_layer=LAYERS,
    )
    made = whisper.Whisper(dims).eval()
    with torch.no_grad():
        for name, value in made.named_parameters():
            centre = 1.0 if "ln" in name and name.endswith("weight") else 0.0
            value.copy_(centre + 0.3 * torch.randn_like(value))
        end = torch.randn(WIDTH)
        end = (end - end.mean()) / end.norm()
        made.decoder.token_embedding.weight[END_OF_TEXT] = 4.0 * end
        made.decoder.positional_embedding[LAST_POSITION:] += 100.0 * end
    return made


def save_openai(made: whisper.Whisper, path: Path) -> Path:
    """openai-whisper's own format."""
    torch.save({"dims": vars(made.dims), "model_state_dict": made.state_dict()}, path)
    return path


def save_ctranslate2(made: whisper.Whisper, folder: Path) -> Path:
    """A CTranslate2 folder with faster-whisper's tokenizer."""
    state = {name: value.numpy() for name, value in made.state_dict().items()}
    spec = WhisperSpec(LAYERS, HEADS, LAYERS, HEADS)
    for conv in ("conv1", "conv2"):
        _linear(getattr(spec.encoder, conv), state, f"encoder.{conv}")
    spec.encoder.position_encodings.encodings = state["encoder.positional_embedding"]
    spec.decoder.position_encodings.encodings = state["decoder.positional_embedding"]
    spec.decoder.embeddings.weight = state["decoder.token_embedding.weight"]
    spec.decoder.projection.weight = state["decoder.token_embedding.weight"]
    spec.decoder.scale_embeddings = False
    _norm(spec.encoder.layer_norm, state, "encoder.ln_post")
    _norm(spec.decoder.layer_norm, state, "decoder.ln")
    for side in ("encoder", "decoder"):
        for number, layer in enumerate(getattr(spec, side).layer):
            _block(layer, state, f"{side}.blocks.{number}")
    tokens = get_tokenizer(multilingual=True, num_languages=99)
    spec.register_vocabulary(_vocabulary(tokens))
    spec.config.lang_ids = list(tokens.all_language_tokens)
    spec.config.alignment_heads = [[LAYERS - 1, 0], [LAYERS - 1, 1]]
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.validate()
    spec.optimize(quantization="float16")
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    _tokenizer(tokens).save(str(folder / "tokenizer.json"))
    return folder


def encoded(folder: Path, mel: np.ndarray) -> np.ndarray:
    """CTranslate2's encoding of `mel` (1, 80, 3000)."""
    loaded = ctranslate2.models.Whisper(str(folder), device="cpu", compute_type="float32")
    output = loaded.encode(ctranslate2.StorageView.from_array(np.ascontiguousarray(mel)))
    return np.array(output)


def _linear(spec: Any, state: dict[str, np.ndarray], name: str) -> None:
    spec.weight = state[f"{name}.weight"]
    spec.bias = state[f"{name}.bias"]


def _norm(spec: Any, state: dict[str, np.ndarray], name: str) -> None:
    spec.gamma = state[f"{name}.weight"]
    spec.beta = state[f"{name}.bias"]


def _joined(spec: Any, state: dict[str, np.ndarray], name: str, parts: tuple[str, ...]) -> None:
    spec.weight = np.concatenate([state[f"{name}.{part}.weight"] for part in parts])
    zeros = np.zeros(WIDTH, np.float32)  # key projections have no bias
    spec.bias = np.concatenate([state.get(f"{name}.{part}.bias", zeros) for part in parts])


def _block(layer: Any, state: dict[str, np.ndarray], name: str) -> None:
    _norm(layer.self_attention.layer_norm, state, f"{name}.attn_ln")
    _joined(layer.self_attention.linear[0], state, f"{name}.attn", ("query", "key", "value"))
    _linear(layer.self_attention.linear[1], state, f"{name}.attn.out")
    if f"{name}.cross_attn.out.weight" in state:
        _norm(layer.attention.layer_norm, state, f"{name}.cross_attn_ln")
        _linear(layer.attention.linear[0], state, f"{name}.cross_attn.query")
        _joined(layer.attention.linear[1], state, f"{name}.cross_attn", ("key", "value"))
        _linear(layer.attention.linear[2], state, f"{name}.cross_attn.out")
    _norm(layer.ffn.layer_norm, state, f"{name}.mlp_ln")
    _linear(layer.ffn.linear_0, state, f"{name}.mlp.0")
    _linear(layer.ffn.linear_1, state, f"{name}.mlp.2")


def _specials(tokens: Any) -> list[str]:
    return sorted(tokens.special_tokens, key=tokens.special_tokens.__getitem__)


def _tokenizer(tokens: Any) -> Any:
    table = Path(whisper.__file__).parent / "assets" / "multilingual.tiktoken"
    return TikTokenConverter(
        vocab_file=str(table),
        pattern=tokens.encoding._pat_str,
        extra_special_tokens=_specials(tokens),
    ).converted()


def _vocabulary(tokens: Any) -> list[str]:
    by_id = {number: text for text, number in _tokenizer(tokens).get_vocab().items()}
    return [by_id[number] for number in range(len(by_id))]
