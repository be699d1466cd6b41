from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from f2f import subtitles
from f2f.errors import InputError
from f2f.subtitles.layout import CUE_LINES, LINE_COLUMNS, label, width
from f2f.types import Segment, Span, Speaker, Transcript, Word

SRT = """\ufeff1\r
00:00:01,000 --> 00:00:02,500\r
<i>Hello</i> {\\an8}there,\r
world\r
\r
2
0:03.5 --> 00:00:04.250 X1:40 X2:600
[ANNA] Yes & no
3
00:00:05,000 --> 00:00:06,000
[Music]

4
00:00:07,000 --> 00:00:08,000
- A < B
"""

VTT = """WEBVTT - title

NOTE a comment

STYLE
::cue { color: red }

intro
00:01.000 --> 00:02.500 align:start position:10%
<v.loud Dr. Rao>Tom &amp; <c.yellow>Jerry</c> &lt;3

00:00:03.000 --> 00:00:04.000
♪ ♪

00:00:05.000 --> 00:00:06.000
2024
"""


def put(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def test_srt_forgives_what_tools_write(tmp_path: Path) -> None:
    heard = subtitles.read(put(tmp_path, "a.srt", SRT), "en")
    assert [(one.id, one.span, one.speaker, one.text) for one in heard.segments] == [
        (0, Span(1.0, 2.5), "", "Hello there, world"),
        (1, Span(3.5, 4.25), "ANNA", "Yes & no"),
        (2, Span(7.0, 8.0), "", "A < B"),
    ]


def texts(path: Path) -> list[str]:
    return [one.text for one in subtitles.read(path, "en").segments]


def test_srt_text_runs_to_the_next_time_whatever_is_empty(tmp_path: Path) -> None:
    first, second = "00:00:01,000 --> 00:00:02,000", "00:00:03,000 --> 00:00:04,000"
    for written in (
        f"1\n{first}\nHello\n\nworld\n\n2\n{second}\n\n42\n43",
        f"{first}\n\nHello\nworld\n{second}\n42\n43\n",
        f"1\n\n{first}\n\nHello\n\nworld\n\n2\n\n{second}\n\n42\n\n43\n",
    ):
        assert texts(put(tmp_path, "a.srt", written)) == ["Hello world", "42 43"]
    assert texts(put(tmp_path, "a.srt", f"{first}\nIt is\n42\n{second}\nso\n")) == [
        "It is 42",
        "so",
    ]


def test_vtt_text_ends_at_an_empty_line(tmp_path: Path) -> None:
    first, second = "00:01.000 --> 00:02.000", "00:03.000 --> 00:04.000"
    written = f"WEBVTT\n\n1\n{first}\n42\n\nNOTE none\n\n2\n{second}\nIt is\n42"
    assert texts(put(tmp_path, "a.vtt", written)) == ["42", "It is 42"]
    written = f"WEBVTT\n\n1\n{first}\nHello\n2\n{second}\nworld"
    assert texts(put(tmp_path, "a.vtt", written)) == ["Hello", "world"]


@pytest.mark.parametrize(
    ("line", "speaker", "text"),
    [
        ("[Music] so today…", "", "so today…"),
        ("[MÚSICA] [Ana] hoje [risos] não", "Ana", "hoje não"),
        ("[Ana] it was [inaudible] then", "Ana", "it was then"),
        ("[ laughter ] yes (music)", "", "yes (music)"),
        ("[Musico] yes", "Musico", "yes"),
    ],
)
def test_sounds_are_neither_speakers_nor_text(
    tmp_path: Path, line: str, speaker: str, text: str
) -> None:
    path = put(tmp_path, "a.srt", f"1\n00:00:01,000 --> 00:00:02,000\n{line}\n")
    (one,) = subtitles.read(path, "en").segments
    assert (one.speaker, one.text) == (speaker, text)


def test_vtt_voices_entities_and_notes(tmp_path: Path) -> None:
    heard = subtitles.read(put(tmp_path, "a.vtt", VTT), "en")
    assert [(one.speaker, one.text) for one in heard.segments] == [
        ("Dr. Rao", "Tom & Jerry <3"),
        ("", "2024"),
    ]


def test_utf16_and_language_from_the_name(tmp_path: Path) -> None:
    text = "1\n00:00:00,000 --> 00:00:01,000\nनमस्ते\n"
    heard = subtitles.read(put(tmp_path, "talk.hi.srt", text, "utf-16"), None)
    assert (heard.language, heard.segments[0].text) == ("hi", "नमस्ते")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.srt", b"", "no line of speech"),
        ("a.srt", b"\x00\x01\x02", "not a text file"),
        ("a.srt", "1\n00:00:00,0 --> 00:00:01,0\nol\u00e9".encode("latin-1"), "UTF-8"),
        ("a.srt", b"1\n00:00:02,000 --> 00:00:01,000\nx\n", "line 2: the cue ends before"),
        ("a.txt", b"hello", "must be a .srt"),
        ("a.json", b"{", "not valid JSON"),
        ("a.json", b'{"text": "x"}', "segments"),
        ("a.json", b'[{"start": 1, "text": "x"}]', "segment 0 needs"),
        ("a.json", b'[{"start": 1, "end": 0, "text": "x"}]', "ends before"),
        ("a.json", b'{"language": "de", "segments": []}', "'de', not in 'en'"),
    ],
)
def test_refusals(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=sentence):
        subtitles.read(path, "en")


