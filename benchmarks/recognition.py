"""The two Whisper backends on the same weights and the same sound, in one run.

    python -m benchmarks.recognition [FILE…] [--repeats 1] [--truth FILE.txt] [--json FILE]

Without files the pinned demo clip is heard.  The backends take turns, so that other load on the
machine meets both.  Seconds are wall time and processor time (of all threads) without loading;
"apart" is the word error rate of one backend's text against the other's, "errors" that against
the words in --truth (for one file).
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from f2f import media, weights
from f2f.backends import resolve
from f2f.config import Config
from f2f.errors import F2FError
from f2f.listening import Heard, listen, sound_of
from f2f.media.timeline import exact_time
from f2f.roles import SPEECH_RATE, Recogniser, Samples
from f2f.text.error_rate import wer

FAST, REFERENCE = "faster-whisper", "openai-whisper"


@dataclass(frozen=True, slots=True)
class Hearing:
    """One backend's run over one file."""

    text: str
    language: str
    wall: float
    processor: float


@dataclass(frozen=True, slots=True)
class Row:
    """Both backends on one file; times are medians over the repeats."""

    file: str
    seconds: float
    language: str
    fast_wall: float
    reference_wall: float
    fast_processor: float
    reference_processor: float
    ratio: float
    """Reference over fast, in processor time."""
    apart: float
    fast_errors: float | None
    reference_errors: float | None
    text: str


def main() -> None:
    """Measure, print a table and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--truth", type=Path, help="the words that are spoken, as text")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    files = given.files or [weights.locate("demo-clip")]
    truth = given.truth.read_text(encoding="utf-8") if given.truth else None
    rows = measure(files, repeats=given.repeats, truth=truth)
    print(table(rows))
    if given.json:
        text = json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False)
        given.json.write_text(text, encoding="utf-8")


def measure(files: Sequence[Path], *, repeats: int, truth: str | None) -> list[Row]:
    """One row a file, in one run of both backends."""
    config = Config()
    for name in (FAST, REFERENCE):
        gap = resolve("asr", name).missing(config)
        if gap is not None:
            raise SystemExit(f"{name}: {gap}")
    with resolve("asr", FAST)(config) as fast, resolve("asr", REFERENCE)(config) as reference:
        return [_row(file, fast, reference, repeats=repeats, truth=truth) for file in files]


def _row(
    file: Path, fast: Recogniser, reference: Recogniser, *, repeats: int, truth: str | None
) -> Row:
    with TemporaryDirectory() as folder, sound_of(_speech(file, Path(folder))) as sound:
        pairs = [(_hear(sound, fast), _hear(sound, reference)) for _ in range(repeats)]
        seconds = len(sound) / SPEECH_RATE
    one, other = pairs[0]
    fast_processor = statistics.median(pair[0].processor for pair in pairs)
    reference_processor = statistics.median(pair[1].processor for pair in pairs)
    return Row(
        file=file.name,
        seconds=seconds,
        language=one.language,
        fast_wall=statistics.median(pair[0].wall for pair in pairs),
        reference_wall=statistics.median(pair[1].wall for pair in pairs),
        fast_processor=fast_processor,
        reference_processor=reference_processor,
        ratio=reference_processor / fast_processor,
        apart=wer(other.text, one.text),
        fast_errors=wer(truth, one.text) if truth is not None else None,
        reference_errors=wer(truth, other.text) if truth is not None else None,
        text=one.text,
    )


def _speech(file: Path, folder: Path) -> Path:
    if file.suffix.lower() == ".wav":
        return file
    info = media.probe(file)
    target = folder / "speech.wav"
    wanted = (target, SPEECH_RATE, 1)
    media.extract_sound(file, wanted, start=info.start, duration=exact_time(info.frames, info.fps))
    return target


def _hear(sound: Samples, recogniser: Recogniser) -> Hearing:
    wall, processor = time.perf_counter(), time.process_time()
    heard: Heard = listen(
        sound,
        recogniser,
        language=None,
        piece_seconds=600.0,
        gated=True,
        advance=lambda done, total: None,
    )
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    text = "".join(word.text for word in heard.words).strip()
    return Hearing(text, heard.language, wall, processor)


def table(rows: Sequence[Row]) -> str:
    """The rows for people."""
    head = (
        f"{'file':28} {'s':>6} lang {'fast wall/cpu s':>16} {'openai wall/cpu s':>18} "
        f"{'ratio':>6} {'apart':>6} {'errors fast/openai':>19}"
    )
    return "\n".join([head, *map(_line, rows)])


def _line(row: Row) -> str:
    errors = "–"
    if row.fast_errors is not None and row.reference_errors is not None:
        errors = f"{row.fast_errors:.1%} / {row.reference_errors:.1%}"
    return (
        f"{row.file[:28]:28} {row.seconds:6.1f} {row.language:4} "
        f"{row.fast_wall:8.1f}/{row.fast_processor:7.1f} "
        f"{row.reference_wall:10.1f}/{row.reference_processor:7.1f} "
        f"{row.ratio:6.1f} {row.apart:6.1%} {errors:>19}"
    )


if __name__ == "__main__":
    try:
        main()
    except F2FError as error:
        raise SystemExit(str(error)) from error
