"""Fit the score that tells women's voice prints from men's, and say how well it does.

    python -m benchmarks.voice_gender [--write]        # about five minutes on two cores

All voices of Kokoro, whose gender is known, speak a sentence of their own language (English ones
two); WeSpeaker prints each.  The score is a ridge regression on ±1 with both genders weighted
alike, judged on voices that it was not fitted on.  `--write` puts it into f2f/assets.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.signal

import f2f
from f2f.backends import resolve
from f2f.backends.diarisation.wespeaker import Wespeaker
from f2f.config import Config
from f2f.listening.pitch import gender_of, median_pitch
from f2f.roles import SPEECH_RATE

Vector = npt.NDArray[np.float64]

SENTENCES = {
    "en": (
        "The quick brown fox jumps over the lazy dog near the river bank.",
        "I have been thinking about what you said yesterday, and I agree.",
    ),
    "es": ("Hoy hace un día muy bonito para pasear por la ciudad.",),
    "hi": ("आज मौसम बहुत अच्छा है और हम बाहर घूमने जा रहे हैं।",),
    "pt": ("Hoje está um dia muito bonito para passear pela cidade.",),
    "it": ("Oggi è una bella giornata per passeggiare in città.",),
    "fr": ("Il fait très beau aujourd'hui pour se promener en ville.",),
}
RIDGE = 1.0
TARGET = Path(f2f.__file__).parent / "assets" / "voice_gender.json"


@dataclass(frozen=True)
class Spoken:
    """One sentence by one voice; `sign` is +1 for a woman, −1 for a man."""

    voice: str
    sign: float
    print: Vector
    pitch: float


def main() -> None:
    """Measure, print, and write if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    spoken = list(speak())
    print(report(spoken))
    if given.write:
        write(spoken, TARGET)


def speak() -> Iterator[Spoken]:
    """Every voice's sentences."""
    config = Config()
    kokoro = resolve("speech", "kokoro")
    with kokoro(config) as synthesiser, Wespeaker(config) as diariser:
        for language, sentences in SENTENCES.items():
            for voice in kokoro.voices(language, config):
                for sentence in sentences:
                    sound = synthesiser.speak(sentence, language, voice)
                    heard = scipy.signal.resample_poly(sound.samples, SPEECH_RATE, sound.rate)
                    heard = heard.astype(np.float32)
                    yield Spoken(
                        voice.name,
                        1.0 if voice.gender == "female" else -1.0,
                        diariser.voice_print(heard).astype(np.float64),
                        median_pitch(heard),
                    )


def fit(spoken: list[Spoken]) -> Vector:
    """256 weights and a bias."""
    rows = np.stack([np.append(item.print, 1.0) for item in spoken])
    signs = np.array([item.sign for item in spoken])
    share = np.where(signs > 0, (signs > 0).mean(), (signs < 0).mean())
    ridge = RIDGE * np.eye(rows.shape[1])
    ridge[-1, -1] = 0.0
    balanced = rows / (2 * share[:, None])
    solved: Vector = np.linalg.solve(rows.T @ balanced + ridge, balanced.T @ signs)
    return solved


def report(spoken: list[Spoken]) -> str:
    """Right, wrong and undecided, each voice judged by a fit without it."""
    lines = []
    for name, use_pitch, use_print in (
        ("pitch", True, False),
        ("print", False, True),
        ("both", True, True),
    ):
        counts = {"right": 0, "wrong": 0, "unknown": 0}
        for voice in sorted({item.voice for item in spoken}):
            others = fit([item for item in spoken if item.voice != voice])
            for item in (one for one in spoken if one.voice == voice):
                score = float(np.append(item.print, 1.0) @ others) if use_print else 0.0
                gender = gender_of(item.pitch if use_pitch else 0.0, score)
                right = "female" if item.sign > 0 else "male"
                outcome = {right: "right", "unknown": "unknown"}.get(gender, "wrong")
                counts[outcome] += 1
        lines.append(f"{name:6} " + "  ".join(f"{key} {n}" for key, n in counts.items()))
    return "\n".join(lines)


def write(spoken: list[Spoken], target: Path) -> None:
    """The score as JSON."""
    *weights, bias = (round(float(value), 4) for value in fit(spoken))
    about = "Above 0: female. benchmarks.voice_gender fits it on WeSpeaker prints of Kokoro voices."
    target.write_text(json.dumps({"about": about, "bias": bias, "weights": weights}) + "\n")


if __name__ == "__main__":
    main()
