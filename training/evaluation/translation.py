"""``evaluate-translation``: how good is a student, beside two ways of not translating at all?"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from f2f.backends.translation.student import Student
from f2f.errors import MissingError
from training.data.translation_text import EVALUATION, LANGUAGES, read_table
from training.evaluation import word_by_word

log = logging.getLogger(__name__)

SPEECH = "speech"
"""The domain of WMT24 that is like what a video says."""

System = Callable[[list[str]], list[str]]
"""English segments to their translations."""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """English segments with a person's translation of each."""

    name: str
    language: str
    english: list[str]
    references: list[str]


@dataclass(frozen=True, slots=True)
class Score:
    """What one system reaches on one set; both measures from 0 to 100."""

    set: str
    language: str
    system: str
    segments: int
    chrf: float
    """chrF++: letters to the sixth order, words to the second."""
    bleu: float
    """By the tokens of WMT (13a)."""


def sets(folder: Path, language: str, limit: int | None = None) -> Iterator[Evaluated]:
    """FLORES, NTREX 1-150 and the speech of WMT24, as far as the language has them."""
    for file, name in (
        ("flores-sib200", "FLORES"),
        ("ntrex-001-150", "NTREX 1-150"),
        ("wmt24-general", "WMT24 speech"),
    ):
        path = folder / f"{file}.{language}.tsv.xz"
        if not path.is_file():
            continue
        rows = [row for row in read_table(path) if row[2:] in ([], [SPEECH])][:limit]
        yield Evaluated(name, language, [row[0] for row in rows], [row[1] for row in rows])


def scored(test: Evaluated, system: str, translations: Sequence[str]) -> Score:
    """The measures of a system's translations of a set.

    Raises:
        MissingError: sacrebleu is not installed.
    """
    try:
        from sacrebleu.metrics import BLEU, CHRF
    except ImportError as error:
        raise MissingError(
            "sacrebleu is not installed: pip install 'face-to-face[training]'"
        ) from error
    references = [test.references]
    return Score(
        test.name,
        test.language,
        system,
        len(test.references),
        round(CHRF(word_order=2).corpus_score(translations, references).score, 2),
        round(BLEU().corpus_score(translations, references).score, 2),
    )


def systems(text: Path, language: str, student: Student) -> dict[str, System]:
    """The student and what it must be better than, by name."""
    words, origin = word_by_word.lexicon(text, language)
    log.info("%s: %d words from %s", language, len(words), origin)

    def by_words(english: list[str]) -> list[str]:
        return [word_by_word.translated(one, words) for one in english]

    def by_student(english: list[str]) -> list[str]:
        return [one.text for one in student.translate(english, language)]

    return {"source copied": list, f"word by word ({origin})": by_words, "student": by_student}


def compare(
    text: Path, languages: Sequence[str], student: Student, limit: int | None = None
) -> Iterator[tuple[Score, list[str]]]:
    """Every system on every set, with its translations."""
    for language in languages:
        found = systems(text, language, student)
        for test in sets(text / EVALUATION, language, limit):
            for system, translate in found.items():
                translations = translate(test.english)
                yield scored(test, system, translations), translations


def table(scores: Sequence[Score]) -> str:
    """Rows of languages and sets, chrF++ and BLEU of each system."""
    lines = [f"{'':3}{'set':14}{'system':52}{'n':>5}{'chrF++':>8}{'BLEU':>7}"]
    for one in scores:
        lines.append(
            f"{one.language:3}{one.set:14}{one.system:52}{one.segments:5}{one.chrf:8.2f}{one.bleu:7.2f}"
        )
    return "\n".join(lines)


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """``evaluate-translation``: chrF++ and BLEU, as a table and as JSON."""
    command = commands.add_parser("evaluate-translation", help="scores of a student translator")
    command.add_argument("--model", type=Path, required=True, help="the folder export/translator")
    command.add_argument("--text", type=Path, required=True, help="folder of text with its eval/")
    command.add_argument("--languages", nargs="+", choices=LANGUAGES, default=LANGUAGES)
    command.add_argument("--limit", type=int, help="only so many first segments of every set")
    command.add_argument("--threads", type=int, default=0)
    command.add_argument("--out", type=Path, required=True, help="JSON of scores and translations")
    command.set_defaults(act=_run)


def _run(chosen: argparse.Namespace) -> int:
    student = Student(chosen.model, threads=chosen.threads)
    found = list(compare(chosen.text, chosen.languages, student, chosen.limit))
    scores = [score for score, _ in found]
    told = [{**asdict(score), "translations": texts} for score, texts in found]
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    print(table(scores))
    return 0
