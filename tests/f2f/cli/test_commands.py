"""The command line as a person meets it: help, refusals, exit codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from f2f.cli import main, tables
from f2f.cli.progress import Style, shown
from f2f.cli.translate import DEMO
from f2f.config import Config
from f2f.job import Outcome
from f2f.web import addresses


class Done(NamedTuple):
    """What a command ended with."""

    code: int
    stdout: str
    stderr: str


@pytest.fixture
def f2f(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Done]:
    """The command line in this process, in an empty folder with an empty cache."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("F2F_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["f2f", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return Done(int(ended.value.code or 0), *capsys.readouterr())

    return run


def test_help_names_every_command(f2f: Callable[..., Done]) -> None:
    done = f2f("--help")
    assert done.code == 0
    commands = "translate dub transcribe lipsync demo models languages doctor batch serve deploy"
    for command in commands.split():
        assert f" {command} " in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("translate", "absent.mp4", "--to", "pt"), 2, "there is no file 'absent.mp4'"),
        (("translate", "empty.mp4", "--to", "pt"), 2, "zero bytes"),
        (("translate", "https://example.org/v", "--to", "pt"), 4, "is a web address: download"),
        (("translate", "--url", "https://example.org/v", "--to", "pt"), 4, "face-to-face[url]"),
        (("translate", "rtmp://example.org/v", "--to", "pt"), 2, "is a web address: download"),
        (("translate", "--url", "talk.mp4", "--to", "pt"), 2, "'talk.mp4' is no web address"),
        (("translate", "--to", "pt"), 2, "give either a file or, with --url"),
        (("dub", "text.mp4", "--url", "https://a.b/c", "--to", "pt"), 2, "give either a file"),
        (("dub", ".", "--to", "pt"), 2, "f2f batch"),
        (("translate", "text.mp4", "--to", "pt", "--set", "delivery.crff=1"), 2, "mean 'crf'"),
        (("transcribe", "text.mp4", "-o", "talk.docx"), 2, "choose .srt, .vtt, .json"),
        (("models", "pull", "nothing"), 2, "no weights are called 'nothing'"),
        (("models", "import", "text.mp4"), 2, "text.mp4"),
        (("demo",), 4, "f2f models pull"),
    ],
)
def test_refusals_are_one_sentence_with_their_code(
    f2f: Callable[..., Done],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    code: int,
    sentence: str,
) -> None:
    monkeypatch.setattr(addresses, "find_spec", lambda _: None)
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("this is no video")
    done = f2f(*arguments)
    assert done.code == code, done.stderr
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert sorted(path.name for path in tmp_path.glob("*.*")) == ["empty.mp4", "text.mp4"]


def test_the_demo_leaves_a_source_checkout_clean() -> None:
    repository = Path(__file__).parents[3]
    names = [str(DEMO / f"demo.pt{suffix}") for suffix in (".mp4", ".srt", ".report.json")]
    command = ["git", "-C", str(repository), "check-ignore", *names]
    ignored = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    assert ignored.splitlines() == names


def test_missing_weights_are_named_with_the_line_that_brings_them(
    f2f: Callable[..., Done], tmp_path: Path
) -> None:
    (tmp_path / "text.mp4").write_text("this is no video")
    done = f2f("translate", "text.mp4", "--to", "pt")
    assert done.code == 4
    assert "f2f models pull" in done.stderr


@pytest.mark.parametrize("name", ["talk[/draft].mp4", "talk[draft].mp4", "talk:smile:.mp4"])
def test_a_message_names_a_file_as_it_is(f2f: Callable[..., Done], name: str) -> None:
    done = f2f("translate", name, "--to", "pt")
    assert (done.code, done.stderr) == (2, f"f2f: there is no file '{name}'\n")


def test_a_table_shows_its_cells_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    tables.show(("what", "detail"), [("talk[/draft].mp4", "pip install 'face-to-face[flows]'")])
    assert "talk[/draft].mp4  pip install 'face-to-face[flows]'" in capsys.readouterr().out


def test_the_voices_of_a_language_are_named(f2f: Callable[..., Done]) -> None:
    done = f2f("languages", "--to", "Hindi")
    assert "4 voices: hf_alpha, hf_beta, hm_omega, hm_psi" in done.stdout


