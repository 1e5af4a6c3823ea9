"""Comparing codecs at one rate or one quality after the fact, from the points that a sweep measured.

Either a metric is interpolated along every image's own curve, or the nearest measured point is chosen.
An image whose curve doesn't reach the target is marked as such and never extrapolated. A search during
the run (``--target-bpp``) is exact where this is an estimate.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchcomp.analysis._interpolation import Array, at
from benchcomp.analysis.bdrate import Curves, CurveSet, Scale
from benchcomp.analysis.curves import Places, codes, measured_places, with_variant
from benchcomp.report import MetricInfo

__all__ = ["nearest_at", "quality_at", "rate_at", "unreached"]


def quality_at(frame: pd.DataFrame | CurveSet, metric: MetricInfo, bpp: float) -> pd.DataFrame:
    """A metric's value at a given rate on every image, by PCHIP over log10 of the rate.

    Args:
        frame: rows, or their curves by this metric, where several questions are asked.
        metric: the metric.
        bpp: the rate in bits per pixel, the same for all images.

    Returns:
        One row per variant and image of the frame: ``variant, image, value`` (NaN where not reached),
        ``low``, ``high`` (the lowest and highest rate of the image's curve, in bpp), ``reached``,
        ``reason``.
    """
    return _match(frame, metric, by_quality=False, target=bpp)


def rate_at(frame: pd.DataFrame | CurveSet, metric: MetricInfo, value: float) -> pd.DataFrame:
    """The rate in bpp that every image needs for a given value of a metric.

    Returns:
        As :func:`quality_at`, with the rate in ``value`` and the worst and best quality of the curve in
        ``low`` and ``high``.
    """
    return _match(frame, metric, by_quality=True, target=value)


def nearest_at(frame: pd.DataFrame, bpp: float, tolerance: float = 0.1) -> pd.DataFrame:
    """The measured row nearest to a rate, for every variant and image.

    Args:
        frame: rows.
        bpp: the rate.
        tolerance: largest relative difference accepted; 0.1 accepts 0.225 to 0.275 for 0.25.

    Returns:
        One row per variant and image of the frame: all columns of the frame (of the nearest row;
        empty where nothing was measured) and ``variant, reached, reason``. Ties go to the lower rate.
    """
    frame = with_variant(frame)
    rates = frame["bpp"].to_numpy(dtype=float, na_value=np.nan)
    places = measured_places(frame)
    places = places[~np.isnan(rates[places])]
    pairs, pair_of = _pairs(frame)
    off = np.abs(rates[places] / bpp - 1)
    order = np.lexsort((rates[places], off, pair_of[places]))
    order = order[_first(pair_of[places][order])]
    nearest = np.full(len(pairs), -1)
    nearest[pair_of[places[order]]] = places[order]
    distance = np.full(len(pairs), np.nan)
    distance[pair_of[places[order]]] = off[order]
    missing = nearest < 0
    names = ["variant", "image"]
    chosen: pd.DataFrame = frame.drop(columns=names).iloc[np.maximum(nearest, 0)].reset_index(drop=True)
    if missing.any():
        chosen = chosen.mask(pd.Series(missing))
    chosen = pd.concat([frame[names].iloc[pairs].reset_index(drop=True), chosen], axis=1)
    reached = distance <= tolerance
    chosen["reached"] = reached
    reason = np.where(missing, "nothing measured", "").astype(object)
    far = np.flatnonzero(~missing & ~reached)
    reason[far] = [f"nearest is {rate:.4g} bpp" for rate in rates[nearest[far]]]
    chosen["reason"] = pd.Series(reason, dtype="str")
    return chosen


def _pairs(frame: pd.DataFrame) -> tuple[Places, Places]:
    """The variants and images of a frame: where each first appears, and the number of each row's pair."""
    keys = codes(frame["variant"]) * len(frame["image"].cat.categories) + codes(frame["image"])
    number, _ = pd.factorize(keys)
    return np.flatnonzero(~pd.Series(number).duplicated().to_numpy()), number


def _first(values: Places) -> npt.NDArray[np.bool_]:
    """Where in sorted values a new one starts."""
    first = np.ones(len(values), bool)
    first[1:] = values[1:] != values[:-1]
    return first


def unreached(matched: pd.DataFrame) -> pd.DataFrame:
    """How many images can't reach the target, by variant and reason.

    Args:
        matched: what one of the functions of this module returned.

    Returns:
        Columns ``variant, images`` (in all), ``reached``, ``why`` (such as ``3 above the highest rate``).
    """
    rows = []
    for variant, group in matched.groupby("variant", sort=False, observed=True):
        missing = group[~group["reached"]]
        kinds = missing["reason"].str.replace(r"^nearest is .*", "too far from any point", regex=True)
        counts = kinds.value_counts()
        why = ", ".join(f"{count} {kind}" for kind, count in counts.items())
        rows.append((variant, len(group), int(group["reached"].sum()), why))
    return pd.DataFrame(rows, columns=["variant", "images", "reached", "why"])


def _match(
    frame: pd.DataFrame | CurveSet, metric: MetricInfo, *, by_quality: bool, target: float
) -> pd.DataFrame:
    scale = Scale(metric.higher_is_better, False, metric.unit)
    curves = frame if isinstance(frame, CurveSet) else CurveSet(frame, metric)
    frame = curves.frame
    pairs, _ = _pairs(frame)
    variant, image = codes(frame["variant"])[pairs], codes(frame["image"])[pairs]
    variants = frame["variant"].cat.categories
    tables = []
    for number in dict.fromkeys(variant.tolist()):
        own = image[variant == number]
        name = str(variants[number])
        table = _at(curves.curves(name, scale).of(own), scale, by_quality, target)
        names = pd.Categorical.from_codes(np.full(len(own), number), variants)
        table = table.assign(variant=names, image=pd.Categorical.from_codes(own, curves.images))
        tables.append(table)
    columns = ["variant", "image", "value", "low", "high", "reached", "reason"]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def _at(curves: Curves, scale: Scale, by_quality: bool, target: float) -> pd.DataFrame:
    x, y = (curves.quality, curves.rate) if by_quality else (curves.rate, curves.quality)
    place = float(scale.rising(np.array(target))) if by_quality else float(np.log10(target))
    value, low, high = (np.full(len(x), np.nan) for _ in range(3))
    for count in np.unique(curves.counts[curves.counts > 0]):
        rows = curves.counts == count
        low[rows], high[rows] = x[rows, 0], x[rows, count - 1]
        value[rows] = at(x[rows, :count], y[rows, :count], np.full(int(rows.sum()), place))
    reason = np.select(
        [curves.counts == 0, place < low, place > high],
        ["nothing measured", *_outside(by_quality)],
        "",
    )
    if by_quality:
        value, (low, high) = 10**value, (_own(low, scale), _own(high, scale))
    else:
        value, low, high = _own(value, scale), 10**low, 10**high
    return pd.DataFrame(
        {"value": value, "low": low, "high": high, "reached": np.isfinite(value), "reason": reason}
    )


def _outside(by_quality: bool) -> tuple[str, str]:
    if by_quality:
        return "worse than the worst quality measured", "better than the best quality measured"
    return "below the lowest rate measured", "above the highest rate measured"


def _own(values: Array, scale: Scale) -> Array:
    """From the axis that rises with quality back to the metric's own direction."""
    return values if scale.higher_is_better else -values
