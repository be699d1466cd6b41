"""The student translator: a pre-norm Transformer (Vaswani et al. 2017), deep to read with and
shallow to write with, for a decoder's steps cannot be run side by side.

It is what CTranslate2's `TransformerSpec` describes, so it can be exported without a change in its
results: sinusoidal positions, ReLU, one table of embeddings for source, target and output.
"""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.data.text_pack import BEGIN, END, PAD

POSITIONS = 512
"""Most subwords of a sentence."""
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


class EncoderLayer(nn.Module):
    """Self-attention and feed-forward, each normalised before and added after."""

    def __init__(self, width: int, inner: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attention, self.attention_norm = Attention(width, heads), nn.LayerNorm(width)
        self.feed, self.feed_norm = FeedForward(width, inner), nn.LayerNorm(width)
        self.drop = Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(B, S, W) to (B, S, W)."""
        normed = self.attention_norm(x)
        x = x + self.drop(self.attention(normed, normed, mask))
        found: Tensor = x + self.drop(self.feed(self.feed_norm(x)))
        return found


class DecoderLayer(nn.Module):
    """Causal self-attention, attention to the source, feed-forward."""

    def __init__(self, width: int, inner: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attention, self.attention_norm = Attention(width, heads), nn.LayerNorm(width)
        self.source, self.source_norm = Attention(width, heads), nn.LayerNorm(width)
        self.feed, self.feed_norm = FeedForward(width, inner), nn.LayerNorm(width)
        self.drop = Dropout(dropout)

    def forward(self, x: Tensor, memory: Tensor, mask: Tensor) -> Tensor:
        """(B, T, W) to (B, T, W)."""
        normed = self.attention_norm(x)
        x = x + self.drop(self.attention(normed, normed, None))
        x = x + self.drop(self.source(self.source_norm(x), memory, mask))
        found: Tensor = x + self.drop(self.feed(self.feed_norm(x)))
        return found


class Translator(nn.Module):
    """Source subwords and those of the translation so far to what comes next.

    Args:
        vocabulary: number of subwords.
        width: of a layer.
        inner: width within the feed-forward parts.
        heads: of every attention.
        layers: of the encoder and of the decoder.
        dropout: part of every addition to the residual stream that is dropped.
    """

    positions: Tensor

    def __init__(
        self,
        vocabulary: int,
        *,
        width: int,
        inner: int,
        heads: int,
        layers: tuple[int, int],
        dropout: float,
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        parts = (width, inner, heads, dropout)
        self.encoder = nn.ModuleList(EncoderLayer(*parts) for _ in range(layers[0]))
        self.encoder_norm = nn.LayerNorm(width)
        self.decoder = nn.ModuleList(DecoderLayer(*parts) for _ in range(layers[1]))
        self.decoder_norm = nn.LayerNorm(width)
        self.drop = Dropout(dropout)
        self.register_buffer("positions", _sinusoids(POSITIONS, width), persistent=False)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2 and "embedding" not in name:
                nn.init.xavier_uniform_(parameter)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)
        nn.init.normal_(self.embedding.weight, std=width**-0.5)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """What the output layer sees, (B, T, W), from source (B, S) and target (B, T)."""
        return self.decode(target, *self.encode(source))

    def encode(self, source: Tensor) -> tuple[Tensor, Tensor]:
        """The source as (B, S, W) and where it is not padding, (B, 1, 1, S)."""
        mask = (source != PAD)[:, None, None]
        x = self._embedded(source)
        for layer in self.encoder:
            x = layer(x, mask)
        return self.encoder_norm(x), mask

    def decode(self, target: Tensor, memory: Tensor, mask: Tensor) -> Tensor:
        """(B, T, W) from the target so far, (B, T)."""
        x = self._embedded(target)
        for layer in self.decoder:
            x = layer(x, memory, mask)
        found: Tensor = self.decoder_norm(x)
        return found

    def loss(self, hidden: Tensor, wanted: Tensor, smoothing: float) -> Tensor:
        """Mean label-smoothed cross-entropy of `hidden` (N, W) for the subwords `wanted` (N)."""
        found: Tensor = _TiedCrossEntropy.apply(  # type: ignore[no-untyped-call]
            hidden, self.embedding.weight, wanted, smoothing
        )
        return found

    @torch.no_grad()
    def greedy(self, source: Tensor, longest: int) -> list[list[int]]:
        """The likeliest next subword again and again, for every row of the source (B, S)."""
        memory, mask = self.encode(source)
        target = torch.full((len(source), 1), BEGIN, device=source.device)
        ended = torch.zeros(len(source), dtype=torch.bool, device=source.device)
        for _ in range(longest):
            last = self.decode(target, memory, mask)[:, -1]
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
