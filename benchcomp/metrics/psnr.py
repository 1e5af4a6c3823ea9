"""Peak signal-to-noise ratio of 8-bit images, over the RGB samples and on luma.

Identical images have no PSNR (it would be infinite): the score is ``None``. The PSNR of pooled squared
errors over a data set is the analysis's business, not this module's.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from benchcomp.metric import Metric
from benchcomp.metrics.luma import luma
from benchcomp.pixels import Pixels

__all__ = ["PsnrRgb", "PsnrY"]

PEAK = 255.0
ROWS = 16
"""Rows that are compared at a time: their differences stay in the processor's cache."""


class PsnrRgb(Metric):
    """10 log10(255^2 / MSE), the mean squared error taken over all height x width x 3 samples."""

    name = "psnr_rgb"
    title = "PSNR (RGB)"
    unit = "dB"
    higher_is_better = True
    range = (0.0, math.inf)
    definition = "10 log10(255^2 / MSE over H*W*3 samples), v1"

    def prepare(self, reference: Pixels) -> npt.NDArray[np.int16]:
        """Widen the reference so that differences don't wrap around."""
        return reference.astype(np.int16)

    def score(self, prepared: Any, reconstruction: Pixels) -> float | None:
        """PSNR in dB; ``None`` for identical images."""
        return _psnr(reconstruction, prepared)


class PsnrY(Metric):
    """10 log10(255^2 / MSE) on BT.601 full-range luma that isn't rounded."""

    name = "psnr_y"
    title = "PSNR (luma)"
    unit = "dB"
    higher_is_better = True
    range = (0.0, math.inf)
    definition = "10 log10(255^2 / MSE over H*W samples of unrounded BT.601 full-range luma), v1"

    def prepare(self, reference: Pixels) -> npt.NDArray[np.float32]:
        """Take the reference's luma."""
        return luma(reference)

    def score(self, prepared: Any, reconstruction: Pixels) -> float | None:
        """PSNR in dB; ``None`` for images of equal luma."""
        return _psnr(luma(reconstruction), prepared)


def _psnr(reconstruction: npt.NDArray[Any], reference: npt.NDArray[Any]) -> float | None:
    squares = 0.0
    for top in range(0, len(reference), ROWS):
        rows = slice(top, top + ROWS)
        difference = np.subtract(reconstruction[rows], reference[rows], dtype=reference.dtype)
        # In float64 the sum of squares is exact for whole numbers, whatever the size of the image.
        error = difference.ravel().astype(np.float64)
        squares += float(error @ error)
    return 10 * math.log10(PEAK**2 * reference.size / squares) if squares else None
