"""The catalogue that ships."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from packaging.licenses import canonicalize_license_expression

from f2f import weights
from f2f.backends import BUILT_IN, resolve
from f2f.errors import ConfigError, InputError
from f2f.weights.catalogue import Member, Packages, Url, parse
from f2f.weights.makers import MAKERS
from lipsync import checkpoint


def test_every_fetched_file_is_pinned_and_has_a_source() -> None:
    for entry in weights.catalogue().entries.values():
        assert entry.files and entry.about and entry.licence
        for file in entry.files:
            if entry.maker or entry.imported:
                assert file.sha256 is None and not file.sources
                continue
            if entry.shipped:
                assert file.size and file.sha256 and not file.sources
                continue
            assert file.size and re.fullmatch("[0-9a-f]{64}", file.sha256 or "")
            assert any(isinstance(source, Packages) for source in file.sources)
            addresses = [source for source in file.sources if isinstance(source, Url)]
            assert all(source in file.sources[: len(addresses)] for source in addresses)


def test_packages_are_pinned() -> None:
    for entry in weights.catalogue().entries.values():
        for file in entry.files:
            for source in file.sources:
                if isinstance(source, Packages):
                    mark = "@" if source.kind == "npm" else "=="
                    assert all(mark in member.package and member.path for member in source.members)


def test_licences_are_spdx_expressions() -> None:
    for entry in weights.catalogue().entries.values():
        canonicalize_license_expression(entry.licence)
        assert not (entry.commercial and "LicenseRef" in entry.licence), entry.name


NO_WHEEL = {"lpips-alexnet"}
"""Of benchmarks only, and in no wheel: taken out of the archive unbuilt (`source_archives`)."""


def test_a_source_archive_is_never_the_only_package() -> None:
    for entry in weights.catalogue().entries.values():
        if entry.name in NO_WHEEL:
            continue
        for file in entry.files:
            kinds = [source.kind for source in file.sources if isinstance(source, Packages)]
            assert not kinds or kinds[0] != "sdist", f"{entry.name}/{file.name}"


def test_makers_are_known() -> None:
    named = {entry.maker for entry in weights.catalogue().entries.values()} - {None}
    assert named == set(MAKERS)


def test_no_registry_is_named() -> None:
    text = (files("f2f") / "assets" / "weights.yaml").read_text(encoding="utf-8")
    assert not re.search("pypi|npmjs|pythonhosted", text)


def test_the_default_set_needs_pip_alone() -> None:
    for entry in weights.catalogue().select(["default", "demo"]):
        for file in entry.files:
            kinds = {source.kind for source in file.sources if isinstance(source, Packages)}
            assert kinds & {"pip", "sdist"}, f"{entry.name}/{file.name}"


def test_the_fifty_four_voices() -> None:
    voices = weights.catalogue().entries["kokoro-voices"]
    assert len(voices.files) == 54
    assert {file.size for file in voices.files} == {510 * 256 * 4}
    assert voices.files[0].sources[-1] == Packages(
        "sdist", (Member("kokoro==0.8.4", "kokoro.js/voices/af_alloy.bin"),)
    )


def test_imported_entries_are_of_known_kinds() -> None:
    kinds = {entry.imported for entry in weights.catalogue().entries.values()} - {None}
    assert kinds <= set(checkpoint.KINDS)


def test_backends_name_entries_of_the_catalogue() -> None:
    for role, backends in BUILT_IN.items():
        for name in backends:
            for entry in resolve(role, name).info.weights:
                assert entry in weights.catalogue().entries, f"{role} {name}"


def test_a_set_of_sets_gives_each_entry_once_and_sources_first() -> None:
    names = [entry.name for entry in weights.catalogue().select(["test", "default"])]
    assert len(names) == len(set(names))
    assert names.index("whisper-base") < names.index("whisper-base-openai")
    assert "demo-clip" in names


@pytest.mark.parametrize(
    "text",
    [
        "entries: {a: {about: x, licence: y, files: {f: {}}, colour: red}}",
        "entries: {a: {about: x, licence: y, files: {f: {sources: [{ftp: z}]}}}}",
        "entries: {a: {about: x, licence: y, files: {f: {sources: [{pip: git+https://h/r f}]}}}}",
        "entries: {a: {about: x, licence: y, files: {f: {sources: [{npm: owner/r f}]}}}}",
        "entries: {a: {about: x, licence: y, files: {f: {sources: [{npm: ./r@1 f}]}}}}",
        "entries: {a: {about: x, licence: y, files: {f: {sources: [{pip: a f}]}}}}",
        "sets: {s: [b]}\nentries: {a: {about: x, licence: y, files: {f: {}}}}",
    ],
)
def test_mistakes_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="catalogue"):
        parse(text)


@pytest.mark.parametrize("name", ["../f", "/f", "a/../../f"])
def test_names_that_leave_their_folder_are_refused(name: str) -> None:
    for entry, file, member in (("a", name, "b"), (name, "b", "c"), ("a", "b", name)):
        facts = f"about: x, licence: y, files: {{{file}: {{sources: [{{pip: p==1 {member}}}]}}}}"
        with pytest.raises(InputError, match="cannot be used for a file"):
            parse(f"entries: {{{entry}: {{{facts}}}}}")
