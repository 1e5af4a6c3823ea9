"""Structural similarity: SSIM over RGB and on luma, and multi-scale SSIM over RGB.

SSIM is Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to structural
similarity", 2004, with a Gaussian window of 11 taps and sigma 1.5; its multi-scale form is Wang,
Simoncelli and Bovik, "Multiscale structural similarity for image quality assessment", 2003. The values
are those of scikit-image and pytorch-msssim.

Instead of the reconstruction y, the difference d = y - x is filtered. With x prepared, three moments are
left (d, d^2, x d), and the variances suffer no cancellation, so float32 is enough. The image is cut into
:data:`DOWN` x :data:`ACROSS` tiles, which become the innermost axis of the arrays: a convolution with one
filter per channel then works on whole vector registers, several times as fast as on planes.
"""

from __future__ import annotations

import functools
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

Samples = npt.NDArray[Any]
"""An image at some scale, uint8 or float32, 0 to 255, shape (height, width, channels)."""

TAPS, SIGMA, K1, K2, PEAK = 11, 1.5, 0.01, 0.03, 255
REACH = TAPS - 1
C1, C2 = (K1 * PEAK) ** 2, (K2 * PEAK) ** 2
SCALE_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
DOWN, ACROSS = 4, 2
"""Tiles of an image: 8 float32 fill a vector register."""

_STRIP = 600_000
"""How many samples are worked on at once, so that all stays in the processor's cache."""


class SsimRgb(Metric):
    """Mean SSIM over the channels R, G and B."""

    name = "ssim_rgb"
    title = "SSIM (RGB)"
    higher_is_better = True
    range = (-1.0, 1.0)
    definition = "Wang 2004, gaussian 11 taps sigma 1.5, K .01 .03, population covariance, mean of R G B, v1"
    decibels = True

    def prepare(self, reference: Pixels) -> _Level:
        """Filter the reference.

        Raises:
            NotApplicable: a side is shorter than the window's 11 pixels.
        """
        _check_size(reference, TAPS, self.title)
        return _prepare(reference)

    def score(self, prepared: Any, reconstruction: Pixels) -> float:
        """SSIM, -1 to 1."""
        return float(_similarity(prepared, reconstruction).mean())


class SsimY(Metric):
    """SSIM on BT.601 full-range luma that isn't rounded."""

    name = "ssim_y"
    title = "SSIM (luma)"
    higher_is_better = True
    range = (-1.0, 1.0)
    definition = "Wang 2004, gaussian 11 taps sigma 1.5, K .01 .03, population covariance, BT.601 luma, v1"
    decibels = True

    def prepare(self, reference: Pixels) -> _Level:
        """Filter the reference's luma.

        Raises:
            NotApplicable: a side is shorter than the window's 11 pixels.
        """
        _check_size(reference, TAPS, self.title)
        return _prepare(luma(reference)[:, :, None])

    def score(self, prepared: Any, reconstruction: Pixels) -> float:
        """SSIM, -1 to 1."""
        return float(_similarity(prepared, luma(reconstruction)[:, :, None]).mean())


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
        return [_prepare(samples) for samples in _scales(reference)]

    def score(self, prepared: Any, reconstruction: Pixels) -> float:
        """MS-SSIM, 0 to 1."""
        *scales, coarsest = zip(prepared, _scales(reconstruction), strict=True)
        terms = [_similarity(*scale, luminance=False) for scale in scales]
        terms.append(_similarity(*coarsest))
        weights = np.array(SCALE_WEIGHTS)[:, None]
        return float(np.prod(np.maximum(terms, 0) ** weights, axis=0).mean())


@dataclass(frozen=True, slots=True)
class _Level:
    """The reference at one scale, in tiles: float32 tensors.

    Attributes:
        height: of the image of window means.
        width: of the image of window means.
        reference: the samples, (rows + 10, columns + 10, channels, DOWN * ACROSS).
        mean: their window means, (rows, columns, channels, DOWN * ACROSS).
        contrast: twice their window variances, plus C2; same shape.
    """

    height: int
    width: int
    reference: Tensor
    mean: Tensor
    contrast: Tensor


def _check_size(reference: Pixels, least: int, title: str) -> None:
    height, width = reference.shape[:2]
    if min(height, width) < least:
        raise NotApplicable(f"{title} needs at least {least} pixels on both sides; this is {width}x{height}")


def _scales(samples: Samples) -> Iterator[Samples]:
    """The image at every scale, from the finest."""
    yield samples
    for _ in SCALE_WEIGHTS[1:]:
        samples = _halve(samples)
        yield samples


