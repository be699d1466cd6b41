"""A generated mouth fitted to the face it goes into: colour and sharpness.

Both are measured against what the generator saw of the same face, at the generator's own size,
where that costs next to nothing.
"""

import numpy as np

from lipsync.crops import Floats, Image

LARGEST_SHIFT = 24.0
"""Colour is moved by no more than this, in 1/255: more is no colour cast but a wrong match."""

LARGEST_SHARPENING = 1.5
"""Of what a blur takes away, no more than this much is added: beyond it, edges get halos."""

LUMA_BGR = np.array((0.114, 0.587, 0.299), np.float32)
"""Weights of blue, green and red in brightness (BT.601)."""


def matched(mouth: Image, seen: Image, mask: Floats) -> Floats:
    """The mouth with the colour and the sharpness of the face that was seen.

    Args:
        mouth: (S, S, 3) uint8 BGR, as it was made.
        seen: (S, S, 3) uint8 BGR, the face that it was made from.
        mask: (S, S) in [0, 1], where the mouth will show.

    Returns:
        (S, S, 3) float32, not rounded.
    """
    new, old = mouth.astype(np.float32), seen.astype(np.float32)
    new = new + sharpening(new, old, mask)
    return new + colour_shift(new, old, mask)


def sharpening(new: Floats, old: Floats, mask: Floats) -> Floats:
    """What to add to ``new`` to make it as sharp as ``old`` under the mask; (S, S, 1).

    Fine contrast is what a 3×3 binomial blur takes away.  It is only ever raised, and only in
    brightness, so that no colour fringes appear.
    """
    fine = _fine(new)
    wanted, have = (float((mask * _fine_part**2).sum()) for _fine_part in (_fine(old), fine))
    if have <= 0:
        return np.zeros((*fine.shape, 1), np.float32)
    amount = np.clip(np.sqrt(wanted / have) - 1, 0, LARGEST_SHARPENING)
    added: Floats = np.float32(amount) * fine[..., None]
    return added


def _fine(image: Floats) -> Floats:
    """(S, S, 3) to the fine contrast of its brightness, (S, S)."""
    grey = image @ LUMA_BGR
    padded = np.pad(grey, 1, mode="edge")
    rows = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
    fine: Floats = grey - (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 4
    return fine


def colour_shift(new: Floats, old: Floats, mask: Floats) -> Floats:
    """The plane, per channel, that brings ``new`` to the colour of ``old`` at the mask's rim.

    Fitted by weighted least squares where the mask is half way: inside it the mouths may
    differ, and should; at the rim they show the same skin.  A plane also carries a gradient of
    light.  (S, S, 3).
    """
    line = np.linspace(-1, 1, len(mask), dtype=np.float32)
    weight = mask * (1 - mask)
    rows, columns = np.nonzero(weight)
    if rows.size == 0:
        return np.zeros_like(new)
    basis = np.stack((np.ones_like(line[rows]), line[columns], line[rows]), axis=1)  # (n, 3)
    w = weight[rows, columns, None]
    difference = (old - new)[rows, columns]  # (n, 3)
    damping = 1e-6 * w.sum() * np.eye(3, dtype=np.float32)
    level, across, down = np.linalg.solve(
        basis.T @ (basis * w) + damping, basis.T @ (difference * w)
    )
    shift: Floats = level + line[:, None] * across + (line[:, None] * down)[:, None]
    return np.clip(shift, -LARGEST_SHIFT, LARGEST_SHIFT)
