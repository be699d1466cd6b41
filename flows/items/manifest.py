"""What to translate: a manifest (YAML or CSV), a folder, a glob, or one video.

    output: dubbed                       # relative to the manifest, as the inputs are
    languages: [hi, pt]
    options: {delivery: {crf: 20}}       # as in a configuration file
    videos:
      - input: lectures/01.mp4
      - input: lectures/02.mp4
        languages: [ta]
        options: {translation: {translation: "{here}/subtitles/{name}.{language}.srt"}}

In option values, also within lists, `{name}`, `{language}` and `{here}` (the manifest's folder)
are filled in; a relative path there counts from where the command runs, so begin it with
`{here}/`.  The CSV form has the columns input, languages (separated by spaces), options
(key=value, separated by ";") and output.  A row that cannot be used is reported and never stops
the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from f2f import config as configuration
from f2f.delivery import destinations
from f2f.errors import F2FError, InputError, why
from f2f.media import not_media
from f2f.strict_config import overridden
from f2f.text import language_codes
from flows.items import csv_rows, folders
from flows.items.item import Item, ItemResult, failed
from flows.items.placeholders import Names, fill
from flows.items.recipe import DUBBING

_TOP = {"output", "languages", "options", "videos"}
_ROW = {"input", "languages", "options", "output"}


@dataclass(frozen=True, slots=True)
class RowDefaults:
    """What holds for every video unless its row says otherwise."""

    languages: tuple[str, ...] = ()
    output: Path | None = None
    """Folder of the results; None is `dubbed` beside the manifest or in the folder."""
    overrides: tuple[str, ...] = ()
    """`key=value`; the last word over the manifest's options."""
    options: dict[str, Any] | None = None
    """Tree of options, the first word."""
    recipe: str = DUBBING
    dask: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """The items, in the order in which to start them, and the rows that cannot be used."""

    items: tuple[Item, ...]
    bad: tuple[ItemResult, ...] = ()


class NothingToTranslateError(InputError):
    """The sources can be read, and no video is in any of them."""


def read(sources: Sequence[str], defaults: RowDefaults) -> Listing:
    """The items of manifests, folders, globs and videos.

    Items start language by language, so that videos that share a transcript do not meet.

    Raises:
        InputError: a source itself cannot be read, or nothing is in any of them.
        F2FError: what makes every row unusable, when that is one and the same thing.
    """
    turns: list[tuple[int, Item]] = []
    bad: list[ItemResult] = []
    errors: dict[str, F2FError] = {}
    taken: dict[Path, Item] = {}
    for source in sources:
        rows, shared, here = _rows(source, defaults)
        for number, row in enumerate(rows, start=1):
            try:
                items = _items(row, shared, here.absolute())
                for item in items:
                    _refuse_double(item, taken)
                turns += enumerate(items)
            except F2FError as error:
                bad.append(_bad(number, row, error))
                errors[str(error)] = error
    if not turns and not bad:
        raise NothingToTranslateError(f"nothing to translate in {', '.join(sources)}")
    if not turns and len(errors) == 1:  # an option of all, such as a misspelt --set
        raise next(iter(errors.values()))
    turns.sort(key=lambda turn: turn[0])
    return Listing(_told_apart([item for _, item in turns]), tuple(bad))


def is_manifest(source: str) -> bool:
    """True if the source lists videos rather than being or holding them."""
    return Path(source).suffix.lower() in {".yaml", ".yml", ".csv"}


def _rows(source: str, defaults: RowDefaults) -> tuple[list[Any], RowDefaults, Path]:
    path = Path(source)
    if path.suffix.lower() == ".csv":
        return csv_rows.read(path), defaults, path.parent
    if is_manifest(source):
        return _yaml(path, defaults)
    return _files(source, defaults), defaults, path if path.is_dir() else Path()


def _bad(number: int, row: Any, error: F2FError) -> ItemResult:
    name = str(row.get("input") or "") if isinstance(row, dict) else str(row)
    result = failed(name or f"row {number}", error)
    return result.model_copy(update={"error": f"row {number}: {error}"})


def _yaml(path: Path, defaults: RowDefaults) -> tuple[list[Any], RowDefaults, Path]:
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"cannot read the manifest {path}: {why(error)}") from error
    if not isinstance(tree, dict) or not isinstance(tree.get("videos"), list):
        raise InputError(f"{path} must be a mapping with a list of 'videos'")
    _known(tree, _TOP)
    output = defaults.output
    if output is None and tree.get("output"):
        output = path.parent / str(tree["output"])
    return (
        tree["videos"],
        RowDefaults(
            defaults.languages or _languages(tree.get("languages")),
            output,
            defaults.overrides,
            _merge(defaults.options or {}, _tree(tree.get("options"))),
            defaults.recipe,
            defaults.dask,
        ),
        path.parent,
    )


def _files(source: str, defaults: RowDefaults) -> list[Any]:
    path = Path(source)
    if path.is_file():
        return [{"input": str(path.absolute())}]
    if not path.exists() and (hint := not_media.hint(path)) is not None:
        raise InputError(hint)
    return [*folders.rows(source, defaults.output, defaults.languages)]


def _items(row: Any, defaults: RowDefaults, here: Path) -> list[Item]:
    if not isinstance(row, dict):
        raise InputError(f"{row!r} is not a mapping with 'input'")
    _known(row, _ROW)
    if not row.get("input"):
        raise InputError("no 'input'")
    video = here / str(row["input"])
    if not video.is_file():
        raise InputError(f"there is no file {row['input']!r}")
    languages = _languages(row.get("languages")) or defaults.languages
    if not languages:
        raise InputError("no languages: give them in the row, at the top, or by --to")
    tree = _merge(defaults.options or {}, _tree(row.get("options")))
    folder = here / str(row["output"]) if row.get("output") else defaults.output or here / "dubbed"
    items = []
    for language in map(language_codes.normalised, languages):
        filled = fill(tree, Names(video.stem, language, here))
        options = _merge(filled, {"languages": {"target": language}})
        items.append(
            Item(
                video=video,
                output=destinations.named(video.stem, f".{language}.mp4", folder.absolute()),
                config=configuration.from_tree(overridden(options, defaults.overrides)),
                recipe=defaults.recipe,
                dask=defaults.dask,
            )
        )
    return items


def _known(tree: dict[Any, Any], known: set[str]) -> None:
    unknown = sorted(str(key) for key in tree if key not in known)
    if unknown:
        raise InputError(f"unknown key {unknown[0]!r}; choices: {', '.join(sorted(known))}")


def _languages(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(value.replace(",", " ").replace(";", " ").split())
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise InputError(f"languages must be a list of codes, not {value!r} (quote 'no' in YAML)")


def _tree(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if isinstance(value, str):
        return overridden({}, tuple(part for part in value.split(";") if part))
    if isinstance(value, dict):
        return value
    raise InputError(f"options must be a mapping, not {value!r}")


def _merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        merged[key] = (
            _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
        )
    return merged


def _told_apart(items: Sequence[Item]) -> tuple[Item, ...]:
    """Videos of one name in several folders are called by their folders' names too."""
    alike: dict[str, set[Path]] = {}
    for item in items:
        alike.setdefault(item.video.name, set()).add(item.video)
    return tuple(
        item.model_copy(update={"folder": item.video.parent.name})
        if len(alike[item.video.name]) > 1
        else item
        for item in items
    )


def _refuse_double(item: Item, taken: dict[Path, Item]) -> None:
    other = taken.setdefault(item.output, item)
    if other is not item:
        raise InputError(
            f"{other.video.name} already becomes {item.output}: give another 'output' folder"
        )
