"""RGB pixels to the planes that BPG codes and back: colour spaces, bit depths and chroma resampling.

All of it is fixed point in 32 bits, so that results are the same on every machine. Coding and files are
others' business.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from benchcomp import Pixels
from benchcomp_bpg.container import Chroma, Color

__all__ = ["scale_depth", "to_pixels", "to_planes"]

Ints = npt.NDArray[np.int32]
Samples = npt.NDArray[Any]
"""A plane of samples, (height, width): uint8 for 8 bits, uint16 for more."""

_LUMA_WEIGHTS: dict[Color, tuple[float, float]] = {
    "ycbcr": (0.299, 0.114),
    "bt709": (0.2126, 0.0722),
    "bt2020": (0.2627, 0.0593),
}
"""Weights of red and blue in luma (H.273, table 4)."""

# Where halved chroma lies between two samples: the taps of the sample on the right and beyond, mirrored to
# the left; and those of the output a quarter to the right of its input sample, from left to right.
_DOWN_TAPS, _DOWN_SHIFT = (57, 17, -8, -4, 2), 7
_UP_TAPS, _UP_SHIFT = (2, -6, 18, 57, -10, 4, -1), 6


def to_planes(pixels: Pixels, chroma: Chroma, bit_depth: int, color: Color) -> list[Samples]:
    """Convert RGB to three planes in full range.

    Args:
        pixels: uint8, (height, width, 3).
        chroma: 444, 422 or 420; halved chroma is centred between the samples it stands for.
        bit_depth: bits of a sample, 8 to 12.
        color: planes are G, B, R for ``rgb``, Y, Cg, Co for ``ycgco``, Y, Cb, Cr otherwise.

    Returns:
        uint8 planes, or uint16 for more than 8 bits; halved sides are rounded up.
    """
    if color == "rgb":
        return [scale_depth(pixels[..., channel], 8, bit_depth) for channel in (1, 2, 0)]
    weights, shift = _forward(color, bit_depth)
    channels = [pixels[..., channel].astype(np.int32) for channel in range(3)]
    planes = []
    for index, row in enumerate(weights):
        plane = _weighted(channels, row, 1 << (shift - 1))
        plane >>= shift
        if index:
            plane += 1 << (bit_depth - 1)
            if chroma in ("420", "422"):
                plane = _halve(plane, vertically=chroma == "420")
        planes.append(_clipped(plane, bit_depth))
    return planes


def to_pixels(
    planes: Sequence[Samples],
    chroma: Chroma,
    bit_depth: int,
    color: Color,
    limited_range: bool = False,
) -> Pixels:
    """Convert planes to RGB, the inverse of :func:`to_planes`.

    Args:
        planes: one (gray) or three planes, halved ones with rounded-up sides.
        chroma: their chroma format; ``400`` gives equal red, green and blue.
        bit_depth: bits of a sample, 8 to 12.
        color: the colour space; of no meaning to gray planes.
        limited_range: whether samples are in studio range.

    Returns:
        uint8, (height, width, 3).
    """
    height, width = planes[0].shape
    pixels = np.empty((height, width, 3), np.uint8)
    if chroma == "400" or color == "rgb":
        order = (0, 0, 0) if chroma == "400" else (2, 0, 1)
        for channel, index in enumerate(order):
            pixels[..., channel] = scale_depth(planes[index], bit_depth, 8, limited_range)
        return pixels
    luma = planes[0].astype(np.int32)
    chromas = [plane.astype(np.int32) for plane in planes[1:]]
    if chroma in ("420", "422"):
        chromas = [_double(plane, (height, width), bit_depth, chroma == "420") for plane in chromas]
    for plane in chromas:
        plane -= 1 << (bit_depth - 1)
    luma_weight, weights, offset, shift = _backward(color, bit_depth, limited_range)
    luma *= luma_weight
    luma += offset
    for channel, row in enumerate(weights):
        samples = _weighted(chromas, row, luma)
        samples >>= shift
        np.clip(samples, 0, 255, out=samples)
        pixels[..., channel] = samples
    return pixels


def scale_depth(samples: Samples, bit_depth: int, to: int, limited_range: bool = False) -> Samples:
    """Scale samples to another bit depth in full range, rounding to nearest; uint8 or uint16."""
    if bit_depth == to and not limited_range:
        return samples
    low, span = (
        (16 << (bit_depth - 8), 219 << (bit_depth - 8)) if limited_range else (0, (1 << bit_depth) - 1)
    )
    scaled = samples.astype(np.int32)
    scaled -= low
    scaled *= (1 << to) - 1
    scaled += span // 2
    scaled //= span
    return _clipped(scaled, to)


@functools.cache
def _forward(color: Color, bit_depth: int) -> tuple[list[tuple[int, ...]], int]:
    """Weights of R, G, B in the three planes, in fixed point, and its shift.

    Those of luma add up to one and those of chroma to nothing, exactly, so that gray stays gray.
    """
    shift = 30 - bit_depth
    one = ((1 << bit_depth) - 1) / 255 * (1 << shift)
    if color == "ycgco":
        half, quarter = round(one / 2), round(one / 4)
        return [(quarter, half, quarter), (-quarter, 2 * quarter, -quarter), (half, 0, -half)], shift
    red, blue = _LUMA_WEIGHTS[color]
    luma_red, luma_blue = round(red * one), round(blue * one)
    half = round(one / 2)
    cb_red, cr_blue = round(-red / (1 - blue) * one / 2), round(-blue / (1 - red) * one / 2)
    return [
        (luma_red, round(one) - luma_red - luma_blue, luma_blue),
        (cb_red, -half - cb_red, half),
        (half, -half - cr_blue, cr_blue),
    ], shift


@functools.cache
def _backward(
    color: Color, bit_depth: int, limited_range: bool
) -> tuple[int, list[tuple[int, int]], int, int]:
    """Luma's weight, those of the chroma planes in R, G and B, the offset and the shift."""
    shift = 20 if limited_range else 22
    scale = 255 * (1 << shift)
    extra = bit_depth - 8
    luma = scale / ((219 << extra) if limited_range else (1 << bit_depth) - 1)
    chroma = scale / ((224 << extra) if limited_range else (1 << bit_depth) - 1)
    offset = (1 << (shift - 1)) - ((16 << extra) * round(luma) if limited_range else 0)
    if color == "ycgco":
        unit = round(chroma)
        return round(luma), [(-unit, unit), (unit, 0), (-unit, -unit)], offset, shift
    red, blue = _LUMA_WEIGHTS[color]
    green = 1 - red - blue
    weights = [
        (0, round(2 * (1 - red) * chroma)),
        (-round(2 * blue * (1 - blue) / green * chroma), -round(2 * red * (1 - red) / green * chroma)),
        (round(2 * (1 - blue) * chroma), 0),
    ]
    return round(luma), weights, offset, shift


