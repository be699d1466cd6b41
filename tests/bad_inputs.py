"""Broken and odd input files, made on the spot, each with what must come of it.

    python -m tests.bad_inputs FOLDER [--clip TALK.mp4] [--run ARGUMENT ...]

makes the files in FOLDER, the good ones from TALK.mp4 if given.  With `--run` every one of them
goes through `f2f translate FILE ARGUMENT ...`; each must end in a good output or in one clear
sentence and exit code 2, and leave nothing half-written.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from f2f.media import ffmpeg_binary

GOOD = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A file and the words with which it is refused, as a pattern; `GOOD` if it must work."""

    path: Path
    refusal: str
    sound: bool = True
    """False if the picture is fine but there is nothing to translate."""


def make(folder: Path, clip: Path | None = None) -> list[Case]:
    """All files, in a folder that exists and is empty; `clip` is what the good ones are made of."""
    base = folder / "base.mp4"
    if clip is None:
        _ffmpeg(
            *("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=2"),
            *("-f", "lavfi", "-i", "sine=frequency=300:duration=2", "-pix_fmt", "yuv420p", base),
        )
    else:
        base.write_bytes(clip.read_bytes())
    data = base.read_bytes()
    return [
        Case(base, GOOD),
        *_broken(folder, base, data),
        *_other_kinds(folder, base),
        *_playlists(folder, base),
        *_names(folder, data),
        *_odd(folder, base, data),
    ]


def _broken(folder: Path, base: Path, data: bytes) -> list[Case]:
    late = folder / "index at the end.mp4"
    early = folder / "index first.mp4"
    _ffmpeg("-i", base, "-c", "copy", late)
    _ffmpeg("-i", base, "-c", "copy", "-movflags", "+faststart", early)
    return [
        Case(_put(folder / "zero bytes.mp4", b""), "empty"),
        Case(_put(folder / "one byte.mp4", b"\0"), "not a video"),
        Case(_put(folder / "zeros.mp4", bytes(1 << 20)), "not a video"),
        Case(_put(folder / "noise.mp4", np.random.default_rng(0).bytes(1 << 20)), "not a video"),
        Case(_cut(late, "cut, no index.mp4", 0.6), "not a video"),
        Case(_cut(early, "cut, with index.mp4", 0.6), GOOD),
        Case(_cut(early, "only the index.mp4", 0.02), "not a video|no picture|not one frame"),
        Case(_put(folder / "hole.mp4", _holed(data)), GOOD),
        Case(folder / "missing.mp4", "[Nn]o (such )?file"),
    ]


def _other_kinds(folder: Path, base: Path) -> list[Case]:
    (folder / "folder.mp4").mkdir()
    os.mkfifo(folder / "pipe.mp4")
    with zipfile.ZipFile(folder / "archive.mp4", "w") as archive:
        archive.writestr("a.txt", "text")
    sound, cover = folder / "sound only.m4a", folder / "cover.mp3"
    _ffmpeg("-i", base, "-vn", sound)
    picture = _image(folder / "cover.jpg")
    _ffmpeg("-i", sound, "-i", picture, "-map", "0", "-map", "1", *_COVER, cover)
    captions = b"1\n00:00:00,000 --> 00:00:01,000\nHello\n"
    vector = b'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="300"></svg>'
    return [
        Case(folder / "folder.mp4", "not a (regular )?file"),
        Case(folder / "pipe.mp4", "not a (regular )?file"),
        Case(folder / "archive.mp4", "not a video"),
        Case(_put(folder / "text.mp4", b"This is a letter, not a video.\n" * 50), "not a video"),
        Case(_put(folder / "captions.mp4", captions), "not a video"),
        Case(_put(folder / "drawing.svg", vector), "not a video"),
        Case(sound, "no picture"),
        Case(cover, "no picture"),
    ]


def _playlists(folder: Path, base: Path) -> list[Case]:
    hls = f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:2,\n{base}\n#EXT-X-ENDLIST\n".encode()
    concat = f"ffconcat version 1.0\nfile '{base}'\n".encode()
    sdp = b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n"
    dash = f'<?xml version="1.0"?>\n<MPD><BaseURL>{base}</BaseURL></MPD>\n'.encode()
    return [
        Case(_put(folder / "playlist.m3u8", hls), "playlist"),
        Case(_put(folder / "playlist.mp4", hls), "playlist"),
        Case(_put(folder / "list.ffconcat", concat), "playlist"),
        Case(_put(folder / "list.txt", f"file '{base}'\n".encode()), "playlist"),
        Case(_put(folder / "stream.sdp", sdp), "playlist"),
        Case(_put(folder / "stream.mpd", dash), "playlist|not a video"),
    ]


def _names(folder: Path, data: bytes) -> list[Case]:
    names = (
        *("name with  spaces.mp4", 'it\'s "quoted" `x` $HOME.mp4', "two\nlines.mp4"),
        *("-i.mp4", "--help.mp4", "%03d.mp4", "a:b,c;d=[e]\\f.mp4", "concat:a|b.mp4"),
        *("नमस्ते ⚑.mp4", "no suffix", f"{'long' * 60}.mp4"),
    )
    return [Case(_put(folder / name, data), GOOD) for name in names]


