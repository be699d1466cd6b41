"""Any VITS or XTTS model of coqui-tts: a folder with config.json and weights, or a model name.

Multi-speaker models offer their speakers as voices; XTTS also clones the source's voice.  A
published config.json holds absolute paths of the machine that trained it; they are rewritten to
the folder's own files before loading.  Letters that a model does not know would be dropped
silently: they are looked for first.
"""

from __future__ import annotations

import json
import logging
import tempfile
import zlib
from collections import Counter
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import soundfile

from f2f import torchaudio_cpu
from f2f.backends import model_files
from f2f.config import Config
from f2f.errors import InputError, MissingError, StageError
from f2f.roles import CLONE, BackendInfo, Closing, Sound, Voice
from f2f.text.normalisation import digits_by_name

log = logging.getLogger(__name__)

ONLY = "default"
"""The voice of a model with one speaker."""

_PATHS = (
    "speakers_file",
    "language_ids_file",
    "d_vector_file",
    "speaker_encoder_model_path",
    "speaker_encoder_config_path",
)
"""Settings that hold paths, at the top of config.json and in its model_args."""
_CHECKPOINTS = ("model.pth", "best_model.pth", "model_file.pth")
_MOST_UNKNOWN = 0.1
"""Share of a text's letters that the model may lack; fewer are reported, more are refused."""


class Coqui(Closing):
    """Neural voices of the user's choice; needs `speech.model`."""

    info: ClassVar[BackendInfo] = BackendInfo(
        name="coqui",
        role="speech",
        licence="MPL-2.0 code; the model's own (XTTS: CPML, non-commercial)",
        commercial=False,
        packages=("coqui-tts", "torch", "numpy"),
        extra="coqui",
        note="needs speech.model: a VITS or XTTS folder, or a Coqui model name",
    )

    def __init__(self, config: Config) -> None:
        gap = self.missing(config)
        if gap is not None:
            raise MissingError(gap)
        assert config.speech.model is not None
        torchaudio_cpu.ensure()
        import torch
        from TTS.utils.synthesizer import Synthesizer

        self._scratch = tempfile.TemporaryDirectory(prefix="f2f-coqui-")
        folder = Path(config.speech.model).expanduser()
        if not folder.is_dir():
            folder = _download(config.speech.model)
        settings = _settings(folder)
        moved = Path(self._scratch.name) / "config.json"
        moved.write_text(json.dumps(_with_own_paths(settings, folder)), encoding="utf-8")
        self._xtts = settings.get("model") == "xtts"
        arguments = settings.get("model_args") or {}
        self._polyglot = bool(arguments.get("use_language_embedding"))
        self._languages = _languages(settings, folder)
        checkpoint = folder if self._xtts else _checkpoint(folder)
        try:
            self._model: Any = Synthesizer(
                tts_checkpoint=checkpoint,
                tts_config_path=moved,
                use_cuda=torch.cuda.is_available(),
            )
        except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
            raise MissingError(f"cannot load the voice model in {folder}: {error}") from error
        self._spoken: Counter[str] = Counter()

    @classmethod
    def missing(cls, config: Config) -> str | None:
        """What has to be installed or said, else None."""
        try:
            version("coqui-tts")
        except PackageNotFoundError:
            return "coqui-tts is not installed: pip install 'face-to-face[coqui]'"
        model = config.speech.model
        if model is None:
            return "name a VITS or XTTS model: --set speech.model=FOLDER"
        if Path(model).expanduser().is_dir() or model.startswith("tts_models/"):
            return None
        return f"there is no folder {model}, and it is not a name like tts_models/hi/..."

    @classmethod
    def voices(cls, language: str, config: Config) -> tuple[Voice, ...]:
        """The model's speakers if it speaks the language, read without loading it."""
        model = config.speech.model
        if model is None:
            return ()
        folder = Path(model).expanduser()
        if not folder.is_dir():
            spoken = model.split("/")[1:2]
            known = spoken in ([language], ["multilingual"])
            return (Voice(ONLY, language, "unknown"),) if known else ()
        settings = _settings(folder)
        languages = _languages(settings, folder)
        if languages and _own_code(language, languages) is None:
            return ()
        names = [CLONE] if settings.get("model") == "xtts" else _speakers(settings, folder)
        return tuple(Voice(name, language, "unknown") for name in names)

    @classmethod
    def identity(cls, config: Config) -> str:
        """The state of the model's folder, or its name."""
        model = config.speech.model or ""
        folder = Path(model).expanduser()
        return model_files.state(folder) if model and folder.is_dir() else model

    def close(self) -> None:
        """Free the memory."""
        self._model = None
        self._scratch.cleanup()

    def speak(
        self, text: str, language: str, voice: Voice, *, reference: Sound | None = None
    ) -> Sound:
        """Speech; saying the same text again gives another rendering, the same in every run.

        Raises:
            StageError: too many letters are unknown to the model, a clone has no reference, or
                the model failed.
        """
        import torch

        if not any(letter.isalnum() for letter in text):
            raise StageError(f"coqui finds nothing to speak in {text!r}")
        readable = self._readable(text, language)
        self._spoken[text] += 1
        options: dict[str, Any] = {"speaker_name": None, "language_name": None}
        if self._xtts or self._polyglot:
            options["language_name"] = _own_code(language, self._languages) or language
        if voice.name == CLONE:
            options["speaker_wav"] = str(self._reference(reference))
        elif voice.name != ONLY:
            options["speaker_name"] = voice.name
        elif names := self._model.tts_model.speaker_manager.speaker_names:
            options["speaker_name"] = names[0]
        with torch.random.fork_rng():
            torch.manual_seed(zlib.crc32(text.encode()) + self._spoken[text])
            try:
                wave = self._model.tts(readable, **options)
            except (RuntimeError, ValueError, KeyError, IndexError, AssertionError) as error:
                raise StageError(f"coqui cannot speak {text[:60]!r}: {error}") from error
        samples = np.asarray(wave, dtype=np.float32).reshape(-1)
        return Sound(samples, int(self._model.output_sample_rate))

    def _readable(self, text: str, language: str) -> str:
        """The text in letters that the model knows, or an error that says which it lacks."""
        tokenizer: Any = getattr(self._model.tts_model, "tokenizer", None)
        characters = getattr(tokenizer, "characters", None)
        if self._xtts or characters is None or tokenizer.use_phonemes:
            return text
        known = set(characters.vocab)
        if not any(digit in known for digit in "0123456789"):
            text = digits_by_name(text, language)
        cleaned = tokenizer.text_cleaner(text) if tokenizer.text_cleaner else text
        letters = [letter for letter in cleaned if not letter.isspace() and letter.isprintable()]
        unknown = [
            letter
            for letter in letters
            if letter not in known and (letter.isalnum() or ord(letter) > 127)
        ]
        if len(unknown) > _MOST_UNKNOWN * len(letters):
            raise StageError(
                f"the voice model does not know {''.join(sorted(set(unknown)))!r}; "
                f"is it made for '{language}'?"
            )
        if unknown:
            log.warning("the voice model leaves out %s", "".join(sorted(set(unknown))))
        return text

    def _reference(self, reference: Sound | None) -> Path:
        if reference is None:
            raise StageError("this voice copies a speaker and needs a reference recording")
        digest = zlib.crc32(reference.samples.tobytes())
        path = Path(self._scratch.name) / f"{digest:08x}.wav"
        if not path.exists():
            soundfile.write(path, reference.samples, reference.rate, subtype="PCM_16")
        return path


