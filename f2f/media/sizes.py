"""How large a picture may be: looked at in its header, before memory is taken for its samples."""

from __future__ import annotations

from dataclasses import dataclass

from f2f.errors import InputError

SMALLEST_SIDE = 32


@dataclass(frozen=True, slots=True)
class Limit:
    """A number of pixels, as the size that a person knows; either side may be the longer."""

    width: int
    height: int

    @property
    def pixels(self) -> int:
        return self.width * self.height

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


LARGEST_VIDEO = Limit(4096, 2304)
"""4K; larger pictures would not fit the memory that is promised."""
LARGEST_PICTURE = Limit(8192, 6144)
"""Of a single picture, which is reduced as soon as it is decoded: 50 megapixels."""


def refuse_large(name: str, width: int, height: int, limit: Limit) -> None:
    """Refuse what takes too much memory.

    Raises:
        InputError: there are more pixels than can be handled.
    """
    if width * height > limit.pixels:
        raise InputError(
            f"{name} is {width}x{height}; at most {limit} pixels are handled: scale it down first"
        )


def refuse_small(name: str, width: int, height: int) -> None:
    """Refuse what shows too little.

    Raises:
        InputError: a side is too short.
    """
    if min(width, height) < SMALLEST_SIDE:
        raise InputError(f"{name} is {width}x{height}; that is too small to show a face")


def bounded(limit: Limit) -> dict[str, str]:
    """Options that make every decoder of libav refuse what is larger, whatever the header said.

    With some room, as decoders count the padding of rows.
    """
    return {"max_pixels": f"{limit.pixels * 5 // 4}"}


def undecodable(name: str) -> InputError:
    """Of a picture whose size no header tells, as it is damaged or was refused for its size."""
    return InputError(
        f"{name}: not one frame of its picture can be decoded; it is damaged, "
        f"or larger than {LARGEST_PICTURE} pixels"
    )
