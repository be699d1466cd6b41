"""The one place that makes torchaudio importable beside a CPU-only torch.

Every Linux wheel of torchaudio is linked to CUDA, so its native extension cannot be loaded
without it, and `import torchaudio` fails.  Nothing here needs the extension (it serves forced
alignment and some codecs): an empty stub takes its place before the first import.  Only coqui-tts
and, where it is installed, transformers import torchaudio; both backends come here first.
"""

from __future__ import annotations

import importlib
import sys
from importlib.util import find_spec
from types import ModuleType
from typing import Any


def ensure() -> None:
    """Import torchaudio if it is installed, without its native extension if that cannot load."""
    if "torchaudio" in sys.modules or find_spec("torchaudio") is None:
        return
    try:
        importlib.import_module("torchaudio")
    except (OSError, ImportError):
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchaudio"]:
            del sys.modules[name]  # what the failed import left half made
        sys.modules["torchaudio._extension"] = _stub()
        importlib.import_module("torchaudio")


def _stub() -> ModuleType:
    """`torchaudio._extension` as it is where no native library was built."""
    stub: Any = ModuleType("torchaudio._extension")
    stub._IS_TORCHAUDIO_EXT_AVAILABLE = False
    stub._IS_ALIGN_AVAILABLE = False
    stub._check_cuda_version = lambda: None
    stub.fail_if_no_align = _unavailable
    module: ModuleType = stub
    return module


def _unavailable(function: Any) -> Any:
    def refuse(*_arguments: Any, **_options: Any) -> Any:
        raise RuntimeError(f"{function.__name__} needs torchaudio's native extension")

    return refuse
