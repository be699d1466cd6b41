from __future__ import annotations

import logging
import threading

from f2f.store.kept_warnings import kept_warnings

log = logging.getLogger("f2f.somewhere")


def test_each_sentence_of_this_thread_is_kept_once() -> None:
    with kept_warnings("f2f") as kept:
        log.warning("the %s is cut", "recording")
        log.warning("the recording is cut")
        log.info("not worth keeping")
        other = threading.Thread(target=log.warning, args=("of somebody else",))
        other.start()
        other.join()
    log.warning("after the work")
    assert kept == ["the recording is cut"]
