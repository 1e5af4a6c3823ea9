"""Pictures to try codecs and metrics on: drawn from seeds, small, and awkward in every way that matters.

Nothing is read from files, so that every machine tests with the same samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchcomp.pixels import Pixels

__all__ = ["CONTENTS", "SIZES", "Picture", "draw"]

SIZES = ((1, 1), (1, 9), (9, 1), (2, 3), (8, 8), (17, 31), (64, 48), (33, 130))
"""Width and height: single pixels, lines, odd sizes, a block, several blocks, and long ones."""

CONTENTS = ("photo", "noise", "black", "white", "red", "checkerboard")


@dataclass(frozen=True, eq=False, slots=True)
class Picture:
    """A picture with a name for messages, such as ``noise of 31x17``."""

    name: str
    pixels: Pixels


def draw(content: str, width: int, height: int) -> Picture:
    """Draw one of :data:`CONTENTS`; the same samples for the same arguments, always.

    ``photo`` has what photographs have: smooth shading, edges, texture, and a different colour in each
    corner, so that a mirrored picture or swapped channels show.
    """
    return Picture(f"{content} of {width}x{height}", np.array(_samples(content, width, height), order="C"))


def _samples(content: str, width: int, height: int) -> Pixels:
    flat = {"black": (0, 0, 0), "white": (255, 255, 255), "red": (255, 0, 0)}
    if content in flat:
        return np.broadcast_to(np.array(flat[content], np.uint8), (height, width, 3))
    rng = np.random.default_rng(width * 10_007 + height)
    if content == "noise":
        return rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    y, x = np.mgrid[:height, :width]
    if content == "checkerboard":
        squares: Pixels = (((x + y) % 2)[..., np.newaxis] * np.array([255, 0, 255])).astype(np.uint8)
        return squares
    u, v = x / max(1, width - 1), y / max(1, height - 1)
    shading = np.stack([60 + 150 * u, 40 + 150 * v, 200 - 120 * u * v], axis=-1)
    shading[(u - 0.3) ** 2 + (v - 0.35) ** 2 < 0.04] = (230, 200, 40)
    shading[(u > 0.6) & (v > 0.55) & (u + v < 1.6)] *= 0.4
    texture = 6 * np.sin(40 * u + 25 * v)[..., np.newaxis] + rng.normal(0, 3, (height, width, 3))
    photo: Pixels = np.clip(np.rint(shading + texture), 0, 255).astype(np.uint8)
    return photo
