"""Structural similarity: SSIM over RGB and on luma, and multi-scale SSIM over RGB.

SSIM is Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to structural
similarity", 2004, with a Gaussian window of 11 taps and sigma 1.5; its multi-scale form is Wang,
Simoncelli and Bovik, "Multiscale structural similarity for image quality assessment", 2003. The values
are those of scikit-image and pytorch-msssim.

Instead of the reconstruction y, the difference d = y - x is filtered. With x prepared, three moments are
left (d, d^2, x d), and the variances suffer no cancellation, so float32 is enough. Filtering is a product
with a banded matrix, a block of rows or columns at a time: more arithmetic than a convolution needs, but
at the speed of a matrix product. A tile of rows is finished before the next begins, so that what is worked
on stays in the processor's cache.
"""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided

from benchcomp.metric import Metric, NotApplicable
from benchcomp.metrics.luma import luma
from benchcomp.pixels import Pixels

__all__ = ["MsSsimRgb", "SsimRgb", "SsimY"]

TAPS, SIGMA, K1, K2, PEAK = 11, 1.5, 0.01, 0.03, 255
REACH = TAPS - 1
C1, C2 = (K1 * PEAK) ** 2, (K2 * PEAK) ** 2
SCALE_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
BLOCK = 16
"""Rows or columns of a block: fewer make small products, more make the matrix emptier."""
TILE = 64
"""Rows of windows that are worked on together, a multiple of BLOCK."""

