"""Scripts without spaces are broken into lines, by the rules of their printers."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from f2f import subtitles
from f2f.subtitles.layout import CUE_LINES, LINE_COLUMNS, break_lines, display_cues, width
from f2f.subtitles.line_breaks import phrases
from f2f.types import Segment, Span, Transcript, Word

TEXTS = {
    "zh": "今天天气很好，我们去公园散步吧，用PsychoPy做一个“实验”。怎么样？价格是3.50元。",
    "zh-Hant": "今天天氣很好，我們去公園散步吧，然後用電腦做一個「實驗」。你覺得怎麼樣？",
    "ja": "今日はとても天気がいいので、PsychoPyを使って「実験」をしましょう。公園に行きます。",
    "th": "สวัสดีครับวันนี้เราจะมาเรียนภาษาไทยกันและทำอาหารอร่อยๆสำหรับทุกคนในครอบครัวของเราที่บ้าน",
    "lo": "ທ່ານສາມາດຮຽນພາສາລາວໄດ້ທີ່ນີ້ແລະພວກເຮົາຈະຊ່ວຍທ່ານໃນທຸກໆດ້ານຂອງການຮຽນພາສາ",
    "km": "យើងនឹងរៀនភាសាខ្មែរនៅថ្ងៃនេះហើយយើងនឹងធ្វើម្ហូបសម្រាប់គ្រួសាររបស់យើងទាំងអស់គ្នា",
    "my": "ကျွန်တော်တို့ဒီနေ့မြန်မာစာသင်ကြပါမယ်ပြီးတော့မိသားစုအတွက်ဟင်းချက်ကြပါမယ်",
}
NO_BEGINNING = "、。，．！？」』）”’…ーっゃゅょ々ๆะาำ"
NO_END = "「『（“เแโใไ"


@pytest.mark.parametrize("language", TEXTS)
def test_every_cue_is_at_most_two_lines_that_fit(language: str, tmp_path: Path) -> None:
    text = TEXTS[language] * 3
    transcript = Transcript(language, (Segment(0, Span(0, 30), "", text),))
    cues = display_cues(transcript)
    assert "".join(cue.text for cue in cues) == text
    for cue in cues:
        lines = break_lines(cue.text)
        assert len(lines) <= CUE_LINES
        assert "".join(lines) == cue.text
        for line in lines:
            assert width(line) <= LINE_COLUMNS
            assert line[0] not in NO_BEGINNING
            assert line[-1] not in NO_END
    assert all(one.span.end == other.span.start for one, other in pairwise(cues))
    subtitles.write_srt(transcript, tmp_path / "a.srt", display=True)
    assert len((tmp_path / "a.srt").read_text().split("\n\n")) == len(cues)


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("今天天气很好，我们去公园。", ["今天", "天气", "很", "好，", "我们", "去", "公园。"]),
        ("「実験」をしましょう。", ["「実験」を", "しましょう。"]),
        ("ใช้PsychoPyครับ", ["ใช้", "PsychoPy", "ครับ"]),
        ("很好！！（笑）", ["很", "好！！", "（笑）"]),
        ("価格は￥3,500です", ["価格は", "￥3,500です"]),
        ("internationalisation", ["internationalisation"]),
        ("अंतर्राष्ट्रीयकरण", ["अंतर्राष्ट्रीयकरण"]),
    ],
)
def test_where_a_line_may_end(word: str, parts: list[str]) -> None:
    assert phrases(word, fits=21) == parts


def test_a_phrase_longer_than_a_line_is_cut_between_letters() -> None:
    assert [width(line) for line in break_lines("漢" * 50)] == [34, 34, 32]
    assert break_lines("กา" * 30) != ("กา" * 30,)


def test_words_between_spaces_stay_whole_where_they_fit() -> None:
    text = "今天天气很好 我们去公园散步吧 然后回家吃晚饭"
    assert break_lines(text) == ("今天天气很好 我们去公园散步吧", "然后回家吃晚饭")


@settings(deadline=None)  # a machine may be busy
@given(st.text(st.sampled_from("漢字かなーっ。、「」（）กาเแๆ่aB1 "), min_size=1, max_size=120))
def test_nothing_is_lost_and_no_rule_is_broken(text: str) -> None:
    lines = break_lines(text)
    assert "".join("".join(lines).split()) == "".join(text.split())
    words = text.split()
    begins = {word[0] for word in words}
    ends = {word[-1] for word in words}
    for line in lines:
        assert line[0] not in NO_BEGINNING or line[0] in begins
        assert line[-1] not in NO_END or line[-1] in ends


def test_cues_begin_when_their_own_words_do() -> None:
    text = "".join(f"第{number:02}个词语，" for number in range(20))
    words = tuple(
        Word(text[7 * number : 7 * number + 7], Span(number * 1.0, number + 0.5))
        for number in range(20)
    )
    cues = display_cues(Transcript("zh", (Segment(0, Span(0, 20), "", text, words),)))
    assert len(cues) > 2
    for cue in cues:
        word, letter = divmod(text.index(cue.text), 7)
        assert cue.span.start == pytest.approx(word + 0.5 * letter / 7)
