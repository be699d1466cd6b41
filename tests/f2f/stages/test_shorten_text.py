"""The translator is asked once, only for what does not fit, and never over a person's head."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import faces_video as made
import pytest

from f2f.config import Config, from_tree
from f2f.stages.shorten_text import shorten_text
from f2f.store.artefacts import Store
from f2f.store.stage import Plain
from f2f.translation import constrained_translator, transcript_translation
from f2f.types import Clip, Clips, Segment, Span, Transcript

HEARD = Transcript("en", tuple(Segment(n, Span(2 * n, 2 * n + 1.9), "A", "x") for n in range(2)))
SAID = Transcript(
    "pt", tuple(Segment(n, Span(2 * n, 2 * n + 1.9), "A", 100 * "x") for n in range(2))
)
COMPACT = from_tree({"translation": {"backend": "compact"}})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[int, int]]:
    """The limits that the translator was asked for; it answers with half of each text."""
    requests: list[dict[int, int]] = []

    def shorten(
        heard: Transcript, said: Transcript, limits: dict[int, int], speaker: object
    ) -> Transcript:
        requests.append(limits)
        return Transcript(
            said.language,
            tuple(Segment(s.id, s.span, s.speaker, s.text[:50]) for s in said.segments),
        )

    @contextmanager
    def opened(config: Config, source: str, target: str) -> Iterator[object]:
        assert (source, target) == ("en", "pt")
        yield object()

    monkeypatch.setattr(transcript_translation, "shorten", shorten)
    monkeypatch.setattr(constrained_translator, "opened", opened)
    return requests


def shortened(tmp_path: Path, lengths: tuple[float, float], config: Config) -> Transcript:
    store = Store(tmp_path / "store")
    clips = Clips("pt", "t", tuple(Clip(n, "", 1, d, "", "v") for n, d in enumerate(lengths)))
    result = Plain(config, store)(
        shorten_text,
        made.artefact(store, "transcribe", HEARD),
        made.artefact(store, "translate_text", SAID),
        made.artefact(store, "synthesise", clips),
        made.source(store, 100),
    )
    return store.read(result, Transcript)


def test_what_fits_is_not_asked_for(tmp_path: Path, asked: list[dict[int, int]]) -> None:
    assert shortened(tmp_path, (1.8, 1.9), COMPACT) == SAID
    assert asked == []


def test_what_does_not_fit_is_asked_for_once(tmp_path: Path, asked: list[dict[int, int]]) -> None:
    found = shortened(tmp_path, (3.0, 2.8), COMPACT)
    assert [len(segment.text) for segment in found.segments] == [50, 50]
    (limits,) = asked
    assert limits.keys() == {0, 1} and all(50 < limit < 100 for limit in limits.values())


def test_a_persons_words_stay(tmp_path: Path, asked: list[dict[int, int]]) -> None:
    (tmp_path / "talk.pt.srt").touch()
    config = from_tree({"translation": {"translation": str(tmp_path / "talk.pt.srt")}})
    assert shortened(tmp_path, (3.0, 2.8), config) == SAID
    assert asked == []