def _halve(samples: Samples) -> Samples:
    """Means of 2x2 samples, float32; a side of odd length gets a zero before it first."""
    height, width, channels = samples.shape
    if height % 2 or width % 2:
        samples = np.pad(samples, ((height % 2, 0), (width % 2, 0), (0, 0)))
    rows = np.add(samples[0::2], samples[1::2], dtype=np.float32)
    halved = np.empty((rows.shape[0], rows.shape[1] // 2, channels), np.float32)
    for channel in range(channels):
        np.add(rows[:, 0::2, channel], rows[:, 1::2, channel], out=halved[:, :, channel])
    halved *= np.float32(0.25)
    return halved


def _prepare(samples: Samples) -> _Level:
    import torch

    with torch.inference_mode():
        reference = _tiles(samples)
        mean, contrast = [], []
        for rows in _strips(reference):
            # Less the middle of the range, the squares are small and their rounding errors, too.
            centred = rows - (PEAK + 1) / 2
            means = _window(centred)
            squares = _window(centred * centred)
            contrast.append(squares.addcmul_(means, means, value=-1).clamp_(min=0).mul_(2).add_(C2))
            mean.append(means.add_((PEAK + 1) / 2))
        height, width = samples.shape[0] - REACH, samples.shape[1] - REACH
        return _Level(height, width, reference, torch.cat(mean), torch.cat(contrast))


def _similarity(level: _Level, samples: Samples, *, luminance: bool = True) -> npt.NDArray[np.float64]:
    """Mean SSIM of each channel at one scale.

    Args:
        level: the prepared reference.
        samples: the reconstruction at this scale.
        luminance: ``False`` for the contrast-structure term alone.
    """
    import torch

    columns, channels = level.mean.shape[1:3]
    total = np.zeros((columns, channels, DOWN * ACROSS))
    top = 0
    with torch.inference_mode():
        strips = zip(_strips(level.reference), _strips(_tiles(samples)), strict=True)
        for reference, distorted in strips:
            difference = distorted - reference
            mean = _window(difference)
            square = _window(difference * difference)
            cross = _window(difference.mul_(reference))
            rows = slice(top, top + mean.shape[0])
            similarity = _contrast(level.mean[rows], level.contrast[rows], mean, square, cross)
            if luminance:
                similarity *= _luminance(level.mean[rows], mean)
            _clear_below(similarity, top, level)
            total += similarity.sum(dim=0).numpy()
            top = rows.stop
    column = np.arange(columns)[:, None] + columns * np.arange(ACROSS)
    inside = np.tile(column < level.width, DOWN)[:, None]
    means: npt.NDArray[np.float64] = (total * inside).sum(axis=(0, 2)) / (level.height * level.width)
    return means


def _clear_below(similarity: Tensor, top: int, level: _Level) -> None:
    """Put zeros where a strip that starts at row ``top`` of its tiles lies below the image."""
    rows = level.mean.shape[0]
    by_tile = similarity.view(*similarity.shape[:3], DOWN, ACROSS)
    for down in range(DOWN):
        by_tile[max(level.height - down * rows - top, 0) :, :, :, down] = 0


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


def _tiles(samples: Samples) -> Tensor:
    """Cut into tiles, each with the 10 rows and columns that its last windows need of the next.

    Returns:
        float32, shape (rows + 10, columns + 10, channels, DOWN * ACROSS); zeros outside the image.
    """
    import torch

    height, width, channels = samples.shape
    rows, columns = -(-(height - REACH) // DOWN), -(-(width - REACH) // ACROSS)
    below, right = rows * DOWN + REACH - height, columns * ACROSS + REACH - width
    padded = torch.from_numpy(np.pad(samples, ((0, below), (0, right), (0, 0))))
    # The tiles overlap: a view with the tile as its first axes.
    row, tile = padded.stride(0), columns * channels
    shape = (DOWN, ACROSS, rows + REACH, tile + REACH * channels)
    tiles = padded.as_strided(shape, (rows * row, tile, row, 1)).to(torch.float32)
    innermost = tiles.flatten(0, 1).permute(1, 2, 0).contiguous()
    return innermost.view(rows + REACH, columns + REACH, channels, DOWN * ACROSS)


def _strips(samples: Tensor) -> Iterator[Tensor]:
    """Strips of rows that overlap by the window's reach."""
    rows = samples.shape[0] - REACH
    step = max(REACH, _STRIP // samples[0].numel())
    for top in range(0, rows, step):
        yield samples[top : min(top + step, rows) + REACH]


def _window(samples: Tensor) -> Tensor:
    """Gaussian window means: 10 rows and columns fewer."""
    from torch.nn.functional import conv2d

    rows, width, channels, tiles = samples.shape
    count = channels * tiles
    taps = _taps(count)
    # The batch axis has to be made here, before the permutation, for the convolution to see that the
    # channels are innermost.
    planes = samples.view(1, rows, width, count).permute(0, 3, 1, 2)
    down = conv2d(planes, taps[:, :, :, None], groups=count)
    smooth = conv2d(down, taps[:, :, None, :], groups=count).permute(0, 2, 3, 1)
    return smooth.reshape(rows - REACH, width - REACH, channels, tiles)


@functools.cache
def _taps(count: int) -> Tensor:
    """The window's taps for each of ``count`` channels: float32, shape (count, 1, 11)."""
    import torch

    offsets = np.arange(TAPS) - TAPS // 2
    taps = np.exp(-(offsets**2) / (2 * SIGMA**2))
    return torch.from_numpy((taps / taps.sum()).astype(np.float32)).repeat(count, 1, 1)
