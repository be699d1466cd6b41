"""Published translation models run by CTranslate2: IndicTrans2, NLLB-200, M2M-100, Opus-MT.

A model is a folder that the user names, or one of the three sets of IndicTrans2 that were pulled or
imported.  Nothing of a hub's Python is executed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from f2f import weights
from f2f.backends import model_files
from f2f.backends.translation.hypotheses import MOST_TOKENS, MOST_UNKNOWN, translated
from f2f.backends.translation.language_tags import FLORES, INDIC
from f2f.backends.translation.piece_models import Pieces, Tokens, pieces_of
from f2f.config import Config
from f2f.errors import InputError, MissingError, StageError, UnsupportedError
from f2f.roles import BackendInfo, Closing, Sentence
from f2f.weights import converted, indictrans_format, shelf

SETS = {
    (False, True): "indictrans2-en-indic",
    (True, False): "indictrans2-indic-en",
    (True, True): "indictrans2-indic-indic",
}
"""Whether source and target are Indian languages → the catalogue's entry."""


class CTranslate2(Closing):
    """A named folder, or the set of IndicTrans2 that fits the pair; int8 or float32."""

    info: ClassVar[BackendInfo] = BackendInfo(
        name="ctranslate2",
        role="translation",
        licence="IndicTrans2 MIT; a named model's own (M2M-100 MIT, NLLB-200 CC BY-NC)",
        commercial=True,
        packages=("ctranslate2", "sentencepiece", "sacremoses", "transformers", "tokenizers"),
    )

    def __init__(self, config: Config) -> None:
        gap = self.missing(config)
        if gap is not None:
            raise MissingError(gap)
        self._config = config
        self._loaded: dict[Path, tuple[Any, Pieces]] = {}
        folder = _named(config)
        if folder is not None:
            self._load(folder)

    @classmethod
    def missing(cls, config: Config) -> str | None:
        """The line that brings the set for the pair, or what is wrong with a named model."""
        if config.translation.model is not None:
            return None if _named(config) is not None else _not_here(config.translation.model)
        entry = _entry(config.languages.source or "", config.languages.target or "")
        return weights.missing(entry) if entry is not None else None

    @classmethod
    def serves(cls, source: str, target: str, config: Config) -> bool:
        """True if the named model may know the pair; without one, if a set of IndicTrans2 does."""
        if config.translation.model is None:
            return _entry(source, target) is not None
        folder = _named(config)
        if folder is None or source == target:
            return False
        if indictrans_format.is_published(folder):
            sides = indictrans_format.directions(folder)
            return _set_for(source, target) == SETS.get(sides)
        return source in FLORES and target in FLORES  # judged when it is loaded

    @classmethod
    def identity(cls, config: Config) -> str:
        """The state of the named folder, or the digest of the set that was pulled or imported."""
        if config.translation.model is not None:
            return model_files.state(Path(config.translation.model))
        entry = _entry(config.languages.source or "", config.languages.target or "")
        names = SETS.values() if entry is None else [entry]
        return ", ".join(_recorded(name) for name in names if weights.missing(name) is None)

    def close(self) -> None:
        """Free the memory."""
        self._loaded.clear()

    def translate(self, sentences: Sequence[Sentence], source: str, target: str) -> list[str]:
        """One translation a sentence, in order; see `hypotheses.translated`.

        Raises:
            UnsupportedError: the model does not know a language.
            MissingError: the set of IndicTrans2 for the pair is not here.
            StageError: the model knows nothing of the text, or a sentence is too long.
        """
        folder = _named(self._config) or _pulled(source, target)
        model, pieces = self._load(folder)
        pieces.check(source, target)

        def search(chosen: list[Sentence], hypotheses: int) -> list[list[str]]:
            read = [pieces.encode(one.text, source, target) for one in chosen]
            for one, tokens in zip(chosen, read, strict=True):
                _refuse(one.text, tokens, pieces.longest, folder.name)
            results = model.translate_batch(
                [tokens.source for tokens in read],
                target_prefix=[list(tokens.prefix) for tokens in read],
                beam_size=self._config.translation.beam,
                num_hypotheses=hypotheses,
                max_decoding_length=min(MOST_TOKENS, pieces.longest - 1),
            )
            return [
                [pieces.decode(found, target, tokens) for found in result.hypotheses]
                for result, tokens in zip(results, read, strict=True)
            ]

        options = self._config.translation
        return translated(sentences, search, batch=options.batch, beam=options.beam)

    def _load(self, folder: Path) -> tuple[Any, Pieces]:
        if folder not in self._loaded:
            import ctranslate2

            precision = self._config.translation.precision
            place = folder
            if _named(self._config) is not None:
                library = weights.cache_folder() / "weights"
                place = converted.converted(folder, library, precision)
            device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
            try:
                model = ctranslate2.Translator(str(place), device=device, compute_type=precision)
            except (RuntimeError, ValueError) as error:
                raise InputError(f"cannot load {folder.name}: {error}") from error
            self._loaded[folder] = model, pieces_of(place, folder.name)
        return self._loaded[folder]


def _named(config: Config) -> Path | None:
    """The folder that the user named, if it holds a model that can be converted."""
    if config.translation.model is None:
        return None
    folder = Path(config.translation.model).expanduser()
    return folder if converted.known(folder) else None


def _not_here(model: str) -> str:
    folder = Path(model).expanduser()
    if not folder.is_dir():
        return f"there is no folder {model!r}"
    if not (folder / "config.json").is_file():
        return f"{model} has no config.json: it is not a published model"
    return f"{model} is none of IndicTrans2, NLLB-200, M2M-100 and Marian"


def _entry(source: str, target: str) -> str | None:
    """The catalogue's entry for a pair, if it has one."""
    name = _set_for(source, target)
    return name if name in weights.catalogue().entries else None


def _set_for(source: str, target: str) -> str | None:
    if source == target or not {source, target} <= INDIC | {"en"}:
        return None
    return SETS.get((source in INDIC, target in INDIC))


def _pulled(source: str, target: str) -> Path:
    entry = _entry(source, target)
    if entry is None:
        raise UnsupportedError(f"IndicTrans2 does not translate {source} to {target}")
    return weights.locate(entry)


def _recorded(entry: str) -> str:
    model = weights.locate(entry) / indictrans_format.MADE[0]
    digest = model.with_name(model.name + shelf.RECORD).read_text(encoding="ascii").strip()
    return f"{entry} {digest[:16]}"


def _refuse(text: str, tokens: Tokens, longest: int, name: str) -> None:
    """Refuse what would silently become nonsense."""
    if len(tokens.source) > longest:
        raise StageError(
            f"a sentence of {len(tokens.source)} tokens is longer than the {longest} that "
            f"{name} reads: {text[:60]!r}…"
        )
    if tokens.unknown > MOST_UNKNOWN:
        raise StageError(
            f"the tokenizer of {name} knows almost nothing of the text; its folder "
            "needs the tokenizer.json (or sentencepiece model) that the model was made with"
        )
