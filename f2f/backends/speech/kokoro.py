"""Kokoro-82M through ONNX Runtime (Hexgrad, Apache-2.0; StyleTTS 2 with an iSTFTNet vocoder).

The same network comes as fp32 and as int8; the first input is called `input_ids` in one and
`tokens` in the other.  fp32 is used where it lies, else int8.  The Hindi voices also read the
phonemes of other Indian languages: with an accent, but far better understood than espeak; those
voices are marked as experimental, with the error rate that a recogniser measured.
"""

from __future__ import annotations

import json
import logging
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from f2f import weights
from f2f.backends import pinned
from f2f.backends.speech.espeak_process import EspeakProcess
from f2f.backends.speech.phonemes import ESPEAK_CODES, Speller
from f2f.config import Config
from f2f.errors import MissingError, StageError
from f2f.roles import BackendInfo, Closing, Sound, Voice
from f2f.types import Gender

log = logging.getLogger(__name__)

RATE = 24_000
"""Sampling rate in Hz of the network's output."""
LONGEST = 510
"""Phonemes that one pass takes, and rows of a voice's table."""
STYLE = 256
"""Numbers of a style vector."""

_VOICES_ENTRY = "kokoro-voices"
_VOCABULARY_ENTRY = "kokoro-vocab"
_MODELS = ("kokoro", "kokoro-int8")
"""Entries of the network, the preferred one first."""

_NATIVE: dict[str, dict[str, float]] = {
    "en": {
        "af_heart": 208.0,
        "af_bella": 204.0,
        "af_sarah": 187.0,
        "af_nicole": 157.0,
        "af_kore": 149.0,
        "af_aoede": 177.0,
        "af_alloy": 139.0,
        "af_nova": 155.0,
        "af_sky": 163.0,
        "af_jessica": 210.0,
        "af_river": 180.0,
        "am_michael": 110.0,
        "am_fenrir": 132.0,
        "am_puck": 115.0,
        "am_echo": 103.0,
        "am_eric": 153.0,
        "am_liam": 119.0,
        "am_onyx": 82.0,
        "am_adam": 112.0,
        "bf_emma": 182.0,
        "bf_isabella": 210.0,
        "bf_alice": 230.0,
        "bf_lily": 175.0,
        "bm_george": 145.0,
        "bm_fable": 112.0,
        "bm_daniel": 126.0,
        "bm_lewis": 74.0,
    },
    "es": {
        "ef_dora": 177.0,
        "em_alex": 128.0,
        "em_santa": 127.0,
    },
    "fr": {
        "ff_siwis": 211.0,
    },
    "hi": {
        "hf_alpha": 224.0,
        "hf_beta": 187.0,
        "hm_omega": 132.0,
        "hm_psi": 129.0,
    },
    "it": {
        "if_sara": 225.0,
        "im_nicola": 95.0,
    },
    "pt": {
        "pf_dora": 181.0,
        "pm_alex": 138.0,
        "pm_santa": 142.0,
    },
}
"""Language → voice → median pitch in Hz over two sentences; the better voices first."""

_UNMEASURED = "error rate not measured"
_EXPERIMENTAL = {
    "ur": "CER 10%", "ta": "CER 14%", "mr": "CER 30%",
    **dict.fromkeys(("as", "bn", "gu", "kn", "ml", "ne", "pa", "te"), _UNMEASURED),
}  # fmt: skip
"""Language that the Hindi voices read → median character error rate of hf_alpha over four
sentences, heard back by whisper-small; own Hindi sentences come to 14% there."""

_GIVE_BACK = ("memory.enable_memory_arena_shrinkage", "cpu:0")
"""The arena returns its memory after each pass: every text has its own length, so it would grow.
Without an arena the heap breaks up: twice the time and two and a half times the peak."""

_STRONG = re.compile(r"[.!?;:…—]\s")
_WEAK = re.compile(r"[,\s]")