def _settings(folder: Path) -> dict[str, Any]:
    try:
        settings: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{folder} has no readable config.json: {error}") from error
    return settings


def _with_own_paths(settings: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Settings whose paths point at the folder's files of the same names, or at nothing."""
    moved = dict(settings)
    for name in _PATHS:
        if moved.get(name):
            own = folder / Path(moved[name]).name
            moved[name] = str(own.resolve()) if own.is_file() else None
    if isinstance(moved.get("model_args"), dict):
        moved["model_args"] = _with_own_paths(moved["model_args"], folder)
    return moved


def _checkpoint(folder: Path) -> Path:
    for name in _CHECKPOINTS:
        if (folder / name).is_file():
            return folder / name
    others = [path for path in sorted(folder.glob("*.pth")) if "speaker" not in path.name]
    if len(others) == 1:
        return others[0]
    raise MissingError(f"{folder} has no weights called {' or '.join(_CHECKPOINTS)}")


def _languages(settings: dict[str, Any], folder: Path) -> tuple[str, ...]:
    """What the model says that it speaks; () if it does not say."""
    if settings.get("languages"):
        return tuple(settings["languages"])
    names = _table(settings, folder, "language_ids_file")
    if names:
        return names
    spoken = {item.get("language") for item in settings.get("datasets") or ()} - {None, ""}
    if settings.get("use_phonemes") and settings.get("phoneme_language"):
        spoken.add(settings["phoneme_language"].partition("-")[0])
    return tuple(sorted(spoken))


def _own_code(language: str, languages: tuple[str, ...]) -> str | None:
    """The model's own code of a language, which may name a region (zh-cn, pt-br); None if none."""
    return next((code for code in languages if code.partition("-")[0] == language), None)


def _speakers(settings: dict[str, Any], folder: Path) -> tuple[str, ...]:
    return _table(settings, folder, "speakers_file") or (ONLY,)


def _table(settings: dict[str, Any], folder: Path, name: str) -> tuple[str, ...]:
    """The keys of a name → number file that a setting names, JSON or a tensor-free .pth."""
    arguments = settings.get("model_args") or {}
    stated = settings.get(name) or arguments.get(name)
    file = folder / Path(stated).name if stated else None
    if file is None or not file.is_file():
        return ()
    if file.suffix == ".json":
        return tuple(json.loads(file.read_text(encoding="utf-8")))
    import torch

    return tuple(torch.load(file, weights_only=True))


def _download(name: str) -> Path:
    from TTS.utils.manage import ModelManager

    try:
        path, _, _ = ModelManager(progress_bar=False).download_model(name)
    except Exception as error:  # the manager lets every network library's errors through
        raise MissingError(f"cannot download the voice model {name}: {error}") from error
    found = Path(path)
    return found if found.is_dir() else found.parent
