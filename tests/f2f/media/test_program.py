"""ffmpeg is run within a time, its reasons are told, and nothing half-written stays."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import ffmpeg
import numpy as np
import pytest

from f2f import media
from f2f.errors import StageError
from f2f.media import program
from f2f.media.program import run


@pytest.fixture
def instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Put a Python program in ffmpeg's place; its arguments are in sys.argv."""

    def put(code: str) -> Path:
        script = tmp_path / "ffmpeg"
        script.write_text(f"#!{sys.executable}\nimport os, sys, time\n{code}\n")
        script.chmod(0o755)
        monkeypatch.setattr(program, "ffmpeg_binary", lambda: str(script))
        return script

    return put


def test_a_program_that_hangs_is_ended_with_what_it_wrote(
    instead: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead(
        "open('pid', 'w').write(str(os.getpid()))\nopen(sys.argv[-1], 'w').write('half')\n"
        "time.sleep(600)"
    )
    monkeypatch.setattr(program, "PATIENCE", 1.5)
    target = tmp_path / "out.mp4"
    started = time.monotonic()
    with pytest.raises(StageError, match="not done in 2 seconds"):
        run(ffmpeg.output(ffmpeg.input("a"), target.name), work=0.5, target=target)
    assert time.monotonic() - started < 30
    assert not target.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_more_work_gets_more_time(
    instead: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead("time.sleep(1); open(sys.argv[-1], 'w').write('whole')")
    monkeypatch.setattr(program, "PATIENCE", 0.1)
    target = tmp_path / "out.mp4"
    graph = ffmpeg.output(ffmpeg.input("a"), target.name)
    with pytest.raises(StageError, match="not done"):
        run(graph, work=0.0, target=target)
    run(graph, work=60.0, target=target)
    assert target.read_text() == "whole"


def test_a_failure_tells_the_last_words_and_leaves_nothing(
    instead: Callable[[str], Path], tmp_path: Path
) -> None:
    instead("open(sys.argv[-1], 'w').write('half'); sys.exit('no such codec')")
    target = tmp_path / "out.mp4"
    with pytest.raises(StageError, match=r"^ffmpeg failed: no such codec$"):
        run(ffmpeg.output(ffmpeg.input("a"), target.name), work=1, target=target)
    assert not target.exists()


def test_ctrl_c_leaves_nothing(
    instead: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out.mp4"

    def interrupted(*_: object, **__: object) -> None:
        target.write_text("half")
        raise KeyboardInterrupt

    instead("")
    monkeypatch.setattr(program.subprocess, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(ffmpeg.output(ffmpeg.input("a"), target.name), work=1, target=target)
    assert not target.exists()


def test_sound_passes_through_standard_input_and_output() -> None:
    wave = np.sin(np.arange(4800) / 10).astype("<f4")
    form = {"format": "f32le", "ac": 1, "ar": 48_000}
    graph = ffmpeg.output(ffmpeg.input("pipe:0", **form).filter("volume", 0.5), "pipe:1", **form)
    done = run(graph, work=0.1, given=wave.tobytes())
    assert np.abs(np.frombuffer(done.output, "<f4") - wave / 2).max() < 1e-6


def test_ffmpeg_is_started_in_one_place() -> None:
    """So that it always has a time."""
    package = Path(media.__file__).parents[1]
    starters = [
        file.relative_to(package).as_posix()
        for file in package.rglob("*.py")
        if "ffmpeg_binary()" in file.read_text(encoding="utf-8")
    ]
    tells_yt_dlp = "web/yt_dlp_downloads.py"
    assert sorted(starters) == ["cli/doctor.py", "media/program.py", tells_yt_dlp]
