"""Speakers by WeSpeaker's ResNet34 voice prints and clustering.

Source: Wang et al., "WeSpeaker: a research and production oriented speaker embedding learning
toolkit" (2023).  Features as it was trained on: 80 mel bands of Kaldi's fbank, 25 ms Hamming
windows every 10 ms, samples at 16-bit scale, the mean over time removed, no dither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from f2f import weights
from f2f.backends.diarisation.clusters import Embeddings, cluster
from f2f.backends.diarisation.leaning import leaning
from f2f.backends.diarisation.speakers import cut, describe
from f2f.backends.pinned import Pinned
from f2f.config import Config
from f2f.media.timeline import samples_of
from f2f.roles import SPEECH_RATE, BackendInfo, Samples
from f2f.types import Segment, Span, Speaker

WEIGHTS = "wespeaker"
BANDS = 80
FULL_SCALE = 32768.0
"""Kaldi counts samples as 16-bit integers."""
SHORTEST = samples_of(0.2, SPEECH_RATE)
"""Samples; shorter cuts are repeated up to this length."""
LONGEST = samples_of(10.0, SPEECH_RATE)
"""Samples; more of an utterance says nothing new about its voice."""


class Wespeaker(Pinned):
    """One label a segment; see `f2f.roles.Diariser`."""

    info: ClassVar[BackendInfo] = BackendInfo(
        name="wespeaker",
        role="diarisation",
        licence="CC-BY-4.0",
        commercial=True,
        weights=(WEIGHTS,),
        packages=("onnxruntime", "kaldi-native-fbank", "scipy", "numpy"),
        note="equal error rate 3.1 %; two people at once are one",
    )

    def __init__(self, config: Config) -> None:
        self._settings = config.diarisation
        self._session: Any = None

    @classmethod
    def missing(cls, config: Config) -> str | None:
        """None if package and weights are here, else how to get them."""
        if find_spec("kaldi_native_fbank") is None:
            return "the package is not installed: pip install kaldi-native-fbank"
        return super().missing(config)

    def __enter__(self) -> Self:
        import onnxruntime

        self._session = onnxruntime.InferenceSession(
            str(weights.locate(WEIGHTS)), providers=["CPUExecutionProvider"]
        )
        return self

    def close(self) -> None:
        """Free the memory."""
        self._session = None

    def diarise(
        self, audio: Samples, segments: Sequence[Segment]
    ) -> tuple[tuple[Segment, ...], tuple[Speaker, ...]]:
        """The segments with speakers "S1", "S2", … by first appearance, and who they are."""
        if not segments:
            return (), ()
        prints = np.stack([self.voice_print(cut(audio, segment)) for segment in segments])
        spans = [segment.span for segment in segments]
        labels = cluster(
            prints,
            spans,
            threshold=self._settings.threshold,
            speakers=self._settings.speakers,
        )
        names = [f"S{label + 1}" for label in labels]
        labelled = tuple(
            replace(segment, speaker=name) for segment, name in zip(segments, names, strict=True)
        )
        return labelled, describe(audio, labelled, _leanings(names, prints, spans))

    def voice_print(self, sound: Samples) -> Embeddings:
        """The voice of 16 kHz `sound` as (256,) numbers of unit length."""
        assert self._session is not None, "use the diariser as a context manager"
        middle = max(0, (len(sound) - LONGEST) // 2)
        part = np.asarray(sound[middle : middle + LONGEST], np.float32)
        if len(part) < SHORTEST:
            part = np.resize(part, SHORTEST) if len(part) else np.zeros(SHORTEST, np.float32)
        (rows,) = self._session.run(["embs"], {"feats": features(part)[None]})  # (1, 256)
        vector: Embeddings = rows[0] / max(float(np.linalg.norm(rows[0])), 1e-9)
        return vector


def _leanings(names: Sequence[str], prints: Embeddings, spans: Sequence[Span]) -> dict[str, float]:
    rows = {name: [at for at, other in enumerate(names) if other == name] for name in names}
    return {
        name: leaning(prints[own], [spans[at].duration for at in own]) for name, own in rows.items()
    }


def features(sound: Samples) -> npt.NDArray[np.float32]:
    """Kaldi's fbank of 16 kHz `sound` without its mean over time, (T, 80)."""
    import kaldi_native_fbank as kaldi

    options = kaldi.FbankOptions()
    options.frame_opts.samp_freq = SPEECH_RATE
    options.frame_opts.dither = 0.0
    options.frame_opts.window_type = "hamming"
    options.mel_opts.num_bins = BANDS
    computer = kaldi.OnlineFbank(options)
    computer.accept_waveform(SPEECH_RATE, (sound * FULL_SCALE).tolist())
    computer.input_finished()
    frames = np.stack([computer.get_frame(at) for at in range(computer.num_frames_ready)])
    centred: npt.NDArray[np.float32] = (frames - frames.mean(axis=0)).astype(np.float32)
    return centred
