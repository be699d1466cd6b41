from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from f2f.errors import InputError
from flows.items.placeholders import Names, fill

HERE = Path("/course")
TREES: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(["{name}", "{here}/{name}.{language}.srt", "plain", "{other}", 5, None, True]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner),
)


@given(TREES)
def test_no_placeholder_is_left_anywhere(tree: Any) -> None:
    filled = repr(fill(tree, Names("talk", "hi", HERE)))
    assert not any(f"{{{name}}}" in filled for name in ("name", "language", "here"))
    assert filled.count("{other}") == repr(tree).count("{other}")


def test_a_name_that_looks_like_a_placeholder_stays_a_name() -> None:
    names = Names("{here}{language}", "hi", HERE)
    assert fill("{here}/{name}.srt", names) == "/course/{here}{language}.srt"


@given(st.text(alphabet="ab./\\\0 ~", max_size=8) | st.sampled_from([".", "..", "/etc", "a/../.."]))
def test_a_name_never_leads_out_of_its_folder(name: str) -> None:
    try:
        names = Names(name, "hi", HERE)
    except InputError:
        assert name in {"", ".", ".."} or "/" in name or "\0" in name
        return
    for pattern in ("{here}/subtitles/{name}", "{here}/subtitles/{name}/{language}.srt"):
        path = Path(fill(pattern, names))
        assert path.is_relative_to(HERE / "subtitles")
        assert ".." not in path.parts and len(path.parts) == len(Path(pattern).parts) + 1


@pytest.mark.parametrize("language", ["..", "../hi", "/hi", ""])
def test_a_language_is_one_part_of_a_path_too(language: str) -> None:
    with pytest.raises(InputError):
        Names("talk", language, HERE)
