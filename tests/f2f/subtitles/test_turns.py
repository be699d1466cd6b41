"""Captions for the deaf, markup and names: what is spoken, and by whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from f2f import subtitles
from f2f.errors import InputError


def read(folder: Path, *texts: str, suffix: str = ".srt") -> list[tuple[str, str]]:
    header = "WEBVTT\n\n" if suffix == ".vtt" else ""
    cues = [
        f"00:00:{2 * at:02}.000 --> 00:00:{2 * at + 1:02}.500\n{text}\n"
        for at, text in enumerate(texts)
    ]
    path = folder / f"talk{suffix}"
    path.write_text(header + "\n".join(cues), encoding="utf-8")
    return [(one.speaker, one.text) for one in subtitles.read(path, "en").segments]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[door creaks] Who is there?", "Who is there?"),
        ("[Door creaks]\nWho is there?", "Who is there?"),
        ("[GLASS SHATTERS] What?", "What?"),
        ("Who is there? [gunshot]", "Who is there?"),
        ("What [gunshot] was that?", "What was that?"),
        ("(sighs) I don't know.", "I don't know."),
        ("(sighs) (laughs) Yes.", "Yes."),
        ("I know.\n(door opens)\nCome in!", "I know. Come in!"),
        ("♪ la la la ♪ Turn it off!", "Turn it off!"),
        ("Turn it off! ♪", "Turn it off!"),
        ("*laughs* Of course.", "Of course."),
        ("[हँसते हुए] हाँ", "हाँ"),
        ("[suspira] No sé.", "No sé."),
        ("（拍手）ありがとう", "ありがとう"),
        ("He was born\n(in 1990)\nin Paris.", "He was born (in 1990) in Paris."),
        ("(I never told him that.)", "(I never told him that.)"),
        ("(in 1990)", "(in 1990)"),
        ("He said [that] once.", "He said [that] once."),
    ],
)
def test_sounds_go_and_speech_in_brackets_stays(tmp_path: Path, written: str, said: str) -> None:
    assert read(tmp_path, written) == [("", said)]


@pytest.mark.parametrize(
    "written",
    [
        *("[door creaks]", "[DOOR CREAKS]", "(sighs)", "(soft piano)", "♪", "♪ ♪", "♫ la la ♫"),
        *("♪ We are\nthe champions", "# Happy birthday to you #", "[Anna]", "- [laughs]", "(笑)"),
        *(
            "[♪♪♪]",
            "(♪ dramatic ♪)",
            "<i>♪ la la ♪</i>",
            "♪ la\nla ♪",
            "[MAN SINGING]",
            "( sighs )",
        ),
    ],
)
def test_captions_of_sounds_alone_are_left_out(tmp_path: Path, written: str) -> None:
    assert read(tmp_path, written, "Hello.") == [("", "Hello.")]
    with pytest.raises(InputError, match="no line of speech"):
        read(tmp_path, written)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (r"{\an8}At the top", "At the top"),
        (r"{\i1}Two\Nlines{\i0} here", "Two lines here"),
        ("Tom &amp; Jerry &lt;3 &#39;em&nbsp;all", "Tom & Jerry <3 'em all"),
        ('<font color="#ffff00">Yellow</font> <i>and</i> <b>bold', "Yellow and bold"),
        ("Two<br/>lines<br>more", "Two lines more"),
        ("{y:i}Slanted", "Slanted"),
        ("<ruby>漢字<rt>かんじ</rt></ruby>です", "漢字です"),
        ("\u202bשלום\u202c", "שלום"),
        ("A < B and B > C & D", "A < B and B > C & D"),
        (r"C:\new is a {folder}", r"C:\new is a {folder}"),
    ],
)
def test_markup_is_not_spoken(tmp_path: Path, written: str, said: str) -> None:
    for suffix in (".srt", ".vtt"):
        assert read(tmp_path, written, suffix=suffix) == [("", said)]


@pytest.mark.parametrize(
    ("written", "turns"),
    [
        (["JOHN: Hello."], [("JOHN", "Hello.")]),
        (["JOHN:\nHello."], [("JOHN", "Hello.")]),
        (["MAN #2: (sighs) Go."], [("MAN #2", "Go.")]),
        (["JOHN [on phone]: Hi."], [("JOHN", "Hi.")]),
        (["John (laughing): Hi."], [("John", "Hi.")]),
        (["JOHN: Hi.\nMARY: Hello."], [("JOHN", "Hi."), ("MARY", "Hello.")]),
        (["[JOHN] Hi."], [("JOHN", "Hi.")]),
        (["[door creaks] [Anna] Hi."], [("Anna", "Hi.")]),
        (["<v Anna>Hi.</v> <v.loud Bob>Hello.</v>"], [("Anna", "Hi."), ("Bob", "Hello.")]),
        (["- Hi.\n- Hello."], [("", "Hi."), ("", "Hello.")]),
        (["-Hi.\n-Hello."], [("", "Hi."), ("", "Hello.")]),
        (["&gt;&gt; JOHN: Hi.", "And you?"], [("JOHN", "Hi."), ("JOHN", "And you?")]),
        ([">> JOHN: Hi. >> Hello."], [("JOHN", "Hi."), ("", "Hello.")]),
        ([">> ANNA: Hi.", ">> Yes.", "Go."], [("ANNA", "Hi."), ("", "Yes."), ("", "Go.")]),
        (["Anna: Olá.", "Bruno: Oi."], [("Anna", "Olá."), ("Bruno", "Oi.")]),
        (["अन्ना: नमस्ते", "ब्रूनो: हाँ"], [("अन्ना", "नमस्ते"), ("ब्रूनो", "हाँ")]),
        (["安娜：你好", "布鲁诺：很好"], [("安娜", "你好"), ("布鲁诺", "很好")]),
        (["Speaker 1: Hi.", "Speaker 2: Oh."], [("Speaker 1", "Hi."), ("Speaker 2", "Oh.")]),
        (["[speaker_00] Hi."], [("speaker_00", "Hi.")]),
        (["<i>NARRATOR:</i> Once."], [("NARRATOR", "Once.")]),
        (["ANNA (V.O.): Hi."], [("ANNA", "Hi.")]),
        (["Anna : Bonjour.", "Bruno : Salut."], [("Anna", "Bonjour."), ("Bruno", "Salut.")]),
    ],
)
def test_names_and_changes_of_speaker(
    tmp_path: Path, written: list[str], turns: list[tuple[str, str]]
) -> None:
    assert read(tmp_path, *written) == turns


@pytest.mark.parametrize(
    "written",
    [
        *("Remember: never do this.", "NOTE: never do this.", "One thing: it works."),
        *("It is 10:30: too late.", "He said: go!", "https://example.org: a page"),
    ],
)
def test_a_colon_alone_names_nobody(tmp_path: Path, written: str) -> None:
    assert read(tmp_path, written, "And so on.", "And on.")[0] == ("", written)


def test_the_turns_of_a_caption_share_its_time(tmp_path: Path) -> None:
    path = tmp_path / "talk.srt"
    path.write_text("1\n00:00:01,000 --> 00:00:04,000\n- Hm.\n- Really?\n", encoding="utf-8")
    spans = [(one.span.start, one.span.end) for one in subtitles.read(path, "en").segments]
    assert spans == [(1.0, pytest.approx(1.9)), (pytest.approx(1.9), 4.0)]
