"""Whether a voice print sounds like a woman's or a man's.

Pitch alone misjudges deep women, high men and speech over music.  A linear score of WeSpeaker's
print is less easily fooled; `python -m benchmarks.voice_gender` fits it and says how well it does.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from importlib.resources import files

import numpy as np

from f2f.backends.diarisation.clusters import Embeddings


def leaning(prints: Embeddings, seconds: Sequence[float]) -> float:
    """How female (above 0) or male (below) a speaker sounds; about ±0.6 for clear cases.

    Args:
        prints: (N, 256) unit rows, all of one speaker.
        seconds: how long each was heard.
    """
    weights, bias = _fitted()
    heard = np.maximum(np.asarray(seconds), 1e-3)
    return float(np.average(prints @ weights, weights=heard)) + bias


@functools.cache
def _fitted() -> tuple[Embeddings, float]:
    text = (files("f2f") / "assets" / "voice_gender.json").read_text(encoding="utf-8")
    fitted = json.loads(text)
    return np.array(fitted["weights"], np.float32), float(fitted["bias"])
