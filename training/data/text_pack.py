"""``pack-text``: parallel text as numbers, in plain arrays that are mapped, not read.

English is there in the subwords of the encoder that will read it; the translation in its best
segmentation into subwords that are learned here, and in some sampled ones (Kudo 2018): from a small
text, a model that always sees a word in one segmentation learns little about others.
"""

from __future__ import annotations

import argparse
import io
import json
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import sentencepiece
from tokenizers import Tokenizer

from f2f import weights
from f2f.backends.translation.student import ENGLISH, SUBWORDS, english_subwords, tag
from f2f.errors import InputError
from f2f.text.indic_scripts import to_devanagari
from training.data.translation_text import (
    DICTIONARY,
    EVALUATION,
    LANGUAGES,
    Judged,
    Pair,
    cleaned,
    read_pairs,
)

log = logging.getLogger(__name__)

NOTE = "pack.json"
LONGEST = 128
"""Subwords of a side; longer pairs are left out."""
ENCODER = "minilm-l6"
"""The catalogue's English encoder, if no other is named."""
PADDING = "[PAD]"
"""BERT's name of it."""
SMOOTHNESS = 0.3
"""Sampled segmentations are drawn in proportion to (their probability) ** this. They are a fifth
longer than the best; at 0.15 they were half as long again, and as much slower to learn from."""
UNKNOWN, BEGIN, END, PAD = range(4)
LEARNED_FROM = 250_000
"""Sentences drawn to learn subwords from."""
LETTERS_COVERED = 0.9998
"""Part of the text whose letters get a subword of their own; the rest is written in bytes."""


@dataclass(frozen=True, slots=True)
class TextNote:
    """What a pack was made from."""

    languages: tuple[str, ...]
    sources: tuple[str, ...]
    pairs: dict[str, int]
    """By split."""
    judged_by: int
    """Pairs that were left out since the evaluation has one of their sentences."""
    unusable: int
    too_long: int
    repeated: int
    padding: int
    """The number of English padding."""


@dataclass(frozen=True, slots=True)
class TextPack:
    """One split of packed text.

    `spans[p, v, s]` says where pair p's side s (0 English, 1 translation) in segmentation v (0 the
    best) lies in `tokens`: first and length. `labels[p]` are the numbers of language and source.
    """

    note: TextNote
    tokens: npt.NDArray[np.uint16]
    spans: npt.NDArray[np.int64]  # (P, V, 2, 2)
    labels: npt.NDArray[np.uint8]  # (P, 2)

    def side(self, pair: int, version: int, side: int) -> npt.NDArray[np.uint16]:
        """The subwords of one side."""
        first, length = self.spans[pair, version, side]
        return self.tokens[first : first + length]


def load(folder: Path, split: str) -> TextPack:
    """Open what `pack` wrote.

    Raises:
        InputError: it is not there or not whole.
    """
    try:
        told = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        arrays = [
            np.load(folder / f"{split}-{name}.npy", mmap_mode="r", allow_pickle=False)
            for name in ("tokens", "spans", "labels")
        ]
    except (OSError, ValueError) as error:
        raise InputError(f"{folder} holds no packed text (`pack-text`): {error}") from error
    told |= {"languages": tuple(told["languages"]), "sources": tuple(told["sources"])}
    return TextPack(TextNote(**told), *arrays)


def subwords(folder: Path) -> sentencepiece.SentencePieceProcessor:
    """The subword model of a pack or of an exported translator."""
    try:
        return sentencepiece.SentencePieceProcessor(model_file=str(folder / SUBWORDS))
    except (OSError, RuntimeError) as error:
        raise InputError(f"cannot read {folder / SUBWORDS}: {error}") from error


def pack(text: Path, english: Path, out: Path, *, vocabulary: int, segmentations: int) -> TextNote:
    """Filter the pairs of a folder, learn subwords from them and write both splits.

    Args:
        text: the folder, see `training.data.translation_text`.
        english: the folder of the encoder, for its tokenizer.json.
        out: where to; made if need be.
        vocabulary: number of subwords of the translations, all languages together.
        segmentations: sampled ones beside the best.

    Raises:
        InputError: there is no tokenizer, no text, or too little of it.
    """
    reader = english_subwords(english / ENGLISH)
    padding = reader.token_to_id(PADDING)
    if padding is None:
        raise InputError(f"{english / ENGLISH} is not BERT's: it has no {PADDING}")
    out.mkdir(parents=True, exist_ok=True)
    (out / ENGLISH).write_bytes((english / ENGLISH).read_bytes())
    pairs, dropped = _kept(text)
    training = [pair for pair in pairs if not pair.held_out]
    _learn_subwords(training, out / SUBWORDS, vocabulary)
    model = subwords(out)
    sentencepiece.set_random_generator_seed(0)
    sources = tuple(sorted({pair.source for pair in pairs}))
    counts = {}
    for split, chosen, sampled in (
        ("train", training, segmentations),
        ("val", [pair for pair in pairs if pair.held_out], 0),
    ):
        sides = _Sides(reader, model, sampled)
        counts[split], too_long = _write(out, split, chosen, sources, sides)
        dropped["too_long"] += too_long
    note = TextNote(LANGUAGES, sources, counts, padding=padding, **dropped)
    (out / NOTE).write_text(json.dumps(asdict(note), indent=2), encoding="utf-8")
    return note


