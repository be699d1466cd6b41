"""What the pages show of a project, and what its edits file becomes."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from f2f.edits import book as edits_file
from f2f.edits import changes
from f2f.edits.book import Book, StaleError
from f2f.edits.changes import Change
from f2f.errors import F2FError, InputError
from f2f.review import marks, wishes
from f2f.review.marks import Row
from f2f.review.projects import Project
from f2f.store import remote
from f2f.store.artefacts import Artefact, Store
from f2f.types import Transcript

NEEDS_TRANSLATION = (changes.Hear, changes.Unsay, changes.Split, changes.Merge, changes.Add)


@dataclass(frozen=True, slots=True)
class Shown:
    """A project as it is now."""

    project: Project
    state: Mapping[str, Any]
    book: Book
    rows: tuple[Row, ...]
    heard_language: str
    said_language: str
    voices: Mapping[str, str]
    """Speaker → voice."""

    @property
    def marked(self) -> int:
        """Lines to look at."""
        return sum(bool(row.marks) for row in self.rows)

    @property
    def status(self) -> str:
        """new, draft, edited, rendered, failed; as an index shows it."""
        if self.state.get("failed"):
            return "failed"
        if self.state.get("made") and self.state.get("made_of") == self.book.version:
            return "rendered"
        if self.book.changes:
            return "edited"
        return str(self.state.get("status", "new"))


def shown(project: Project) -> Shown:
    """The project as it is now.

    Raises:
        F2FError: its edits file cannot be used.
    """
    state, book = project.state(), project.book()
    if "draft" not in state:
        return Shown(project, state, book, (), "", project.config.languages.target or "", {})
    store = remote.open_store(project.config.store.path)
    heard, draft = (_transcript(store, state["draft"][name]) for name in ("heard", "said"))
    last = None
    if state.get("made"):
        try:
            last = marks.made(store, state["made"])
        except (F2FError, OSError, KeyError):
            last = None  # the store was cleaned: the page shows the draft alone
    texts = state.get("texts", {})
    rows = marks.rows(
        heard,
        draft,
        book,
        last=last,
        texts=texts,
        is_draft=state.get("translator") == "draft",
    )
    voices = dict(state.get("draft_voices", {}))
    for change in book.changes:
        if isinstance(change, changes.Voice):
            voices[change.speaker] = change.voice
    return Shown(project, state, book, tuple(rows), heard.language, draft.language, voices)


def change(project: Project, form: Mapping[str, str]) -> tuple[Book, bool]:
    """Do what a form asks for.

    Returns:
        The new book, and True if the machine has to translate something anew.

    Raises:
        StaleError: another window was faster.
        InputError: it cannot be done.
    """
    view = shown(project)
    seen = _seen(form)
    if seen != view.book.version:
        raise StaleError(
            "another window changed these edits: load the page again to see how they are now"
        )
    if "draft" not in view.state:
        raise InputError("this video has not been translated yet: render it first")
    store = remote.open_store(project.config.store.path)
    heard = _transcript(store, view.state["draft"]["heard"])
    do = form.get("do")
    new: tuple[Change, ...] = ()
    if do == "undo":
        after = view.book.back()
    elif do == "redo":
        after = view.book.forth()
    else:
        new = wishes.wished(form, view.rows, wishes.free_number(heard, view.book))
        if not new:
            return view.book, False
        hearing, language = edits_file.hearing_of(heard), project.config.languages.target
        known = replace(view.book, language=language, hearing=hearing)
        after = wishes.added(known, new, heard)
    edits_file.write(project.edits, after, seen=seen)
    anew = do in ("undo", "redo", "term") or any(isinstance(one, NEEDS_TRANSLATION) for one in new)
    return after, anew


def _seen(form: Mapping[str, str]) -> int:
    try:
        return int(form["seen"])
    except (KeyError, ValueError):
        raise InputError("say which version of the edits you have seen") from None


def _transcript(store: Store, name: str) -> Transcript:
    return _read(store.root, name)


@functools.lru_cache(maxsize=64)
def _read(root: Path, name: str) -> Transcript:
    artefact = Artefact.named(name)
    if artefact is None:
        raise InputError(f"{name!r} is no artefact")
    try:
        return Store(root).read(artefact, Transcript)
    except OSError as error:
        raise InputError("the store no longer has this dub's draft: render it again") from error
