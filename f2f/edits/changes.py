"""What a person can change in a dub, one class a kind of change, as the edits file says it.

A line has a number: that of the segment that was heard, or one given to it when it was added or
cut off another.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, TypeAdapter, ValidationError, field_validator, model_validator

from f2f.errors import InputError
from f2f.strict_config import Topic

SHORTEST = 0.1
"""Seconds of a line."""
LONGEST_TEXT = 5000
"""Letters of a line."""

Number = Annotated[int, Field(ge=0, le=1_000_000)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]+$")]
Seconds = Annotated[float, Field(ge=0.0, le=1e6)]


class _Change(Topic):
    at: str | None = None
    """When it was made, as an ISO date and time; decides nothing."""
    shapes: ClassVar[bool] = False
    """True if it changes which lines there are, when they are, or who speaks them."""

    @field_validator("at", mode="before")
    @classmethod
    def _yaml_reads_times(cls, value: Any) -> Any:
        return str(value) if isinstance(value, date) else value


class Say(_Change):
    """What a line says in the other language; "" leaves it silent."""

    do: Literal["say"] = "say"
    line: Number
    text: Text


class Hear(_Change):
    """What is said in the source; it is translated anew, unless a person translated the line."""

    do: Literal["hear"] = "hear"
    line: Number
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]


class Unsay(_Change):
    """Back to the machine's translation."""

    do: Literal["unsay"] = "unsay"
    line: Number


class Speak(_Change):
    """Who speaks a line."""

    shapes: ClassVar[bool] = True
    do: Literal["speaker"] = "speaker"
    line: Number
    speaker: Name


class Time(_Change):
    """When the source says a line."""

    shapes: ClassVar[bool] = True
    do: Literal["time"] = "time"
    line: Number
    start: Seconds
    end: Seconds

    @model_validator(mode="after")
    def _lasts(self) -> Time:
        if self.end - self.start < SHORTEST:
            raise ValueError(f"a line lasts at least {SHORTEST} s")
        return self


class Split(_Change):
    """Cut a line in two at a moment; the second part gets the number `new`."""

    shapes: ClassVar[bool] = True
    do: Literal["split"] = "split"
    line: Number
    moment: Seconds
    new: Number
    heard: tuple[Text, Text] | None = None
    """Both parts of the heard text; None cuts it where its words are at that moment."""
    said: tuple[Text, Text] | None = None
    """Both parts of the translation; None translates them."""


class Merge(_Change):
    """Join a line and a later one under the first's number."""

    shapes: ClassVar[bool] = True
    do: Literal["merge"] = "merge"
    line: Number
    other: Number
    said: Text | None = None
    """The translation of both; None translates what was heard."""


class Delete(_Change):
    """Take out what is no speech: the source is left as it is there."""

    shapes: ClassVar[bool] = True
    do: Literal["delete"] = "delete"
    line: Number


class Add(_Change):
    """A line where nothing was heard."""

    shapes: ClassVar[bool] = True
    do: Literal["add"] = "add"
    line: Number
    start: Seconds
    end: Seconds
    speaker: Name
    heard: Text = ""
    said: Text | None = None
    """None translates what is heard."""

    @model_validator(mode="after")
    def _says_something_in_some_time(self) -> Add:
        if self.end - self.start < SHORTEST:
            raise ValueError(f"a line lasts at least {SHORTEST} s")
        if not self.heard.strip() and not (self.said or "").strip():
            raise ValueError("a new line says something")
        return self


class Voice(_Change):
    """The voice of a speaker."""

    do: Literal["voice"] = "voice"
    speaker: Name
    voice: Name


class Term(_Change):
    """A glossary entry; without `target` the term is kept as it is."""

    do: Literal["term"] = "term"
    source: Name
    target: Name | None = None


Change = Say | Hear | Unsay | Speak | Time | Split | Merge | Delete | Add | Voice | Term
_ADAPTER: TypeAdapter[Change] = TypeAdapter(Annotated[Change, Field(discriminator="do")])


def read(tree: Any, where: str) -> Change:
    """A change of plain values.

    Args:
        tree: a mapping with `do`.
        where: what the sentence of a refusal begins with.

    Raises:
        InputError: it is none, and why.
    """
    try:
        return _ADAPTER.validate_python(tree)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"][1:2])
        told = " ".join(first["msg"].removeprefix("Value error, ").split())
        raise InputError(f"{where}: {name + ': ' if name else ''}{told}") from error


def plain(change: Change) -> dict[str, Any]:
    """What the file says of a change: `do` first, and nothing that is not given."""
    tree = change.model_dump(mode="json", exclude_none=True)
    return {"do": tree.pop("do"), **tree}


def outline(change: Change) -> dict[str, Any]:
    """The part of a change that decides who is heard when, without texts."""
    return change.model_dump(mode="json", exclude={"at", "heard", "said"})
