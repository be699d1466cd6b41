"""What the keys of the store depend on: every option, every backend, every stage."""

from __future__ import annotations

import importlib
import pkgutil
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from f2f import backends, config, stages
from f2f.backends import BUILT_IN, pinned, resolve
from f2f.backends.asr import faster_whisper
from f2f.config import Config, from_tree
from f2f.edits import book
from f2f.edits.changes import Delete
from f2f.lips import engine_choice
from f2f.store.stage import Stage, plain
from f2f.weights import catalogue

REPOSITORY = Path(__file__).parents[3]

HEAR, SHOW = {"transcribe"}, {"track_faces"}
TRANSLATE = {"translate_text", "shorten_text", "correct_said"}
EDIT = {"place_lines", "correct_heard", "correct_said"}
SPEAK, MIX, LIPS, DELIVER = {"synthesise"}, {"mix"}, {"sync_lips"}, {"deliver"}
PLAN = {"shorten_text", "align"}
NOTHING: set[str] = set()

TABLE: dict[str, tuple[Any, set[str]]] = {
    "languages.source": ("fr", HEAR),
    "languages.target": ("es", TRANSLATE | SPEAK),
    "recognition.backend": ("openai-whisper", HEAR),
    "recognition.model": ("small", HEAR),
    "recognition.terms": (["Nottingham"], HEAR),
    "recognition.transcript": ("FILE", HEAR),
    "recognition.beam": (2, HEAR),
    "recognition.piece_seconds": (60.0, HEAR),
    "recognition.vad": (False, HEAR),
    "recognition.audio_track": ("2", HEAR | {"ingest", "ingest_sound"}),
    "diarisation.backend": ("single", HEAR),
    "diarisation.speakers": (2, HEAR),
    "diarisation.threshold": (0.5, HEAR),
    "translation.backend": ("transformers", TRANSLATE),
    "translation.model": ("FILE", TRANSLATE),
    "translation.revision": ("0" * 40, TRANSLATE),
    "translation.translation": ("FILE", TRANSLATE),
    "translation.glossary": ("FILE", TRANSLATE),
    "translation.beam": (2, TRANSLATE),
    "translation.batch": (2, TRANSLATE),
    "speech.backend": ("espeak", SPEAK),
    "speech.model": ("FILE", SPEAK),
    "speech.voice": ("hf_alpha", SPEAK),
    "speech.cast": ({"S1": "hf_alpha"}, SPEAK),
    "speech.voices": ("FILE", NOTHING),  # the plan writes what it says into `speech.cast`
    "speech.check": (True, SPEAK),
    "speech.max_error_rate": (0.5, NOTHING),  # nothing is heard back
    "timing.min_stretch": (0.9, PLAN | TRANSLATE),
    "timing.max_stretch": (1.1, PLAN),
    "timing.hard_stretch": (1.5, PLAN),
    "timing.max_shift": (1.0, PLAN | {"match_faces"}),
    "timing.gap": (0.1, PLAN),
    "soundtrack.background": ("none", MIX),
    "soundtrack.separator": ("another", MIX),
    "soundtrack.duck_db": (-12.0, MIX),
    "soundtrack.loudness": (-23.0, MIX),
    "soundtrack.true_peak": (-3.0, MIX),
    "faces.backend": ("another", SHOW),
    "faces.every": (2, SHOW),
    "faces.min_score": (0.5, SHOW),
    "faces.min_size": (64, SHOW),
    "faces.detection_side": (320, SHOW),
    "faces.doubtful": ("move", {"match_faces"}),
    "lips.weights": ("FILE", LIPS),
    "lips.path": ("eager", LIPS),
    "lips.batch": (4, NOTHING),  # decides nothing but the speed
    "lips.enabled": (False, LIPS),
    "lips.close": (False, LIPS),
    "delivery.codec": ("av1", DELIVER),
    "delivery.crf": (30, DELIVER),
    "delivery.preset": ("slow", DELIVER),
    "delivery.audio_bitrate": (96_000, DELIVER),
    "delivery.keep_source_audio": (True, DELIVER),
    "delivery.soft_subtitles": (False, DELIVER),
    "delivery.burn_subtitles": (True, DELIVER),
    "delivery.mark": ("top-left", DELIVER),
    "delivery.mark_off_reason": ("shown in the credits", DELIVER),
    "review.edits": ("EDITS", EDIT),
    "store.path": ("elsewhere", NOTHING),
}
"""Option → another value, and the stages whose keys then change by themselves.  An option without
an entry fails: whoever adds one says here what it decides."""

ROLES = {
    "asr": HEAR,
    "diarisation": HEAR,
    "translation": TRANSLATE,
    "speech": SPEAK,
    "separation": MIX,
    "detection": SHOW,
}
"""Role → the stages whose results its backend makes."""


COME_WITH_OTHERS = {"tiktoken", "ctranslate2", "tokenizers"}
"""Packages of our packages whose numbers are in a result."""


