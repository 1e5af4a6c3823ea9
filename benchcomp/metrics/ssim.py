"""Structural similarity: SSIM over RGB and on luma, and multi-scale SSIM over RGB.

SSIM is Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to structural
similarity", 2004, with a Gaussian window of 11 taps and sigma 1.5; its multi-scale form is Wang,
Simoncelli and Bovik, "Multiscale structural similarity for image quality assessment", 2003. The values
are those of scikit-image and pytorch-msssim.

Instead of the reconstruction y, the difference d = y - x is filtered. With x prepared, three moments are
left (d, d^2, x d), and the variances suffer no cancellation, so float32 is enough. Filtering is a product
with a banded matrix, a block of rows or columns at a time: more arithmetic than a convolution needs, but
at the speed of a matrix product. Block by block is also the order in which the results stay.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from benchcomp.metric import Metric, NotApplicable
from benchcomp.metrics.luma import luma
from benchcomp.pixels import Pixels

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["MsSsimRgb", "SsimRgb", "SsimY"]

TAPS, SIGMA, K1, K2, PEAK = 11, 1.5, 0.01, 0.03, 255
REACH = TAPS - 1
C1, C2 = (K1 * PEAK) ** 2, (K2 * PEAK) ** 2
SCALE_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
BLOCK = 16
"""Rows or columns of a block: fewer make small products, more make the matrix emptier."""


class _Ssim(Metric):
    """Mean SSIM over the planes of a picture."""

    higher_is_better = True
    range = (-1.0, 1.0)
    decibels = True

    @staticmethod
    def planes(pixels: Pixels) -> _Planes:
        """What is compared."""
        return _planes(pixels)

    def prepare(self, reference: Pixels) -> _Level:
        """Filter the reference.

        Raises:
            NotApplicable: a side is shorter than the window's 11 pixels.
        """
        _check_size(reference, TAPS, self.title)
        return _prepare(self.planes(reference))

    def score(self, prepared: Any, reconstruction: Pixels) -> float:
        """SSIM, -1 to 1."""
        return float(_similarity(prepared, self.planes(reconstruction)).mean())


class SsimRgb(_Ssim):
    """Mean SSIM over the channels R, G and B."""

    name = "ssim_rgb"
    title = "SSIM (RGB)"
    definition = "Wang 2004, gaussian 11 taps sigma 1.5, K .01 .03, population covariance, mean of R G B, v1"


class SsimY(_Ssim):
    """SSIM on BT.601 full-range luma that isn't rounded."""

    name = "ssim_y"
    title = "SSIM (luma)"
    definition = "Wang 2004, gaussian 11 taps sigma 1.5, K .01 .03, population covariance, BT.601 luma, v1"

    @staticmethod
    def planes(pixels: Pixels) -> _Planes:
        """The luma alone."""
        return _planes(luma(pixels)[:, :, None])


class MsSsimRgb(Metric):
    """Mean over R, G and B of multi-scale SSIM at five scales; linear, not in dB.

    As in pytorch-msssim, a side of odd length is padded with a zero before it is halved, and negative
    contrast terms count as 0.
    """

    name = "ms_ssim_rgb"
    title = "MS-SSIM (RGB)"
    higher_is_better = True
    range = (0.0, 1.0)
    definition = "Wang 2003, 5 scales, weights .0448 .2856 .3001 .2363 .1333, mean of R G B, v1"
    decibels = True

    def prepare(self, reference: Pixels) -> list[_Level]:
        """Filter the reference at every scale.

        Raises:
            NotApplicable: a side is shorter than 161 pixels, which leaves no window at the last scale.
        """
        _check_size(reference, REACH * 2 ** (len(SCALE_WEIGHTS) - 1) + 1, self.title)
        return [_prepare(planes) for planes in _scales(reference)]

    def score(self, prepared: Any, reconstruction: Pixels) -> float:
        """MS-SSIM, 0 to 1."""
        *scales, coarsest = zip(prepared, _scales(reconstruction), strict=True)
        terms = [_similarity(*scale, luminance=False) for scale in scales]
        terms.append(_similarity(*coarsest))
        weights = np.array(SCALE_WEIGHTS)[:, None]
        return float(np.prod(np.maximum(terms, 0) ** weights, axis=0).mean())


