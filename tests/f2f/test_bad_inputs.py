"""Every broken or odd file through ingest: a good artefact, or one sentence and nothing left."""

from __future__ import annotations

import re
import threading
from fractions import Fraction
from pathlib import Path

import pytest
import soundfile

from f2f import media
from f2f.config import Config
from f2f.errors import InputError
from f2f.stages.ingest import SOUND, SPEECH, ingest
from f2f.store.artefacts import Store
from f2f.store.stage import Plain
from f2f.types import VideoInfo
from tests.bad_inputs import Case, make


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    return make(tmp_path_factory.mktemp("bad inputs"))


@pytest.mark.slow
def test_every_file_is_good_or_refused_in_one_sentence(cases: list[Case], tmp_path: Path) -> None:
    assert len(cases) >= 25
    wrong = {case.path.name: fault for case in cases if (fault := judge(case, tmp_path))}
    assert not wrong


def judge(case: Case, root: Path) -> str:
    """What is wrong with how ingest deals with the file; empty if nothing is."""
    store = Store(root)
    threads = threading.active_count()
    try:
        artefact = Plain(Config(), store)(ingest, case.path)
    except InputError as error:
        left = [path for path in root.glob("ingest/*") if ".making" in path.name]
        if left:
            return f"left {left}"
        sentence = str(error)
        if "\n" in sentence.replace(case.path.name, "") or not 10 < len(sentence) < 400:
            return f"not a sentence: {sentence}"
        return "" if case.refusal and re.search(case.refusal, sentence) else f"refused: {sentence}"
    assert threading.active_count() <= threads + 1
    if case.refusal and not case.refusal.endswith("|"):
        return "accepted"
    info = store.read(artefact, VideoInfo)
    source = store.path(artefact, info.path)
    shown = sum(1 for _ in media.frames(source, info))
    if shown != info.frames:
        return f"{shown} frames of {info.frames}"
    for name, rate in ((SPEECH, 16_000), (SOUND, media.SOUND_RATE)):
        path = store.path(artefact, name)
        if path.exists() != info.has_audio:
            return f"has_audio is {info.has_audio}"
        wanted = round(Fraction(info.frames) / info.fps * rate)
        if info.has_audio and soundfile.info(path).frames != wanted:
            return f"{name} has {soundfile.info(path).frames} samples, not {wanted}"
    return ""
