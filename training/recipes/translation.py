"""Recipe of the student translator: English to ten languages, in one model."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from f2f import weights
from f2f.backends.translation.student import tag
from f2f.errors import ConfigError
from training.data import text_pack
from training.data.text_batches import Batch, Sampler, collated, cut_by_length
from training.data.text_pack import PAD, TextPack
from training.loop import State, Trainer
from training.parallel import World
from training.recipes.translation_export import export, origin
from training.recipes.translation_model import Decoder, encode, english_encoder
from training.settings import Settings

EVALUATED = 64
"""Pairs in a batch of the evaluation."""


class TranslationRecipe:
    """Trains a translator; see `training.loop.Recipe`."""

    averaged: tuple[str, ...] = ("encoder", "decoder")

    def __init__(self, settings: Settings) -> None:
        self.settings, self.task = settings, settings.translation
        torch.manual_seed(settings.run.seed)
        self.subwords = text_pack.subwords(settings.data.packed)
        self.text = text_pack.load(settings.data.packed, "train")
        self.held_out = text_pack.load(settings.data.packed, "val")
        self.tags = [self.subwords.piece_to_id(tag(one)) for one in self.text.note.languages]
        published = self.task.encoder or weights.locate(text_pack.ENCODER)
        self.encoder = english_encoder(published, self.task.dropout)
        self.begun_from = origin(published)
        self.decoder = self._decoder(self.encoder.config.hidden_size)
        self.modules: dict[str, nn.Module] = {"encoder": self.encoder, "decoder": self.decoder}
        self._clock = time.monotonic()

    def _decoder(self, width: int) -> Decoder:
        if width % self.task.heads:
            raise ConfigError(
                f"translation: {self.task.heads} heads do not divide a width of {width}"
            )
        return Decoder(
            self.subwords.get_piece_size(),
            width=width,
            inner=self.task.inner,
            heads=self.task.heads,
            layers=self.task.decoder,
            dropout=self.task.dropout,
        )

    def batches(self, first: int, world: World) -> Iterator[Batch]:
        """Batches by length; sample numbers count pairs in the mean."""
        sampler = Sampler(
            self.text,
            self.tags,
            weights=self.task.weights,
            temper=self.settings.data.sampling_exponent,
            sampled=self.task.sampled,
        )
        run = self.settings.run
        return sampler.batches(first // run.batch + world.rank, world.size, run.batch, run.seed)

    def step(self, batch: Batch, state: State, trainer: Trainer) -> dict[str, float]:
        """Label-smoothed cross-entropy; subwords of both sides a second, padding not counted."""
        with trainer.autocast(), _attention(trainer.device):
            loss = self._loss(batch, self.task.smoothing)
        trainer.descend(loss)
        now = time.monotonic()
        taken, self._clock = now - self._clock, now
        padding = {"source": self.text.note.padding, "target": PAD}
        tokens = sum(int((side != padding[name]).sum()) for name, side in batch.items())
        return {"loss": float(loss.detach()), "tokens/s": tokens / max(taken, 1e-9)}

    def evaluate(self, modules: dict[str, nn.Module], state: State) -> dict[str, float]:
        """Cross-entropy a subword of held-out pairs, of all and by language."""
        device = self.decoder.embedding.weight.device
        found = dict[str, float]()
        total, words = 0.0, 0
        for number, language in enumerate(self.text.note.languages):
            of_language, count = 0.0, 0
            for batch in _all_of(self.held_out, self.tags, number):
                placed = {name: side.to(device) for name, side in batch.items()}
                wanted = int((placed["target"][:, 1:] != PAD).sum())
                of_language += wanted * float(self._loss(placed, smoothing=0.0))
                count += wanted
            if count:
                found[f"val_{language}"] = of_language / count
            total, words = total + of_language, words + count
        return {"val_loss": total / max(words, 1), **found}

    def export(self, modules: dict[str, nn.Module], state: State, folder: Path) -> None:
        """`export/translator`: a folder for CTranslate2, in 8 bits."""
        export(
            (self.encoder, self.decoder),
            self.settings.data.packed,
            folder / "export" / "translator",
            languages=self.text.note.languages,
            settings=self.settings,
            steps=state.step,
            begun_from=self.begun_from,
        )

    def _loss(self, batch: Batch, smoothing: float) -> Tensor:
        target = batch["target"]
        memory = encode(self.encoder, batch["source"], self.text.note.padding)
        hidden = self.decoder(target[:, :-1], *memory)
        wanted = target[:, 1:]
        real = wanted != PAD
        return self.decoder.loss(hidden[real], wanted[real], smoothing)


def _attention(device: torch.device) -> AbstractContextManager[None]:
    """On a CPU, flash attention to sentences made a step a quarter longer than plain products."""
    found: AbstractContextManager[None] = (
        sdpa_kernel(SDPBackend.MATH) if device.type == "cpu" else nullcontext()
    )
    return found


def _all_of(pack: TextPack, tags: Sequence[int], language: int) -> Iterator[Batch]:
    """Every pair of a language once, in its best segmentation."""
    places = np.flatnonzero(pack.labels[:, 0] == language)
    if len(places):
        chosen = np.stack([places, np.zeros_like(places)], axis=1)
        for part in cut_by_length(pack, chosen, -(-len(places) // EVALUATED)):
            yield collated(pack, list(tags), part)
