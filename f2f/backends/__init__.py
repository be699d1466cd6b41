"""The registry of backends: `resolve` looks in a table of lazy "module:Class" strings, then in
entry points `f2f.<role>`.  What a backend of a role must do is said in `f2f.roles`.
"""

from __future__ import annotations

import importlib
from importlib.metadata import entry_points
from typing import Literal, overload

from f2f.errors import ConfigError
from f2f.roles import (
    Backend,
    Diariser,
    FaceDetector,
    Recogniser,
    Role,
    Separator,
    Synthesiser,
    Translator,
)

BUILT_IN: dict[Role, dict[str, str]] = {
    "asr": {
        "faster-whisper": "f2f.backends.asr.faster_whisper:FasterWhisper",
        "openai-whisper": "f2f.backends.asr.openai_whisper:OpenAIWhisper",
    },
    "diarisation": {
        "wespeaker": "f2f.backends.diarisation.wespeaker:Wespeaker",
        "single": "f2f.backends.diarisation.single:Single",
    },
    "translation": {
        "compact": "f2f.backends.translation.compact:Compact",
        "ctranslate2": "f2f.backends.translation.ctranslate2:CTranslate2",
        "draft": "f2f.backends.translation.draft:Draft",
        "transformers": "f2f.backends.translation.transformers:Transformers",
    },
    "speech": {
        "kokoro": "f2f.backends.speech.kokoro:Kokoro",
        "coqui": "f2f.backends.speech.coqui:Coqui",
        "espeak": "f2f.backends.speech.espeak:Espeak",
    },
    "separation": {"spleeter": "f2f.backends.separation.spleeter:Spleeter"},
    "detection": {"yunet": "f2f.backends.detection.yunet:YuNet"},
}
"""In the order in which `auto` tries them."""


def names(role: Role) -> tuple[str, ...]:
    """All backends of a role: built in first, then from entry points `f2f.<role>`."""
    plugins = (point.name for point in entry_points(group=f"f2f.{role}"))
    return (*BUILT_IN[role], *sorted(set(plugins) - set(BUILT_IN[role])))


@overload
def resolve(role: Literal["asr"], name: str) -> type[Recogniser]: ...


@overload
def resolve(role: Literal["diarisation"], name: str) -> type[Diariser]: ...


@overload
def resolve(role: Literal["translation"], name: str) -> type[Translator]: ...


@overload
def resolve(role: Literal["speech"], name: str) -> type[Synthesiser]: ...


@overload
def resolve(role: Literal["separation"], name: str) -> type[Separator]: ...


@overload
def resolve(role: Literal["detection"], name: str) -> type[FaceDetector]: ...
@overload
def resolve(role: Role, name: str) -> type[Backend]: ...
def resolve(role: Role, name: str) -> type[Backend]:
    """The backend class of that name; its heavy imports wait until it is instantiated.

    Raises:
        ConfigError: no backend of the role has that name; the message lists them.
    """
    target = BUILT_IN[role].get(name)
    if target is not None:
        module, _, attribute = target.partition(":")
        backend: type[Backend] = getattr(importlib.import_module(module), attribute)
        return backend
    for point in entry_points(group=f"f2f.{role}"):
        if point.name == name:
            plugin: type[Backend] = point.load()
            return plugin
    raise ConfigError(f"no {role} backend is called '{name}'; choices: {', '.join(names(role))}")
