"""Written forms spoken by a voice and recognised back: character error rates by language.

    python -m benchmarks.written_forms [FILE.tsv…] [--each 8] [--as-written] [--json FILE]
    python -m benchmarks.written_forms benchmarks/two_scripts/*.tsv --each 40

A file is called after its language (en.tsv); its columns are the text as it is
written and as it is said.  Both that and what is heard are written out before they are compared, so
that "$5" and "five dollars" are the same.  A word in foreign letters may also be heard in the
letters of the second column, if that has as many words.  Without files, rows of the tests are
spoken in every language of the default voices.  --as-written speaks without writing out, for a
comparison.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from f2f.backends import resolve
from f2f.config import Config, from_tree
from f2f.roles import SPEECH_RATE, Recogniser, Samples, Sound, Synthesiser
from f2f.text import acronyms
from f2f.text.error_rate import cer, corpus_cer
from f2f.text.normalisation import spoken
from f2f.text.scripts import readable
from f2f.voices.spoken_line import trimmed

ROWS = Path("tests/f2f/text/written_forms")
LANGUAGES = ("en", "es", "fr", "hi", "it", "pt")


@dataclass(frozen=True, slots=True)
class Line:
    """One row, and what was heard when it was spoken."""

    language: str
    written: str
    wanted: str
    heard: str
    error_rate: float


def main() -> None:
    """Measure, print a table and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--each", type=int, default=8, help="rows of a file, evenly spread")
    parser.add_argument("--as-written", action="store_true")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    files = given.files or [ROWS / f"{language}.tsv" for language in LANGUAGES]
    lines = measure(files, each=given.each, as_written=given.as_written)
    print(table(lines))
    if given.json:
        text = json.dumps([asdict(line) for line in lines], indent=1, ensure_ascii=False)
        given.json.write_text(text, encoding="utf-8")


def measure(files: Sequence[Path], *, each: int, as_written: bool) -> list[Line]:
    """Every row spoken by the language's first voice and heard back by Whisper small."""
    config = from_tree({"recognition": {"model": "small"}})
    voice, ear = resolve("speech", "kokoro"), resolve("asr", "faster-whisper")
    for gap in (voice.missing(config), ear.missing(config)):
        if gap is not None:
            raise SystemExit(gap)
    with voice(config) as synthesiser, ear(config) as recogniser:
        return [
            _line(file.stem, row, synthesiser, recogniser, as_written=as_written)
            for file in files
            for row in _rows(file, each)
        ]


def table(lines: Sequence[Line]) -> str:
    """Error rates by language."""
    shown = ["language  lines  error rate  worst"]
    for language in dict.fromkeys(line.language for line in lines):
        ours = [line for line in lines if line.language == language]
        rate = corpus_cer([(line.wanted, line.heard) for line in ours])
        worst = max(line.error_rate for line in ours)
        shown.append(f"{language:<9} {len(ours):>5} {rate:>10.1%} {worst:>7.1%}")
    rate = corpus_cer([(line.wanted, line.heard) for line in lines])
    shown.append(f"{'all':<9} {len(lines):>5} {rate:>10.1%}")
    return "\n".join(shown)


def _rows(file: Path, each: int) -> Iterator[tuple[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.reader(opened, "excel-tab", quoting=csv.QUOTE_NONE))
    for number in range(min(each, len(rows))):
        written, said = rows[number * len(rows) // min(each, len(rows))]
        yield written, said


def _line(
    language: str,
    row: tuple[str, str],
    synthesiser: Synthesiser,
    recogniser: Recogniser,
    *,
    as_written: bool,
) -> Line:
    written, said = row
    voice = synthesiser.voices(language, Config())[0]
    words = acronyms.spelt(readable(spoken(written, language), language), language)
    text = written if as_written else words
    sound = trimmed(synthesiser.speak(text, language, voice))
    found = recogniser.recognise(_at_speech_rate(sound), language)
    heard = spoken(" ".join(segment.text for segment in found.segments), language)
    wanted = spoken(said, language)
    heard = _in_the_letters_of(wanted, spoken(written, language), heard)
    return Line(language, written, wanted, heard, round(cer(wanted, heard), 4))


def _at_speech_rate(sound: Sound) -> Samples:
    step = int(np.gcd(sound.rate, SPEECH_RATE))
    samples = resample_poly(sound.samples, SPEECH_RATE // step, sound.rate // step)
    return np.asarray(samples, np.float32)


def _in_the_letters_of(wanted: str, written: str, heard: str) -> str:
    """Words of `heard` that `written` has, as `wanted` writes them."""
    pairs = zip(written.split(), wanted.split(), strict=False)
    if len(written.split()) != len(wanted.split()):
        return heard
    letters = {one.casefold().strip(".,"): other.strip(".,") for one, other in pairs}
    return " ".join(letters.get(word.casefold().strip(".,"), word) for word in heard.split())


if __name__ == "__main__":
    main()
