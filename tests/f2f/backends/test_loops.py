"""Passages in which a recogniser loops are heard again; words stay within the sound."""

from __future__ import annotations

import logging
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

from f2f.backends.asr import loops
from f2f.backends.asr.openai_whisper import _penalised
from f2f.listening.activity import SHORTEST_WORD, tighten
from f2f.roles import SPEECH_RATE, Samples
from f2f.types import Span, Word

SOUND: Samples = np.arange(10 * SPEECH_RATE, dtype=np.float32)


def item(text: str, start: float, end: float, ratio: float) -> dict[str, Any]:
    words = [{"word": f" {text}", "start": start, "end": end, "probability": 0.9}]
    return {"text": text, "start": start, "end": end, "compression_ratio": ratio, "words": words}


@pytest.mark.parametrize(
    ("place", "passage"),
    [(0, (0.0, 4.0)), (1, (4.0, 8.0)), (2, (8.0, 10.0))],
    ids=["first", "middle", "last"],
)
def test_only_the_looping_passage_is_heard_again(place: int, passage: tuple[float, float]) -> None:
    items = [item("a", 0, 3, 1.0), item("b", 4, 7, 1.0), item("c", 8, 9.5, 1.0)]
    items[place] = items[place] | {"text": "no no no", "compression_ratio": 9.0}
    heard: list[Samples] = []

    def hear(part: Samples) -> list[dict[str, Any]]:
        heard.append(part)
        return [item("again", 0.5, 1.0, 1.2)]

    found = loops.heard_again(SOUND, items, hear)
    start, end = passage
    (part,) = heard
    assert part[0] == start * SPEECH_RATE and len(part) == (end - start) * SPEECH_RATE
    assert [one["text"] for one in found] == [
        "again" if number == place else one["text"] for number, one in enumerate(items)
    ]
    assert (found[place]["start"], found[place]["words"][0]["end"]) == (start + 0.5, start + 1.0)


def test_what_loops_still_is_told_and_the_lesser_loop_is_kept(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        found = loops.heard_again(
            SOUND, [item("no no no no", 0, 3, 9.0)], lambda part: [item("no no", 0, 1, 3.0)]
        )
    assert [one["text"] for one in found] == ["no no"]
    assert "repeated more often" in caplog.text and "no no" in caplog.text
    worse = loops.heard_again(
        SOUND, [item("no no", 0, 3, 3.0)], lambda part: [item("no no no no", 0, 1, 9.0)]
    )
    assert [one["text"] for one in worse] == ["no no"]


def test_what_does_not_loop_is_heard_once() -> None:
    items = [item("a", 0, 3, 1.0), item("b", 4, 12, 2.3)]
    assert loops.heard_again(SOUND, items, lambda part: pytest.fail("heard again")) == items


def test_no_word_ends_after_the_sound() -> None:
    words = [Word(" no", Span(0.1 * n, 0.1 * n + 0.1), 0.5) for n in range(112)]
    kept = tighten(words, (), end=3.6)
    assert len(kept) == 112 and max(word.span.end for word in kept) <= 3.6
    spans = [word.span for word in kept]
    assert all(before.end <= after.start + 1e-9 for before, after in pairwise(spans))
    assert all(span.duration >= SHORTEST_WORD - 1e-9 for span in spans)
    within = [Word(" no", Span(0.0, 0.5), 0.5)]
    assert tighten(within, (), end=3.6) == tuple(within)


def test_the_penalty_lowers_what_was_written_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whisper = pytest.importorskip("whisper.decoding")
    seen: list[torch.Tensor] = []

    class Task:
        sample_begin = 2
        logit_filters: list[Any]

        def __init__(self, model: Any, options: Any) -> None:
            self.logit_filters = []

        def run(self, mel: torch.Tensor) -> list[str]:
            logits = torch.tensor([[2.0, -1.0, 3.0, 1.0]])
            for logit_filter in self.logit_filters:
                logit_filter.apply(logits, torch.tensor([[3, 3, 0, 1, 0]]))
            seen.append(logits)
            return ["found"]

    monkeypatch.setattr(whisper, "DecodingTask", Task)

    class Model:
        def decode(self, mel: Any, options: Any) -> str:
            return "as published"

    model = Model()
    with _penalised(model, 2.0):
        assert model.decode(torch.zeros(80, 3000), whisper.DecodingOptions()) == "found"
    assert torch.equal(seen[0], torch.tensor([[1.0, -2.0, 3.0, 1.0]]))
    assert model.decode(None, None) == "as published"
