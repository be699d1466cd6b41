"""Speak standard input with espeak-ng and write a WAV file to standard output.

Run as a program of its own, by path, with the standard library only: espeak-ng keeps global state
and may end its process on bad data, which must not end ours.

    python espeak_worker.py LIBRARY DATA VOICE < text > speech.wav
"""

from __future__ import annotations

import ctypes
import io
import sys
import wave

_RETRIEVE = 2  # AUDIO_OUTPUT_SYNCHRONOUS: samples go to the callback, calls return when done
_UTF8 = 1  # espeakCHARS_UTF8
_OK = 0
_BUFFER_MS = 200


def main(library: str, data: str, voice: str) -> int:
    """The process's exit code; complaints go to standard error."""
    espeak = ctypes.CDLL(library)
    rate = espeak.espeak_Initialize(_RETRIEVE, _BUFFER_MS, data.encode(), 0)
    if rate <= 0:
        return _complain(f"espeak-ng cannot start with {data}")
    if espeak.espeak_SetVoiceByName(voice.encode()) != _OK:
        return _complain(f"espeak-ng has no voice called {voice}")
    samples = bytearray()

    def keep(wav: int | None, count: int, _events: int | None) -> int:
        if wav:
            samples.extend(ctypes.string_at(wav, 2 * count))
        return 0

    callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(keep)
    espeak.espeak_SetSynthCallback(callback)
    text = sys.stdin.buffer.read() + b"\0"
    status = espeak.espeak_Synth(text, ctypes.c_size_t(len(text)), 0, 0, 0, _UTF8, None, None)
    if status != _OK or espeak.espeak_Synchronize() != _OK:
        return _complain(f"espeak-ng failed with status {status}")
    sys.stdout.buffer.write(_wav(bytes(samples), rate))
    return 0


def _wav(samples: bytes, rate: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(samples)
    return file.getvalue()


def _complain(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
