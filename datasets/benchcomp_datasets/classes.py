"""The 12 classes of CMP Facades, and their colours in label maps.

A class's index here is its number in the data set less one. Colours are those of pix2pix's version.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchcomp import Pixels

__all__ = ["CLASSES", "COLOURS", "nearest", "paint"]

CLASSES = (
    "background",
    "facade",
    "window",
    "door",
    "cornice",
    "sill",
    "balcony",
    "blind",
    "deco",
    "molding",
    "pillar",
    "shop",
)
"""Class names in the data set's order; a cornice is the panel above a window, a molding the band
across the façade."""

COLOURS: Pixels = np.array(
    [
        (0, 0, 223),
        (0, 48, 255),
        (0, 128, 255),
        (0, 207, 255),
        (32, 255, 223),
        (112, 255, 143),
        (191, 255, 64),
        (255, 239, 0),
        (255, 159, 0),
        (255, 80, 0),
        (255, 0, 0),
        (175, 0, 0),
    ],
    np.uint8,
)
"""uint8, shape (12, 3): the RGB colour of each class."""


def paint(classes: npt.NDArray[np.uint8]) -> Pixels:
    """The label map (uint8, (height, width, 3)) of class indices (uint8, (height, width))."""
    return COLOURS[classes]


def nearest(pixels: Pixels) -> npt.NDArray[np.uint8]:
    """The class indices (uint8, (height, width)) whose colours are nearest to ``pixels`` (Euclidean).

    For label maps that were resized or compressed with loss, as those of pix2pix.
    """
    samples = pixels.reshape(-1, 3).astype(np.float32)
    colours = COLOURS.astype(np.float32)
    # |p - c|^2 without |p|^2, which is the same for all classes; every term is an exact integer.
    distance = (colours**2).sum(axis=1) - 2 * samples @ colours.T
    indices: npt.NDArray[np.uint8] = distance.argmin(axis=1).astype(np.uint8)
    return indices.reshape(pixels.shape[:2])
