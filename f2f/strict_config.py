"""What every configuration shares: strict topics, YAML files, `key=value` overrides.

Whatever is wrong with a file, an override or a value is a ConfigError of one sentence.
"""

from __future__ import annotations

import copy
import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from f2f.errors import ConfigError

Tree = dict[str, Any]
"""Nested plain values, as YAML gives them."""

LONGEST_SHOWN = 200
"""Characters of what a person typed in a message."""

Model = TypeVar("Model", bound=BaseModel)


class Topic(BaseModel):
    """Options of one topic, or the topics of one configuration."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, allow_inf_nan=False
    )


def read_yaml(file: Path) -> Tree:
    """A YAML mapping of topics; an empty file is an empty one.

    Raises:
        ConfigError: no such file, or something else in it.
    """
    try:
        tree = _parsed(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read the configuration {file}: {_one_line(error)}") from error
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise ConfigError(f"{file} must be a mapping of topics, e.g. 'topic: {{name: value}}'")
    return tree


def overridden(tree: Tree, overrides: Sequence[str]) -> Tree:
    """A copy of nested plain values with `topic.name=value` lines over it.

    Raises:
        ConfigError: a line is not of that form, or its value is no YAML.
    """
    tree = copy.deepcopy(tree)
    for override in overrides:
        key, separator, text = override.partition("=")
        if not separator:
            raise ConfigError(f"'{_shown(override)}' is not of the form key=value")
        try:
            value = _parsed(text)
        except ValueError as error:
            raise ConfigError(
                f"'{_shown(override)}': the value is no YAML; quote it if need be"
            ) from error
        put(tree, key.strip(), value)
    return tree


def put(tree: Tree, key: str, value: Any) -> None:
    """Set the value of a dotted key, in place.

    Raises:
        ConfigError: the key goes through something that is no topic.
    """
    *topics, name = key.split(".")
    for topic in topics:
        tree = tree.setdefault(topic, {})
        if not isinstance(tree, dict):
            raise ConfigError(f"'{_shown(key)}' goes through a value, not a topic")
    tree[name] = value


def validated(model: type[Model], tree: Tree) -> Model:
    """The model of nested plain values, checked strictly.

    Raises:
        ConfigError: an unknown name (the nearest choices are shown) or a bad value.
    """
    try:
        return model.model_validate(tree)
    except ValidationError as error:
        raise ConfigError(_sentence(model, error)) from error


def _parsed(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except Exception as error:  # its constructors answer nonsense with whatever they stumble over
        raise ValueError(_one_line(error)) from error


def _one_line(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem and error.problem_mark:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return _shown(str(error))


def _shown(text: str) -> str:
    """On one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SHOWN else line[: LONGEST_SHOWN - 1] + "…"


def _sentence(model: type[BaseModel], error: ValidationError) -> str:
    first = error.errors()[0]
    path = [_shown(str(part)) for part in first["loc"][:2]]  # what follows are pydantic's own words
    where = ".".join(path) or "the configuration"
    if first["type"] != "extra_forbidden":
        return f"{where}: {' '.join(first['msg'].removeprefix('Value error, ').split())}"
    choices = _choices(model, path[:-1])
    near = difflib.get_close_matches(path[-1], choices, n=1)
    hint = f"did you mean '{near[0]}'? " if near else ""
    return f"unknown option '{where}': {hint}choices here: {', '.join(choices)}"


def _choices(model: type[BaseModel], path: Sequence[str]) -> list[str]:
    for name in path:
        annotation = model.model_fields[name].annotation
        assert isinstance(annotation, type) and issubclass(annotation, BaseModel)
        model = annotation
    return sorted(model.model_fields)
