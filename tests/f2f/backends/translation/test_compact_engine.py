from __future__ import annotations

import importlib

import pytest

from f2f.backends.translation import compact


@pytest.mark.parametrize("error", [ImportError("not here"), OSError("no such library")])
def test_an_engine_that_cannot_be_loaded_is_an_error_and_no_endless_wait(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(_name: str) -> None:
        raise error

    monkeypatch.setattr(importlib, "import_module", fail)
    with pytest.raises(type(error), match=str(error)):
        compact._native.__wrapped__()
