"""espeak-ng in its own process: the same phonemes and sounds, and nothing of it in ours."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from f2f.backends.speech import espeak_process
from f2f.backends.speech.espeak_process import EspeakProcess
from f2f.backends.speech.phonemes import ESPEAK_CODES
from f2f.errors import StageError

SENTENCES = {
    "en": "Students (all 20 of them) should bring their books; isn't that far off?",
    "en-gb": "The laboratory's schedule — revised — is rather hot, where are you?",
    "es": "El comité anunciará su decisión «mañana» por la mañana.",
    "fr": "Où est la bibliothèque, s'il vous plaît ? C'est à vingt-deux heures.",
    "hi": "नमस्ते दोस्तो, आप कैसे हैं? आज का मौसम बहुत अच्छा है।",
    "it": "Gli studenti devono portare i loro libri alla prima lezione.",
    "pt": "Muito obrigado pela sua paciência e pelas suas perguntas!",
    "ur": "آپ کیسے ہیں؟ آج موسم اچھا ہے۔",
}
TEXTS = [
    (ESPEAK_CODES[language], text)
    for language, sentence in SENTENCES.items()
    for text in (sentence, sentence.lower(), sentence[::2], sentence.split()[0], f"3 {sentence} 42")
]

ORACLE = """
import json, sys
from types import SimpleNamespace
from misaki import espeak
said = []
for language, text in json.load(sys.stdin):
    if language.startswith("en-"):
        english = espeak.EspeakFallback(british=language == "en-gb")
        said.append(english(SimpleNamespace(text=text))[0] or "")
    else:
        said.append(espeak.EspeakG2P(language=language)(text)[0] or "")
json.dump(said, sys.stdout)
"""


@pytest.fixture
def espeak() -> Iterator[EspeakProcess]:
    process = EspeakProcess()
    yield process
    process.close()


@pytest.mark.slow
def test_phonemes_are_those_of_misaki_itself(espeak: EspeakProcess) -> None:
    assert len(TEXTS) == 40
    done = subprocess.run(
        [sys.executable, "-P", "-c", ORACLE],
        input=json.dumps(TEXTS),
        capture_output=True,
        text=True,
        check=True,
    )
    expected = json.loads(done.stdout)
    assert [espeak.phonemes(text, language) for language, text in TEXTS] == expected
    assert sum(map(len, expected)) > 1000


@pytest.mark.slow
def test_threads_get_their_own_answers(espeak: EspeakProcess) -> None:
    alone = [espeak.phonemes(text, language) for language, text in TEXTS]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda pair: espeak.phonemes(pair[1], pair[0]), TEXTS))
    assert together == alone


def test_the_same_text_is_the_same_sound_whatever_was_spoken_before(espeak: EspeakProcess) -> None:
    first = espeak.speak("नमस्ते दोस्तो.", "hi+f2")
    espeak.speak("She sells sea shells.", "en-us+m3")
    assert espeak.speak("नमस्ते दोस्तो.", "hi+f2") == first


@pytest.mark.slow
def test_nothing_under_the_gpl_is_loaded_into_this_process() -> None:
    script = """
import sys
from pathlib import Path
from f2f.backends import resolve
from f2f.backends.speech.espeak_process import EspeakProcess
from f2f.config import Config
process = EspeakProcess()
assert process.phonemes("Hello", "en-us") and process.speak("Hello", "en-us+f2")
with resolve("speech", "espeak")(Config()) as espeak:
    espeak.speak("Hello", "en", espeak.voices("en", Config())[0])
resolve("speech", "kokoro").voices("hi", Config())
loaded = {name.partition(".")[0] for name in sys.modules}
print(sorted(loaded & {"phonemizer", "espeakng_loader", "misaki"}))
maps = Path("/proc/self/maps")
print("espeak" in maps.read_text() if maps.exists() else False)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[:2] == ["[]", "False"]


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda it: it.speak("Hello", "nowhere+f2"), "no voice called nowhere"),
        (lambda it: it.phonemes("Hello", "nowhere"), "nowhere"),
    ],
)
def test_what_it_does_not_know_is_said_and_it_goes_on(
    espeak: EspeakProcess, ask: object, sentence: str
) -> None:
    assert callable(ask)
    with pytest.raises(StageError, match=sentence):
        ask(espeak)
    assert espeak.speak("Hello", "en-us+f2")


def test_one_that_died_is_started_anew(espeak: EspeakProcess) -> None:
    espeak.speak("Hello", "en-us+f2")
    assert espeak._worker is not None
    os.kill(espeak._worker.pid, signal.SIGKILL)
    with pytest.raises(StageError, match="espeak-ng failed: -9"):
        espeak.speak("Hello", "en-us+f2")
    assert espeak.speak("Hello", "en-us+f2")


def test_one_that_hangs_is_given_up(espeak: EspeakProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    espeak.speak("Hello", "en-us+f2")
    assert espeak._worker is not None
    os.kill(espeak._worker.pid, signal.SIGSTOP)
    monkeypatch.setattr(espeak_process, "_SECONDS", 0.2)
    with pytest.raises(StageError, match="espeak-ng failed"):
        espeak.speak("Hello", "en-us+f2")


@pytest.mark.parametrize("end", ["kill", "close", "forget"])
def test_it_ends_with_whoever_started_it(tmp_path: Path, end: str) -> None:
    script = """
import sys, time
from f2f.backends.speech.espeak_process import EspeakProcess
espeak = EspeakProcess()
espeak.speak("Hello", "en-us+f2")
print(espeak._worker.pid, flush=True)
sys.stdin.readline()
if sys.argv[1] == "close":
    espeak.close()
if sys.argv[1] == "forget":
    del espeak
print("done", flush=True)
sys.stdin.readline()
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", script, end],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdin is not None and parent.stdout is not None
    worker = int(parent.stdout.readline())
    if end == "kill":
        parent.kill()
    else:
        parent.stdin.write("\n")
        parent.stdin.flush()
        assert parent.stdout.readline() == "done\n"
    deadline = time.monotonic() + 30
    while _lives(worker):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    parent.kill()
    parent.communicate()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_marks_of_another_languages_rules_are_not_spoken(espeak: EspeakProcess) -> None:
    assert "(" not in espeak.phonemes("hello नमस्ते", "en-us")
