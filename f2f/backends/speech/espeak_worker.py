"""Speak and spell with espeak-ng, for lines of JSON on standard input.

Run as a program of its own, by path (`EspeakProcess` starts it): espeak-ng and phonemizer are under
the GPL, espeak-ng keeps global state and may end its process on bad data.

    {"phonemes": "नमस्ते", "language": "hi"}   →   {"phonemes": "nəmˈʌsteː"}
    {"speak": "नमस्ते", "voice": "hi+f2"}      →   {"wav": "UklGR…"}, base64
                                             or   {"error": "espeak-ng has no voice called xx"}

It ends with its standard input, so also with its parent.
"""

from __future__ import annotations

import base64
import ctypes
import functools
import io
import json
import os
import re
import signal
import sys
import wave
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

_RETRIEVE = 2  # AUDIO_OUTPUT_SYNCHRONOUS: samples go to the callback, calls return when done
_UTF8 = 1  # espeakCHARS_UTF8
_OK = 0
_BUFFER_MS = 200
_SECONDS = 110
"""For one text; espeak speaks thousands of words in that time."""


class _RefusalError(Exception):
    """A sentence for the answer."""


def main() -> int:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="ascii")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # libraries that print do not answer
    for line in sys.stdin:
        answers.write(json.dumps(_answer(json.loads(line))) + "\n")
        answers.flush()
    return 0


def _answer(request: dict[str, str]) -> dict[str, str]:
    try:
        if "phonemes" in request:
            return {"phonemes": _speller(request["language"])(request["phonemes"])}
        return {"wav": base64.b64encode(_spoken_apart(request["speak"], request["voice"])).decode()}
    except (_RefusalError, RuntimeError) as error:  # phonemizer has no language of that name
        return {"error": str(error)}


_LANGUAGE_SWITCH = re.compile(r"\([^)]*\)")
"""How espeak-ng marks words that it reads by another language's rules, "(hi)nəmˈʌsteː(en-us)"; the
alphabet of misaki spells the marks as well."""


@functools.cache
def _speller(language: str) -> Callable[[str], str]:
    """Text to phonemes in misaki's alphabet."""
    from misaki import espeak

    if language.startswith("en-"):
        english = espeak.EspeakFallback(british=language == "en-gb")
        return lambda text: _unmarked(english(SimpleNamespace(text=text))[0] or "", text)
    other = espeak.EspeakG2P(language=language)
    return lambda text: other(text)[0] or ""


def _unmarked(phonemes: str, text: str) -> str:
    """Phonemes without language marks; brackets of the text itself, which look alike, stay."""
    return phonemes if "(" in text else _LANGUAGE_SWITCH.sub("", phonemes)


def _spoken_apart(text: str, voice: str) -> bytes:
    """`_spoken` in a copy of this process.

    The noise of a consonant goes on from what was spoken before: only from the same state is the
    same text the same sound.
    """
    espeak, rate = _engine()
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        _be_the_child(into, lambda: _spoken(espeak, rate, text, voice))
    os.close(into)
    with os.fdopen(out, "rb") as pipe:
        answer = pipe.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code != 0:
        raise _RefusalError(answer.decode(errors="replace") or f"espeak-ng ended with {code}")
    return answer


def _be_the_child(into: int, work: Callable[[], bytes]) -> None:
    signal.alarm(_SECONDS)  # ends it, wherever espeak-ng is
    code = 1
    try:
        with os.fdopen(into, "wb") as pipe:
            try:
                pipe.write(work())
                code = 0
            except _RefusalError as error:
                pipe.write(str(error).encode())
    finally:
        os._exit(code)


@functools.cache
def _engine() -> tuple[Any, int]:
    """espeak-ng, and its sampling rate in Hz."""
    import espeakng_loader

    espeak = ctypes.CDLL(espeakng_loader.get_library_path())
    data = espeakng_loader.get_data_path()
    rate = espeak.espeak_Initialize(_RETRIEVE, _BUFFER_MS, data.encode(), 0)
    if rate <= 0:
        raise _RefusalError(f"espeak-ng cannot start with {data}")
    return espeak, rate


def _spoken(espeak: Any, rate: int, text: str, voice: str) -> bytes:
    if espeak.espeak_SetVoiceByName(voice.encode()) != _OK:
        raise _RefusalError(f"espeak-ng has no voice called {voice}")
    samples = bytearray()

    def keep(wav: int | None, count: int, _events: int | None) -> int:
        if wav:
            samples.extend(ctypes.string_at(wav, 2 * count))
        return 0

    callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(keep)
    espeak.espeak_SetSynthCallback(callback)
    data = text.encode() + b"\0"
    status = espeak.espeak_Synth(data, ctypes.c_size_t(len(data)), 0, 0, 0, _UTF8, None, None)
    if status != _OK or espeak.espeak_Synchronize() != _OK:
        raise _RefusalError(f"espeak-ng failed with status {status}")
    return _wav(bytes(samples), rate)


def _wav(samples: bytes, rate: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(samples)
    return file.getvalue()


if __name__ == "__main__":
    sys.exit(main())
