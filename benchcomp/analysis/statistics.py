"""How sure: bootstrap intervals over images, paired tests, and their correction for many comparisons.

Pure functions on arrays of per-image values. The unit of observation is the image: intervals and tests
say what other images of the same kind would give, not what repeating the measurement would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchcomp.analysis._interpolation import Array

__all__ = ["Interval", "WinTieLoss", "bootstrap_mean", "bootstrap_means", "holm", "wilcoxon", "win_tie_loss"]

RESAMPLES = 10_000
CONFIDENCE = 0.95
_CHUNK = 1 << 21
"""How many indices are drawn at once, which bounds the memory."""
_MANY = 1_000
"""Images above which the interval is computed from its expansion instead of by resampling."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over images with its bootstrap percentile interval.

    ``low`` and ``high`` are ``None`` for fewer than two images, ``mean`` for none.
    """

    mean: float | None
    low: float | None
    high: float | None
    n: int
    confidence: float = CONFIDENCE


@dataclass(frozen=True, slots=True)
class WinTieLoss:
    """On how many images the test is better than, as good as and worse than the anchor."""

    wins: int
    ties: int
    losses: int


def bootstrap_mean(
    values: npt.ArrayLike,
    *,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Interval:
    """Mean of per-image values with its percentile interval (Efron 1979), the images resampled.

    Above a thousand images the interval's quantiles come from the expansion of the bootstrap
    distribution in moments (Hall 1992, *The Bootstrap and Edgeworth Expansion*, section 2.6): mean +
    s / sqrt(n) (z + (z^2 - 1) g / (6 sqrt(n))), g the skewness. It lies closer to the interval of
    infinitely many resamples than 10,000 resamples do, and costs nothing.

    Args:
        values: shape (images,); NaN and infinite values are left out and not counted in ``n``. Give
            paired differences for a paired comparison.
        confidence: coverage of the interval, above 0 and below 1.
        resamples: how often to resample.
        seed: of the resampling; the same seed gives the same interval.
    """
    column = np.asarray(values, dtype=float).reshape(-1, 1)
    return bootstrap_means(column, confidence=confidence, resamples=resamples, seed=seed)[0]


def bootstrap_means(
    values: npt.ArrayLike,
    *,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> list[Interval]:
    """One interval per column of an (images, columns) array, every column from the same resamples.

    Arguments as :func:`bootstrap_mean`.
    """
    table = np.asarray(values, dtype=float)
    known = np.isfinite(table)
    counts = known.sum(axis=0)
    filled = np.where(known, table, 0.0)
    intervals: list[Interval] = []
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    means = np.empty((0, 0))
    if 0 < len(table) <= _MANY and table.size:
        means = _resampled_means(filled, known, resamples, seed)
    for column, n in enumerate(counts.tolist()):
        if n == 0:
            intervals.append(Interval(None, None, None, 0, confidence))
            continue
        mean = float(filled[:, column].sum() / n)
        if n == 1:
            intervals.append(Interval(mean, None, None, 1, confidence))
            continue
        if len(table) > _MANY:
            low, high = _expanded(table[known[:, column], column], tails)
        else:
            low, high = np.nanquantile(means[:, column], tails)
        intervals.append(Interval(mean, float(low), float(high), n, confidence))
    return intervals


def wilcoxon(differences: npt.ArrayLike) -> float | None:
    """Two-sided p-value of the Wilcoxon signed-rank test on paired differences.

    Differences of 0 are discarded (Wilcoxon's own treatment). ``None`` when none is left. The exact
    distribution is used where scipy does (few images, no ties).
    """
    from scipy import stats

    values = np.asarray(differences, dtype=float)
    values = values[np.isfinite(values) & (values != 0)]
    if values.size == 0:
        return None
    return float(stats.wilcoxon(values).pvalue)


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm's step-down adjustment (1979) of p-values of one family; ``None`` stays ``None``."""
    known = [index for index, p in enumerate(p_values) if p is not None]
    adjusted: list[float | None] = [None] * len(p_values)
    largest = 0.0
    ordered = sorted(known, key=lambda index: p_values[index] or 0.0)
    for rank, index in enumerate(ordered):
        largest = max(largest, min(1.0, (len(known) - rank) * (p_values[index] or 0.0)))
        adjusted[index] = largest
    return adjusted


def win_tie_loss(differences: npt.ArrayLike, *, higher_is_better: bool, tolerance: float = 0.0) -> WinTieLoss:
    """Count the images on which the test (test minus anchor in ``differences``) wins, ties, loses.

    Args:
        differences: per-image differences, test minus anchor; values that aren't finite are left out.
        higher_is_better: direction of what the differences are of.
        tolerance: largest absolute difference that counts as a tie.
    """
    values = np.asarray(differences, dtype=float)
    values = values[np.isfinite(values)] * (1 if higher_is_better else -1)
    wins, losses = int((values > tolerance).sum()), int((values < -tolerance).sum())
    return WinTieLoss(wins, values.size - wins - losses, losses)


def _expanded(values: Array, tails: Sequence[float]) -> Array:
    """Quantiles of the bootstrap distribution of a mean to the second order."""
    from scipy.special import ndtri

    n, mean = len(values), values.mean()
    deviations = values - mean
    spread = np.sqrt(np.mean(deviations**2))
    skewness = np.mean(deviations**3) / spread**3 if spread else 0.0
    z = np.asarray(ndtri(np.asarray(tails)))
    quantiles: Array = mean + spread / np.sqrt(n) * (z + (z**2 - 1) * skewness / (6 * np.sqrt(n)))
    return quantiles


def _resampled_means(filled: Array, known: npt.NDArray[np.bool_], resamples: int, seed: int) -> Array:
    """Means of the known values of each column in each resample: shape (resamples, columns)."""
    images, columns = filled.shape
    random = np.random.default_rng(seed)
    complete = bool(known.all())
    means = np.empty((resamples, columns))
    step = max(1, _CHUNK // images)
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        drawn = random.integers(0, images, (size, images), dtype=np.int32)
        # How often each image was drawn, a row per resample: one matrix product serves all columns.
        offset = np.arange(size, dtype=np.int64)[:, None] * images
        weights = np.bincount((drawn + offset).ravel(), minlength=size * images).reshape(size, images)
        totals = weights @ filled
        held = float(images) if complete else weights @ known.astype(float)
        with np.errstate(invalid="ignore", divide="ignore"):
            means[start : start + size] = totals / held
    return means
