"""A folder of made-up parallel text, small enough to learn by heart."""

from __future__ import annotations

import lzma
from collections.abc import Iterable
from pathlib import Path

PAIRS = [
    ("the house is old", "घर पुराना है"),
    ("the house is new", "घर नया है"),
    ("the river is old", "नदी पुरानी है"),
    ("the river is new", "नदी नई है"),
    ("who is there", "वहाँ कौन है"),
    ("come here now", "अभी यहाँ आओ"),
    ("he has 42 books", "उसके पास 42 किताबें हैं"),
    ("she has 7 books", "उसके पास 7 किताबें हैं"),
    ("they watch TV", "वे रोज़ रात को बैठकर TV देखते हैं"),
    ("they sing", "वे गाते हैं"),
]
VOCABULARY = 316
"""About as many subwords as so little text has."""
TAMIL = [("the house is old", "வீடு பழையது"), ("they sing", "அவர்கள் பாடுகிறார்கள்")]
JUDGED = [
    ("The bridge is long.", "पुल लंबा है।"),
    ("It was never crossed by anyone.", "किसी ने पार नहीं किया।"),
]


def write_table(path: Path, rows: Iterable[tuple[str, ...]]) -> None:
    """A `.tsv.xz` file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(lzma.compress("".join("\t".join(row) + "\n" for row in rows).encode()))


def write_text(folder: Path, extra: Iterable[tuple[str, str]] = ()) -> Path:
    """The folder: Hindi, Tamil, a dictionary and an evaluation."""
    write_table(folder / "hi" / "talk.tsv.xz", [*PAIRS, *extra])
    write_table(folder / "ta" / "talk.tsv.xz", TAMIL)
    write_table(folder / "hi" / "dictionary-small.tsv.xz", [("house", "घर"), ("old", "पुराना")])
    write_table(folder / "eval" / "flores-sib200.hi.tsv.xz", JUDGED)
    return folder
