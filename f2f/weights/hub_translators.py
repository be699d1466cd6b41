"""NLLB-200, M2M-100 and Opus-MT (Marian) from a hub's folder to CTranslate2, by its own converter.

The tokenizer's files go along, so that the converted folder is all that is needed.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from f2f import torchaudio_cpu
from f2f.errors import InputError

KINDS = ("m2m_100", "marian")
"""Values of `model_type` in config.json that are known here."""
TOKENIZER = "tokenizer"
"""Subfolder for what the text is cut up by."""
_WEIGHTS = (".bin", ".safetensors", ".h5", ".msgpack", ".ot", ".onnx", ".npz", ".pt")


def convert(folder: Path, target: Path, quantization: str = "int8") -> None:
    """Write a CTranslate2 translator with its tokenizer.

    Args:
        folder: as downloaded.
        target: folder that is made.
        quantization: a type of CTranslate2's, such as int8 or float32.

    Raises:
        InputError: the folder is cut short, or its parts do not belong together.
    """
    torchaudio_cpu.ensure()  # transformers imports it where it is installed
    import torch
    import transformers

    verbosity = transformers.logging.get_verbosity()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    try:
        with torch.no_grad():
            spec = _specification(folder)
        spec.validate()
        spec.optimize(quantization=quantization)
    except Exception as error:  # the loaders raise whatever a file's reader raises
        message = " ".join(str(error).split())
        raise InputError(f"{folder} cannot be read as a translation model: {message}") from error
    finally:
        transformers.logging.set_verbosity(verbosity)
    target.mkdir(parents=True, exist_ok=True)
    spec.save(str(target))
    (target / TOKENIZER).mkdir()
    for path in folder.iterdir():
        if path.is_file() and path.suffix not in _WEIGHTS:
            shutil.copyfile(path, target / TOKENIZER / path.name)


def _specification(folder: Path) -> Any:
    import torch
    import transformers
    from ctranslate2.converters.transformers import M2M100Loader, MarianMTLoader

    class Numbered(M2M100Loader):  # type: ignore[misc]  # published without types
        """Takes each token's number from the tokenizer itself: where it lists its language codes
        is another place in every version of transformers."""

        def get_vocabulary(self, model: Any, tokenizer: Any) -> list[str]:
            return _words(tokenizer, model.config.vocab_size)

    model, report = transformers.AutoModelForSeq2SeqLM.from_pretrained(
        folder, trust_remote_code=False, dtype=torch.float32, output_loading_info=True
    )
    if report["missing_keys"]:
        raise ValueError(f"its weights lack {min(report['missing_keys'])}")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    loader = MarianMTLoader() if model.config.model_type == "marian" else Numbered()
    return loader(model, tokenizer)


def _words(tokenizer: Any, size: int) -> list[str]:
    """Token by number; numbers that stand for nothing get a name that no text contains."""
    words = {number: token for token, number in tokenizer.get_vocab().items()}
    for number in range(size):
        token = words.get(number) or tokenizer.convert_ids_to_tokens(number)
        if token is None or tokenizer.convert_tokens_to_ids(token) != number:
            token = f"madeupword{number}"
        words[number] = token
    return [words[number] for number in range(size)]
