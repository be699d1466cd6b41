"""espeak-ng in a process of its own: nothing under the GPL is loaded into ours."""

from __future__ import annotations

import base64
import contextlib
import json
import subprocess
import sys
import tempfile
import threading
import weakref
from pathlib import Path
from typing import IO, Any

from f2f.errors import StageError

_WORKER = Path(__file__).with_name("espeak_worker.py")
_SECONDS = 120.0
"""After which the worker is given up; it gives a text up a little earlier."""


class EspeakProcess:
    """Asks `espeak_worker`, which is started once, when it is first needed.

    It ends with `close`, with this object or with this process, however that ends; one that failed
    is started anew for the next text.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._worker: subprocess.Popen[str] | None = None
        self._complaints: IO[str] = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115

    def phonemes(self, text: str, language: str) -> str:
        """Phonemes in misaki's alphabet.

        Args:
            text: what to say.
            language: espeak-ng's name of it.

        Raises:
            StageError: espeak-ng failed.
        """
        return self._ask({"phonemes": text, "language": language}, "phonemes")

    def speak(self, text: str, voice: str) -> bytes:
        """A WAV file, the same for the same text whatever this process spoke before.

        Some of espeak-ng's variants (f2) sound a little different in another process.

        Args:
            text: what to say.
            voice: espeak-ng's name of language and variant, "hi+f2".

        Raises:
            StageError: espeak-ng failed.
        """
        return base64.b64decode(self._ask({"speak": text, "voice": voice}, "wav"))

    def close(self) -> None:
        """End the worker."""
        with self._turn:
            self._end()

    def _ask(self, request: dict[str, str], wanted: str) -> str:
        with self._turn:
            answer = self._answer(json.dumps(request))
        if "error" in answer:
            raise StageError(f"espeak-ng: {answer['error']}")
        return str(answer[wanted])

    def _answer(self, line: str) -> dict[str, Any]:
        worker = self._worker or self._start()
        assert worker.stdin is not None and worker.stdout is not None
        timer = threading.Timer(_SECONDS, worker.kill)
        timer.start()
        try:
            with contextlib.suppress(BrokenPipeError):
                worker.stdin.write(line + "\n")
                worker.stdin.flush()
            said = worker.stdout.readline()
        finally:
            timer.cancel()
        if not said.endswith("\n"):
            self._end()
            raise StageError(f"espeak-ng failed: {self._last_complaint() or worker.returncode}")
        answer: dict[str, Any] = json.loads(said)
        return answer

    def _start(self) -> subprocess.Popen[str]:
        worker = subprocess.Popen(
            [sys.executable, "-P", str(_WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            encoding="utf-8",
        )
        self._worker = worker
        weakref.finalize(self, _stop, worker)
        return worker

    def _end(self) -> None:
        if self._worker is not None:
            _stop(self._worker)
            self._worker = None

    def _last_complaint(self) -> str:
        self._complaints.seek(0)
        lines = self._complaints.read().strip().splitlines()
        return lines[-1] if lines else ""


def _stop(worker: subprocess.Popen[str]) -> None:
    if worker.poll() is None:
        worker.kill()  # it keeps nothing that could be lost
    worker.wait()
    for pipe in (worker.stdin, worker.stdout):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
