"""The luma that every first-party luma metric uses: BT.601, full range, not rounded."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchcomp.pixels import Pixels

__all__ = ["WEIGHTS", "luma"]

WEIGHTS = (0.299, 0.587, 0.114)
"""Of red, green and blue (ITU-R BT.601-7, 2.5.1)."""


def luma(pixels: Pixels) -> npt.NDArray[np.float32]:
    """Luma of an image: float32, shape (height, width), 0 to 255, not rounded to whole numbers."""
    return pixels.astype(np.float32) @ np.array(WEIGHTS, np.float32)
