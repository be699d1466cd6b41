from __future__ import annotations

import pytest

from f2f.errors import ConfigError
from f2f.roles import Voice
from f2f.types import Speaker
from f2f.voices import matching

OFFERED = (
    Voice("high", "hi", "female", 220.0),
    Voice("low", "hi", "female", 170.0),
    Voice("deep", "hi", "male", 100.0),
    Voice("light", "hi", "male", 140.0),
)


def chosen(*speakers: Speaker, **fixed: str) -> dict[str, str]:
    return {key: one.name for key, one in matching.assign(speakers, OFFERED, fixed).items()}


def test_gender_and_pitch_decide() -> None:
    assert chosen(
        Speaker("A", "male", 98), Speaker("B", "female", 175), Speaker("C", "male", 150)
    ) == {"A": "deep", "B": "low", "C": "light"}


def test_two_alike_speakers_get_two_voices() -> None:
    found = chosen(Speaker("A", "female", 215), Speaker("B", "female", 216))
    assert set(found.values()) == {"high", "low"}


def test_pitch_decides_where_gender_is_unknown() -> None:
    assert chosen(Speaker("A", "unknown", 101)) == {"A": "deep"}


def test_more_speakers_than_voices_reuse_a_voice_of_their_gender() -> None:
    found = chosen(*(Speaker(name, "male", 110) for name in "ABC"))
    assert set(found.values()) == {"deep", "light"}


def test_nothing_known_takes_the_best_voice() -> None:
    assert chosen(Speaker("A")) == {"A": "high"}


def test_a_fixed_voice_is_kept_and_not_given_away() -> None:
    found = chosen(Speaker("A", "male", 100), Speaker("B", "male", 100), B="deep")
    assert found == {"A": "light", "B": "deep"}


def test_an_unknown_fixed_voice_shows_the_choices() -> None:
    with pytest.raises(ConfigError, match="high, low, deep, light"):
        chosen(Speaker("A"), A="robot")
