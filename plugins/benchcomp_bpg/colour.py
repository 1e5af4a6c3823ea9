"""RGB pixels to the planes that BPG codes and back: colour spaces, bit depths and chroma resampling.

All of it is fixed point in 32 bits, so that results are the same on every machine. Coding and files are
others' business.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
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
_UP_REACH = len(_UP_TAPS) // 2
_STRIP_SAMPLES = 1 << 16


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
    height, width = pixels.shape[:2]
    weights, shift = _forward(color, bit_depth)
    halved = chroma in ("420", "422")
    planes: list[Samples] = [np.empty((height, width), _dtype(bit_depth))]
    for _ in range(2):
        planes.append(np.empty((height, (width + 1) // 2), np.int32) if halved else np.empty_like(planes[0]))
    for rows in _strips(height, width):
        channels = [pixels[rows, :, channel].astype(np.int32) for channel in range(3)]
        for index, (plane, row) in enumerate(zip(planes, weights, strict=True)):
            samples = _weighted(channels, row, 1 << (shift - 1))
            samples >>= shift
            if index:
                samples += 1 << (bit_depth - 1)
            plane[rows] = _halve(samples, 1) if index and halved else _clipped(samples, bit_depth)
    if halved:
        planes[1:] = [_finish_halved(plane, bit_depth, vertically=chroma == "420") for plane in planes[1:]]
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
    luma_weight, weights, offset, shift = _backward(color, bit_depth, limited_range)
    chromas = [_padded(plane, 0, _UP_REACH, _UP_REACH) if chroma == "420" else plane for plane in planes[1:]]
    for rows in _strips(height, width):
        luma = planes[0][rows].astype(np.int32)
        luma *= luma_weight
        luma += offset
        differences = [_chroma_strip(plane, rows, width, chroma, bit_depth) for plane in chromas]
        for plane in differences:
            plane -= 1 << (bit_depth - 1)
        for channel, row in enumerate(weights):
            samples = _weighted(differences, row, luma)
            samples >>= shift
            np.clip(samples, 0, 255, out=samples)
            pixels[rows, :, channel] = samples
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


def _strips(height: int, width: int) -> Iterator[slice]:
    """Rows to convert at a time: an even number, and few, so that large pictures don't take much memory."""
    rows = max(1, _STRIP_SAMPLES // (2 * width)) * 2
    for start in range(0, height, rows):
        yield slice(start, min(start + rows, height))


def _dtype(bit_depth: int) -> type[np.uint8] | type[np.uint16]:
    return np.uint8 if bit_depth == 8 else np.uint16


def _clipped(plane: Ints, bit_depth: int) -> Samples:
    np.clip(plane, 0, (1 << bit_depth) - 1, out=plane)
    return plane.astype(_dtype(bit_depth))


def _finish_halved(plane: Ints, bit_depth: int, vertically: bool) -> Samples:
    """Halve the height if wanted, divide by the gain, the only rounding of the way, and clip."""
    shift = _DOWN_SHIFT
    if vertically:
        plane = _halve(plane, 0)
        shift *= 2
    plane += 1 << (shift - 1)
    plane >>= shift
    return _clipped(plane, bit_depth)


def _halve(plane: Ints, axis: int) -> Ints:
    """Halve one side, rounding up, without dividing by the filter's gain."""
    count = (plane.shape[axis] + 1) // 2
    reach = len(_DOWN_TAPS) - 1
    padded = _padded(plane, axis, reach, reach + plane.shape[axis] % 2)
    # The filter is symmetrical: each tap takes one sample of even place and one of odd place.
    parity = [_every_second(padded, axis, start).copy() for start in (0, 1)]
    total: Ints | None = None
    for distance, tap in enumerate(_DOWN_TAPS):
        left, right = (
            _shifted(parity[start % 2], axis, start // 2, reach)
            for start in (reach - distance, reach + 1 + distance)
        )
        pair = left + right
        pair *= tap
        total = pair if total is None else np.add(total, pair, out=total)
    assert total is not None
    return _unflatten(total, parity[0].shape, axis, count)


def _chroma_strip(plane: Samples, rows: slice, width: int, chroma: Chroma, bit_depth: int) -> Ints:
    """Some rows of a chroma plane in full size; a plane of 4:2:0 comes padded along its height."""
    if chroma == "444":
        return plane[rows].astype(np.int32)
    shift = _UP_SHIFT
    if chroma == "420":
        source = plane[rows.start // 2 : (rows.stop + 1) // 2 + 2 * _UP_REACH].astype(np.int32)
        samples = _double(source, 0, rows.stop - rows.start)
        samples >>= bit_depth - 8  # as the reference decoder does, to stay in 16 bits between the two
        shift += _UP_SHIFT - (bit_depth - 8)
    else:
        samples = plane[rows].astype(np.int32)
    samples = _double(_padded(samples, 1, _UP_REACH, _UP_REACH), 1, width)
    samples += 1 << (shift - 1)
    samples >>= shift
    return np.clip(samples, 0, (1 << bit_depth) - 1, out=samples)


def _double(padded: Ints, axis: int, size: int) -> Ints:
    """Double one side of a padded plane to ``size`` samples, without dividing by the filter's gain."""
    count = padded.shape[axis] - 2 * _UP_REACH
    product = np.empty_like(padded)
    totals = [np.zeros_like(_shifted(padded, axis, 0, 2 * _UP_REACH)) for _ in range(2)]
    for start, tap in enumerate(_UP_TAPS):
        np.multiply(padded, tap, out=product)
        totals[0] += _shifted(product, axis, start, 2 * _UP_REACH)
        totals[1] += _shifted(product, axis, 2 * _UP_REACH - start, 2 * _UP_REACH)
    shape = list(padded.shape)
    shape[axis] = 2 * count
    doubled = np.empty(shape, np.int32)
    for phase, total in enumerate(totals):
        _every_second(doubled, axis, phase)[...] = _unflatten(total, padded.shape, axis, count)
    return doubled[:size] if axis == 0 else doubled[:, :size]


def _padded(plane: Samples, axis: int, before: int, after: int) -> Samples:
    """The plane with its first and last line repeated along an axis (np.pad does it ten times slower)."""
    count = plane.shape[axis]
    indices = np.arange(-before, count + after).clip(0, count - 1)
    return plane.take(indices, axis)


def _every_second(plane: Ints, axis: int, start: int) -> Ints:
    return plane[start::2] if axis == 0 else plane[:, start::2]


def _shifted(plane: Ints, axis: int, start: int, largest: int) -> Ints:
    """The plane from line ``start`` on along an axis, flattened; equally long for all up to ``largest``.

    Sums over flattened planes run without a break at each row's end, at the price of some samples there
    that mean nothing and that :func:`_unflatten` cuts off.
    """
    step = plane.shape[1] if axis == 0 else 1
    return plane.ravel()[start * step : plane.size - (largest - start) * step]


def _unflatten(samples: Ints, shape: tuple[int, ...], axis: int, count: int) -> Ints:
    """Undo the flattening of planes of ``shape``, keeping ``count`` lines along the axis."""
    if axis == 0:
        return samples.reshape(-1, shape[1])[:count]
    full = np.empty(shape, np.int32)
    full.ravel()[: samples.size] = samples
    return full[:, :count]