class Kokoro(Closing):
    """The default synthesiser; about twice real time on two cores."""

    info: ClassVar[BackendInfo] = BackendInfo(
        name="kokoro",
        role="speech",
        licence="Apache-2.0 (phonemes by espeak-ng, GPL-3)",
        commercial=True,
        weights=("kokoro-int8", _VOICES_ENTRY, _VOCABULARY_ENTRY),
        packages=("onnxruntime", "misaki", "phonemizer-fork", "espeakng-loader", "numpy"),
    )

    def __init__(self, config: Config) -> None:
        import onnxruntime

        gap = self.missing(config)
        if gap is not None:
            raise MissingError(gap)
        model = weights.locate(_network())
        vocabulary = json.loads(weights.locate(_VOCABULARY_ENTRY).read_text(encoding="utf-8"))
        self._vocabulary: dict[str, int] = vocabulary["vocab"]
        self._voices: Path = weights.locate(_VOICES_ENTRY)
        options = onnxruntime.SessionOptions()
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session: Any = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )
        self._each_pass: Any = onnxruntime.RunOptions()
        self._each_pass.add_run_config_entry(*_GIVE_BACK)
        self._tokens_name: str = self._session.get_inputs()[0].name
        self._espeak = EspeakProcess()
        self._spellers: dict[str, Speller] = {}

    @classmethod
    def missing(cls, config: Config) -> str | None:
        """The line that brings the weights, else None."""
        table = weights.missing(_VOICES_ENTRY, _VOCABULARY_ENTRY)
        if table is not None:
            return table
        if any(weights.missing(name) is None for name in _MODELS):
            return None
        return weights.missing(_MODELS[-1])

    @classmethod
    def voices(cls, language: str, config: Config) -> tuple[Voice, ...]:
        """The language's own voices, or the Hindi ones marked as experimental."""
        if language in _NATIVE:
            return _voices_of(language)
        if language in _EXPERIMENTAL:
            note = f"Hindi voice, {_EXPERIMENTAL[language]}"
            return tuple(
                replace(voice, language=language, experimental=note) for voice in _voices_of("hi")
            )
        return ()

    @classmethod
    def identity(cls, config: Config) -> str:
        """The network that is here, the voices and the alphabet."""
        return pinned.identity(_network(), _VOICES_ENTRY, _VOCABULARY_ENTRY)

    def close(self) -> None:
        """Free the memory."""
        self._session = None
        self._espeak.close()

    def speak(
        self, text: str, language: str, voice: Voice, *, reference: Sound | None = None
    ) -> Sound:
        """Speech of any length; long texts are split at punctuation and joined.

        Raises:
            StageError: nothing in the text can be spoken.
        """
        speller = self._speller("en-gb" if voice.name.startswith("b") else language)
        phonemes = speller.phonemes(text)
        if not any(letter.isalpha() for letter in phonemes):
            raise StageError(f"kokoro finds nothing to speak in {text!r}")
        if speller.unknown:
            log.debug("kokoro leaves out %s in '%s'", sorted(speller.unknown), language)
        styles = self._styles(voice.name)
        pieces = [
            self._pass(speller.tokens(piece), styles[len(piece) - 1])
            for piece in split(phonemes, LONGEST)
        ]
        return Sound(np.concatenate(pieces), RATE)

    def _pass(self, tokens: list[int], style: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        padded = np.array([[0, *tokens, 0]], dtype=np.int64)  # (1, n + 2)
        feeds = {
            self._tokens_name: padded,
            "style": style[None],  # (1, 256)
            "speed": np.ones(1, dtype=np.float32),
        }
        wave: npt.NDArray[np.float32] = self._session.run(None, feeds, self._each_pass)[0]
        return wave.reshape(-1).astype(np.float32)

    def _styles(self, name: str) -> npt.NDArray[np.float32]:
        table = np.fromfile(self._voices / f"{name}.bin", dtype="<f4")
        return table.reshape(LONGEST, STYLE)

    def _speller(self, language: str) -> Speller:
        if language not in self._spellers:
            self._spellers[language] = Speller(language, self._vocabulary, self._espeak)
        return self._spellers[language]


def split(phonemes: str, longest: int) -> list[str]:
    """Pieces of at most `longest` letters, cut after a full stop, else a comma or space.

    A cut is looked for in the second half of what fits, so that no piece is very short.
    """
    pieces = []
    rest = phonemes.strip()
    while len(rest) > longest:
        window = rest[: longest + 1]
        cut = longest
        for pattern in (_STRONG, _WEAK):
            ends = [match.end() for match in pattern.finditer(window, longest // 2)]
            ends = [end for end in ends if end <= longest]
            if ends:
                cut = ends[-1]
                break
        pieces.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    return [piece for piece in (*pieces, rest) if piece]


def _network() -> str:
    """The entry of the network that is here."""
    here = (name for name in _MODELS if weights.missing(name) is None)
    return next(here, _MODELS[-1])


def _voices_of(language: str) -> tuple[Voice, ...]:
    genders: dict[str, Gender] = {"f": "female", "m": "male"}
    return tuple(
        Voice(name, language, genders[name[1]], pitch) for name, pitch in _NATIVE[language].items()
    )


assert set(_NATIVE) | set(_EXPERIMENTAL) <= set(ESPEAK_CODES)