def _kept(text: Path) -> tuple[list[Pair], dict[str, int]]:
    judged = Judged(text / EVALUATION)
    seen: set[Pair] = set()
    kept = []
    dropped = {"judged_by": 0, "unusable": 0, "too_long": 0, "repeated": 0}
    for raw in read_pairs(text):
        pair = cleaned(raw)
        if pair is None:
            dropped["unusable"] += 1
        elif pair in judged:
            dropped["judged_by"] += 1
        elif pair in seen:
            dropped["repeated"] += 1
        else:
            seen.add(pair)
            kept.append(pair)
    return kept, dropped


def _learn_subwords(pairs: Sequence[Pair], path: Path, vocabulary: int) -> None:
    """A joint unigram model of the translations, every language with like weight."""
    learned = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=_balanced(pairs),
            model_writer=learned,
            vocab_size=vocabulary,
            model_type="unigram",
            input_sentence_size=LEARNED_FROM,
            shuffle_input_sentence=True,
            character_coverage=LETTERS_COVERED,
            byte_fallback=True,
            split_digits=True,
            # letters keep the places by which they come back to their own script
            normalization_rule_name="identity",
            unk_id=UNKNOWN, bos_id=BEGIN, eos_id=END, pad_id=PAD,
            control_symbols=[tag(language) for language in LANGUAGES],
            num_threads=2,
            minloglevel=2,
        )  # fmt: skip
    except RuntimeError as error:
        raise InputError(f"no {vocabulary} subwords can be learned: {error}") from error
    path.write_bytes(learned.getvalue())


def _balanced(pairs: Sequence[Pair]) -> Iterator[str]:
    """Translations; those of smaller languages repeatedly."""
    sentences = [pair for pair in pairs if not pair.source.startswith(DICTIONARY)]
    sizes = Counter(pair.language for pair in sentences)
    largest = max(sizes.values())
    for pair in sentences:
        # half-way between as they are and all alike
        times = round((largest / sizes[pair.language]) ** 0.5)
        yield from [to_devanagari(pair.translation, pair.language)] * times


@dataclass(frozen=True, slots=True)
class _Sides:
    """How both sides of a pair become numbers."""

    english: Tokenizer
    translation: sentencepiece.SentencePieceProcessor
    sampled: int
    """Segmentations beside the best."""

    def versions(self, pairs: Sequence[Pair]) -> list[list[list[npt.NDArray[np.uint16]]]]:
        """By segmentation and side, a row a pair."""
        read = self.english.encode_batch([pair.english for pair in pairs])
        english = [np.asarray(one.ids, np.uint16) for one in read]
        texts = [to_devanagari(pair.translation, pair.language) for pair in pairs]
        found = []
        for sampled in [False] + [True] * self.sampled:
            rows = self.translation.encode(
                texts, enable_sampling=sampled, alpha=SMOOTHNESS, nbest_size=-1 if sampled else 1
            )
            found.append([english, [np.asarray(row, np.uint16) for row in rows]])
        return found


def _write(
    out: Path, split: str, pairs: Sequence[Pair], sources: tuple[str, ...], sides: _Sides
) -> tuple[int, int]:
    """Write a split; how many pairs it has and how many were too long."""
    versions = sides.versions(pairs)
    fits = [
        place
        for place in range(len(pairs))
        if all(len(side[place]) <= LONGEST for version in versions for side in version)
    ]
    tokens: list[npt.NDArray[np.uint16]] = []
    spans = np.zeros((len(fits), len(versions), 2, 2), np.int64)
    at = 0
    for row, place in enumerate(fits):
        for v, version in enumerate(versions):
            for s, side in enumerate(version):
                tokens.append(side[place])
                spans[row, v, s] = at, len(side[place])
                at += len(side[place])
    labels = [
        (LANGUAGES.index(pairs[place].language), sources.index(pairs[place].source))
        for place in fits
    ]
    np.save(out / f"{split}-tokens.npy", np.concatenate([np.zeros(0, np.uint16), *tokens]))
    np.save(out / f"{split}-spans.npy", spans)
    np.save(out / f"{split}-labels.npy", np.asarray(labels, np.uint8).reshape(-1, 2))
    return len(fits), len(pairs) - len(fits)


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """``pack-text``: from parallel text to what the recipe `translate` reads."""
    command = commands.add_parser("pack-text", help="parallel text as subwords")
    command.add_argument("text", type=Path, help="folder of LANGUAGE/SOURCE.tsv.xz and eval/")
    command.add_argument(
        "--english", type=Path, help=f"folder of the encoder; else {ENCODER} of `f2f models`"
    )
    command.add_argument("--out", type=Path, required=True)
    command.add_argument("--vocabulary", type=int, default=12000)
    command.add_argument("--segmentations", type=int, default=3, help="sampled ones of a pair")
    command.set_defaults(act=_run)


def _run(chosen: argparse.Namespace) -> int:
    note = pack(
        chosen.text,
        chosen.english or weights.locate(ENCODER),
        chosen.out,
        vocabulary=chosen.vocabulary,
        segmentations=chosen.segmentations,
    )
    log.info("pairs: %d to train on, %d held out", note.pairs["train"], note.pairs["val"])
    log.info(
        "left out: %d that the evaluation has, %d unusable, %d repeated, %d too long",
        note.judged_by,
        note.unusable,
        note.repeated,
        note.too_long,
    )
    return 0
