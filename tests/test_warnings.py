"""What is going away fails in our own code, and only there."""

from __future__ import annotations

import warnings

import pytest

KINDS = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)
OWN = ("f2f", "f2f.media.frames", "flows.batch", "lipsync", "training.loop", "test_frames")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("module", OWN)
def test_ours_fails(kind: type[Warning], module: str) -> None:
    with pytest.raises(kind, match="going away"):
        warnings.warn_explicit("going away", kind, "file.py", 1, module=module)


@pytest.mark.parametrize("kind", KINDS)
def test_that_of_others_does_not(kind: type[Warning]) -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.warn_explicit("going away", kind, "file.py", 1, module="torch.nn.modules")
    assert len(seen) <= 1
