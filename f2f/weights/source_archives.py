"""A package's source archive, taken without running anything of the package.

`pip download` builds a source package's metadata, which runs the package's own code before anybody
has looked at a digest.  `unearth` (the finder of PDM) only fetches; where pip's index lies, and how
it is reached, is read from pip's own configuration.
"""

from __future__ import annotations

import ast
import ssl
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from f2f.weights.download import Advance, SourceError

_SECTIONS = ("global", "download", ":env:")
"""Of pip's configuration, the later the stronger."""
_NO = {"", "0", "false", "no", "off"}


@dataclass(frozen=True, slots=True)
class Places:
    """Where packages are looked for, as addresses or folders."""

    indexes: tuple[str, ...]
    find_links: tuple[str, ...]
    trusted_hosts: tuple[str, ...]


def take(requirement: str, folder: Path, advance: Advance) -> Path:
    """Fetch a source archive; one of a local index stays where it lies.

    Args:
        requirement: "name==version".
        folder: where to put what is fetched.
        advance: told how many bytes of it are here.

    Raises:
        SourceError: no configured index has it, or none can be reached.
    """
    import httpx2
    from unearth import PackageFinder, UnpackError, URLError

    name = requirement.partition("==")[0]
    settings = pip_settings()
    known = places(settings)
    if not known.indexes and not known.find_links:
        raise SourceError(f"{requirement}: pip is told to use no index")

    def arriving(_link: Any, completed: int, total: int | None) -> None:
        advance(completed)

    finder: Any = PackageFinder(
        index_urls=known.indexes,
        find_links=known.find_links,
        session=_session(settings, known),
        ignore_compatibility=True,
        no_binary=[name],
    )
    try:
        best = finder.find_best_match(requirement).best
        if best is None:
            raise SourceError(f"{requirement}: no source archive in pip's index")
        archive: Path = finder.download(best.link, folder, download_reporter=arriving)
    except (OSError, UnpackError, URLError, httpx2.HTTPError) as error:
        raise SourceError(f"{requirement}: {error}") from error
    finally:
        finder.session.close()
    return archive


def pip_settings() -> dict[str, str]:
    """Options of `pip download` that files and the environment set, by their long names."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return _settings(listed)


def _settings(listed: str) -> dict[str, str]:
    """What `pip config list` prints, one `section.name='value'` a line, as one mapping."""
    by_section: dict[str, dict[str, str]] = {section: {} for section in _SECTIONS}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        section, _, name = key.rpartition(".")
        if section in by_section:
            by_section[section][name] = str(ast.literal_eval(value))
    return {name: value for section in _SECTIONS for name, value in by_section[section].items()}


def places(settings: Mapping[str, str]) -> Places:
    """Where pip looks."""
    from unearth import PackageFinder

    default = str(PackageFinder().sources[0]["url"])
    indexes = (settings.get("index-url", default), *settings.get("extra-index-url", "").split())
    return Places(
        indexes=indexes if settings.get("no-index", "").lower() in _NO else (),
        find_links=tuple(settings.get("find-links", "").split()),
        trusted_hosts=tuple(settings.get("trusted-host", "").split()),
    )


def _session(settings: Mapping[str, str], known: Places) -> Any:
    from unearth.auth import MultiDomainBasicAuth
    from unearth.fetchers import PyPIClient

    authorities = settings.get("cert")
    session = PyPIClient(
        trusted_hosts=known.trusted_hosts,
        verify=ssl.create_default_context(cafile=authorities) if authorities else True,
        cert=settings.get("client-cert"),
        proxy=settings.get("proxy"),
        timeout=float(settings.get("timeout", settings.get("default-timeout", 15))),
        follow_redirects=True,
    )
    session.auth = MultiDomainBasicAuth(prompting=False, index_urls=known.indexes)
    return session
