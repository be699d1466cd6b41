from __future__ import annotations

from pathlib import Path

import pytest

from f2f import job
from f2f.errors import InputError


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.mp4"
    empty.touch()
    for path, reason in (
        (tmp_path / "absent.mp4", "no file"),
        (tmp_path, "is a folder, not a file"),
        (tmp_path / ("x" * 300), "cannot read"),
        (empty, "zero bytes"),
    ):
        with pytest.raises(InputError, match=reason):
            job.check_file(path)
