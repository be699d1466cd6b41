"""What may pass on a second try: a broken line, a lost worker; never bad input or a full disk."""

from __future__ import annotations

import errno
import urllib.error
from collections.abc import Iterator
from typing import Any

from f2f.errors import ConfigError, InputError, UnsupportedError

_PASSING = {
    errno.EAGAIN,
    errno.ECONNABORTED,
    errno.ECONNREFUSED,
    errno.ECONNRESET,
    errno.EHOSTUNREACH,
    errno.ENETDOWN,
    errno.ENETUNREACH,
    errno.EPIPE,
    errno.ESTALE,
    errno.ETIMEDOUT,
}
_PASSING_STATUS = {408, 425, 429, 500, 502, 503, 504}
_FOR_A_PERSON = (InputError, ConfigError, UnsupportedError)


def retryable(error: BaseException) -> bool:
    """True if the error, or what caused it, is a passing failure of a network or a machine."""
    if isinstance(error, _FOR_A_PERSON):
        return False
    return any(_passes(cause) for cause in _chain(error))


def retry_task(_task: Any, _run: Any, state: Any) -> bool:
    """Prefect's `retry_condition_fn`."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, BaseException) and retryable(error)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _passes(error: BaseException) -> bool:
    if isinstance(error, urllib.error.HTTPError):
        return error.code in _PASSING_STATUS
    if isinstance(error, ConnectionError | TimeoutError | urllib.error.URLError):
        return True
    return isinstance(error, OSError) and error.errno in _PASSING
