"""Who is doing something: a process of a machine, and whether it is certainly gone.

A claim or a temporary folder names its owner, so that a restart after kill -9 need not wait for a
time-out: on the same machine the kernel knows whether the owner still lives.
"""

from __future__ import annotations

import functools
import os
import platform
import re
import uuid
from dataclasses import dataclass
from pathlib import Path

_TOKEN = re.compile(r"([0-9a-f]{12})\.(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Owner:
    """One process: its machine (with its process-id name space), number and start.

    `started` is in clock ticks since boot and keeps a recycled number apart; 0 is unknown.
    """

    machine: str
    pid: int
    started: int

    @property
    def token(self) -> str:
        """A text for file names; `parse` reads it."""
        return f"{self.machine}.{self.pid}.{self.started}"

    @property
    def gone(self) -> bool:
        """True only if this is the owner's machine and the process does not live any more."""
        if self.machine != _machine():
            return False
        return not _lives(self.pid) or (self.started != 0 and _started(self.pid) != self.started)


def here() -> Owner:
    """This process."""
    return Owner(_machine(), os.getpid(), _started(os.getpid()))


def parse(text: str) -> Owner | None:
    """The owner whose token occurs in a text; None without one."""
    match = _TOKEN.search(text)
    return Owner(match[1], int(match[2]), int(match[3])) if match else None


@functools.cache
def _machine() -> str:
    """Boot and process-id name space: two containers of one host are two machines."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    space = Path("/proc/self/ns/pid")
    if boot.exists() and space.is_symlink():
        identity = boot.read_text(encoding="ascii").strip() + str(space.readlink())
    else:
        identity = f"{platform.node()}-{uuid.getnode()}"
    return uuid.uuid5(uuid.NAMESPACE_OID, identity).hex[:12]


def _stat(pid: int) -> list[str] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()  # state is field 3, the start field 22


def _started(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[19]) if fields else 0


def _lives(pid: int) -> bool:
    if Path("/proc/self/stat").exists():
        fields = _stat(pid)
        return fields is not None and fields[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