@pytest.mark.parametrize(
    "command", [("models", "list"), ("languages",), ("languages", "--to", "hi")]
)
def test_names_to_type_are_whole_on_a_narrow_terminal(
    f2f: Callable[..., Done], monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = f2f(*command).stdout
    assert "…" not in shown
    for name in (
        ("pyannote-segmentation",) if command[0] == "models" else ("transformers", "kokoro")
    ):
        assert name in shown.split()


def test_languages_are_a_line_each_in_80_columns(
    f2f: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal; voices are counted there, and named only for one language."""
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "80")
    lines = f2f("languages").stdout.splitlines()
    assert max(map(len, lines)) <= 80
    spoken = lines[1 : lines.index("")]
    assert "en      kokoro   27 voices" in spoken
    assert len({line.split()[0] for line in spoken}) == len(spoken) > 50
    assert all(re.fullmatch(r"[a-z]+ +[a-z]+ +\d+ voices?( \(.+\))?", line) for line in spoken)
    assert not any("af_heart" in line for line in lines)
    assert any("translation.model:" in line for line in lines)
    detailed = f2f("languages", "--to", "en").stdout
    assert max(map(len, detailed.splitlines())) <= 80
    assert {"af_heart,", "bm_lewis"} <= set(detailed.split())


def test_languages_in_a_pipe_are_whole_lines(
    f2f: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    (english,) = [
        line
        for line in f2f("languages", "--to", "en").stdout.splitlines()
        if line.startswith("(voice)")
    ]
    assert english.split()[:3] == ["(voice)", "en", "kokoro"]
    assert english.endswith("bm_lewis")


def test_ctrl_c_ends_with_its_sentence_and_code(
    f2f: Callable[..., Done], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("f2f.job.translate", stopped)
    done = f2f("translate", "talk.mp4", "--to", "pt")
    assert (done.code, done.stdout) == (130, "")
    assert done.stderr.startswith("f2f: stopped; what was finished is kept")


def test_windows_is_refused_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("f2f.cli._POSIX", False)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 3
    assert "runs on Linux and macOS" in capsys.readouterr().err


def test_ctrl_c_during_the_imports_is_no_traceback(
    f2f: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopping:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "f2f.cli.app":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "f2f.cli.app", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Stopping(), *sys.meta_path])
    done = f2f("--help")
    assert done.code == 130
    assert done.stderr.startswith("f2f: stopped")


@pytest.mark.parametrize("command", ["translate", "dub"])
def test_the_configuration_may_name_the_language(
    f2f: Callable[..., Done], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    given: list[Config] = []

    def work(_video: Path, options: Config, **_: object) -> Outcome:
        given.append(options)
        return Outcome((), "done")

    monkeypatch.setattr(f"f2f.job.{command}", work)
    (tmp_path / "conf.yaml").write_text("languages: {target: hi}")
    assert f2f(command, "talk.mp4", "--config", "conf.yaml").code == 0
    assert f2f(command, "talk.mp4", "--config", "conf.yaml", "--to", "ta").code == 0
    assert [options.languages.target for options in given] == ["hi", "ta"]


@pytest.mark.parametrize("command", ["translate", "dub"])
def test_every_option_reaches_the_job(
    f2f: Callable[..., Done], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    given: dict[str, object] = {}

    def work(video: Path, options: Config, *, output: Path | None, progress: object) -> Outcome:
        given.update(video=video, options=options, output=output)
        return Outcome((), "done")

    monkeypatch.setattr(f"f2f.job.{command}", work)
    for name in ("a.srt", "b.srt", "terms.yaml"):
        (tmp_path / name).write_text("")
    names = {
        "--to": "pt",
        "--from": "en",
        "--output": "out.x",
        "--set": "delivery.crf=20",
        "--transcript": "a.srt",
        "--translation": "b.srt",
        "--glossary": "terms.yaml",
        "--voice": "pf_dora",
        "--speakers": "2",
        "--background": "none",
        "--audio-track": "2",
    }
    done = f2f(command, "talk.mp4", *(word for pair in names.items() for word in pair))
    assert done.code == 0, done.stderr
    assert (given["video"], given["output"]) == (Path("talk.mp4"), Path("out.x"))
    options = given["options"]
    assert isinstance(options, Config)
    assert (options.languages.target, options.languages.source) == ("pt", "en")
    assert options.delivery.crf == 20
    assert options.recognition.transcript == Path("a.srt")
    assert options.translation.translation == Path("b.srt")
    assert options.translation.glossary == Path("terms.yaml")
    assert (options.speech.voice, options.diarisation.speakers) == ("pf_dora", 2)
    assert options.soundtrack.background == "none"
    assert options.recognition.audio_track == "2"


def test_dub_has_the_options_of_translate(f2f: Callable[..., Done]) -> None:
    translate, dub = (
        f2f(command, "--help").stdout.split("Options", 1)[1] for command in ("translate", "dub")
    )
    assert "--translation" in dub
    assert dub == translate.replace("NAME.LANG.mp4", "NAME.LANG.wav")


def test_without_any_language_the_option_is_named(f2f: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "talk.mp4").write_text("a talk")
    done = f2f("translate", "talk.mp4")
    assert (done.code, done.stderr) == (
        2,
        "f2f: no target language: give --to, for example --to hi\n",
    )


def test_json_progress_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with shown(Style.JSON) as watch:
        watch("ingest", 0, 1)
        watch("ingest", 1, 1)
        watch("ingest", 1, 1)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        {"stage": "ingest", "done": 0, "total": 1},
        {"stage": "ingest", "done": 1, "total": 1},
    ]


@pytest.mark.parametrize("module", ["torch", "prefect", "cv2", "scipy", "transformers"])
def test_the_command_line_starts_without(module: str) -> None:
    code = f"import sys, f2f.cli.app; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
