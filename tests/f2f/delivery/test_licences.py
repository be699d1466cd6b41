"""What is said of licences is true: of parts, of NOTICE, and of the wheels."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from email.message import Message
from email.parser import Parser
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.licenses import canonicalize_license_expression
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from f2f import weights
from f2f.cli import doctor
from f2f.delivery import licences, provenance
from f2f.store.artefacts import Store

REPOSITORY = Path(__file__).parents[3]
COPYLEFT = re.compile(r"GPL|General Public")


def test_parts_name_spdx_licences() -> None:
    assert licences.parts()
    for part in licences.parts():
        canonicalize_license_expression(part.licence)


def test_notice_says_the_same() -> None:
    written = (REPOSITORY / "NOTICE").read_text(encoding="utf-8")
    assert written == licences.notice(), "`make notice` writes it anew"


def test_the_doctor_and_the_sidecar_say_the_same(
    tmp_path: Path,
) -> None:
    for cells in doctor._licences():
        assert cells[1] in {part.licence for part in licences.parts()}
    assert len(list(doctor._licences())) == len(licences.parts())
    provenance.write_sidecar(
        tmp_path / "sources.json", (), Store(tmp_path / "store"), packages=(), facts={}
    )
    told = json.loads((tmp_path / "sources.json").read_text())["licences"]
    assert {(item["package"], item["licence"]) for item in told} == {
        (part.package, part.licence) for part in licences.parts() if part.installed
    }
    assert "espeakng-loader" in {item["package"] for item in told}


def required() -> set[str]:
    """Every package that face-to-face or one of its extras brings, as far as it is installed."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = [
        *project["dependencies"],
        *(one for name in extras if name != "dev" for one in extras[name]),
    ]
    found: set[str] = set()
    waiting = [Requirement(one) for one in wanted]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in found or name == "face-to-face":
            continue
        try:
            brings = [Requirement(one) for one in distribution(name).requires or ()]
        except PackageNotFoundError:
            continue
        found.add(name)
        waiting += [
            one
            for one in brings
            if one.marker is None
            or any(one.marker.evaluate({"extra": extra}) for extra in {"", *requirement.extras})
        ]
    return found


def stated(package: str) -> Iterator[str]:
    facts = distribution(package).metadata
    yield facts.get("License-Expression", "")
    yield facts.get("License", "").splitlines()[0] if facts.get("License") else ""
    yield from facts.get_all("Classifier") or ()


def test_every_package_that_says_gpl_is_a_known_part() -> None:
    known = {canonicalize_name(part.package) for part in licences.parts() if part.package}
    found = {name for name in required() if any(map(COPYLEFT.search, stated(name)))}
    assert {"phonemizer-fork", "num2words"} <= found
    assert found <= known, "f2f/assets/third_party.yaml lacks them"


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The two wheels, built from a copy of the source as `make wheel` builds them."""
    source = tmp_path_factory.mktemp("source")
    for name in ("f2f", "flows", "lipsync", "training"):
        ignored = shutil.ignore_patterns("__pycache__", "build", "*.egg-info")
        shutil.copytree(REPOSITORY / name, source / name, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(REPOSITORY / name, source / name)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-index"]
    options = ["--no-build-isolation", "-w", "dist", ".", "./lipsync/weights"]
    subprocess.run([*command, *options], cwd=source, check=True, capture_output=True)
    return {wheel.name.partition("-")[0]: wheel for wheel in (source / "dist").glob("*.whl")}


def facts_of(wheel: Path) -> tuple[set[str], Message]:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        facts = Parser().parsestr(archive.read(metadata).decode())
        (folder, _, _) = metadata.partition("/")
        for file in facts.get_all("License-File") or ():
            assert f"{folder}/licenses/{file}" in names
    return {name for name in names if not name.startswith(folder)}, facts


@pytest.mark.slow
def test_the_wheel_is_mit_and_carries_no_weights(wheels: dict[str, Path]) -> None:
    names, facts = facts_of(wheels["face_to_face"])
    assert facts["License-Expression"] == "MIT"
    assert facts.get_all("License-File") == ["LICENSE", "NOTICE"]
    assert {"f2f/assets/weights.yaml", "f2f/assets/third_party.yaml"} <= names
    assert {name.partition("/")[0] for name in names} == {"f2f", "flows", "lipsync", "training"}
    assert not [name for name in names if name.endswith((".safetensors", ".pth", ".onnx"))]
    assert not [name for name in names if name.startswith("lipsync/weights")]


@pytest.mark.slow
def test_the_weights_are_for_research_and_only_those_that_are_used(wheels: dict[str, Path]) -> None:
    names, facts = facts_of(wheels["face_to_face_weights"])
    assert facts["License-Expression"] == "LicenseRef-face-to-face-research-only"
    assert facts.get_all("License-File") == ["LICENSE"]
    carried = {
        file.name
        for entry in weights.catalogue().entries.values()
        if entry.shipped == "face-to-face-weights"
        for file in entry.files
    }
    assert names == {f"{weights.PACKAGE}/{name}" for name in {*carried, "README.md", "LICENSE"}}


@pytest.mark.slow
def test_an_installed_copy_finds_the_weights_of_the_other_wheel(
    wheels: dict[str, Path], tmp_path: Path
) -> None:
    ask = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "from f2f.lips import weights as lip_weights\n"
        "print(lip_weights.choose('shipped').path)\n"
    )
    for name, wheel in wheels.items():
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(tmp_path / name)

    def choose(*folders: str) -> subprocess.CompletedProcess[str]:
        places = [str(tmp_path / folder) for folder in folders]
        command = [sys.executable, "-P", "-c", ask, *places]
        environment = {"PATH": "/usr/bin", "F2F_CACHE": str(tmp_path / "cache")}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    alone = choose("face_to_face")
    assert "MissingError" in alone.stderr
    assert "pip install dist/face_to_face_weights-*.whl" in alone.stderr
    both = choose("face_to_face", weights.PACKAGE)
    found = Path(both.stdout.strip())
    assert found == tmp_path / weights.PACKAGE / weights.PACKAGE / "wav2lip.safetensors", (
        both.stderr
    )
