from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import av
import pytest
import regex

from f2f.delivery import destinations
from f2f.errors import InputError, StageError, StoreError
from f2f.store.artefacts import Artefact, Store
from f2f.voices import voice_book
from tests.f2f.delivery.results import a_result


def test_a_place_that_can_be_written_is_taken_and_left_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "new" / "talk.hi.mp4"
    source = tmp_path / "talk.mp4"
    source.touch()
    assert destinations.check(target, sources=(source,), suffixes=destinations.VIDEO) == target
    assert list(tmp_path.iterdir()) == [source]


def test_what_cannot_be_a_result_is_refused_in_one_sentence(tmp_path: Path) -> None:
    source, link = tmp_path / "talk.mp4", tmp_path / "link.mp4"
    source.write_text("a video")
    link.symlink_to(source)
    (tmp_path / "folder.mp4").mkdir()
    for name, reason in (
        ("talk.mp4", "the source itself"),
        ("link.mp4", "the source itself"),
        ("talk.avi", "must end in .mp4"),
        ("folder.mp4", "is a folder"),
        ("talk.mp4/inside.mp4", "cannot write"),
    ):
        with pytest.raises(InputError, match=reason):
            destinations.check(tmp_path / name, sources=(source,), suffixes=destinations.VIDEO)
    assert source.read_text() == "a video"


def test_a_sound_is_no_video(tmp_path: Path) -> None:
    assert destinations.check(tmp_path / "a.wav", sources=(), suffixes=destinations.SOUND)
    with pytest.raises(InputError, match="a sound file"):
        destinations.check(tmp_path / "a.mp4", sources=(), suffixes=destinations.SOUND)


FULL = [errno.ENOSPC, errno.EDQUOT]


@pytest.mark.parametrize("number", FULL)
def test_a_full_disk_is_told_before_the_work_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    with pytest.raises(StoreError, match="cannot write"):
        destinations.check(tmp_path / "a.mp4", sources=(), suffixes=destinations.VIDEO)
    with pytest.raises(StoreError, match="cannot write"):
        monkeypatch.setattr("tempfile.mkstemp", full)
        voice_book.remember(tmp_path / "voices.yaml", "hi", {"Anna": "hf_alpha"})


@pytest.mark.parametrize("number", FULL)
def test_a_full_disk_behind_a_stages_error_is_the_disks(tmp_path: Path, number: int) -> None:
    """As libav tells of it: its own error, made into a sentence by the stage."""

    def fill(_: Path) -> None:
        try:
            av.error.err_check(-number)
        except av.error.FFmpegError as error:
            raise StageError("the video cannot be encoded") from error

    with pytest.raises(StoreError, match="cannot write to the store"):
        Store(tmp_path / "store").make(Artefact("deliver", "key"), fill, {})


RESULT = a_result("dub.hi.srt", "dub.hi.vtt", "dub.en.srt", "dub.en.vtt")


def names(output: str) -> list[str]:
    return [place.name for place in destinations.places_of(RESULT, Path(output)).values()]


def test_subtitles_are_named_after_the_video_and_their_language() -> None:
    expected = ["talk.hi.srt", "talk.hi.vtt", "talk.en.srt", "talk.en.vtt"]
    assert names("talk.hi.mp4") == ["talk.hi.mp4", "talk.hi.sources.json", *expected]
    assert names("talk.mp4") == ["talk.mp4", "talk.sources.json", *expected]


def test_a_dot_in_a_name_is_no_language() -> None:
    assert names("Lecture 1.2.mp4")[2] == "Lecture 1.2.hi.srt"
    assert names("Lecture 1.2.hi.mp4")[2] == "Lecture 1.2.hi.srt"


@pytest.mark.parametrize("name", ["../dub.mp4", "/dub.mp4", "a/dub.mp4", "..", ""])
def test_a_result_of_a_hostile_store_is_delivered_nowhere(name: str) -> None:
    for field in ("video", "sidecar", "subtitles"):
        value = (name,) if field == "subtitles" else name
        with pytest.raises(InputError, match="cannot be"):
            destinations.places_of(replace(RESULT, **{field: value}), Path("talk.hi.mp4"))


LONG = {
    "hi": "नमस्ते दुनिया क्षत्रियों की कहानी " * 8,
    "ta": "தமிழ் மொழிக்கு வணக்கம் " * 12,
    "emoji": "👩‍👩‍👧‍👦" * 20,
    "accents": "e\u0301" * 120,
    "latin": "x" * 245,
    "undecodable": os.fsdecode(b"\xff" * 250),
}


@pytest.mark.parametrize("stem", LONG.values(), ids=LONG)
@pytest.mark.parametrize("ending", [".hi.mp4", ".pt.wav", ".srt", ".speaks.mp4"])
def test_a_long_name_is_cut_between_letters_so_that_all_files_can_be_written(
    tmp_path: Path, stem: str, ending: str
) -> None:
    target = destinations.named(stem, ending, tmp_path)
    assert target == destinations.check(target, sources=(), suffixes=(target.suffix,))
    assert target != destinations.named(f"{stem}2", ending, tmp_path)
    for place in (target, *destinations.places_of(RESULT, target).values()):
        for name in (place, place.with_stem(f"{place.stem}.dub.99")):
            name.touch()
    kept, _, digest = target.name.removesuffix(ending).rpartition("-")
    assert len(digest) == 8 and len(os.fsencode(target.name)) > 150
    letters = regex.findall(r"\X", stem)
    assert kept in {"".join(letters[:number]) for number in range(1, len(letters))}


def test_a_short_name_stays(tmp_path: Path) -> None:
    assert destinations.named("talk", ".hi.mp4") == Path("talk.hi.mp4")
    assert destinations.named("e" * 200, ".hi.mp4", tmp_path).stem == "e" * 200 + ".hi"


@pytest.mark.parametrize("length", [240, 251, 300])
def test_a_given_name_that_is_too_long_is_refused_before_the_work(
    tmp_path: Path, length: int
) -> None:
    name = "x" * (length - 4)
    for target in (tmp_path / f"{name}.mp4", tmp_path / ("y" * 260) / "talk.mp4"):
        with pytest.raises(InputError, match="too long"):
            destinations.check(target, sources=(), suffixes=destinations.VIDEO)
    assert not list(tmp_path.iterdir())
