"""CSV as spreadsheets save it: commas, semicolons or tabs; UTF-8 with or without a mark, UTF-16."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path
from typing import Any

from f2f.errors import InputError, why

_DELIMITERS = ",;\t|"
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def read(path: Path) -> list[dict[Any, Any]]:
    """The rows below the header, by column; empty fields are left out.

    Column names may be in any case and have spaces around them.  A first line "sep=;", as Excel
    has it, names the delimiter; else it is the one that the header has most of.

    Raises:
        InputError: it cannot be read, or is no text in UTF-8 or UTF-16.
    """
    try:
        lines = io.StringIO(_text(path.read_bytes()), newline="").readlines()
        first = lines[0].rstrip("\r\n") if lines else ""
        if first.lower().startswith("sep=") and len(first) == 5:
            delimiter, lines = first[4], lines[1:]
        else:
            delimiter = max(_DELIMITERS, key=first.count)
        table = csv.DictReader(lines, delimiter=delimiter, strict=True)
        table.fieldnames = [name.strip().lower() for name in table.fieldnames or ()]
        return [
            {column: field for column, field in row.items() if field not in (None, "")}
            for row in table
        ]
    except (OSError, UnicodeError, csv.Error) as error:
        raise InputError(f"cannot read the manifest {path}: {why(error)}") from error


def _text(data: bytes) -> str:
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return data.decode(encoding)
    if data[1:2] == b"\0":
        return data.decode("utf-16-le")
    if data[:1] == b"\0":
        return data.decode("utf-16-be")
    return data.decode("utf-8")
