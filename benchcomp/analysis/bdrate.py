"""BD-rate and BD-quality: the mean distance between two rate-distortion curves.

BD-rate is the mean difference in rate at equal quality, in per cent, negative where the test needs fewer
bits; BD-quality the mean difference in quality at equal rate, in the metric's unit. Both integrate over
the overlap of the two curves, on log10 of the rate (Bjontegaard, VCEG-M33). What can't be compared has
no value and a reason; there are no sentinels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchcomp.analysis._interpolation import METHODS, Array, Method, mean_between
from benchcomp.analysis.curves import codes, image_curves, rd_curves, with_variant
from benchcomp.errors import BenchcompError
from benchcomp.report import MetricInfo
from benchcomp.variants import did_you_mean

__all__ = [
    "MINIMUM_POINTS",
    "BDResult",
    "CurveSet",
    "bd_of_average",
    "bd_per_image",
    "bd_quality",
    "bd_rate",
    "to_decibels",
]

MINIMUM_POINTS = 4
WARN_OVERLAP = 0.75
WARN_SPREAD = 1.0

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class BDResult:
    """The outcome of one comparison of two curves.

    Attributes:
        value: BD-rate in per cent or BD-quality in the metric's unit; ``None`` where there is none.
        unit: ``%``, or the metric's unit (``dB`` for metrics compared in decibels).
        method: how the curves were interpolated.
        reason: why there is no value; empty when there is one.
        warnings: what to know before quoting the value.
        interval: the qualities (BD-rate: in the metric's unit, or dB) or rates in bpp (BD-quality)
            that both curves cover and the value is about.
        overlap: length of the interval over the length that the two curves cover together, 0 to 1.
        by_method: the value by every method, ``None`` where a method has none.
        dropped_anchor: points (rate, quality) of the anchor left out: another one has no higher rate
            and no lower quality, or they aren't finite numbers.
        dropped_test: the same of the test.
    """

    value: float | None
    unit: str
    method: Method
    reason: str = ""
    warnings: tuple[str, ...] = ()
    interval: tuple[float, float] | None = None
    overlap: float = 0.0
    by_method: Mapping[str, float | None] = field(default_factory=dict)
    dropped_anchor: tuple[Point, ...] = ()
    dropped_test: tuple[Point, ...] = ()


def bd_rate(
    anchor_rate: npt.ArrayLike,
    anchor_quality: npt.ArrayLike,
    test_rate: npt.ArrayLike,
    test_quality: npt.ArrayLike,
    *,
    method: Method = "pchip",
    higher_is_better: bool = True,
    decibels: bool = False,
) -> BDResult:
    """Mean difference in rate of ``test`` against ``anchor`` at equal quality, in per cent.

    Args:
        anchor_rate: rates of the anchor's points, above 0, in any unit and order.
        anchor_quality: the metric's values at them.
        test_rate: rates of the test's points, in the same unit.
        test_quality: the metric's values at them.
        method: ``pchip`` (default), ``akima`` or ``cubic``.
        higher_is_better: the metric's direction.
        decibels: compare -10 log10(1 - quality) instead, as for SSIM and MS-SSIM.

    Raises:
        BenchcompError: unknown method, or rates and qualities of different lengths.
    """
    scale = Scale(higher_is_better, decibels, "")
    anchor, test = _single(anchor_rate, anchor_quality, scale), _single(test_rate, test_quality, scale)
    return _result(anchor, test, method, scale, by_quality=True)


def bd_quality(
    anchor_rate: npt.ArrayLike,
    anchor_quality: npt.ArrayLike,
    test_rate: npt.ArrayLike,
    test_quality: npt.ArrayLike,
    *,
    method: Method = "pchip",
    higher_is_better: bool = True,
    decibels: bool = False,
    unit: str = "",
) -> BDResult:
    """Mean difference in quality of ``test`` against ``anchor`` at equal rate, in the metric's unit.

    The sign is the metric's own: a negative BD-LPIPS is an improvement. Arguments as :func:`bd_rate`;
    ``unit`` names the metric's unit and is passed on.
    """
    scale = Scale(higher_is_better, decibels, unit)
    anchor, test = _single(anchor_rate, anchor_quality, scale), _single(test_rate, test_quality, scale)
    return _result(anchor, test, method, scale, by_quality=False)


def bd_of_average(
    frame: pd.DataFrame,
    metric: MetricInfo,
    anchor: str,
    test: str,
    *,
    method: Method = "pchip",
    by_quality: bool = True,
) -> BDResult:
    """BD-rate of the averaged curves of two variants over the images that both have.

    Args:
        frame: rows.
        metric: the metric whose column is compared.
        anchor: label of the anchor (``jpeg``).
        test: label of the test (``jpeg:subsampling=444``).
        method: as in :func:`bd_rate`.
        by_quality: BD-rate; ``False`` for BD-quality.
    """
    curves = CurveSet(frame, metric)
    curves.check(anchor, test)
    return average_bd(curves.averages(anchor, test), metric, method, by_quality=by_quality)


def bd_per_image(
    frame: pd.DataFrame,
    metric: MetricInfo,
    anchor: str,
    test: str,
    *,
    method: Method = "pchip",
    by_quality: bool = True,
) -> pd.DataFrame:
    """BD-rate (or BD-quality) of every image's own curves; arguments as :func:`bd_of_average`.

    Returns:
        One row per image that either variant has: ``image, value`` (NaN where there is none),
        ``overlap``, ``low`` and ``high`` (of the interval), ``spread`` (between the methods, in the
        value's unit), ``points_anchor``, ``points_test`` (after dropping dominated ones), ``reason``.
    """
    return image_bd(CurveSet(frame, metric), anchor, test, method, by_quality=by_quality)


class CurveSet:
    """The curves of all variants by one metric, worked out once for many questions.

    Whatever takes rows and a metric, :func:`quality_at` and :func:`compare` say, takes a curve set
    instead of the rows.

    Attributes:
        metric: the metric.
        frame: the rows, as :func:`with_variant` gives them.
        variants: labels of the variants that have points, in the order of their texts.
    """

    def __init__(self, frame: pd.DataFrame, metric: MetricInfo) -> None:
        self.metric = metric
        self.frame = with_variant(frame)
        points = image_curves(self.frame, metric.name)
        by_variant = points.groupby("variant", sort=False, observed=True)
        self._points = {str(name): part for name, part in by_variant}
        self._curves: dict[tuple[str, Scale], Curves] = {}

    @property
    def variants(self) -> list[str]:
        """Labels of the variants that have points, in the order of their texts."""
        return list(self._points)

    @property
    def images(self) -> pd.Index:
        """The images that the rows of :meth:`curves` are of, in the order of their texts."""
        return self.frame["image"].cat.categories

    def check(self, *names: str) -> None:
        """Raise :class:`BenchcompError` for a variant without any points."""
        for name in names:
            if name not in self._points:
                hint = did_you_mean(name, self._points)
                raise BenchcompError(f"no measured values of {name!r} to compare{hint}")

    def curves(self, name: str, scale: Scale) -> Curves:
        """One variant's curves on all images; empty where it has no points."""
        key = (name, scale)
        if key not in self._curves:
            points = self._points.get(name)
            images = len(self.images)
            self._curves[key] = _no_curves(images) if points is None else _curves_of(points, images, scale)
        return self._curves[key]

    def measured(self, name: str) -> npt.NDArray[np.bool_]:
        """On which of the images a variant has points."""
        return self._among(self._points[name])

    @cached_property
    def average(self) -> pd.DataFrame:
        """The averaged curves, as :func:`rd_curves` gives them."""
        return rd_curves(self.frame, self.metric.name)

    def averages(self, anchor: str, test: str) -> list[pd.DataFrame]:
        """The two variants' averaged curves over the images that both have points of."""
        shared = self.measured(anchor) & self.measured(test)
        rows = self.frame[self.frame["variant"].isin([anchor, test])]
        curves = self.average
        if self._among(rows).sum() > shared.sum():
            curves = rd_curves(rows[shared[codes(rows["image"])]], self.metric.name)
        return [curves[curves["variant"] == name] for name in (anchor, test)]

    def _among(self, rows: pd.DataFrame) -> npt.NDArray[np.bool_]:
        found = np.zeros(len(self.images), bool)
        found[codes(rows["image"])] = True
        return found


def average_bd(
    averages: Sequence[pd.DataFrame], metric: MetricInfo, method: Method, *, by_quality: bool
) -> BDResult:
    """:func:`bd_of_average` on the averaged curves of the anchor and the test."""
    scale = Scale.of(metric)
    one, two = (_single(side["bpp"].to_numpy(), side["value"].to_numpy(), scale) for side in averages)
    return _result(one, two, method, scale, by_quality=by_quality)


def image_bd(
    curves: CurveSet,
    anchor: str,
    test: str,
    method: Method,
    *,
    by_quality: bool,
    methods: Sequence[Method] = METHODS,
) -> pd.DataFrame:
    """:func:`bd_per_image` on curves already worked out; ``spread`` is that between ``methods``."""
    _check_method(method)
    curves.check(anchor, test)
    has = [curves.measured(name) for name in (anchor, test)]
    images = np.r_[np.flatnonzero(has[0]), np.flatnonzero(has[1] & ~has[0])]
    scale = Scale.of(curves.metric)
    one, two = (curves.curves(name, scale).of(images) for name in (anchor, test))
    outcome = _compare(one, two, by_quality, methods)
    values = np.stack([outcome.values[name] for name in methods])
    value = scale.difference(outcome.values[method], by_quality)
    low, high = outcome.low, outcome.high
    if by_quality:
        low, high = scale.shown(low, high)
    else:
        low, high = 10**low, 10**high
    return pd.DataFrame(
        {
            "image": curves.images[images],
            "value": value,
            "overlap": outcome.overlap,
            "low": low,
            "high": high,
            "spread": values.max(axis=0) - values.min(axis=0),
            "points_anchor": one.counts,
            "points_test": two.counts,
            "reason": _reasons(one.counts, two.counts, outcome.overlap),
        }
    )


def to_decibels(similarity: npt.ArrayLike) -> Array:
    """-10 log10(1 - x): the scale on which SSIM-like values are compared; infinite at 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(-10 * np.log10(1 - np.asarray(similarity, dtype=float)))


@dataclass(frozen=True, slots=True)
class Scale:
    """The axis on which a metric is compared: rising with quality, in dB where it says so."""

    higher_is_better: bool
    decibels: bool
    unit: str

    @classmethod
    def of(cls, metric: MetricInfo) -> Scale:
        return cls(metric.higher_is_better, metric.decibels, metric.unit)

    def rising(self, quality: Array) -> Array:
        if self.decibels:
            quality = to_decibels(quality)
        return quality if self.higher_is_better else -quality

    def shown(self, low: Array, high: Array) -> tuple[Array, Array]:
        """An interval of the axis in the metric's own direction."""
        return (low, high) if self.higher_is_better else (-high, -low)

    def difference(self, value: Array, by_quality: bool) -> Array:
        return value if by_quality or self.higher_is_better else -value

    def label(self, by_quality: bool) -> str:
        if by_quality:
            return "%"
        return "dB" if self.decibels else self.unit


@dataclass(frozen=True, slots=True)
class Curves:
    """A batch of curves: each row's points in rising order, the rest of the row NaN.

    ``rate`` is log10 of the rate and ``quality`` rises with quality, both (n, most points); ``counts``
    are the numbers of points, (n,); ``dropped`` the points left out of a single curve.
    """

    rate: Array
    quality: Array
    counts: npt.NDArray[np.intp]
    dropped: tuple[Point, ...] = ()

    def of(self, rows: npt.NDArray[np.intp]) -> Curves:
        """Some of the curves."""
        return Curves(self.rate[rows], self.quality[rows], self.counts[rows])


@dataclass(frozen=True, slots=True)
class _Outcome:
    values: dict[Method, Array]
    low: Array
    high: Array
    overlap: Array


def _single(rate: npt.ArrayLike, quality: npt.ArrayLike, scale: Scale) -> Curves:
    rates = np.atleast_1d(np.asarray(rate, dtype=float))
    qualities = np.atleast_1d(np.asarray(quality, dtype=float))
    if rates.shape != qualities.shape or rates.ndim != 1:
        raise BenchcompError(f"a curve has {rates.size} rates but {qualities.size} qualities")
    batch = _pareto(rates[None], scale.rising(qualities)[None])
    kept = set(zip(batch.rate[0, : batch.counts[0]], batch.quality[0, : batch.counts[0]], strict=True))
    with np.errstate(divide="ignore", invalid="ignore"):
        keys = zip(np.log10(rates), scale.rising(qualities), strict=True)
    dropped = []
    for key, point in zip(keys, zip(rates.tolist(), qualities.tolist(), strict=True), strict=True):
        if key in kept:
            kept.remove(key)
        else:
            dropped.append(point)
    return Curves(batch.rate, batch.quality, batch.counts, tuple(dropped))


def _no_curves(images: int) -> Curves:
    return Curves(np.full((images, 1), np.nan), np.full((images, 1), np.nan), np.zeros(images, np.intp))


def _curves_of(points: pd.DataFrame, images: int, scale: Scale) -> Curves:
    """The curves of one variant's points, a row for each of so many images."""
    row = codes(points["image"])
    # The points are sorted by image, so a point's place is its distance from its image's first.
    first = np.r_[True, row[1:] != row[:-1]]
    place = np.arange(len(row)) - np.maximum.accumulate(np.where(first, np.arange(len(row)), 0))
    shape = (images, int(place.max()) + 1)
    rate, quality = np.full(shape, np.nan), np.full(shape, np.nan)
    rate[row, place] = points["bpp"].to_numpy(dtype=float)
    quality[row, place] = scale.rising(points["value"].to_numpy(dtype=float))
    return _pareto(rate, quality)


def _pareto(rate: Array, quality: Array) -> Curves:
    """Sort each row's points and drop those that another one of the row dominates."""
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.log10(rate)
    finite = np.isfinite(rate) & np.isfinite(quality)
    rate, quality = np.where(finite, rate, np.inf), np.where(finite, quality, -np.inf)
    order = np.lexsort((-quality, rate), axis=1)
    rate, quality = np.take_along_axis(rate, order, 1), np.take_along_axis(quality, order, 1)
    best = np.maximum.accumulate(quality, axis=1)
    before = np.hstack([np.full((len(rate), 1), -np.inf), best[:, :-1]])
    kept = (quality > before) & np.isfinite(rate)
    order = np.argsort(~kept, axis=1, kind="stable")
    kept = np.take_along_axis(kept, order, 1)
    rate, quality = np.take_along_axis(rate, order, 1), np.take_along_axis(quality, order, 1)
    return Curves(np.where(kept, rate, np.nan), np.where(kept, quality, np.nan), kept.sum(axis=1))


def _compare(anchor: Curves, test: Curves, by_quality: bool, methods: Sequence[Method] = METHODS) -> _Outcome:
    """Compare two batches row by row, by each of the methods."""
    (x1, y1), (x2, y2) = (
        (side.quality, side.rate) if by_quality else (side.rate, side.quality) for side in (anchor, test)
    )
    low = np.maximum(_first(x1, anchor.counts), _first(x2, test.counts))
    high = np.minimum(_last(x1, anchor.counts), _last(x2, test.counts))
    bottom = np.minimum(_first(x1, anchor.counts), _first(x2, test.counts))
    top = np.maximum(_last(x1, anchor.counts), _last(x2, test.counts))
    with np.errstate(divide="ignore", invalid="ignore"):
        overlap = np.nan_to_num(np.clip((high - low) / (top - bottom), 0, 1))
    usable = (anchor.counts >= MINIMUM_POINTS) & (test.counts >= MINIMUM_POINTS) & (overlap > 0)
    values = {}
    for method in methods:
        means = [
            _means(x, y, side.counts, low, high, usable, method)
            for x, y, side in ((x1, y1, anchor), (x2, y2, test))
        ]
        difference = means[1] - means[0]
        with np.errstate(over="ignore"):
            value = (10**difference - 1) * 100 if by_quality else difference
        values[method] = np.where(np.isfinite(value), value, np.nan)
    nothing = ~(overlap > 0)
    return _Outcome(values, np.where(nothing, np.nan, low), np.where(nothing, np.nan, high), overlap)


def _means(
    x: Array,
    y: Array,
    counts: npt.NDArray[np.intp],
    low: Array,
    high: Array,
    usable: npt.NDArray[np.bool_],
    method: Method,
) -> Array:
    """Mean of each usable curve over its interval, the curves of equal length together."""
    means = np.full(len(x), np.nan)
    for count in np.unique(counts[usable]):
        rows = usable & (counts == count)
        means[rows] = mean_between(x[rows, :count], y[rows, :count], low[rows], high[rows], method)
    return means


def _first(x: Array, counts: npt.NDArray[np.intp]) -> Array:
    return np.where(counts > 0, x[:, 0], np.nan)


def _last(x: Array, counts: npt.NDArray[np.intp]) -> Array:
    last = np.take_along_axis(x, np.maximum(counts - 1, 0)[:, None], 1)[:, 0]
    return np.where(counts > 0, last, np.nan)


def _check_method(method: str) -> None:
    if method not in METHODS:
        raise BenchcompError(f"no BD method is called {method!r}{did_you_mean(method, METHODS)}")


def _reason(points_anchor: int, points_test: int, overlap: float) -> str:
    counts = (np.array([points_anchor]), np.array([points_test]))
    return str(_reasons(*counts, np.array([overlap]))[0])


def _reasons(
    points_anchor: npt.NDArray[np.intp], points_test: npt.NDArray[np.intp], overlap: Array
) -> npt.NDArray[np.object_]:
    """Why curves of so many points and such an overlap can't be compared; empty where they can."""
    reasons = np.where(overlap > 0, "", "the curves do not overlap").astype(object)
    for side, counts in (("test", points_test), ("anchor", points_anchor)):
        for count in np.unique(counts[counts < MINIMUM_POINTS]):
            reasons[counts == count] = f"the {side} has {count} usable points, {MINIMUM_POINTS} are needed"
    return reasons


def _result(anchor: Curves, test: Curves, method: Method, scale: Scale, *, by_quality: bool) -> BDResult:
    _check_method(method)
    outcome = _compare(anchor, test, by_quality)
    by_method: dict[str, float | None] = {}
    for name in METHODS:
        value = float(scale.difference(outcome.values[name], by_quality)[0])
        by_method[name] = None if np.isnan(value) else value
    overlap = float(outcome.overlap[0])
    interval = None
    if overlap > 0:
        low, high = scale.shown(outcome.low, outcome.high) if by_quality else (outcome.low, outcome.high)
        interval = (
            (float(low[0]), float(high[0])) if by_quality else (float(10 ** low[0]), float(10 ** high[0]))
        )
    reason = _reason(int(anchor.counts[0]), int(test.counts[0]), overlap)
    value_or_none = by_method[method]
    if value_or_none is None and not reason:
        reason = f"the {method} interpolation gives no finite value"
    return BDResult(
        value=value_or_none,
        unit=scale.label(by_quality),
        method=method,
        reason=reason,
        warnings=_warnings(anchor, test, overlap, list(by_method.values()), by_quality) if not reason else (),
        interval=interval,
        overlap=overlap,
        by_method=by_method,
        dropped_anchor=anchor.dropped,
        dropped_test=test.dropped,
    )


def _warnings(
    anchor: Curves, test: Curves, overlap: float, values: Sequence[float | None], by_quality: bool
) -> tuple[str, ...]:
    warnings = []
    for side, curve in (("anchor", anchor), ("test", test)):
        if curve.dropped:
            warnings.append(f"{len(curve.dropped)} dominated points of the {side} were dropped")
    if overlap < WARN_OVERLAP:
        warnings.append(f"the curves overlap over {overlap:.0%} of their range only")
    if by_quality:
        finite = [value for value in values if value is not None]
        spread = max(finite) - min(finite)
        if spread > WARN_SPREAD or len(finite) < len(values):
            warnings.append(f"the interpolation methods differ by {spread:.3g} percentage points")
    return tuple(warnings)
