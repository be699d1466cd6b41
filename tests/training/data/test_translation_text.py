"""Parallel text: what is kept of it, what is not, and what a batch of it is."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from f2f.backends.translation.student import ENGLISH, english_subwords, tag
from f2f.errors import ConfigError, InputError
from tests.training.english_bert import write_bert
from tests.training.parallel_text import JUDGED, PAIRS, VOCABULARY, write_text
from training.data import text_pack
from training.data.text_batches import POOL, Sampler, collated
from training.data.text_pack import END, PAD
from training.data.translation_text import Pair, cleaned, read_pairs


def bert(folder: Path) -> Path:
    """An encoder that knows the pairs' words."""
    return write_bert(folder / "bert", [english for english, _ in PAIRS])


def packed(folder: Path, **text: list[tuple[str, str]]) -> Path:
    text_pack.pack(
        write_text(folder / "text", **text),
        bert(folder),
        folder / "packed",
        vocabulary=VOCABULARY,
        segmentations=2,
    )
    return folder / "packed"


def sampler(folder: Path, **weights: float) -> Sampler:
    pack, model = text_pack.load(folder, "train"), text_pack.subwords(folder)
    tags = [model.piece_to_id(tag(one)) for one in pack.note.languages]
    return Sampler(pack, tags, weights=weights, temper=0.5, sampled=0.5)


def test_a_planted_sentence_of_the_evaluation_is_found(tmp_path: Path) -> None:
    planted = [
        (JUDGED[0][0].upper(), "कुछ और"),  # the English side, written otherwise
        ("something else", JUDGED[0][1]),
        (f"Nobody knew. {JUDGED[1][0]}", "किसी को नहीं पता"),  # as a part
    ]
    note = text_pack.load(packed(tmp_path, extra=planted), "train").note
    assert note.judged_by == len(planted)
    assert sum(note.pairs.values()) == len(PAIRS) + 4  # Tamil and the dictionary


def test_text_without_an_evaluation_is_refused(tmp_path: Path) -> None:
    text = write_text(tmp_path)
    next((text / "eval").iterdir()).unlink()
    with pytest.raises(InputError, match="no evaluation"):
        text_pack.pack(
            text, bert(tmp_path), tmp_path / "packed", vocabulary=VOCABULARY, segmentations=1
        )


def test_a_file_cut_short_is_one_clear_error(tmp_path: Path) -> None:
    path = write_text(tmp_path) / "hi" / "talk.tsv.xz"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"talk\.tsv\.xz"):
        list(read_pairs(tmp_path))


def test_cleaning_mends_what_it_can_and_drops_the_rest() -> None:
    def clean(english: str, translation: str) -> Pair | None:
        return cleaned(Pair(english, translation, "hi", "talk"))

    kept = clean("in  1947 , they left .", "वे १९४७ में चले गए ।")
    assert kept is not None
    assert (kept.english, kept.translation) == ("in 1947, they left.", "वे 1947 में चले गए।")
    assert clean("start machine learning", "machine learning शुरू करो") is None
    assert clean(
        "we learn Python", "हम सब लोग आजकल बहुत बड़े चाव से मिलजुल कर एक दूसरे के साथ Python सीखते हैं"
    )


def test_what_is_held_out_is_held_out_in_every_language() -> None:
    sentences = [f"sentence number {number}" for number in range(3000)]
    out = [
        {one for one in sentences if Pair(one, "…", language, "talk").held_out}
        for language in ("hi", "ta")
    ]
    assert out[0] == out[1]
    assert 0 < len(out[0]) < 40
    assert not any(Pair(one, "…", "hi", "dictionary-x").held_out for one in sentences)


def test_packed_pairs_read_back(tmp_path: Path) -> None:
    folder = packed(tmp_path)
    pack, model = text_pack.load(folder, "train"), text_pack.subwords(folder)
    english = english_subwords(folder / ENGLISH)
    hindi = [row for row in range(len(pack.labels)) if pack.labels[row, 0] == 0]
    for version in range(3):
        read = {
            (
                english.decode(pack.side(row, version, 0).tolist()),
                model.decode(pack.side(row, version, 1).tolist()),
            )
            for row in hindi
        }
        assert read >= {(written.lower(), hindi) for written, hindi in PAIRS}


def test_a_batch_depends_on_its_number_alone_and_wastes_little(tmp_path: Path) -> None:
    drawn = sampler(packed(tmp_path))
    whole = list(islice(drawn.batches(0, 1, 6, seed=3), POOL + 4))
    later = list(islice(drawn.batches(POOL + 1, 2, 6, seed=3), 2))
    for one, other in zip(whole[POOL + 1 :: 2], later, strict=True):
        assert all(one[name].equal(other[name]) for name in one)
    assert sum(len(batch["source"]) for batch in whole[:POOL]) == 6 * POOL
    padding = [float((batch["target"] == PAD).float().mean()) for batch in whole]
    assert np.mean(padding) < 0.15


def test_a_batch_has_the_encoder_s_marks_and_begins_with_the_tag(tmp_path: Path) -> None:
    drawn = sampler(packed(tmp_path))
    place = int(np.flatnonzero(drawn.pack.labels[:, 0] == 1)[0])
    batch = collated(drawn.pack, drawn.tags, np.array([[place, 0]]))
    vocabulary = english_subwords(tmp_path / "packed" / ENGLISH).get_vocab()
    assert batch["source"][0, 0] == vocabulary["[CLS]"]
    assert batch["source"][0, -1] == vocabulary["[SEP]"]
    assert (batch["target"][0, 0], batch["target"][0, -1]) == (drawn.tags[1], END)


def test_sources_are_drawn_by_their_weight(tmp_path: Path) -> None:
    folder = packed(tmp_path)
    pack = text_pack.load(folder, "train")
    rows = islice(sampler(folder, talk=1.0, **{"dictionary-small": 0.0}).batches(0, 1, 4, 0), 50)
    words = english_subwords(folder / ENGLISH).encode("house").ids
    assert all(row != words for batch in rows for row in batch["source"].tolist())
    assert "dictionary-small" in pack.note.sources
    with pytest.raises(ConfigError, match="no source 'tlak'"):
        sampler(folder, tlak=1.0)


def test_too_little_text_for_the_vocabulary_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="9000 subwords"):
        text_pack.pack(
            write_text(tmp_path / "text"),
            bert(tmp_path),
            tmp_path,
            vocabulary=9000,
            segmentations=1,
        )
    assert not (tmp_path / text_pack.SUBWORDS).exists()


@pytest.mark.parametrize("english", ["gone", "cut", "another kind"])
def test_an_encoder_whose_tokenizer_cannot_be_read_is_refused(tmp_path: Path, english: str) -> None:
    folder = bert(tmp_path)
    tokenizer = folder / ENGLISH
    if english == "gone":
        tokenizer.unlink()
    elif english == "cut":
        tokenizer.write_bytes(tokenizer.read_bytes()[:-100])
    else:
        tokenizer.write_text(tokenizer.read_text().replace("[PAD]", "<pad>"))
    text, out = write_text(tmp_path / "text"), tmp_path / "packed"
    with pytest.raises(InputError, match="tokenizer"):
        text_pack.pack(text, folder, out, vocabulary=VOCABULARY, segmentations=1)
    assert not out.exists()


def test_a_folder_without_packed_text_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="pack-text"):
        text_pack.load(tmp_path, "train")
