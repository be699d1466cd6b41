"""A folder as people have it: only what a person put there is a source."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from flows.items import manifest
from flows.items.folders import rows
from flows.items.manifest import RowDefaults


def files(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)


def found(source: Path, output: Path | None = None, to: tuple[str, ...] = ()) -> dict[str, str]:
    """Output folder by input, relative to the folder where the test lies."""
    root = source if source.is_dir() else source.parent
    listed = rows(str(source), output, to)
    base = (output or root / "dubbed").absolute()
    return {
        str(Path(row["input"]).relative_to(root)): str(Path(row["output"]).relative_to(base))
        for row in listed
    }


def video(path: Path, comment: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        container.metadata["comment"] = comment
        stream = container.add_stream("mpeg4", rate=25)
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for packet in [*stream.encode(frame), *stream.encode()]:
            container.mux(packet)


def test_subfolders_are_mirrored_so_that_equal_names_do_not_meet(tmp_path: Path) -> None:
    files(tmp_path, "lecture.mp4", "day1/lecture.mp4", "day2/am/lecture.MP4", "day2/notes.txt")
    expected = {"lecture.mp4": ".", "day1/lecture.mp4": "day1", "day2/am/lecture.MP4": "day2/am"}
    assert found(tmp_path) == expected
    assert found(tmp_path, tmp_path / "results") == expected
    assert found(tmp_path, tmp_path) == expected
    assert found(tmp_path, tmp_path.parent / "elsewhere") == expected


@pytest.mark.parametrize(
    "name",
    [
        *("._talk.mp4", ".talk.mp4", ".Trash/talk.mp4", ".Trash-1000/files/talk.mp4"),
        *("$RECYCLE.BIN/talk.mp4", "__MACOSX/talk.mp4", "day1/.cache/talk.mp4", "~$talk.mp4"),
        *("talk.mp4.part", "talk.part.mp4", "talk.mp4.crdownload", "talk.temp.mp4", ".DS_Store"),
        *("dubbed/talk.pt.mp4", "day1/dubbed/talk.mp4", "System Volume Information/talk.mp4"),
    ],
)
def test_what_no_person_put_there_is_no_source(tmp_path: Path, name: str) -> None:
    root = tmp_path / ".hidden itself" / "course"
    files(root, name, "good.mp4")
    assert found(root) == {"good.mp4": "."}


def test_results_are_no_sources(tmp_path: Path) -> None:
    files(tmp_path, "talk.mp4", "results/any.mp4", "kept/talk.pt.mp4", "talk.hi.mp4", "own.pt.mp4")
    expected = {"talk.mp4": ".", "talk.hi.mp4": ".", "own.pt.mp4": "."}
    assert found(tmp_path, tmp_path / "results", ("Portuguese",)) == expected
    made = "Synthetic media: a machine made the speech, from en into pt (face-to-face 1.0)."
    video(tmp_path / "renamed.mp4", made)
    video(tmp_path / "filmed.mp4", "Synthetic media: a talk about it")
    expected["filmed.mp4"] = "."
    assert found(tmp_path, tmp_path / "results", ("pt",)) == expected


def test_globs_are_mirrored_below_their_fixed_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files(tmp_path, "course/day1/a.mp4", "course/day2/a.mp4", "course/day1/._a.mp4")
    monkeypatch.chdir(tmp_path)
    listed = rows("course/**/*.mp4", None, ("pt",))
    assert [Path(row["output"]).relative_to(tmp_path / "dubbed") for row in listed] == [
        Path("day1"),
        Path("day2"),
    ]
    assert len(rows(str(tmp_path / "course" / "day1" / "*a.mp4"), None, ())) == 1


def test_equal_names_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    for name in ("day1/lecture.mp4", "day2/lecture.mp4", "day2/other.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    listing = manifest.read([str(tmp_path)], RowDefaults(("hi", "ta")))
    assert sorted(item.name for item in listing.items) == sorted(
        f"{video} → {language}"
        for video in ("day1/lecture.mp4", "day2/lecture.mp4", "other.mp4")
        for language in ("hi", "ta")
    )