def _odd(folder: Path, base: Path, data: bytes) -> list[Case]:
    def made(name: str, *arguments: str) -> Path:
        _ffmpeg("-i", base, *arguments, folder / name)
        return folder / name

    link = folder / "link.mp4"
    link.symlink_to(base)
    turned = folder / "turned.mp4"
    _ffmpeg("-display_rotation", "90", "-i", base, "-c", "copy", turned)
    moving = made("moving.gif", "-an", "-vf", "fps=10,scale=160:-2", "-t", "1")
    picture = _image(folder / "picture.png")
    nobody = ("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-map", "0:a", "-map", "1:v")
    hdr = ("-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc")
    return [
        Case(link, GOOD),
        Case(turned, GOOD),
        Case(moving, GOOD, sound=False),
        Case(picture, GOOD, sound=False),
        Case(_cut(picture, "cut.png", 0.3), "not one frame|not a video|" + GOOD, sound=False),
        Case(made("no sound.mp4", "-an", "-c", "copy"), GOOD, sound=False),
        Case(made("one frame.mp4", "-an", "-frames:v", "1"), GOOD, sound=False),
        Case(made("silence.mp4", "-af", "volume=0", "-c:v", "copy"), GOOD, sound=False),
        Case(made("no face.mp4", *nobody, "-shortest"), GOOD),
        Case(made("huge.mp4", "-vf", "scale=7680:4320", *_QUICK, "-frames:v", "2"), "7680x4320"),
        Case(made("tiny.mp4", "-vf", "scale=16:16"), "too small"),
        Case(made("odd.mp4", "-vf", "scale=321:241", "-pix_fmt", "yuv444p"), GOOD),
        Case(made("deep.mp4", *_HEVC, "-pix_fmt", "yuv420p10le", *hdr), GOOD),
        Case(made("ragged.mkv", "-vf", "select='mod(n,3)'", "-fps_mode", "vfr"), GOOD),
        Case(made("tracks.mkv", "-map", "0", "-map", "0:a", "-c", "copy"), GOOD),
        Case(made("late sound.mkv", "-af", "adelay=700:all=1", "-c:v", "copy"), GOOD),
        Case(made("surround.mp4", "-ac", "6", "-c:v", "copy"), GOOD),
        Case(made("old.avi", "-c:v", "mpeg4", "-c:a", "mp3"), GOOD),
        Case(made("stream.ts", "-c", "copy"), GOOD),
        Case(made("fragments.mp4", "-c", "copy", "-movflags", "frag_keyframe+empty_moov"), GOOD),
        Case(_put(folder / "wrong suffix.txt", data), GOOD),
    ]


_QUICK = ("-an", "-preset", "ultrafast")
_HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "pools=1:frame-threads=1")
_COVER = ("-c:v", "copy", "-disposition:v:0", "attached_pic")


def _ffmpeg(*arguments: str | Path) -> None:
    command = [ffmpeg_binary(), "-nostdin", "-loglevel", "error", *map(str, arguments)]
    subprocess.run(command, check=True)


def _put(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _cut(path: Path, name: str, part: float) -> Path:
    data = path.read_bytes()
    return _put(path.with_name(name), data[: int(len(data) * part)])


def _holed(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes(500) + data[middle + 500 :]


def _image(path: Path) -> Path:
    image = np.random.default_rng(0).integers(0, 255, (60, 80, 3), np.uint8)
    cv2.imwrite(str(path), cv2.resize(image, (320, 240)))
    return path


def run(case: Case, arguments: list[str], folder: Path) -> str | None:
    """What is wrong with how the command line deals with a case; None if nothing is."""
    output = folder / "out" / "result.mp4"
    output.parent.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "f2f", "translate", *arguments, "-o", str(output)]
    done = subprocess.run(
        [*command, "--", case.path.name], cwd=case.path.parent, capture_output=True, text=True
    )
    left = sorted(output.parent.iterdir())
    for path in left:
        path.unlink()
    if case.refusal == GOOD and case.sound:
        return None if done.returncode == 0 and output in left else _said(done)
    if done.returncode == 0 and not case.sound and output in left:
        return None
    if done.returncode != 2 or left or "Traceback" in done.stderr:
        return f"{_said(done)}; left behind: {[path.name for path in left]}"
    return None if not case.sound or re.search(case.refusal, done.stderr) else _said(done)


def _said(done: subprocess.CompletedProcess[str]) -> str:
    return f"exit code {done.returncode}: {done.stderr.strip()[-300:]}"


def main(say: Callable[[str], object] = print) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--clip", type=Path, help="a short clip with speech")
    parser.add_argument("--run", nargs=argparse.REMAINDER, help="arguments of f2f translate")
    options = parser.parse_args()
    options.folder.mkdir(parents=True)
    cases = make(options.folder.resolve(), options.clip)
    say(f"{len(cases)} files in {options.folder}")
    if options.run is None:
        return 0
    wrong = 0
    for case in cases:
        fault = run(case, options.run, options.folder.resolve())
        wrong += fault is not None
        say(f"{'ok   ' if fault is None else 'WRONG'} {case.path.name!r} {fault or ''}")
    return int(wrong > 0)


if __name__ == "__main__":
    raise SystemExit(main())
