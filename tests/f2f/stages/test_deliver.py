"""The whole end of the chain on a clip with numbered frames and fabricated lips and texts."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
import soundfile
from av.stream import Disposition

from f2f import media, subtitles
from f2f.config import from_tree, load
from f2f.delivery.files import Result, placed, write_subtitles
from f2f.errors import MissingError
from f2f.lips.mouth_bank import MouthBank
from f2f.lips.mouths import MOUTHS, Lips, Mouth
from f2f.media.pictures import planes
from f2f.soundtrack.mixing import Mix
from f2f.stages.deliver import deliver
from f2f.stages.ingest import ingest
from f2f.stages.mix import mix
from f2f.store.artefacts import Artefact, Store
from f2f.store.stage import Plain, Work, stage
from f2f.types import Placement, Segment, Span, SpeechTrack, Transcript, VideoInfo

RATE = 48_000
FPS = Fraction(30000, 1001)
COUNT = 60
SPOKEN = Span(0.5, 1.4)
MOUTH = range(20, 40)


def make_clip(path: Path) -> Path:
    """Frames with a moving gradient, BT.709 tags, and a quiet tone."""
    with av.open(str(path), "w") as container:
        video: Any = container.add_stream("libx264", rate=FPS, options={"crf": "8"})
        video.width, video.height, video.pix_fmt = 320, 180, "yuv420p"
        video.codec_context.colorspace = video.codec_context.color_primaries = 1
        sound: Any = container.add_stream("aac", rate=RATE, layout="mono")
        for number in range(COUNT):
            ramp = (np.add.outer(np.arange(180), np.arange(320)) + 4 * number) % 200 + 30
            image = np.repeat(ramp[..., None], 3, axis=2).astype(np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(video.encode())
        tone = 0.1 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE)
        block = av.AudioFrame.from_ndarray(tone.astype(np.float32)[None], "fltp", "mono")
        block.sample_rate = RATE
        container.mux([*sound.encode(block), *sound.encode()])
    return path


@stage(version=1, settings=lambda config: ())
def speak(work: Work, source: Artefact) -> None:
    info = work.read(source, VideoInfo)
    samples = RATE if info.still else round(Fraction(info.frames) / info.fps * RATE)
    speech = np.zeros(samples, np.float32)
    start, end = round(SPOKEN.start * RATE), min(samples, round(SPOKEN.end * RATE))
    speech[start:end] = np.random.default_rng(0).standard_normal(end - start) * 0.05
    soundfile.write(work.folder / "speech.wav", speech, RATE)
    work.write(SpeechTrack((Placement(4, SPOKEN, 1.0),), "speech.wav", RATE))


@stage(version=1, settings=lambda config: config.lips.enabled)
def red_mouths(work: Work) -> None:
    box = (120.0, 60.0, 200.0, 140.0)
    mouths = tuple(Mouth(frame, box, 1.0) for frame in MOUTH)
    if not work.config.lips.enabled:
        mouths = ()
    red = np.full((len(mouths), 96, 96, 3), (20, 20, 220), np.uint8)
    (work.folder / MOUTHS).write_bytes(red.tobytes())
    work.write(Lips(mouths, 96, "made for a test", "eager", 0.0, 0.0))


@stage(version=1, settings=lambda config: ())
def nobody(work: Work) -> None:
    work.write(MouthBank(()))


@stage(version=1, settings=lambda config: ())
def heard(work: Work) -> None:
    silent = Segment(5, Span(1.5, 1.9), "b", "Left out")
    work.write(Transcript("en", (Segment(4, Span(0.2, 1.0), "a", "Hello there"), silent)))


@stage(version=1, settings=lambda config: ())
def said(work: Work) -> None:
    silent = Segment(5, Span(1.5, 1.9), "b", "छोड़ा")
    work.write(Transcript("hi", (Segment(4, Span(0.2, 1.0), "a", "नमस्ते जी"), silent)))


def delivered(
    clip: Path, root: Path, *options: str, texts: bool = True
) -> tuple[Path, Result, Plain]:
    store = Store(root)
    run = Plain(load(None, options), store)
    source = run(ingest, clip)
    speech = run(speak, source)
    sound = run(mix, speech, source)
    inputs = [source, run(red_mouths), run(nobody), sound, speech]
    if texts:
        inputs += [run(said), run(heard)]
    result = run(deliver, *inputs)
    return store.folder(result), store.read(result, Result), run


def decoded(path: Path) -> list[Any]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def luma(frame: Any) -> np.ndarray:
    return planes(frame)[0].astype(int)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "talk.mp4")


@pytest.fixture(scope="module")
def dub(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result, Plain]:
    return delivered(clip, tmp_path_factory.mktemp("store"), "delivery.crf=8")


def test_length_rate_colours_and_tracks(dub: tuple[Path, Result, Plain]) -> None:
    folder, result, _ = dub
    with av.open(str(folder / result.video)) as container:
        video, sound, *texts = container.streams
        assert (video.average_rate, video.frames) == (FPS, COUNT)
        assert video.codec_context.colorspace == 1
        assert float(sound.duration * sound.time_base) == pytest.approx(COUNT / FPS, abs=1 / 60)
        assert [track.language for track in (sound, *texts)] == ["hin", "hin", "eng"]
        assert "Synthetic media" in container.metadata["comment"]
    names = {path.name for path in folder.iterdir()}
    assert names == {
        *("dub.mp4", "dub.hi.srt", "dub.hi.vtt", "dub.en.srt", "dub.en.vtt"),
        *("dub.sources.json", "value.json", "meta.json"),
    }


def test_no_subtitle_is_shown_unless_the_viewer_asks(dub: tuple[Path, Result, Plain]) -> None:
    folder, result, _ = dub
    with av.open(str(folder / result.video)) as container:
        shown = [
            (stream.type, bool(stream.disposition & Disposition.default))
            for stream in container.streams
        ]
    assert shown == [("video", True), ("audio", True), ("subtitle", False), ("subtitle", False)]
    data = (folder / result.video).read_bytes()
    flags = [data[found.end() + 3] & 1 for found in re.finditer(b"tkhd", data)]
    assert flags == [1, 1, 0, 0]


def unburnt(folder: Path, picture: str, _text: str, target: str, *_: Any, **__: Any) -> None:
    """In the place of `media.burn`, whatever fonts are here."""
    shutil.copyfile(folder / picture, folder / target)


def test_burnt_subtitles_are_no_track_as_well(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "burn", unburnt)
    folder, result, _ = delivered(clip, tmp_path, "delivery.burn_subtitles=true")
    with av.open(str(folder / result.video)) as container:
        assert [track.language for track in container.streams.subtitles] == ["eng"]
    assert (folder / "dub.hi.srt").exists()


def test_only_the_mouth_and_the_mark_change(clip: Path, dub: tuple[Path, Result, Plain]) -> None:
    folder, result, _ = dub
    before, after = decoded(clip), decoded(folder / result.video)
    assert result.changed_frames == len(MOUTH)
    for index, (old, new) in enumerate(zip(before, after, strict=True)):
        change = np.abs(luma(new) - luma(old))
        change[150:, 200:] = 0  # the mark
        assert change[:50].max() <= 12, index  # only coding noise
        red = to_rgb(new)[100:130, 145:175].mean(axis=(0, 1))
        assert (red[0] > 150 and red[1] < 90) == (index in MOUTH), index
        assert np.abs(luma(new) - luma(old))[150:, 200:].max() > 60, index


def to_rgb(frame: Any) -> np.ndarray:
    return np.asarray(frame.to_ndarray(format="rgb24"))


def test_subtitles_are_at_the_times_of_the_speech(dub: tuple[Path, Result, Plain]) -> None:
    folder, _, _ = dub
    (line,) = subtitles.read(folder / "dub.hi.srt", "hi").segments
    assert (line.span, line.text) == (SPOKEN, "नमस्ते जी")
    first, second = subtitles.read(folder / "dub.en.srt", "en").segments
    assert (first.span, first.speaker, second.text) == (Span(0.2, 1.0), "a", "Left out")


def test_of_two_texts_in_one_language_the_said_one_is_written(tmp_path: Path) -> None:
    said, heard = (
        Transcript("en", (Segment(0, SPOKEN, "a", text),)) for text in ("As said", "As heard")
    )
    (track,) = write_subtitles((said, heard), tmp_path)
    (line,) = subtitles.read(tmp_path / track.file, "en").segments
    assert line.text == "As said"


def test_sound_is_loud_and_long_as_asked(dub: tuple[Path, Result, Plain]) -> None:
    folder, _, run = dub
    store = run.store
    artefact = next(one for one in store.artefacts() if one.stage == "mix")
    mixed = store.read(artefact, Mix)
    assert mixed.loudness == pytest.approx(-16, abs=0.2)
    assert mixed.true_peak <= -1
    assert mixed.samples == round(COUNT / FPS * RATE)
    assert folder.exists()


def test_sidecar_names_everything_and_no_folder(
    clip: Path, dub: tuple[Path, Result, Plain]
) -> None:
    text = (dub[0] / "dub.sources.json").read_text(encoding="utf-8")
    tree = json.loads(text)
    assert {item["stage"] for item in tree["stages"]} == {
        *("ingest", "speak", "mix", "red_mouths", "nobody", "said", "heard"),
    }
    assert tree["source"]["digest"] == hashlib.sha256(clip.read_bytes()).hexdigest()
    assert tree["lips"] == "made for a test"
    assert str(clip.parent) not in text


def test_the_same_work_gives_the_same_bytes(
    clip: Path, dub: tuple[Path, Result, Plain], tmp_path: Path
) -> None:
    folder, result, _ = delivered(clip, tmp_path, "delivery.crf=8")
    assert (folder / result.video).read_bytes() == (dub[0] / result.video).read_bytes()


@pytest.mark.parametrize(("codec", "name"), [("h265", "hevc"), ("av1", "av1")])
def test_other_codecs_and_second_track(clip: Path, tmp_path: Path, codec: str, name: str) -> None:
    folder, result, _ = delivered(
        clip,
        tmp_path,
        f"delivery.codec={codec}",
        "delivery.crf=30",
        "delivery.keep_source_audio=true",
        "delivery.soft_subtitles=false",
        "lips.enabled=false",
    )
    with av.open(str(folder / result.video)) as container:
        kinds = [(stream.type, stream.language) for stream in container.streams]
        assert kinds == [("video", "und"), ("audio", "hin"), ("audio", "eng")]
        assert container.streams.video[0].codec_context.name in (name, f"lib{name}", "libdav1d")
        assert sum(1 for _ in container.decode(video=0)) == COUNT


@pytest.fixture(scope="module", params=[16, 18])
def hdr(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clip as PQ and as HLG, of 10 bits."""
    return high_range(tmp_path_factory.mktemp("hdr") / "talk.mov", request.param)


