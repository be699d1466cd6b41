from __future__ import annotations

import errno
import urllib.error
from email.message import Message

import pytest

from f2f.errors import InputError, MissingError, StoreError
from flows.retries import retryable


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


def http(code: int) -> Exception:
    return urllib.error.HTTPError("http://x", code, "", Message(), None)


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (ConnectionResetError("broken"), True),
        (TimeoutError("slow"), True),
        (urllib.error.URLError("no route"), True),
        (http(503), True),
        (http(404), False),
        (OSError(errno.ESTALE, "stale handle"), True),
        (OSError(errno.ENOSPC, "full"), False),
        (caused(MissingError("no weights"), ConnectionResetError("broken")), True),
        (MissingError("no weights"), False),
        (caused(InputError("not a video"), TimeoutError("slow")), False),
        (caused(StoreError("full"), OSError(errno.ENOSPC, "full")), False),
        (caused(StoreError("cannot reach"), ConnectionRefusedError()), True),
        (ValueError("a bug"), False),
    ],
)
def test_only_what_can_pass_is_tried_again(error: Exception, passes: bool) -> None:
    assert retryable(error) is passes