@dataclass(frozen=True, slots=True)
class _Planes:
    """An image at some scale.

    Attributes:
        height: of the image.
        width: of the image.
        samples: float32, 0 to 255, (channels, rows, columns): the image in the upper left corner, then
            zeros up to whole blocks of windows.
    """

    height: int
    width: int
    samples: Tensor


@dataclass(frozen=True, slots=True)
class _Level:
    """The reference at one scale.

    Attributes:
        planes: the samples.
        mean: their window means, float32, (channels, blocks of columns, rows, BLOCK).
        contrast: twice their window variances, plus C2; same shape.
    """

    planes: _Planes
    mean: Tensor
    contrast: Tensor


@dataclass(frozen=True, slots=True)
class _Workspace:
    """Where the moments of one plane are filtered; memory asked for anew each time would cost more.

    Attributes:
        moments: what is filtered, (3, rows, columns).
        stacked: the same planes one below the other and REACH rows of zeros, (3 * rows + REACH, columns).
        down: filtered down the columns, (3 * rows, columns).
        windows: filtered along the rows, too, (blocks of columns, 3 * rows, BLOCK).
    """

    moments: Tensor
    stacked: Tensor
    down: Tensor
    windows: Tensor


@functools.lru_cache(maxsize=2 * len(SCALE_WEIGHTS))
def _workspace(thread: int, rows: int, columns: int) -> _Workspace:
    import torch

    stacked = torch.zeros(3 * rows + REACH, columns)
    return _Workspace(
        stacked[: 3 * rows].view(3, rows, columns),
        stacked,
        torch.zeros(3 * rows, columns),
        torch.zeros((columns - REACH) // BLOCK, 3 * rows, BLOCK),
    )


def _check_size(reference: Pixels, least: int, title: str) -> None:
    height, width = reference.shape[:2]
    if min(height, width) < least:
        raise NotApplicable(f"{title} needs at least {least} pixels on both sides; this is {width}x{height}")


def _planes(image: npt.NDArray[Any]) -> _Planes:
    """An image of shape (height, width, channels), uint8 or float32, as planes."""
    import torch

    height, width, _ = image.shape
    return _padded(height, width, torch.from_numpy(np.array(image)).permute(2, 0, 1))


def _padded(height: int, width: int, samples: Tensor) -> _Planes:
    import torch

    rows = -(-height // BLOCK) * BLOCK
    columns = -(-(width - REACH) // BLOCK) * BLOCK + REACH
    padded = torch.zeros(samples.shape[0], rows, columns)
    padded[:, :height, :width] = samples
    return _Planes(height, width, padded)


def _scales(image: Pixels) -> Iterator[_Planes]:
    """The image at every scale, from the finest."""
    planes = _planes(image)
    yield planes
    for _ in SCALE_WEIGHTS[1:]:
        planes = _halve(planes)
        yield planes


def _halve(planes: _Planes) -> _Planes:
    """Means of 2x2 samples; a side of odd length gets a zero before it first."""
    from torch.nn.functional import pad

    samples = planes.samples[:, : planes.height, : planes.width]
    if planes.height % 2 or planes.width % 2:
        samples = pad(samples, (planes.width % 2, 0, planes.height % 2, 0))
    rows = samples[:, 0::2] + samples[:, 1::2]
    halved = (rows[:, :, 0::2] + rows[:, :, 1::2]).mul_(0.25)
    return _padded(halved.shape[1], halved.shape[2], halved)


def _prepare(planes: _Planes) -> _Level:
    import torch

    middle = (PEAK + 1) / 2
    means, contrasts = [], []
    with torch.inference_mode():
        space = _workspace(threading.get_ident(), *planes.samples.shape[1:])
        for plane in planes.samples:
            # Less the middle of the range, the squares are small and their rounding errors, too.
            centred = torch.sub(plane, middle, out=space.moments[0])
            torch.mul(centred, centred, out=space.moments[1])
            mean, square, _ = _windows(space)
            contrasts.append((square - mean * mean).clamp_(min=0).mul_(2).add_(C2))
            means.append(mean + middle)
        return _Level(planes, torch.stack(means), torch.stack(contrasts))


def _similarity(level: _Level, planes: _Planes, *, luminance: bool = True) -> npt.NDArray[np.float64]:
    """Mean SSIM of each channel at one scale.

    Args:
        level: the prepared reference.
        planes: the reconstruction at this scale.
        luminance: ``False`` for the contrast-structure term alone.
    """
    import torch

    height, width = planes.height - REACH, planes.width - REACH
    means = []
    with torch.inference_mode():
        space = _workspace(threading.get_ident(), *planes.samples.shape[1:])
        channels = zip(level.planes.samples, level.mean, level.contrast, planes.samples, strict=True)
        for reference, mean_x, contrast_x, distorted in channels:
            difference = torch.sub(distorted, reference, out=space.moments[0])
            torch.mul(difference, difference, out=space.moments[1])
            torch.mul(difference, reference, out=space.moments[2])
            mean, square, cross = _windows(space)
            similarity = _contrast(mean_x, contrast_x, mean, square, cross)
            if luminance:
                similarity *= _luminance(mean_x, mean)
            # The last block holds columns beyond the image, too.
            last = width - (similarity.shape[0] - 1) * BLOCK
            total = similarity[:-1, :height].sum(dtype=torch.float64)
            total += similarity[-1, :height, :last].sum(dtype=torch.float64)
            means.append(float(total) / (height * width))
    return np.array(means)


def _contrast(mean_x: Tensor, contrast_x: Tensor, mean: Tensor, square: Tensor, cross: Tensor) -> Tensor:
    """(2 cov(x, y) + C2) / (var x + var y + C2), where y = x + d; overwrites ``square`` and ``cross``."""
    import torch

    # 2 cov(x, y) = 2 var x + 2 cov(x, d), and var x + var y = 2 cov(x, y) + var d.
    cross.addcmul_(mean_x, mean, value=-1)
    torch.add(contrast_x, cross, alpha=2, out=cross)
    square.addcmul_(mean, mean, value=-1).add_(cross)
    return cross.div_(square)


def _luminance(mean_x: Tensor, mean: Tensor) -> Tensor:
    """(2 mx my + C1) / (mx^2 + my^2 + C1), where my = mx + the mean of d; overwrites ``mean``."""
    numerator = (mean_x + mean).mul_(mean_x).mul_(2).add_(C1)
    return numerator.div_(mean.square_().add_(numerator))


def _windows(space: _Workspace) -> tuple[Tensor, ...]:
    """Gaussian window means of the workspace's moments; the next call overwrites them.

    Returns:
        float32, (blocks of columns, rows, BLOCK) for each. The last REACH rows, and what lies right of
        the image's windows, hold nothing of meaning.
    """
    import torch

    band = _band()
    rows, columns = space.down.shape
    # Overlapping blocks, each with the REACH rows or columns that its last windows need of the next.
    upright = space.stacked.as_strided((rows // BLOCK, BLOCK + REACH, columns), (BLOCK * columns, columns, 1))
    torch.bmm(band.expand(len(upright), -1, -1), upright, out=space.down.view(-1, BLOCK, columns))
    lying = space.down.as_strided((len(space.windows), rows, BLOCK + REACH), (BLOCK, columns, 1))
    torch.bmm(lying, band.t().expand(len(lying), -1, -1), out=space.windows)
    return space.windows.view(len(lying), 3, -1, BLOCK).unbind(1)


@functools.cache
def _band() -> Tensor:
    """The window's taps once in each of BLOCK rows, a column further each: (BLOCK, BLOCK + REACH)."""
    import torch

    offsets = np.arange(TAPS) - TAPS // 2
    taps = np.exp(-(offsets**2) / (2 * SIGMA**2))
    band = np.zeros((BLOCK, BLOCK + REACH), np.float32)
    for row in range(BLOCK):
        band[row, row : row + TAPS] = taps / taps.sum()
    return torch.from_numpy(band)
