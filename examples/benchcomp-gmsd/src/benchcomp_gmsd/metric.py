"""GMSD: how unevenly the edges of a picture have suffered.

Xue, Zhang, Mou and Bovik, "Gradient magnitude similarity deviation: a highly efficient perceptual image
quality index", IEEE Transactions on Image Processing 23(2), 2014.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from benchcomp import Metric, NotApplicable, Pixels

Gradients = npt.NDArray[np.float64]

C = 170.0  # the paper's constant for samples of 0 to 255


class Gmsd(Metric):
    """Standard deviation over the picture of the similarity of gradient magnitudes, on luma."""

    name = "gmsd_y"
    title = "GMSD (Y)"
    higher_is_better = False
    range = (0.0, 1.0)
    # Change it whenever the same pixels would get another value: such scores are never mixed.
    definition = "Xue 2014: BT.601 luma, 2x2 mean and every second sample, Prewitt / 3, c = 170; version 1"

    def prepare(self, reference: Pixels) -> Gradients:
        """Gradient magnitudes of the reference: computed once an image, used at all rates of all codecs."""
        if min(reference.shape[:2]) < 4:
            raise NotApplicable(f"GMSD needs 4 pixels a side, this image has {min(reference.shape[:2])}")
        return gradients(reference)

    def score(self, prepared: Gradients, reconstruction: Pixels) -> float | None:
        """Score one reconstruction; 0 where all edges are as they were."""
        other = gradients(reconstruction)
        similarity = (2 * prepared * other + C) / (prepared**2 + other**2 + C)
        return float(similarity.std())


def gradients(pixels: Pixels) -> Gradients:
    """Magnitudes of the Prewitt gradients of the halved luma."""
    from scipy import ndimage  # not at the top: it takes its time, and lists of metrics don't need it

    luma = pixels @ np.array([0.299, 0.587, 0.114])
    halved: Any = ndimage.uniform_filter(luma, 2)[::2, ::2]
    across, down = (ndimage.prewitt(halved, axis) / 3 for axis in (1, 0))
    return np.asarray(np.hypot(across, down))
