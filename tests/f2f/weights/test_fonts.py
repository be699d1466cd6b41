"""Burnt-in subtitles: one font a line, ordered by its language, and known to be here beforehand."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from f2f import media, plan, weights
from f2f.config import Delivery, from_tree
from f2f.delivery.files import write_lines_to_burn
from f2f.errors import MissingError
from f2f.media import program
from f2f.media.program import Finished
from f2f.types import Segment, Span, Transcript
from f2f.weights import fonts
from tests.f2f.media import clips

LINES = {
    "hi": "यह 2024 में Python का क्षेत्र है — ₹5।",
    "mr": "हे Python चे २०२४ मधील भाषांतर आहे.",
    "ta": "இது 2024 இல் Python மொழிபெயர்ப்பு.",
    "te": "ఇది 2024లో Python అనువాదం, శ్రీ!",
    "bn": "এটি ২০২৪ সালে Python অনুবাদ, ক্ষমা।",
    "gu": "આ 2024 માં Python નો અનુવાદ છે.",
    "kn": "ಇದು 2024ರಲ್ಲಿ Python ಅನುವಾದ.",
    "ml": "ഇത് 2024-ൽ Python വിവർത്തനം.",
    "pa": "ਇਹ 2024 ਵਿੱਚ Python ਅਨੁਵਾਦ ਹੈ।",
    "ur": "یہ 2024 میں PsychoPy کا ترجمہ ہے۔",
    "ar": "هذا درس في Python سنة 2024.",
    "fa": "این درس Python سال ۲۰۲۴ است؟",
    "he": "זה שיעור ב-Python בשנת 2024.",
    "th": "นี่คือบทเรียน Python ปี 2024",
    "pt": "Uma lição de Python — «ação», 2024.",
    "ru": "Это урок по Python, 2024 год.",
    "el": "Ένα μάθημα Python, 2024.",
}
SIZE = (640, 240)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "grey.mp4"
    clips.make(path, [Fraction(0), Fraction(1, 25)], size=SIZE)
    return path


def pulled(language: str) -> None:
    entry = fonts.entry(language)
    if entry is not None and (gap := weights.missing(entry)):
        pytest.skip(gap)


def drawn(folder: Path, clip: Path, text: str, language: str) -> tuple[np.ndarray, str]:
    """Where a line is lighter than the picture, (height, width), and what libass said."""
    info = media.probe(clip)
    (folder / "picture.mp4").write_bytes(clip.read_bytes())
    line = Segment(0, Span(0.0, 1.0), "a", text)
    name = write_lines_to_burn(Transcript(language, (line,)), folder)
    said: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program, "_OPTIONS", ("-nostdin", "-loglevel", "verbose", "-y"))
        patch.setattr(media.burning, "_require_letters", lambda done: said.append(done.said))
        media.burn(
            folder, "picture.mp4", name, "burnt.mp4", info, Delivery(crf=1), frames=2,
            font=fonts.font(language),
        )  # fmt: skip
    (first, *_) = media.frames(folder / "burnt.mp4", media.probe(folder / "burnt.mp4"))
    return np.asarray(first)[SIZE[1] // 2 :].min(-1) > 180, said[0]


@pytest.mark.parametrize("language", LINES)
def test_one_font_draws_a_whole_line(language: str, clip: Path, tmp_path: Path) -> None:
    pulled(language)
    letters, said = drawn(tmp_path, clip, LINES[language], language)
    chosen = fonts.font(language)
    assert chosen is not None
    picked = [line for line in said.splitlines() if "fontselect" in line]
    assert not [line for line in picked if chosen.family.replace(" ", "") not in line], picked
    assert not (tmp_path / "fonts").exists()
    rows, columns = np.nonzero(letters)
    assert 100 < np.ptp(columns) < SIZE[0]
    assert 8 < np.ptp(rows) < 60  # no font is drawn tiny since its lines are tall


@pytest.mark.parametrize("language", ["ur", "he", "fa"])
def test_a_line_is_ordered_by_its_language_not_by_its_first_word(
    language: str, clip: Path, tmp_path: Path
) -> None:
    """A Latin word that is first of a right-to-left line stands at its right."""
    pulled(language)
    word = {"ur": "ترجمہ ہے", "he": "זה שיעור", "fa": "این درس"}[language]
    sides = []
    for place, text in enumerate((f"{word} MMMMMMMMMM", f"MMMMMMMMMM {word}")):
        folder = tmp_path / str(place)
        folder.mkdir()
        letters, _ = drawn(folder, clip, text, language)
        filled = letters[:, slice(*np.nonzero(letters.any(0))[0][[0, -1]])].sum(0)
        left, right = np.array_split(filled, 2)
        sides.append("left" if left.sum() > right.sum() else "right")
    assert sides == ["left", "right"]


@pytest.mark.parametrize("language", LINES)
def test_the_height_by_which_a_font_is_sized_is_the_font_s_own(language: str) -> None:
    pulled(language)
    chosen = fonts.font(language)
    assert chosen is not None
    tables = _tables(chosen.file.read_bytes())
    (ems,) = struct.unpack(">H", tables["head"][18:20])
    ascent, descent = struct.unpack(">HH", tables["OS/2"][74:78])
    assert chosen.height == pytest.approx((ascent + descent) / ems, abs=0.001)


def _tables(font: bytes) -> dict[str, bytes]:
    found = {}
    for place in range(struct.unpack(">H", font[4:6])[0]):
        name, _, offset, length = struct.unpack(">4sIII", font[12 + 16 * place : 28 + 16 * place])
        found[name.decode()] = font[offset : offset + length]
    return found


@pytest.mark.parametrize("language", ["ta", "ur", "pt"])
def test_a_font_that_is_not_here_is_missed_before_any_work(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("F2F_CACHE", str(tmp_path))
    tree = {"languages": {"target": language}, "delivery": {"burn_subtitles": True}}
    monkeypatch.setattr(plan, "prepare_hearing", lambda config: plan.Plan(config))
    monkeypatch.setattr(plan, "prepare_faces", lambda ready: ready)
    with pytest.raises(MissingError, match="f2f models pull font-"):
        plan.prepare(from_tree(tree))


def test_letters_that_only_the_system_may_have_are_tried_before_any_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert fonts.entry("ja") is None
    silent = Finished(b"", "")
    lacking = Finished(b"", "fontselect: failed to find any fallback with glyph 0x65E5 for font")
    for said, kept in ((silent, True), (lacking, False)):
        monkeypatch.setattr(media.burning, "run", lambda *_, said=said, **__: said)
        if kept:
            fonts.require("ja")
        else:
            with pytest.raises(MissingError, match="fonts-noto"):
                fonts.require("ja")


def test_every_font_is_in_the_catalogue_and_in_its_set() -> None:
    table = weights.catalogue()
    assert set(table.sets["fonts"]) == set(fonts.entries()) <= set(table.entries)
