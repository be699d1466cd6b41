"""What a person gives to work on: a file, or a web address."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from f2f.errors import ConfigError
from f2f.store.stage import Progress
from f2f.web.addresses import check_installed, is_address

Source = Callable[[Progress], Path]
"""Gives the file, told how far its download is."""


def source(
    given: str | None,
    url: str | None = None,
    *,
    output: Path | None,
    check: Callable[[], object],
    sound: bool = False,
) -> Source:
    """The file to work on; one from the web is kept in the folder of the results.

    Args:
        given: a file or an address.
        url: an address, in place of `given`.
        output: the result's place, where it was given.
        check: refuses what cannot be done; called before a download.
        sound: the sound is enough.

    Raises:
        ConfigError: neither or both were given, or `url` is no address.
        MissingError: an address, and nothing here can fetch it.
    """
    if (given is None) == (url is None):
        raise ConfigError("give either a file or, with --url, the web address of a video")
    if url is not None and not is_address(url):
        raise ConfigError(f"{url!r} is no web address: it must begin with http:// or https://")
    address = url or given
    assert address is not None
    if not is_address(address):
        return lambda _watch: Path(address)
    check_installed(address)
    from f2f.web import fetching

    check()
    folder = Path() if output is None else output.parent
    return lambda watch: fetching.fetched(address, folder, sound=sound, progress=watch)
