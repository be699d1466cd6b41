"""Clustering on voice prints that are made up, so that the answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage

from f2f.backends.diarisation.clusters import Embeddings, cluster
from f2f.types import Span


def voices(order: str, *, spread: float = 0.35, seed: int = 0) -> Embeddings:
    """Unit rows around one random direction a letter."""
    generator = np.random.default_rng(seed)
    centres = {letter: generator.standard_normal(64) for letter in sorted(set(order))}
    rows = np.array([centres[letter] + spread * generator.standard_normal(64) for letter in order])
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def spans(lengths: list[float], *, gap: float = 1.0) -> list[Span]:
    clock, made = 0.0, []
    for length in lengths:
        made.append(Span(clock, clock + length))
        clock += length + gap
    return made


def found(order: str, lengths: list[float] | None = None, speakers: int | None = None) -> list[int]:
    times = spans(lengths or [3.0] * len(order))
    return cluster(voices(order), times, threshold=0.7, speakers=speakers)


@pytest.mark.parametrize(
    ("order", "labels"),
    [
        ("a", [0]),
        ("aaaa", [0, 0, 0, 0]),
        ("abab", [0, 1, 0, 1]),
        ("bacab", [0, 1, 2, 1, 0]),
    ],
)
def test_the_number_is_found_and_numbered_by_appearance(order: str, labels: list[int]) -> None:
    assert found(order) == labels


def test_the_number_is_given() -> None:
    assert set(found("aabb", speakers=1)) == {0}
    assert found("abcabc", speakers=3) == [0, 1, 2, 0, 1, 2]
    assert len(set(found("aaab", [0.3] * 4, speakers=2))) == 2


def test_a_short_utterance_joins_and_never_founds() -> None:
    assert found("aabbcb", [3, 3, 3, 3, 0.4, 3])[4] in {0, 1}
    assert max(found("aabbcb", [3, 3, 3, 3, 0.4, 3])) == 1


def test_a_short_utterance_goes_to_who_speaks_around_it() -> None:
    prints = voices("abab")
    between = prints[0] + prints[1]
    prints[2] = between / np.linalg.norm(between)
    times = [Span(0, 3), Span(8, 11), Span(11.1, 11.4), Span(20, 23)]
    assert cluster(prints, times, threshold=0.7, speakers=None)[2] == 1


def test_a_voice_heard_once_for_a_moment_is_no_speaker() -> None:
    assert max(found("aaab", [3, 3, 3, 1.5])) == 0
    assert max(found("aaab", [3, 3, 3, 3.5])) == 1


def test_nothing_said() -> None:
    assert cluster(np.zeros((0, 4), np.float32), [], threshold=0.7, speakers=None) == []


def test_equals_scipy_when_all_are_long() -> None:
    prints = voices("abcdabcdaabb", spread=0.8, seed=4)
    labels = cluster(prints, spans([5.0] * 12), threshold=0.6, speakers=None)
    oracle = fcluster(linkage(prints, "average", metric="cosine"), 0.6, "distance")
    same = np.equal.outer(labels, labels)
    np.testing.assert_array_equal(same, np.equal.outer(oracle, oracle))
