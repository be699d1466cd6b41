"""Which files are f2f's own, known by their digests: all other bytes are a person's, and stay.

Two places list what was delivered: a ledger in the cache folder, one empty file a digest, so that
several processes need no lock; and the sealed sidecar beside a result, which holds on another
machine too, and where the cache was cleaned.  An own file that somebody has edited has another
digest and is his.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import av

from f2f import weights
from f2f.errors import why
from f2f.store.digests import digest_file, digest_json

log = logging.getLogger(__name__)

_FILES, _SEAL = "delivered", "seal"


def record(digests: Iterable[str]) -> None:
    """Note files in the ledger before they are delivered."""
    try:
        for digest in digests:
            entry = _entry(digest)
            entry.parent.mkdir(parents=True, exist_ok=True)
            entry.touch()
    except OSError as error:
        log.warning("a later run will not replace these results: %s", why(error))


def sealed(facts: Mapping[str, Any], digests: Iterable[str]) -> str:
    """A sidecar's text: facts, the digests of what is delivered with it, and its own seal."""
    return _with_seal({**facts, _FILES: sorted(digests)})


def listed(sidecars: Iterable[Path]) -> frozenset[str]:
    """Digests of what lies beside those sidecars and of themselves, where their seals are whole."""
    known: set[str] = set()
    for sidecar in sidecars:
        if (files := _sealed_files(sidecar)) is not None:
            known |= {digest_file(sidecar), *files}
    return frozenset(known)


def is_recorded(digest: str) -> bool:
    """True for a file that the ledger lists."""
    return _entry(digest).exists()


def is_own_video(video: Path) -> bool:
    """True if the metadata say that f2f has made it; see `provenance.tags`."""
    try:
        with av.open(str(video), metadata_errors="ignore") as container:
            comment = container.metadata.get("comment", "")
    except (OSError, av.error.FFmpegError, ValueError):
        return False
    return comment.startswith("Synthetic media:") and "(face-to-face " in comment


def _entry(digest: str) -> Path:
    return weights.cache_folder() / "delivered" / digest[:2] / digest


def _with_seal(tree: dict[str, Any]) -> str:
    return json.dumps({**tree, _SEAL: digest_json(tree)}, indent=2, ensure_ascii=False) + "\n"


def _sealed_files(sidecar: Path) -> list[str] | None:
    try:
        text = sidecar.read_text(encoding="utf-8")
        tree = json.loads(text)
        del tree[_SEAL]
        return [str(digest) for digest in tree[_FILES]] if text == _with_seal(tree) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
