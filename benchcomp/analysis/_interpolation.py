"""Interpolation of many rate-distortion curves at once.

scipy interpolates curves that share their abscissae; rate-distortion curves never do, and a run has tens
of thousands of them. These functions take a batch of curves of one length as rows of (n, points) arrays
and are tested against scipy's classes. They know nothing of rates, metrics or data frames.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = ["METHODS", "Array", "Method", "at", "mean_between"]

Array = npt.NDArray[np.float64]

Method = Literal["pchip", "akima", "cubic"]
METHODS: tuple[Method, ...] = ("pchip", "akima", "cubic")
"""``pchip``: piecewise cubic, monotone (Fritsch and Butland 1984). ``akima``: piecewise cubic (Akima
1970). ``cubic``: one polynomial of degree 3 in the least-squares sense (VCEG-M33)."""


def mean_between(x: Array, y: Array, low: Array, high: Array, method: Method) -> Array:
    """Mean value of each curve over its own interval.

    Args:
        x: shape (n, points), each row strictly increasing; at least 2 points, 4 for ``cubic``.
        y: shape (n, points).
        low: shape (n,), start of each interval, inside the row of ``x``.
        high: shape (n,), its end, above ``low``.
        method: one of :data:`METHODS`.

    Returns:
        Shape (n,).
    """
    if method == "cubic":
        return _polynomial_mean(x, y, low, high)
    slopes = _SLOPES[method](x, y)
    width = np.diff(x, axis=1)
    start = np.clip((low[:, None] - x[:, :-1]) / width, 0, 1)
    end = np.clip((high[:, None] - x[:, :-1]) / width, 0, 1)
    area = _hermite(y, slopes, width, end, _INTEGRALS) - _hermite(y, slopes, width, start, _INTEGRALS)
    total: Array = (area * width).sum(axis=1) / (high - low)
    return total


def at(x: Array, y: Array, where: Array) -> Array:
    """Value of each curve at one place by PCHIP; NaN outside the curve.

    Args:
        x: shape (n, points), each row strictly increasing; one point at least.
        y: shape (n, points).
        where: shape (n,).

    Returns:
        Shape (n,).
    """
    inside = (where >= x[:, 0]) & (where <= x[:, -1])
    if x.shape[1] == 1:
        return np.where(inside, y[:, 0], np.nan)
    slopes = _pchip_slopes(x, y)
    width = np.diff(x, axis=1)
    segment = np.clip((x[:, 1:-1] <= where[:, None]).sum(axis=1), 0, width.shape[1] - 1)[:, None]
    place = (where[:, None] - np.take_along_axis(x, segment, 1)) / np.take_along_axis(width, segment, 1)
    values = np.take_along_axis(_hermite(y, slopes, width, place, _BASIS), segment, 1)[:, 0]
    return np.where(inside, values, np.nan)


def _hermite(y: Array, slopes: Array, width: Array, place: Array, basis: Basis) -> Array:
    """Each segment's cubic Hermite polynomial (or its integral) at ``place`` in 0 to 1."""
    value0, slope0, value1, slope1 = basis(place)
    result: Array = (
        y[:, :-1] * value0 + y[:, 1:] * value1 + width * (slopes[:, :-1] * slope0 + slopes[:, 1:] * slope1)
    )
    return result


Basis = Callable[[Array], tuple[Array, Array, Array, Array]]


def _BASIS(t: Array) -> tuple[Array, Array, Array, Array]:
    t2, t3 = t**2, t**3
    return 2 * t3 - 3 * t2 + 1, t3 - 2 * t2 + t, 3 * t2 - 2 * t3, t3 - t2


def _INTEGRALS(t: Array) -> tuple[Array, Array, Array, Array]:
    t2, t3, t4 = t**2, t**3, t**4
    return t4 / 2 - t3 + t, t4 / 4 - 2 * t3 / 3 + t2 / 2, t3 - t4 / 2, t4 / 4 - t3 / 3


def _pchip_slopes(x: Array, y: Array) -> Array:
    """Fritsch and Butland's slopes with one-sided three-point ends, as in Moler's ``pchiptx``."""
    width = np.diff(x, axis=1)
    secant = np.diff(y, axis=1) / width
    if x.shape[1] == 2:
        return np.repeat(secant, 2, axis=1)
    left, right = secant[:, :-1], secant[:, 1:]
    weight1 = 2 * width[:, 1:] + width[:, :-1]
    weight2 = width[:, 1:] + 2 * width[:, :-1]
    same_sign = left * right > 0
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        harmonic = (weight1 + weight2) / (weight1 / left + weight2 / right)
    slopes = np.empty_like(x)
    slopes[:, 1:-1] = np.where(same_sign, harmonic, 0.0)
    slopes[:, 0] = _pchip_end(width[:, 0], width[:, 1], secant[:, 0], secant[:, 1])
    slopes[:, -1] = _pchip_end(width[:, -1], width[:, -2], secant[:, -1], secant[:, -2])
    return slopes


def _pchip_end(width0: Array, width1: Array, secant0: Array, secant1: Array) -> Array:
    slope = ((2 * width0 + width1) * secant0 - width0 * secant1) / (width0 + width1)
    turns = np.sign(secant0) != np.sign(secant1)
    overshoots = turns & (np.abs(slope) > 3 * np.abs(secant0))
    return np.where(np.sign(slope) != np.sign(secant0), 0.0, np.where(overshoots, 3 * secant0, slope))


def _akima_slopes(x: Array, y: Array) -> Array:
    secant = np.diff(y, axis=1) / np.diff(x, axis=1)
    if x.shape[1] == 2:
        return np.repeat(secant, 2, axis=1)
    before = 2 * secant[:, :1] - secant[:, 1:2]
    after = 2 * secant[:, -1:] - secant[:, -2:-1]
    padded = np.hstack([2 * before - secant[:, :1], before, secant, after, 2 * after - secant[:, -1:]])
    change = np.abs(np.diff(padded, axis=1))
    weight_left, weight_right = change[:, 2:], change[:, :-2]
    total = weight_left + weight_right
    # Where all secants around a point agree, Akima's weights are 0/0 and the mean stands in.
    certain = total > 1e-9 * total.max(axis=1, keepdims=True)
    weighted = weight_left * padded[:, 1:-2] + weight_right * padded[:, 2:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(certain, weighted / total, (padded[:, 3:] + padded[:, :-3]) / 2)


_SLOPES: dict[Method, Callable[[Array, Array], Array]] = {"pchip": _pchip_slopes, "akima": _akima_slopes}


def _polynomial_mean(x: Array, y: Array, low: Array, high: Array) -> Array:
    middle = (x[:, :1] + x[:, -1:]) / 2
    half = (x[:, -1:] - x[:, :1]) / 2
    powers = np.arange(4)
    vandermonde = ((x - middle) / half)[:, :, None] ** powers
    orthogonal, triangular = np.linalg.qr(vandermonde)
    projected = np.swapaxes(orthogonal, 1, 2) @ y[:, :, None]
    coefficients = np.linalg.solve(triangular, projected)[:, :, 0]
    start = (low[:, None] - middle) / half
    end = (high[:, None] - middle) / half
    areas = coefficients * (end ** (powers + 1) - start ** (powers + 1)) / (powers + 1)
    total: Array = areas.sum(axis=1) / (end - start)[:, 0]
    return total
