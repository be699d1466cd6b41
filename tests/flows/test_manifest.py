from __future__ import annotations

from pathlib import Path

import pytest

from f2f.errors import ConfigError, InputError
from flows.items.manifest import Listing, RowDefaults, read


@pytest.fixture
def here(tmp_path: Path) -> Path:
    for name in ("a", "b"):
        (tmp_path / f"{name}.mp4").write_text(name)
    return tmp_path


def listed(
    here: Path, text: str, name: str = "course.yaml", defaults: RowDefaults | None = None
) -> Listing:
    (here / name).write_text(text)
    return read([str(here / name)], defaults or RowDefaults())


def test_a_yaml_manifest(here: Path) -> None:
    listing = listed(
        here,
        """
        output: out
        languages: [hi, pt]
        options: {delivery: {crf: 20}}
        videos:
          - input: a.mp4
          - input: b.mp4
            languages: [ta]
            options:
              delivery: {crf: 30}
              translation: {translation: "{here}/{name}.{language}.srt"}
        """,
    )
    assert [item.name for item in listing.items] == ["a.mp4 → hi", "b.mp4 → ta", "a.mp4 → pt"]
    assert [item.config.delivery.crf for item in listing.items] == [20, 30, 20]
    assert listing.items[0].output == here / "out" / "a.hi.mp4"
    assert listing.items[1].config.translation.translation == here / "b.ta.srt"


def test_a_csv_manifest(here: Path) -> None:
    listing = listed(
        here,
        "input,languages,options,output\na.mp4,hi pt,delivery.crf=20;speech.voice=x,\n"
        "b.mp4,,,else\n",
        "course.csv",
        RowDefaults(languages=("es",)),
    )
    assert [item.name for item in listing.items] == ["a.mp4 → hi", "b.mp4 → es", "a.mp4 → pt"]
    assert listing.items[0].config.delivery.crf == 20
    assert listing.items[0].config.speech.voice == "x"
    assert listing.items[1].output == here / "else" / "b.es.mp4"


def test_languages_may_be_written_in_any_way(here: Path) -> None:
    text = "videos: [{input: a.mp4}]\nlanguages: [Hindi, pt-BR]"
    listing = listed(here, text)
    assert [item.name for item in listing.items] == ["a.mp4 → hi", "a.mp4 → pt"]
    assert [item.output.name for item in listing.items] == ["a.hi.mp4", "a.pt.mp4"]


def test_options_on_the_command_line_have_the_last_word(here: Path) -> None:
    text = "languages: [hi]\noptions: {delivery: {crf: 20}}\nvideos: [{input: a.mp4}]"
    listing = listed(here, text, defaults=RowDefaults(overrides=("delivery.crf=25",)))
    assert listing.items[0].config.delivery.crf == 25


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("{input: none.mp4}", "there is no file 'none.mp4'"),
        ("{input: b.mp4, langs: [hi]}", "unknown key 'langs'; choices: input"),
        ("{input: b.mp4, languages: [no]}", "quote 'no'"),
        ("{input: b.mp4, options: {delivery: {crff: 1}}}", "did you mean 'crf'"),
        ("{input: b.mp4, options: 5}", "must be a mapping"),
        ("b.mp4", "is not a mapping"),
        ("{languages: [hi]}", "no 'input'"),
        ("{input: a.mp4}", "already becomes"),
    ],
)
def test_a_bad_row_is_reported_and_stops_no_other(here: Path, row: str, why: str) -> None:
    listing = listed(here, f"languages: [hi]\nvideos:\n  - input: a.mp4\n  - {row}\n")
    assert [item.name for item in listing.items] == ["a.mp4 → hi"]
    assert len(listing.bad) == 1
    assert why in listing.bad[0].error and listing.bad[0].error.startswith("row 2: ")
    assert listing.bad[0].exit_code == 2


def test_what_spoils_every_row_is_one_error(here: Path) -> None:
    with pytest.raises(ConfigError, match="did you mean 'crf'"):
        read([str(here)], RowDefaults(languages=("hi",), overrides=("delivery.crff=1",)))
    with pytest.raises(InputError, match="no languages"):
        read([str(here)], RowDefaults())
    listing = listed(here, "videos: [{input: a.mp4}, {input: none.mp4}]")
    assert len(listing.bad) == 2 and not listing.items


def test_folders_and_globs(here: Path) -> None:
    defaults = RowDefaults(languages=("hi",))
    (here / "dubbed").mkdir()
    (here / "dubbed" / "a.hi.mp4").write_text("made here before")
    (here / "notes.txt").write_text("no video")
    names = [item.video.name for item in read([str(here)], defaults).items]
    assert names == ["a.mp4", "b.mp4"]
    assert read([str(here)], defaults).items[0].output == here / "dubbed" / "a.hi.mp4"
    assert len(read([str(here / "*.mp4")], defaults).items) == 2
    assert len(read([str(here / "a.mp4")], defaults).items) == 1


def test_placeholders_are_filled_in_lists_and_mappings_too(here: Path) -> None:
    listing = listed(
        here,
        """
        languages: [hi]
        options: {recognition: {terms: ["{name}", x]}, speech: {cast: {S1: "{language}"}}}
        videos: [{input: a.mp4}]
        """,
    )
    config = listing.items[0].config
    assert config.recognition.terms == ("a", "x")
    assert config.speech.cast == {"S1": "hi"}


def test_a_video_s_name_that_would_lead_out_of_its_folder_is_refused(here: Path) -> None:
    (here / "...mp4").write_text("its stem is '..'")
    listing = listed(here, "languages: [hi]\nvideos: [{input: a.mp4}, {input: ...mp4}]")
    assert [item.video.name for item in listing.items] == ["a.mp4"]
    assert "'..' cannot be part of a file's name" in listing.bad[0].error


@pytest.mark.parametrize("text", ["videos: 5", "- a.mp4", "video: []", "{", "top: 1\nvideos: []"])
def test_an_unusable_manifest(here: Path, text: str) -> None:
    with pytest.raises(InputError):
        listed(here, text)


def test_nothing_to_do_is_an_error(here: Path) -> None:
    with pytest.raises(InputError, match="nothing to translate"):
        read([str(here / "*.mkv")], RowDefaults(languages=("hi",)))


def test_a_web_address_is_told_what_to_do(here: Path) -> None:
    with pytest.raises(InputError, match="is a web address"):
        read(["https://example.org/course"], RowDefaults(languages=("hi",)))


def test_a_folder_as_people_have_it(here: Path) -> None:
    for name in ("day1/a.mp4", "day1/._a.mp4", ".Trash/c.mp4", "out/a.hi.mp4", f"{'x' * 245}.mp4"):
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).write_text(name)
    listing = read([str(here)], RowDefaults(languages=("hi",), output=here / "out"))
    assert not listing.bad
    outputs = [str(item.output.relative_to(here / "out")) for item in listing.items]
    assert outputs[:3] == ["a.hi.mp4", "b.hi.mp4", "day1/a.hi.mp4"]
    assert outputs[3].startswith("x" * 200) and len(outputs[3]) < 245


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_csv_manifest_as_a_spreadsheet_saves_it(here: Path, encoding: str) -> None:
    (here / "course.csv").write_text("Input;Languages\na.mp4;hi pt\n", encoding=encoding)
    listing = read([str(here / "course.csv")], RowDefaults())
    assert [item.name for item in listing.items] == ["a.mp4 → hi", "a.mp4 → pt"]
