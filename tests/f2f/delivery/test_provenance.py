from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest

from f2f.config import Delivery, load
from f2f.delivery import provenance
from f2f.delivery.provenance import Mark
from f2f.errors import ConfigError
from f2f.media.pictures import EIGHT_BIT, TEN_BIT, from_rgb, planes, to_bgr
from f2f.store.artefacts import Artefact, Store
from f2f.store.digests import digest_json
from f2f.types import VideoInfo

INFO = VideoInfo(
    path="a.mp4",
    digest="0",
    fps=Fraction(25),
    size=(640, 360),
    frames=1,
    duration=1.0,
    rotation=0,
    variable_rate=False,
    has_audio=False,
    still=False,
    pixel_format=EIGHT_BIT,
)
CORNERS = ("top-left", "top-right", "bottom-left", "bottom-right")


def from_bgr(image: npt.NDArray[np.uint8], info: VideoInfo, form: str = EIGHT_BIT) -> Any:
    return from_rgb(av.VideoFrame.from_ndarray(image, format="bgr24"), info, form)


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("size", [(640, 360), (1080, 1920), (64, 48)])
@pytest.mark.parametrize("pixel_format", [EIGHT_BIT, TEN_BIT])
def test_mark_is_seen_in_its_corner_and_nowhere_else(
    corner: str, size: tuple[int, int], pixel_format: str
) -> None:
    info = replace(INFO, size=size)
    picture = from_bgr(np.full((size[1], size[0], 3), (30, 200, 90), np.uint8), info, pixel_format)
    kept = [plane.copy() for plane in planes(picture)]
    marked = Mark(info, Delivery.model_validate({"mark": corner})).draw(picture)
    image, plain = to_bgr(marked, info), to_bgr(picture, info)
    rows, columns = np.nonzero((image != plain).any(axis=2))
    assert ("top" in corner) == (rows.max() < size[1] / 2)
    assert ("bottom" in corner) == (rows.min() >= size[1] / 2)
    assert ("left" in corner) == (columns.max() < size[0] / 2 + 4)
    assert ("right" in corner) == (columns.min() >= size[0] / 2 - 4)
    box = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert box.max() > 210  # letters
    assert np.median(box) < 160  # on a darkened ground
    assert all(map(np.array_equal, planes(picture), kept))  # drawn on a copy


def test_mark_off_needs_a_reason_and_then_draws_nothing() -> None:
    with pytest.raises(ConfigError, match="mark_off_reason"):
        load(None, ("delivery.mark=off",))
    with pytest.raises(ConfigError, match="mark_off_reason"):
        provenance.check(Delivery.model_construct(mark="off", mark_off_reason=" "))
    off = load(None, ("delivery.mark=off", "delivery.mark_off_reason=shown in the credits"))
    picture = from_bgr(np.zeros((360, 640, 3), np.uint8), INFO)
    assert Mark(INFO, off.delivery).draw(picture) is picture
    said = provenance.tags(("en", "hi"), off.delivery, lips=True)["comment"]
    assert "Synthetic" in said
    assert "shown in the credits" in said


def test_the_metadata_says_only_what_was_done() -> None:
    delivery = load(None).delivery
    both = provenance.tags(("en", "hi"), delivery, lips=True)["comment"]
    assert "speech, from en into hi" in both and "lips" in both
    assert "lips" not in provenance.tags(("en", "hi"), delivery, lips=False)["comment"]
    assert "speech" not in provenance.tags((None, None), delivery, lips=True)["comment"]


def test_the_list_of_sources_says_what_made_each_stage_and_not_what_is_installed_now(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path / "store")

    def put(stage: str, packages: dict[str, str], **about: list[str]) -> Artefact:
        facts = {"version": 1, "settings": None, "inputs": [], **about, "packages": packages}
        return store.make(Artefact(stage, digest_json(facts)[:32]), lambda _folder: None, facts)

    old = {"numpy": "0.1"}
    lines = [put("spoken_line", old, inputs=[]), put("spoken_line", {"numpy": "0.2"})]
    clips = put("synthesise", old, parts=[str(line) for line in lines])
    mixed = put("mix", {"numpy": "0.3"}, inputs=[str(clips)])
    path = tmp_path / "sources.json"
    provenance.write_sidecar(path, [mixed], store, packages=["numpy"], facts={"first": 1})
    tree = json.loads(path.read_text(encoding="utf-8"))
    assert tree["packages"]["numpy"] == np.__version__
    assert [(item["stage"], item["packages"]) for item in tree["stages"]] == [
        ("synthesise", old),
        ("mix", {"numpy": "0.3"}),
    ]
    assert tree["stages"][0]["parts"] == [
        {"stage": "spoken_line", "count": 1, "packages": old},
        {"stage": "spoken_line", "count": 1, "packages": {"numpy": "0.2"}},
    ]
