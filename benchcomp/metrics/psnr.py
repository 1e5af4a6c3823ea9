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


class _Psnr(Metric):
    """10 log10(255^2 / MSE) over samples of a picture."""

    unit = "dB"
    higher_is_better = True
    range = (0.0, math.inf)

    @staticmethod
    def samples(pixels: Pixels) -> npt.NDArray[Any]:
        """What is compared, uint8 or float32, 0 to 255."""
        return pixels

    def prepare(self, reference: Pixels) -> npt.NDArray[Any]:
        """Take the reference's samples."""
        return self.samples(reference)

    def score(self, prepared: Any, reconstruction: Pixels) -> float | None:
        """PSNR in dB; ``None`` for equal samples."""
        return _psnr(self.samples(reconstruction), prepared)


class PsnrRgb(_Psnr):
    """10 log10(255^2 / MSE), the mean squared error taken over all height x width x 3 samples."""

    name = "psnr_rgb"
    title = "PSNR (RGB)"
    definition = "10 log10(255^2 / MSE over H*W*3 samples), v1"


class PsnrY(_Psnr):
    """10 log10(255^2 / MSE) on BT.601 full-range luma that isn't rounded."""

    name = "psnr_y"
    title = "PSNR (luma)"
    definition = "10 log10(255^2 / MSE over H*W samples of unrounded BT.601 full-range luma), v1"

    @staticmethod
    def samples(pixels: Pixels) -> npt.NDArray[np.float32]:
        """The luma."""
        return luma(pixels)


def _psnr(reconstruction: npt.NDArray[Any], reference: npt.NDArray[Any]) -> float | None:
    signed = np.result_type(reference, np.int16)  # unsigned differences would wrap around
    squares = 0.0
    for top in range(0, len(reference), ROWS):
        rows = slice(top, top + ROWS)
        difference = np.subtract(reconstruction[rows], reference[rows], dtype=signed)
        # In float64 the sum of squares is exact for whole numbers, whatever the size of the image.
        error = difference.ravel().astype(np.float64)
        squares += float(error @ error)
    return 10 * math.log10(PEAK**2 * reference.size / squares) if squares else None