def _weighted(planes: Sequence[Ints], weights: Sequence[int], start: int | Ints) -> Ints:
    """``start`` plus the planes' weighted sum, in a new array."""
    total: Ints | None = None
    for plane, weight in zip(planes, weights, strict=True):
        if weight:
            product = plane * np.int32(weight)
            product += start if total is None else total
            total = product
    assert total is not None
    return total


def _clipped(plane: Ints, bit_depth: int) -> Samples:
    np.clip(plane, 0, (1 << bit_depth) - 1, out=plane)
    return plane.astype(np.uint8 if bit_depth == 8 else np.uint16)


def _halve(plane: Ints, vertically: bool) -> Ints:
    """Halve the width, and the height if wanted; full precision between the two, one rounding."""
    halved = _halve_rows(plane.T).T
    shift = _DOWN_SHIFT
    if vertically:
        halved = _halve_rows(halved)
        shift *= 2
    halved += 1 << (shift - 1)
    halved >>= shift
    return halved


def _halve_rows(plane: Ints) -> Ints:
    """Halve the number of rows, rounding up, without dividing by the filter's gain of 128."""
    rows = (plane.shape[0] + 1) // 2
    reach = len(_DOWN_TAPS)
    padded = np.pad(plane, ((reach - 1, reach + plane.shape[0] % 2), (0, 0)), mode="edge")
    total = np.zeros((rows, plane.shape[1]), np.int32)
    for distance, tap in enumerate(_DOWN_TAPS):
        left, right = reach - 1 - distance, reach + distance
        pair = padded[left : left + 2 * rows : 2] + padded[right : right + 2 * rows : 2]
        pair *= tap
        total += pair
    return total


def _double(plane: Ints, size: tuple[int, int], bit_depth: int, vertically: bool) -> Ints:
    """Double a chroma plane to (height, width) as the reference decoder does: vertically first."""
    height, width = size
    shift = _UP_SHIFT
    if vertically:
        plane = _double_rows(plane, height)
        plane >>= bit_depth - 8
        shift += _UP_SHIFT - (bit_depth - 8)
    doubled = _double_rows(plane.T, width).T
    doubled += 1 << (shift - 1)
    doubled >>= shift
    np.clip(doubled, 0, (1 << bit_depth) - 1, out=doubled)
    return doubled


def _double_rows(plane: Ints, rows: int) -> Ints:
    """Double the number of rows to ``rows``, without dividing by the filter's gain of 64."""
    reach = len(_UP_TAPS) // 2
    count = plane.shape[0]
    padded = np.pad(plane, ((reach, reach), (0, 0)), mode="edge")
    doubled = np.empty((2 * count, plane.shape[1]), np.int32)
    for phase, taps in enumerate((_UP_TAPS, _UP_TAPS[::-1])):
        shifted = [padded[at : at + count] for at in range(len(taps))]
        doubled[phase::2] = _weighted(shifted, taps, 0)
    return doubled[:rows]
