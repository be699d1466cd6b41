"""Drawn faces: a head that can be moved, a mouth that can be opened, texture that can be known."""

from __future__ import annotations

import cv2
import numpy as np

from lipsync.crops import Image


def face(
    opening: float = 0.0, *, side: int = 96, shift: float = 0.0, light: float = 1.0, seed: int = 0
) -> Image:
    """A face that fills its picture.

    Args:
        opening: of the mouth, 0 shut to 1 wide open.
        side: pixels.
        shift: of everything to the right, as a part of the side.
        light: factor of all colours.
        seed: of the skin's fine texture.
    """
    unit = side / 96
    picture = np.full((side, side, 3), (120.0, 150.0, 190.0), np.float32)
    x = 48 + 96 * shift

    def ellipse(across: float, down: float, at: tuple[float, float], colour: tuple) -> None:
        centre = (round((x + at[0]) * unit * 16), round(at[1] * unit * 16))
        axes = (round(across * unit * 16), round(down * unit * 16))
        cv2.ellipse(picture, centre, axes, 0, 0, 360, colour, -1, cv2.LINE_AA, 4)

    for eye in (-18, 18):
        ellipse(7, 4, (eye, 34), (50, 50, 60))
    ellipse(5, 3, (0, 54), (90, 110, 150))
    ellipse(15, 5 + 6 * opening, (0, 70 + 3 * opening), (90, 90, 190))
    if opening > 0:
        ellipse(11, 7 * opening, (0, 70 + 3 * opening), (30, 20, 40))
        ellipse(8, 2 * opening, (0, 67 + 2 * opening), (220, 230, 230))
    rng = np.random.default_rng(seed)
    grain = cv2.GaussianBlur(rng.normal(size=picture.shape[:2]), (0, 0), 0.5 * max(1.0, unit))
    picture += (4.0 / grain.std()) * grain[..., None]
    return np.clip(picture * light, 0, 255).astype(np.uint8)


def speaking(frame: int) -> Image:
    """A head that sways, speaks and is lit by a flickering lamp."""
    opening = max(0.0, np.sin(frame * 0.7)) ** 2
    shift = 0.02 * np.sin(frame * 0.05)
    return face(opening, shift=shift, light=1 + 0.1 * np.sin(frame * 0.9), seed=frame)


def hand(picture: Image, frame: int) -> Image:
    """A face with a hand before its mouth."""
    shown = picture.copy()
    cv2.ellipse(shown, (50, 74 + frame % 3), (24, 17), 10, 0, 360, (75, 95, 130), -1)
    for finger in range(4):
        cv2.line(shown, (32 + 10 * finger, 62), (32 + 10 * finger, 88), (45, 60, 90), 1)
    return shown