Floats = npt.NDArray[np.float32]


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
            zeros up to whole tiles and blocks of windows.
    """

    height: int
    width: int
    samples: Floats


@dataclass(frozen=True, slots=True)
class _Level:
    """The reference at one scale.

    Attributes:
        planes: the samples.
        mean: their window means, float32, (channels, tiles, blocks of columns, rows of a tile, BLOCK).
        contrast: their window variances, plus C2 / 2; same shape.
    """

    planes: _Planes
    mean: Floats
    contrast: Floats


class _Workspace:
    """Where the moments of one tile are filtered; memory asked for anew each time would cost more.

    Args:
        rows: of windows in a tile.
        columns: of samples.

    Attributes:
        moments: what is filtered, float32, (3, rows + REACH, columns).
        windows: their window means after :meth:`filter`, (3, blocks of columns, rows, BLOCK). What lies
            right of the image's windows or below them holds nothing of meaning.
        product: room for one of these, (blocks of columns, rows, BLOCK).
    """

    def __init__(self, rows: int, columns: int) -> None:
        blocks = (columns - REACH) // BLOCK
        self.moments = _aligned(3, rows + REACH, columns)
        self.windows = _aligned(3, blocks, rows, BLOCK)
        self.product = _aligned(blocks, rows, BLOCK)
        filtered = _aligned(3, rows, columns)
        # Overlapping blocks, each with the REACH rows or columns that its last windows need of the next.
        plane, row, sample = self.moments.strides
        self._down = filtered.reshape(3, rows // BLOCK, BLOCK, columns)
        self._upright = as_strided(
            self.moments, (3, rows // BLOCK, BLOCK + REACH, columns), (plane, BLOCK * row, row, sample)
        )
        self._lying = as_strided(
            filtered, (3, blocks, rows, BLOCK + REACH), (filtered.strides[0], BLOCK * sample, row, sample)
        )

    def filter(self) -> Floats:
        """Gaussian window means of the moments; the next call overwrites them."""
        np.matmul(_band(), self._upright, out=self._down)
        np.matmul(self._lying, _band().T, out=self.windows)
        return self.windows


@functools.lru_cache(maxsize=2 * len(SCALE_WEIGHTS))
def _workspace(thread: int, rows: int, columns: int) -> _Workspace:
    return _Workspace(rows, columns)


def _check_size(reference: Pixels, least: int, title: str) -> None:
    height, width = reference.shape[:2]
    if min(height, width) < least:
        raise NotApplicable(f"{title} needs at least {least} pixels on both sides; this is {width}x{height}")


def _planes(image: npt.NDArray[Any]) -> _Planes:
    """An image of shape (height, width, channels), uint8 or float32, as planes."""
    return _padded(image.transpose(2, 0, 1))


def _padded(samples: npt.NDArray[Any]) -> _Planes:
    channels, height, width = samples.shape
    tile = _tile(height)
    rows = -(-(height - REACH) // tile) * tile + REACH
    # Room for the last block's REACH columns, and every row begins on a boundary of 64 bytes.
    columns = -(-(width - REACH) // BLOCK) * BLOCK + BLOCK
    padded = _aligned(channels, rows, columns)
    padded[:, :height, :width] = samples
    return _Planes(height, width, padded)


def _tile(height: int) -> int:
    """Rows of windows in a tile of an image of this height."""
    return min(TILE, -(-(height - REACH) // BLOCK) * BLOCK)


def _aligned(*shape: int) -> Floats:
    """Zeros that begin on a boundary of 64 bytes, the width of a vector register."""
    count = math.prod(shape)
    memory = np.zeros(count + 16, np.float32)
    start = -memory.ctypes.data % 64 // memory.itemsize
    return memory[start : start + count].reshape(shape)


def _scales(image: Pixels) -> Iterator[_Planes]:
    """The image at every scale, from the finest."""
    planes = _planes(image)
    yield planes
    for _ in SCALE_WEIGHTS[1:]:
        planes = _halve(planes)
        yield planes


def _halve(planes: _Planes) -> _Planes:
    """Means of 2x2 samples; a side of odd length gets a zero before it first."""
    samples = planes.samples[:, : planes.height, : planes.width]
    if planes.height % 2 or planes.width % 2:
        samples = np.pad(samples, ((0, 0), (planes.height % 2, 0), (planes.width % 2, 0)))
    rows = samples[:, 0::2] + samples[:, 1::2]
    halved = rows[:, :, 0::2] + rows[:, :, 1::2]
    halved *= 0.25
    return _padded(halved)


def _prepare(planes: _Planes) -> _Level:
    middle = (PEAK + 1) / 2
    tile = _tile(planes.height)
    channels, rows, columns = planes.samples.shape
    space = _workspace(threading.get_ident(), tile, columns)
    shape = (channels, (rows - REACH) // tile, *space.product.shape)
    mean, contrast = _aligned(*shape), _aligned(*shape)
    for channel, index, samples in _tiles(planes):
        # Less the middle of the range, the squares are small and their rounding errors, too.
        centred = np.subtract(samples, middle, out=space.moments[0])
        np.multiply(centred, centred, out=space.moments[1])
        first, second, _ = space.filter()
        second -= np.multiply(first, first, out=space.product)
        np.maximum(second, 0, out=second)
        np.add(second, C2 / 2, out=contrast[channel, index])
        np.add(first, middle, out=mean[channel, index])
    return _Level(planes, mean, contrast)


def _tiles(planes: _Planes) -> Iterator[tuple[int, int, Floats]]:
    """Channel, number and samples of every tile, with the REACH rows below that its last windows need."""
    tile = _tile(planes.height)
    for channel, plane in enumerate(planes.samples):
        for index, top in enumerate(range(0, len(plane) - REACH, tile)):
            yield channel, index, plane[top : top + tile + REACH]


def _similarity(level: _Level, planes: _Planes, *, luminance: bool = True) -> npt.NDArray[np.float64]:
    """Mean SSIM of each channel at one scale.

    Args:
        level: the prepared reference.
        planes: the reconstruction at this scale.
        luminance: ``False`` for the contrast-structure term alone.
    """
    height, width = planes.height - REACH, planes.width - REACH
    channels, _, columns = planes.samples.shape
    tile = _tile(planes.height)
    space = _workspace(threading.get_ident(), tile, columns)
    totals = np.zeros(channels)
    both = zip(_tiles(level.planes), _tiles(planes), strict=True)
    for (channel, index, reference), (_, _, distorted) in both:
        difference = np.subtract(distorted, reference, out=space.moments[0])
        np.multiply(difference, difference, out=space.moments[1])
        np.multiply(difference, reference, out=space.moments[2])
        space.filter()
        mean_x = level.mean[channel, index]
        similarity = _contrast(mean_x, level.contrast[channel, index], space)
        if luminance:
            similarity *= _luminance(mean_x, space.windows[0])
        # The last tile holds rows below the image, the last block columns beyond it.
        rows = min(tile, height - index * tile)
        last = width - (len(similarity) - 1) * BLOCK
        totals[channel] += similarity[:-1, :rows].sum(axis=(1, 2)).sum(dtype=np.float64)
        totals[channel] += similarity[-1, :rows, :last].sum()
    return totals / (height * width)


def _contrast(mean_x: Floats, contrast_x: Floats, space: _Workspace) -> Floats:
    """(2 cov(x, y) + C2) / (var x + var y + C2), where y = x + d; overwrites all windows but the mean."""
    mean, square, cross = space.windows
    # cov(x, y) = var x + cov(x, d), and (var x + var y) / 2 = cov(x, y) + var d / 2.
    cross -= np.multiply(mean_x, mean, out=space.product)
    cross += contrast_x
    square -= np.multiply(mean, mean, out=space.product)
    square *= 0.5
    square += cross
    similarity: Floats = np.divide(cross, square, out=cross)
    return similarity


def _luminance(mean_x: Floats, mean: Floats) -> Floats:
    """(2 mx my + C1) / (mx^2 + my^2 + C1), where my = mx + the mean of d; overwrites ``mean``."""
    numerator = mean_x + mean
    numerator *= mean_x
    numerator *= 2
    numerator += C1
    mean *= mean
    mean += numerator
    numerator /= mean
    return numerator


@functools.cache
def _band() -> Floats:
    """The window's taps once in each of BLOCK rows, a column further each: (BLOCK, BLOCK + REACH)."""
    offsets = np.arange(TAPS) - TAPS // 2
    taps = np.exp(-(offsets**2) / (2 * SIGMA**2))
    band = _aligned(BLOCK, BLOCK + REACH)
    for row in range(BLOCK):
        band[row, row : row + TAPS] = taps / taps.sum()
    return band