def test_missing_file_and_unknown_language(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        subtitles.read(tmp_path / "none.srt", "en")
    with pytest.raises(InputError, match="which language"):
        subtitles.read(put(tmp_path, "talk.srt", SRT), None)


def test_whisper_json(tmp_path: Path) -> None:
    text = """{"language": "en", "text": "hi", "segments": [{"id": 4, "start": 0.5, "end": 1,
    "text": " hi", "words": [{"word": " hi", "start": 0.5, "end": 1, "probability": 0.5}]}]}"""
    heard = subtitles.read(put(tmp_path, "a.json", text), None)
    word = Word("hi", Span(0.5, 1.0), 0.5)
    assert heard == Transcript("en", (Segment(4, Span(0.5, 1.0), "", "hi", (word,)),))


def test_own_json_reads_back_equal(tmp_path: Path) -> None:
    word = Word("hi", Span(0.1, 0.2), 0.7)
    heard = Transcript(
        "en", (Segment(3, Span(0.1, 0.2), "a", "hi", (word,)),), (Speaker("a", "female", 201.5),)
    )
    subtitles.write_json(heard, tmp_path / "a.json")
    assert subtitles.read(tmp_path / "a.json", None) == heard


WORDS = st.text(
    st.characters(whitelist_categories=("Lu", "Ll", "Lo", "Mn"), blacklist_characters="♪♫"),
    min_size=1,
    max_size=12,
).filter(lambda word: not word.isspace() and bool(word.strip()))
TEXTS = st.lists(WORDS, min_size=1, max_size=40).map(" ".join)


@st.composite
def transcripts(draw: st.DrawFn) -> Transcript:
    time = 0
    segments = []
    for number in range(draw(st.integers(1, 5))):
        start = time + draw(st.integers(0, 5000))
        time = start + draw(st.integers(1, 20_000))
        speaker = draw(st.sampled_from(["Anna", "Dr. Rao & Co"]))
        span = Span(start / 1000, time / 1000)
        segments.append(Segment(number, span, speaker, draw(TEXTS)))
    return Transcript("en", tuple(segments))


@settings(deadline=None)  # a machine may be busy
@given(transcripts(), st.sampled_from([".srt", ".vtt"]))
def test_plain_files_read_back_equal(
    tmp_path_factory: pytest.TempPathFactory, heard: Transcript, suffix: str
) -> None:
    path = tmp_path_factory.mktemp("subtitles") / f"a{suffix}"
    (subtitles.write_srt if suffix == ".srt" else subtitles.write_vtt)(heard, path)
    back = subtitles.read(path, "en")
    several = len({one.speaker for one in heard.segments}) > 1
    assert [(one.span, one.text) for one in back.segments] == [
        (one.span, " ".join(one.text.split())) for one in heard.segments
    ]
    assert [one.speaker for one in back.segments] == [
        one.speaker if several else "" for one in heard.segments
    ]


@settings(deadline=None)  # a machine may be busy
@given(transcripts())
def test_display_keeps_every_word_in_order_and_fits(heard: Transcript) -> None:
    cues = subtitles.display_cues(heard)
    assert " ".join(cue.text for cue in cues).split() == [
        word for one in heard.segments for word in one.text.split()
    ]
    for cue in cues:
        lines = subtitles.break_lines(label(cue.speaker) + cue.text)
        assert len(lines) <= CUE_LINES
        assert all(width(line) <= LINE_COLUMNS for line in lines)
        assert cue.span.start < cue.span.end


def test_long_segments_split_at_the_words_own_times() -> None:
    words = tuple(
        Word(f"word{number:02}", Span(number * 1.0, number + 0.5)) for number in range(30)
    )
    text = " ".join(word.text for word in words)
    cues = subtitles.display_cues(Transcript("en", (Segment(0, Span(0, 30), "", text, words),)))
    assert len(cues) > 2
    for cue in cues:
        assert cue.span.start == float(cue.text.split()[0][4:])


def test_written_cues_have_room_for_the_name(tmp_path: Path) -> None:
    words = " ".join(["counting"] * 30)
    segments = [
        Segment(number, Span(9.0 * number, 9.0 * number + 8), name, words)
        for number, name in enumerate(["S1", "Professor Anna Maria van der Berg"])
    ]
    subtitles.write_srt(Transcript("en", tuple(segments)), tmp_path / "a.srt", display=True)
    cues = (tmp_path / "a.srt").read_text().split("\n\n")
    for cue in cues:
        _, _, *lines = cue.splitlines()
        assert len(lines) <= CUE_LINES
        assert all(width(line) <= LINE_COLUMNS for line in lines)


def test_lines_are_balanced() -> None:
    assert subtitles.break_lines("aaaa bbbb cccc dddd", 15) == ("aaaa bbbb", "cccc dddd")
    assert width("नमस्ते") == 4  # virama and vowel sign e take no column; two letters keep theirs
