"""Names, encodings and formats of subtitle files."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from f2f import subtitles
from f2f.errors import InputError
from f2f.subtitles import named_language

SRT = "1\n00:00:00,500 --> 00:00:01,500\nनमस्ते olé\n\n2\n00:00:02,000 --> 00:00:03,000\nok\n"


@pytest.mark.parametrize(
    ("name", "language"),
    [
        *(("talk.en.srt", "en"), ("talk.hi.dub.srt", "hi"), ("talk.en.dub.vtt", "en")),
        *(("talk.pt-BR.srt", "pt"), ("talk.zh-Hans.vtt", "zh"), ("talk.en_US.srt", "en")),
        *(("talk.hin.srt", "hi"), ("talk.HI.srt", "hi"), ("talk.english.srt", "en")),
        *(("talk.en.forced.srt", "en"), ("talk.es.sdh.srt", "es"), ("talk.kok.srt", "kok")),
        *(("a [x].en-orig.vtt", "en"), ("talk.hi.mp4.srt", "hi"), ("v1.2.talk.de.ass", "de")),
        *(("talk.dub.srt", None), ("clip.mov.srt", None), ("clip.mp4.srt", None)),
        *(("talk.srt", None), ("hi.srt", None), ("talk.new.srt", None), ("talk.v2.srt", None)),
        *(("talk.final.srt", None), ("talk.sdh.srt", None), ("my.day.srt", None)),
    ],
)
def test_the_language_that_a_name_speaks_of(tmp_path: Path, name: str, language: str) -> None:
    assert named_language(Path(name)) == language
    if name.endswith(".srt"):
        (tmp_path / name).write_text(SRT, encoding="utf-8")
        if language is None:
            with pytest.raises(InputError, match="say which language it is in"):
                subtitles.read(tmp_path / name, None)
        else:
            assert subtitles.read(tmp_path / name, None).language == language


def test_the_header_of_a_vtt_file_says_its_language_where_nothing_else_does(tmp_path: Path) -> None:
    text = "WEBVTT\nKind: captions\nLanguage: pt-BR\n\n00:01.000 --> 00:02.000\nOlá\n"
    for name, language in (("talk.vtt", "pt"), ("talk.es.vtt", "es")):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert subtitles.read(tmp_path / name, None).language == language


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("utf-32-le", codecs.BOM_UTF32_LE),
        ("utf-32-be", codecs.BOM_UTF32_BE),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_ends_of_lines(
    tmp_path: Path, encoding: str, mark: bytes, newline: str
) -> None:
    path = tmp_path / "talk.srt"
    path.write_bytes(mark + SRT.replace("\n", newline).encode(encoding))
    assert [one.text for one in subtitles.read(path, "hi").segments] == ["नमस्ते olé", "ok"]


@pytest.mark.parametrize("encoding", ["cp1252", "cp1251", "shift_jis", "gb18030"])
def test_older_encodings_are_refused(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "talk.srt"
    words = {"cp1252": "olé", "cp1251": "привет", "shift_jis": "今日", "gb18030": "你好"}[encoding]
    path.write_bytes(f"1\n00:00:00,500 --> 00:00:01,500\n{words}\n".encode(encoding))
    with pytest.raises(InputError, match="is not UTF-8 text; save it as UTF-8"):
        subtitles.read(path, "en")


ASS = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Arial,20

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 1,0:00:00.50,0:00:02.40,Default,Anna,0,0,0,,{\\an8\\b1}Olá,\\Ntudo bem?
Dialogue: 0,0:00:00.50,0:00:02.40,Default,Anna,0,0,0,,{\\an8\\b1}Olá,\\Ntudo bem?
Comment: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,not shown
Dialogue: 0,0:00:02.00,0:00:02.50,Default,,0,0,0,,{\\p1}m 0 0 l 10 0 10 10{\\p0}
Dialogue: 0,0:00:02.60,0:00:04.90,Default,Bruno,0,0,0,,Tudo bem.
"""
TTML = """<?xml version="1.0" encoding="UTF-8"?>
<tt xmlns="http://www.w3.org/ns/ttml"><body><div>
<p begin="00:00:00.500" end="00:00:02.400">Olá,<br/>tudo bem?</p>
<p begin="2.6s" end="4.9s">Tudo &amp; bem.</p>
</div></body></tt>
"""
SAMI = """<SAMI><BODY><SYNC Start=500><P>Olá,<br>tudo bem?
<SYNC Start=2600><P>Tudo bem.</BODY></SAMI>"""


@pytest.mark.parametrize(
    ("name", "text", "speakers", "said"),
    [
        ("a.ass", ASS, ["Anna", "Bruno"], ["Olá, tudo bem?", "Tudo bem."]),
        ("a.ssa", ASS.replace("V4+", "V4"), ["Anna", "Bruno"], ["Olá, tudo bem?", "Tudo bem."]),
        ("a.sub", "{1}{1}25\n{12}{60}{y:i}Olá,|tudo bem?\n{65}{120}Tudo bem.\n", ["", ""], None),
        ("a.ttml", TTML, ["", ""], ["Olá, tudo bem?", "Tudo & bem."]),
        ("a.dfxp", TTML.replace("ns/ttml", "2006/10/ttaf1"), ["", ""], None),
        ("a.smi", SAMI, ["", ""], None),
    ],
)
def test_other_formats(
    tmp_path: Path, name: str, text: str, speakers: list[str], said: list[str] | None
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = subtitles.read(tmp_path / name, "pt").segments
    assert [one.speaker for one in found] == speakers
    assert found[0].text == "Olá, tudo bem?"
    assert said is None or [one.text for one in found] == said
    assert [round(one.span.start, 1) for one in found] == [0.5, 2.6]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.ass", ASS.replace("0:00:02.60", "soon"), "a.ass, line 14: not valid ass"),
        ("a.ass", ASS.replace("0:00:04.90", "0:00:01.00"), "ends before it starts"),
        ("a.ass", "no events", "no line of speech"),
        ("a.sub", "{12}{60}Olá\n", "does not say how many a second"),
        ("a.sub", "{1}{1}25\n{12}{60}Olá\n{65}Tudo bem\n", "line 3: .* has no pair of frames"),
        ("a.ttml", TTML.replace("</div>", ""), "line 5: not valid XML"),
        ("a.ttml", TTML.replace("2.6s", "70f"), "not valid ttml"),
        ("a.sub", "\0\0\1\xba", "not a text file"),
    ],
)
def test_what_is_wrong_in_other_formats_is_refused(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        subtitles.read(tmp_path / name, "pt")
