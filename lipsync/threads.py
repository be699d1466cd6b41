"""The OpenMP wait policy, where it is ours to set.

Between parallel regions OpenMP's threads spin by default. On a machine that does anything else
besides, the spinning steals the cores: 630 ms became 229 on a busy two-core box once the
threads slept instead. The policy is read when torch is first imported, so an entry point
(a ``__main__``, a command line) calls ``sleep_while_waiting`` before that. This module, and
``lipsync`` itself, import nothing heavy.
"""

import logging
import os
import sys

VARIABLE = "OMP_WAIT_POLICY"
PASSIVE = "PASSIVE"

logger = logging.getLogger(__name__)


def sleep_while_waiting() -> bool:
    """Let OpenMP's threads sleep while they wait; call before torch is imported.

    A policy that the user has set stays. Returns whether the passive policy is in force.
    """
    chosen = os.environ.get(VARIABLE)
    if chosen is None and "torch" in sys.modules:
        logger.warning("%s comes too late: torch is already imported", VARIABLE)
        return False
    os.environ.setdefault(VARIABLE, PASSIVE)
    return os.environ[VARIABLE].upper() == PASSIVE
