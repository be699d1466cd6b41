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

import psutil

_TOKEN = re.compile(r"([0-9a-f]{12})\.(\d+)\.(\d+)")
_TICKS = 100
"""Steps of `Owner.started` in one second, as fine as Linux counts them."""


@dataclass(frozen=True, slots=True)
class Owner:
    """One process: its machine (with its process-id name space), number and start.

    `started` is in hundredths of a second since boot and keeps a recycled number apart; it does
    not move when the clock is set, as the time of day would.  0 is unknown.
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
        try:
            process = psutil.Process(self.pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                return True
            return self.started != 0 and _started(process) != self.started
        except psutil.NoSuchProcess:
            return True
        except psutil.Error:  # it is there, and this user may not look at it
            return False


def here() -> Owner:
    """This process."""
    return Owner(_machine(), os.getpid(), _started(psutil.Process()))


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


def _started(process: psutil.Process) -> int:
    # psutil adds the time of boot, which the kernel recomputes when the clock is set
    return round((process.create_time() - psutil.boot_time()) * _TICKS)
