"""A manifest as any spreadsheet saves it has the same rows."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from f2f.errors import InputError
from flows.items.csv_rows import read

TEXT = 'input,languages,options,output\r\n"a, b; c.mp4",hi pt,"x=1;y=2",\r\nनमस्ते.mp4,es,,out\r\n'
ROWS = [
    {"input": "a, b; c.mp4", "languages": "hi pt", "options": "x=1;y=2"},
    {"input": "नमस्ते.mp4", "languages": "es", "output": "out"},
]


def delimited(by: str) -> str:
    header, first, second, _ = TEXT.split("\r\n")
    first = f'"a, b; c.mp4"{by}hi pt{by}"x=1;y=2"{by}'
    return "\r\n".join([header.replace(",", by), first, second.replace(",", by), ""])


@pytest.mark.parametrize("by", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "bar"])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
    ],
)
def test_every_delimiter_in_every_encoding(
    tmp_path: Path, by: str, mark: bytes, encoding: str
) -> None:
    path = tmp_path / "course.csv"
    path.write_bytes(mark + delimited(by).encode(encoding))
    assert read(path) == ROWS
    path.write_bytes(mark + f"sep={by}\r\n{delimited(by)}".encode(encoding))
    assert read(path) == ROWS


def test_columns_may_be_written_in_any_case(tmp_path: Path) -> None:
    path = tmp_path / "course.csv"
    path.write_text(" Input ;LANGUAGES\na.mp4;hi\n")
    assert read(path) == [{"input": "a.mp4", "languages": "hi"}]


def test_one_column_and_nothing_at_all(tmp_path: Path) -> None:
    path = tmp_path / "course.csv"
    path.write_text("input\na.mp4\n")
    assert read(path) == [{"input": "a.mp4"}]
    path.write_text("")
    assert read(path) == []


@pytest.mark.parametrize("data", [b"input,languages\n\xe9.mp4,hi\n", b'input\n"a.mp4'])
def test_what_is_no_table_is_refused_in_one_sentence(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "course.csv"
    path.write_bytes(data)
    with pytest.raises(InputError, match="cannot read the manifest"):
        read(path)
