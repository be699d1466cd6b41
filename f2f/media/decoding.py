"""Packets and frames of an opened file, as far as they can be read."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Generator, Iterator
from typing import Any

import av
from av.container import InputContainer

log = logging.getLogger(__name__)


def readable(container: InputContainer, *streams: Any) -> Iterator[Any]:
    """Packets up to the end or to the point where the file is broken off."""
    packets = container.demux(*streams)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.error.FFmpegError as error:
            log.warning("the file is damaged; what comes before is used (%s)", error)
            return
        if packet.size:
            yield packet


def decode(container: InputContainer, stream: Any) -> Generator[Any]:
    """A stream's frames, as its decoder gives them; damaged packets are left out, and told of."""
    damaged = 0
    try:
        for packet in itertools.chain(readable(container, stream), (None,)):
            try:
                fresh = stream.decode(packet)
            except av.error.EOFError:
                continue
            except av.error.FFmpegError:
                damaged += 1
                continue
            yield from fresh
    finally:
        if damaged:
            log.warning("%d damaged pieces of the %s were skipped", damaged, stream.type)
