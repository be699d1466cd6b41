"""The student translator: an English encoder that has read before, and a new shallow decoder.

The encoder is a published BERT (Devlin et al. 2019): with little parallel text, English is not
learned from it. The decoder is a pre-norm Transformer (Vaswani et al. 2017) with few layers, for
its steps cannot be run side by side: sinusoidal positions, ReLU, one table of embeddings for what
is written and for the output. CTranslate2 runs both without a change in their results.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from torch import Tensor, nn

from f2f import torchaudio_cpu
from f2f.errors import InputError
from training.data.text_pack import END

if TYPE_CHECKING:
    from transformers import BertModel

POSITIONS = 512
"""Most subwords of a sentence."""
NORM = 1e-12
"""Added to a variance: BERT's, for both halves, as CTranslate2 knows one for a model."""
ROWS = 512
"""Words of which the output is computed at once: their scores stay in the processor's cache."""


class Dropout(nn.Module):
    """Dropout that draws eight numbers at a time: on a CPU torch's own took a fifth of a step.

    Args:
        part: what is dropped, to the nearest 256th.
    """

    def __init__(self, part: float) -> None:
        super().__init__()
        self.dropped = round(256 * part)

    def forward(self, x: Tensor) -> Tensor:
        """The same shape, with the mean kept."""
        if not self.training or not self.dropped:
            return x
        words = torch.empty(-(-x.numel() // 8), dtype=torch.int64, device=x.device)
        drawn = words.random_(-(2**63), None).view(torch.uint8)[: x.numel()].view_as(x)
        return x * (drawn >= self.dropped) * (256 / (256 - self.dropped))


class Attention(nn.Module):
    """Multi-head attention; to the sequence itself, or to `memory`."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, memory: Tensor, mask: Tensor | None) -> Tensor:
        """(B, T, W) from x (B, T, W) and memory (B, S, W); no mask is a causal one.

        Args:
            x: what asks.
            memory: what is attended to.
            mask: (B, 1, 1, S), true where memory may be attended to.
        """
        query = self._split(self.query(x))
        key, value = map(self._split, self.key_value(memory).chunk(2, dim=-1))
        mixed = F.scaled_dot_product_attention(
            query, key, value, attn_mask=mask, is_causal=mask is None
        )
        found: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return found

    def _split(self, x: Tensor) -> Tensor:
        return x.reshape(*x.shape[:2], self.heads, -1).transpose(1, 2)  # (B, H, T, W / H)


class FeedForward(nn.Sequential):
    """Two layers with a ReLU between."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__(nn.Linear(width, inner), nn.ReLU(), nn.Linear(inner, width))


class DecoderLayer(nn.Module):
    """Causal self-attention, attention to the source, feed-forward."""

    def __init__(self, width: int, inner: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attention, self.attention_norm = Attention(width, heads), nn.LayerNorm(width, NORM)
        self.source, self.source_norm = Attention(width, heads), nn.LayerNorm(width, NORM)
        self.feed, self.feed_norm = FeedForward(width, inner), nn.LayerNorm(width, NORM)
        self.drop = Dropout(dropout)

    def forward(self, x: Tensor, memory: Tensor, mask: Tensor) -> Tensor:
        """(B, T, W) to (B, T, W)."""
        normed = self.attention_norm(x)
        x = x + self.drop(self.attention(normed, normed, None))
        x = x + self.drop(self.source(self.source_norm(x), memory, mask))
        found: Tensor = x + self.drop(self.feed(self.feed_norm(x)))
        return found


def english_encoder(folder: Path, dropout: float) -> BertModel:
    """A published BERT without its pooling, for training.

    Args:
        folder: as a hub has it: config.json and model.safetensors.
        dropout: part of every addition to the residual stream that is dropped.

    Raises:
        InputError: there is no BERT in the folder, or not all of one.
    """
    torchaudio_cpu.ensure()  # transformers imports it where it is installed
    from transformers import BertConfig, BertModel

    try:
        config = BertConfig.from_pretrained(
            folder, hidden_dropout_prob=dropout, attention_probs_dropout_prob=0.0
        )
        model, told = BertModel.from_pretrained(
            folder, config=config, add_pooling_layer=False, output_loading_info=True,
            use_safetensors=True, local_files_only=True, dtype=torch.float32,
        )  # fmt: skip
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise InputError(f"cannot read an English encoder from {folder}: {error}") from error
    if told["missing_keys"]:
        raise InputError(f"{folder}: the encoder lacks {min(told['missing_keys'])}")
    for part in list(model.modules()):
        drop = getattr(part, "dropout", None)
        if isinstance(drop, nn.Dropout) and drop.p:
            part.dropout = Dropout(drop.p)
    found: BertModel = model
    return found


def encode(encoder: BertModel, source: Tensor, padding: int) -> tuple[Tensor, Tensor]:
    """The source (B, S) as (B, S, W) and where it is not padding, (B, 1, 1, S)."""
    real = source != padding
    memory = encoder(input_ids=source, attention_mask=real).last_hidden_state
    return memory, real[:, None, None]


class Decoder(nn.Module):
    """A source that was read and the translation so far to what comes next.

    Args:
        vocabulary: number of subwords.
        width: of a layer, and of the encoder's.
        inner: width within the feed-forward parts.
        heads: of every attention.
        layers: how many.
        dropout: part of every addition to the residual stream that is dropped.
    """

    positions: Tensor

    def __init__(
        self, vocabulary: int, *, width: int, inner: int, heads: int, layers: int, dropout: float
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.layers = nn.ModuleList(
            DecoderLayer(width, inner, heads, dropout) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(width, NORM)
        self.drop = Dropout(dropout)
        self.register_buffer("positions", _sinusoids(POSITIONS, width), persistent=False)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2 and "embedding" not in name:
                nn.init.xavier_uniform_(parameter)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)
        nn.init.normal_(self.embedding.weight, std=width**-0.5)

    def forward(self, target: Tensor, memory: Tensor, mask: Tensor) -> Tensor:
        """What the output layer sees, (B, T, W), from the target so far (B, T)."""
        x = self._embedded(target)
        for layer in self.layers:
            x = layer(x, memory, mask)
        found: Tensor = self.norm(x)
        return found

    def loss(self, hidden: Tensor, wanted: Tensor, smoothing: float) -> Tensor:
        """Mean label-smoothed cross-entropy of `hidden` (N, W) for the subwords `wanted` (N)."""
        found: Tensor = _TiedCrossEntropy.apply(  # type: ignore[no-untyped-call]
            hidden, self.embedding.weight, wanted, smoothing
        )
        return found

    @torch.no_grad()
    def greedy(self, memory: Tensor, mask: Tensor, first: int, longest: int) -> list[list[int]]:
        """The likeliest next subword again and again after `first`, for every row."""
        target = torch.full((len(memory), 1), first, device=memory.device)
        ended = torch.zeros(len(memory), dtype=torch.bool, device=memory.device)
        for _ in range(longest):
            last = self(target, memory, mask)[:, -1]
            chosen = (last @ self.embedding.weight.T).argmax(-1).masked_fill(ended, END)
            target = torch.cat([target, chosen[:, None]], dim=1)
            ended |= chosen == END
            if ended.all():
                break
        rows: list[list[int]] = target[:, 1:].tolist()
        return [row[: row.index(END)] if END in row else row for row in rows]

    def _embedded(self, subwords: Tensor) -> Tensor:
        x = self.embedding(subwords) * math.sqrt(self.embedding.embedding_dim)
        found: Tensor = self.drop(x + self.positions[: subwords.shape[1]])
        return found


def _sinusoids(length: int, width: int) -> Tensor:
    """Vaswani et al. 2017, section 3.5, sines first and cosines after, (length, width)."""
    half = width // 2
    waves = torch.exp(torch.arange(half) * -(math.log(10000) / (half - 1)))
    angles = torch.arange(1, length + 1)[:, None] * waves
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class _TiedCrossEntropy(torch.autograd.Function):
    """Output layer, softmax and label-smoothed cross-entropy, some rows at a time.

    Scores of a whole batch (words × vocabulary) would be written and read several times over; here
    a block of them is made, turned into its gradient in place, and used up.
    """

    @staticmethod
    def forward(
        context: Any, hidden: Tensor, weight: Tensor, wanted: Tensor, smoothing: float
    ) -> Tensor:
        total = hidden.new_zeros((), dtype=torch.float32)
        training = any(context.needs_input_grad[:2])
        hidden_gradient, weight_gradient = torch.empty_like(hidden), None
        if training:
            weight_gradient = torch.zeros_like(weight)
        for first in range(0, len(hidden), ROWS):
            rows = slice(first, first + ROWS)
            scores = (hidden[rows] @ weight.T.to(hidden.dtype)).float()  # (R, V)
            right = wanted[rows, None]
            mass = scores.logsumexp(-1, keepdim=True)
            likely = (1 - smoothing) * scores.gather(1, right)
            total += (mass - likely - smoothing * scores.mean(-1, keepdim=True)).sum()
            if weight_gradient is None:
                continue
            slope = scores.sub_(mass).exp_().sub_(smoothing / len(weight))
            slope.scatter_add_(1, right, slope.new_full(right.shape, smoothing - 1))
            slope = slope.to(hidden.dtype)
            hidden_gradient[rows] = slope @ weight.to(hidden.dtype)
            weight_gradient += slope.T @ hidden[rows]
        if weight_gradient is not None:
            context.save_for_backward(hidden_gradient, weight_gradient)
        context.words = len(hidden)
        return total / len(hidden)

    @staticmethod
    def backward(context: Any, slope: Tensor) -> tuple[Tensor, Tensor, None, None]:
        hidden_gradient, weight_gradient = context.saved_tensors
        scale = slope / context.words
        return hidden_gradient * scale, weight_gradient * scale, None, None
