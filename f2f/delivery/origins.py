"""What each delivered video was made from, and with which options, so that it can be made again.

It lies in the cache folder of this machine, by the video's digest, and not beside the video: it
names folders of this machine, which is nobody's business who gets the video.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from f2f import weights
from f2f.config import Config, from_tree
from f2f.errors import F2FError, why
from f2f.store.whole_files import make_whole
from f2f.strict_config import Topic

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a dub comes from."""

    source: Path
    config: Config
    """As the command line had it, its files with their whole paths."""


def remember(digest: str, origin: Origin) -> None:
    """Note a delivered video's origin; a cache that cannot be written is only warned of."""
    tree = {"source": str(origin.source.absolute()), "config": plain(origin.config)}
    text = json.dumps(tree, ensure_ascii=False, indent=2)
    try:
        make_whole(_place(digest), lambda place: place.write_text(text, encoding="utf-8"))
    except F2FError as error:
        log.warning("`f2f review` will not know this result: %s", error)


def recall(digests: Iterable[str]) -> Origin | None:
    """The origin of the first of some files that is known; None if none is."""
    for digest in digests:
        try:
            tree = json.loads(_place(digest).read_text(encoding="utf-8"))
            return Origin(Path(tree["source"]), from_tree(tree["config"]))
        except FileNotFoundError:
            continue
        except (OSError, ValueError, KeyError, TypeError, F2FError) as error:
            log.warning("what is known of a result cannot be used: %s", why(error))
    return None


def _place(digest: str) -> Path:
    return weights.cache_folder() / "origins" / digest[:2] / f"{digest}.json"


def plain(value: Any) -> Any:
    """Options as plain values; what is not set is left out."""
    if isinstance(value, Topic):
        items = ((name, getattr(value, name)) for name in sorted(value.model_fields_set))
        return {name: plain(item) for name, item in items if item is not None}
    if isinstance(value, Path):
        return str(value.expanduser().absolute())
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value