@pytest.fixture(autouse=True)
def others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second backend where only one is built in."""
    for role in ("detection", "separation"):
        (name,) = BUILT_IN[role].values()
        monkeypatch.setitem(BUILT_IN[role], "another", name)


@pytest.fixture
def base(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "weights").write_text("one")
    return {
        "languages": {"source": "en", "target": "hi"},
        "recognition": {"backend": "faster-whisper"},
        "diarisation": {"backend": "wespeaker"},
        "translation": {"backend": "compact"},
        "speech": {"backend": "kokoro"},
        "faces": {"backend": "yunet"},
        "lips": {"weights": str(tmp_path / "weights")},
    }


def all_stages() -> Iterator[Stage]:
    for module in pkgutil.iter_modules(stages.__path__):
        values = vars(importlib.import_module(f"f2f.stages.{module.name}")).values()
        yield from (one for one in values if isinstance(one, Stage) and one.name == module.name)


def keys(options: Config) -> dict[str, Any]:
    return {stage.name: plain(stage.settings(options)) for stage in all_stages()}


def changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {name for name in before if before[name] != after[name]}


def having(tree: dict[str, Any], option: str, value: Any) -> Config:
    topic, name = option.split(".")
    return from_tree({**tree, topic: {**tree.get(topic, {}), name: value}})


def test_every_option_has_an_entry() -> None:
    options = {
        f"{topic}.{name}"
        for topic, kind in Config.model_fields.items()
        for name in kind.annotation.model_fields  # type: ignore[union-attr]
    }
    assert options == set(TABLE)


@pytest.mark.parametrize("option", TABLE)
def test_an_option_changes_the_keys_of_what_it_decides_and_no_other(
    base: dict[str, Any], option: str, tmp_path: Path
) -> None:
    value, affected = TABLE[option]
    if value == "FILE":
        (tmp_path / "given").write_text("two")
        value = str(tmp_path / "given")
    if value == "EDITS":
        book.write(given := tmp_path / "given.yaml", book.Book(changes=(Delete(line=1),)), seen=0)
        value = str(given)
    assert changed(keys(from_tree(base)), keys(having(base, option, value))) == affected


@pytest.mark.parametrize("option", ["recognition.beam", "recognition.terms", "recognition.model"])
def test_clips_that_are_heard_back_depend_on_the_ears(base: dict[str, Any], option: str) -> None:
    base["speech"]["check"] = True
    base["recognition"]["backend"] = "fake"
    BUILT_IN["asr"]["fake"] = "f2f.backends.asr.faster_whisper:FasterWhisper"
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(faster_whisper.FasterWhisper, "missing", lambda _config: None)
            value, affected = TABLE[option]
            assert changed(keys(from_tree(base)), keys(having(base, option, value))) == (
                affected | SPEAK
            )
            rated = having(base, "speech.max_error_rate", 0.5)
            assert changed(keys(from_tree(base)), keys(rated)) == SPEAK
    finally:
        del BUILT_IN["asr"]["fake"]


@pytest.mark.parametrize(
    ("entry", "affected"),
    [
        ("whisper-base", HEAR),
        ("wespeaker", HEAR),
        ("kokoro-voices", SPEAK),
        ("yunet", SHOW),
        ("spleeter-2stems", MIX),
    ],
)
def test_other_weights_make_other_keys(
    base: dict[str, Any], entry: str, affected: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    options = having(base, "soundtrack.background", "separate")
    before = keys(options)
    facts = pinned._facts
    monkeypatch.setattr(pinned, "_facts", lambda name: ["newer"] if name == entry else facts(name))
    assert entry in catalogue().entries
    assert changed(before, keys(options)) == affected


def test_what_the_machine_decides_is_in_the_key(
    base: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    options = from_tree(base)
    before = keys(options)
    monkeypatch.setattr(faster_whisper, "_compute_type", lambda: "another")
    assert changed(before, keys(options)) == HEAR
    monkeypatch.setattr(engine_choice, "default_path", lambda _device: "compile")
    assert changed(before, keys(options)) == HEAR | LIPS


def test_no_file_reads_an_option_of_a_topic_that_its_stage_s_key_lacks() -> None:
    counted: dict[str, set[str]] = {stage.name: set() for stage in all_stages()}
    for option, (_, names) in TABLE.items():
        for name in names:
            counted[name].add(option.split(".")[0])
    folder = Path(stages.__file__).parent
    for name, topics in counted.items():
        assert _topics_read(folder / f"{name}.py") <= topics, name
    for role, names in ROLES.items():
        for file in (Path(backends.__file__).parent / role).glob("*.py"):
            for name in names:
                assert _topics_read(file) <= counted[name], (file, name)


def _topics_read(file: Path) -> set[str]:
    found = set(re.findall(r"config\.([a-z_]+)", file.read_text(encoding="utf-8")))
    return found & set(config.Config.model_fields)


def test_every_package_that_a_stage_names_is_one_of_ours() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lists = (project["dependencies"], *project["optional-dependencies"].values())
    known = {Requirement(line).name for lines in lists for line in lines} | COME_WITH_OTHERS
    named = {
        package
        for role, table in BUILT_IN.items()
        for name in table
        for package in resolve(role, name).info.packages
    }
    options = from_tree(
        {
            "recognition": {"transcript": "none.srt"},
            "diarisation": {"backend": "single"},
            "translation": {"translation": "none.srt"},
            "speech": {"backend": "espeak"},
            "faces": {"backend": "yunet"},
        }
    )
    for stage in all_stages():
        packages = set(stage.packages(options))
        assert packages or stage.name == "translate_text", stage.name
        named |= packages
    assert named <= known