def high_range(
    path: Path, transfer: int, *, size: tuple[int, int] = (320, 180), count: int = COUNT
) -> Path:
    """A grey clip of 10 bits with BT.2020's colours."""
    with av.open(str(path), "w") as container:
        video: Any = container.add_stream("libx265", rate=FPS, options={"crf": "8"})
        (video.width, video.height), video.pix_fmt = size, "yuv420p10le"
        context = video.codec_context
        context.color_primaries, context.color_trc, context.colorspace = 9, transfer, 9
        for _ in range(count):
            image = np.full((*size[::-1], 3), 110, np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(video.encode())
    return path


@pytest.mark.parametrize(
    ("codec", "burn", "mapped"),
    [("h264", False, True), ("h264", True, True), ("h265", False, False), ("h265", True, False)],
)
def test_high_dynamic_range_is_tone_mapped_or_kept_in_ten_bits(
    hdr: Path,
    tmp_path: Path,
    codec: str,
    burn: bool,
    mapped: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    options = (f"delivery.codec={codec}", f"delivery.burn_subtitles={str(burn).lower()}")
    with pytest.MonkeyPatch.context() as patch:
        if burn:
            patch.setattr(media, "burn", unburnt)
        folder, result, _ = delivered(hdr, tmp_path, *options)
    frames = decoded(folder / result.video)
    tags = {(frame.color_primaries, frame.color_trc, frame.colorspace) for frame in frames}
    (stored,) = {(f.color_primaries, f.color_trc, f.colorspace) for f in decoded(hdr)}
    assert tags == {(1, 1, 1) if mapped else stored}
    assert frames[0].format.name == ("yuv420p" if mapped else "yuv420p10le")
    assert ("tone-mapped to BT.709" in caplog.text) == mapped
    seen = list(media.frames(folder / result.video, media.probe(folder / result.video)))
    blue, green, red = seen[30][100:130, 145:175].mean(axis=(0, 1))
    assert red > 3 * max(blue, green)


@pytest.mark.parametrize("kind", ["mp4", "mkv"])
def test_title_and_chapters_survive(clip: Path, tmp_path: Path, kind: str) -> None:
    """Also names with the signs of the text form in which they are handed on."""
    titles = ["Start; a = b #1", "विषय \\ two", "lies after the end"]
    spans = [(0, 700), (700, 1500), (9_000, 10_000)]
    text = ";FFMETADATA1\ntitle=Talk about talks\nartist=Anna\nencoder=another\n"
    for title, (start, end) in zip(titles, spans, strict=True):
        escaped = re.sub(r"([=;#\\])", r"\\\1", title)
        text += f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={end}\ntitle={escaped}\n"
    (tmp_path / "facts.txt").write_text(text, encoding="utf-8")
    command = [media.ffmpeg_binary(), "-loglevel", "error", "-i", str(clip)]
    command += ["-f", "ffmetadata", "-i", str(tmp_path / "facts.txt")]
    source = tmp_path / f"chapters.{kind}"
    mapped = ["-map", "0", "-map_metadata", "1", "-map_chapters", "1", "-c", "copy"]
    subprocess.run([*command, *mapped, str(source)], check=True)
    folder, result, _ = delivered(source, tmp_path / "store", "lips.enabled=false")
    with av.open(str(folder / result.video)) as container:
        found = [
            (one["metadata"]["title"], float(one["start"] * one["time_base"]))
            for one in container.chapters()
        ]
        tags = container.metadata
        languages = [stream.language for stream in container.streams.subtitles]
    assert found == [(titles[0], 0.0), (titles[1], pytest.approx(0.7, abs=0.002))]
    assert (tags["title"], tags["artist"]) == ("Talk about talks", "Anna")
    assert "Synthetic media" in tags["comment"] and tags.get("encoder") != "another"
    assert languages == ["hin", "eng"]
    assert not (folder / "chapters.txt").exists()


@pytest.mark.parametrize(
    ("kind", "codec"), [("mp4", "mov_text"), ("mkv", "ass"), ("mkv", "srt"), ("mkv", "webvtt")]
)
def test_subtitles_of_the_source_survive(clip: Path, tmp_path: Path, kind: str, codec: str) -> None:
    lines = "1\n00:00:00,500 --> 00:00:01,200\n<i>Bonjour</i>,\nvous\n\n"
    lines += "2\n00:00:01,500 --> 00:00:09,000\nAu revoir\n\n"
    lines += "3\n00:00:10,000 --> 00:00:11,000\nTrop tard\n"
    (tmp_path / "a.srt").write_text(lines, encoding="utf-8")
    source = tmp_path / f"film.{kind}"
    command = [media.ffmpeg_binary(), "-loglevel", "error", "-i", str(clip)]
    command += ["-i", str(tmp_path / "a.srt"), "-map", "0", "-map", "1", "-c", "copy"]
    command += ["-c:s", codec, "-metadata:s:s:0", "language=fra"]
    subprocess.run([*command, str(source)], check=True)
    folder, result, _ = delivered(source, tmp_path / "store", "lips.enabled=false")
    with av.open(str(folder / result.video)) as container:
        (kept,) = [one for one in container.streams.subtitles if one.language == "fra"]
        assert [one.language for one in container.streams.subtitles] == ["hin", "eng", "fra"]
        assert not kept.disposition & Disposition.default
        said = [
            (float(packet.pts * packet.time_base), float(packet.duration * packet.time_base), text)
            for packet in container.demux(kept)
            if packet.size and (text := bytes(packet)[2:].decode())
        ]
    assert [text for *_, text in said] == ["Bonjour,\nvous", "Au revoir"]
    assert [time for time, *_ in said] == pytest.approx([0.5, 1.5], abs=0.002)
    assert said[1][1] == pytest.approx(float(COUNT / FPS) - 1.5, abs=0.01)
    assert not list(folder.glob("kept*")) and "dub.fr.srt" not in result.subtitles


def test_without_texts_and_from_a_still(tmp_path: Path) -> None:
    """As `f2f lipsync` with a picture: as long as the speech, no subtitles."""
    image = tmp_path / "face.png"
    cv2.imwrite(str(image), np.full((200, 300, 3), 120, np.uint8))
    folder, result, _ = delivered(image, tmp_path / "store", "lips.enabled=false", texts=False)
    assert result.frames == 25
    assert not result.subtitles
    with av.open(str(folder / result.video)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 25
        assert [stream.type for stream in container.streams] == ["video", "audio"]


def test_placed_leaves_out_what_is_not_spoken() -> None:
    text = Transcript(
        "hi", (Segment(0, Span(0, 1), "a", "one"), Segment(1, Span(1, 2), "a", "two"))
    )
    moved = placed(text, (Placement(1, Span(0.5, 1.5), 1.0),))
    assert [(one.id, one.span) for one in moved.segments] == [(1, Span(0.5, 1.5))]


@pytest.mark.parametrize(("transfer", "white"), [(16, 0.58), (18, 0.75)])
def test_letters_burnt_into_high_dynamic_range_do_not_dazzle(
    tmp_path: Path, transfer: int, white: float
) -> None:
    """10 bits and the tags stay; white is graphics white, ITU-R BT.2408."""
    if not has_fonts():
        pytest.skip("needs a font")
    path = high_range(tmp_path / "talk.mov", transfer, size=(960, 540), count=5)
    after = burnt(path, tmp_path, "HHHHHH", codec="h265")
    (stored,) = {(f.color_primaries, f.color_trc, f.colorspace) for f in decoded(path)}
    assert {(f.color_primaries, f.color_trc, f.colorspace) for f in after} == {stored}
    assert after[0].format.name == "yuv420p10le"
    assert (luma(after[3]).max() - 64) / 876 == pytest.approx(white, abs=0.02)


def burnt(clip: Path, folder: Path, text: str, *, codec: str = "h264") -> list[Any]:
    info = media.probe(clip)
    line = Segment(0, Span(0.0, 1.0), "a", text)
    subtitles.write_srt(Transcript("en", (line,)), folder / "lines.srt")
    (folder / "picture.mp4").write_bytes(clip.read_bytes())
    options = from_tree({"delivery": {"codec": codec, "crf": 8}}).delivery
    media.burn(folder, "picture.mp4", "lines.srt", "burnt.mp4", info, options, frames=25, font=None)
    return decoded(folder / "burnt.mp4")


def has_fonts() -> bool:
    folders = (Path("/usr/share/fonts"), Path.home() / ".fonts")
    return any(folder.is_dir() and any(folder.rglob("*.ttf")) for folder in folders)


def test_burnt_subtitles_are_seen_while_they_last(clip: Path, tmp_path: Path) -> None:
    if not has_fonts():
        with pytest.raises(MissingError, match="font"):
            burnt(clip, tmp_path, "HELLO")
        return
    after = burnt(clip, tmp_path, "HELLO")
    assert len(after) == COUNT
    changes = [
        np.abs(luma(new) - luma(old))[90:].max() > 80
        for old, new in zip(decoded(clip), after, strict=True)
    ]
    assert changes == [number / FPS < 1 for number in range(COUNT)]


def test_letters_that_no_font_has_are_not_burnt_as_boxes(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="fonts-noto"):
        burnt(clip, tmp_path, "\U00012000\U00012001")  # cuneiform
