"""Codecs at the same rate, image by image: which row stands for a rate, and what follows from it.

Where the run searched for a rate, the row that the search chose counts, as measured. Otherwise a metric
is interpolated along each image's own curve, and the nearest measured row serves for pictures. Means,
intervals and tests are the analysis's own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from benchcomp import MetricInfo
from benchcomp_reports.evidence import Evidence

if TYPE_CHECKING:
    import pandas as pd

    from benchcomp.analysis import Interval, WinTieLoss

__all__ = ["Mean", "Paired", "lossless_at", "means", "paired", "rates", "rows_at", "searched", "values_at"]

MOST_RATES = 4
MINIMUM_SHARE = 0.5
"""A codec that reaches the rate on a smaller share of its images has no mean, so that it doesn't cost
the others theirs; as in :func:`benchcomp.analysis.overview`."""


@dataclass(frozen=True)
class Mean:
    """One series' mean of a metric at a rate, over the images that all series share."""

    name: str
    interval: Interval
    reached: int
    images: int
    reason: str


@dataclass(frozen=True)
class Paired:
    """One series against another at a rate, by per-image differences.

    Attributes:
        scale: ``ratio``: ``interval`` is test over anchor minus 1 (geometric mean of the per-image
            ratios); ``difference``: test minus anchor in the metric's unit.
        p: Wilcoxon signed-rank, two-sided; ``p_adjusted`` after Holm over one call of :func:`paired`.
    """

    metric: str
    rate: float
    anchor: str
    test: str
    scale: Literal["ratio", "difference"]
    interval: Interval
    outcome: WinTieLoss
    p: float | None
    p_adjusted: float | None = None


def searched(evidence: Evidence) -> list[float]:
    """The rates (bpp) that were searched for, rising."""
    targets = evidence.targets
    return sorted({float(rate) for rate in targets.loc[targets["measure"] == "bpp", "target"]})


def rates(evidence: Evidence) -> list[float]:
    """The rates (bpp) to compare at, rising: those searched for, or up to three that all curves share.

    Without a range that all share, the one that most series cover counts. Empty without any curves.
    """
    given = searched(evidence)
    if given:
        return given[:MOST_RATES] if len(given) <= MOST_RATES else _spread(given, MOST_RATES)
    points = evidence.points
    points = points[points["variant"].isin(evidence.own) & points["bpp"].notna()]
    spans = points.groupby(["variant", "image"], observed=True)["bpp"].agg(["min", "max"])
    spans = spans.groupby("variant", observed=True).median()
    spans = spans[spans["max"] > spans["min"]]
    if spans.empty:
        return []
    low, high = float(spans["min"].max()), float(spans["max"].min())
    if low >= high:
        low, high = float(spans["min"].median()), float(spans["max"].median())
    if low >= high:
        return []
    inner = np.exp(np.linspace(math.log(low), math.log(high), 5)[1:4])
    return sorted({float(f"{rate:.2g}") for rate in inner})


def _spread(values: Sequence[float], count: int) -> list[float]:
    places = np.linspace(0, len(values) - 1, count).round().astype(int)
    return [values[place] for place in places]


def rows_at(evidence: Evidence, rate: float) -> pd.DataFrame:
    """The measured row that stands for a rate, for every series with images, and image.

    Returns:
        All columns of the frame and ``variant, reached, reason``; the row nearest to the rate where it
        wasn't reached (empty where nothing was measured), with the reason.
    """
    if rate not in evidence.rows_at:
        evidence.rows_at[rate] = _rows_at(evidence, rate)
    return evidence.rows_at[rate]


def _rows_at(evidence: Evidence, rate: float) -> pd.DataFrame:
    import pandas as pd

    from benchcomp.analysis import nearest_at

    targets = evidence.targets
    hits = targets[(targets["measure"] == "bpp") & np.isclose(targets["target"].astype(float), rate)]
    hits = hits[["image", "codec", "quality", "reached", "reason"]].drop_duplicates(["image", "codec"])
    exact = set(hits["codec"])
    names = [name for name in evidence.own if name not in exact]
    parts = []
    if exact:
        points = evidence.points
        points = points[points["codec"].isin(exact & set(evidence.own))].drop(columns="reason")
        found = hits.merge(points, on=["image", "codec", "quality"], how="left")
        parts.append(found.assign(variant=found["codec"]))
    if names or not exact:
        others = evidence.frame.drop(columns="reason")
        if len(names) < len(evidence.series):
            others = others[others["codec"].isin(names)]
        parts.append(nearest_at(others, rate))
    return pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]


def values_at(evidence: Evidence, metric: MetricInfo, rate: float) -> pd.DataFrame:
    """A metric's value at a rate, for every series with images, and image.

    Returns:
        Columns ``variant, image, value`` (NaN where there is none), ``reached``, ``reason``,
        ``interpolated``.
    """
    import pandas as pd

    from benchcomp.analysis import quality_at

    columns = ["variant", "image", "value", "reached", "reason", "interpolated"]
    targets = evidence.targets
    at_rate = (targets["measure"] == "bpp") & np.isclose(targets["target"].astype(float), rate)
    exact = set(targets.loc[at_rate, "codec"])
    parts = []
    if exact:
        rows = rows_at(evidence, rate)
        rows = rows[rows["variant"].isin(exact)]
        reached = rows["reached"].astype(bool)
        value = rows[metric.name].astype(float).where(reached)
        reason = rows["reason"].where(~reached | value.notna(), "no value")
        parts.append(rows.assign(value=value, reason=reason, interpolated=False)[columns])
    others = [name for name in evidence.own if name not in exact]
    if others:
        matched = quality_at(evidence.curves(metric.name), metric, rate)
        if len(others) < len(evidence.series):
            matched = matched[matched["variant"].isin(others)]
        parts.append(matched.assign(interpolated=True)[columns])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def lossless_at(evidence: Evidence) -> pd.DataFrame:
    """The size in bpp of every image by the series that are lossless throughout.

    Returns:
        Columns ``variant, image, value``; where a series has several settings, the smallest size.
    """
    points = evidence.points
    points = points[points["variant"].isin(evidence.own) & points["bpp"].notna()]
    lossless = points["lossless"].fillna(False).astype(bool)
    points = points[lossless.groupby(points["variant"], observed=True).transform("all").astype(bool)]
    sizes = points.groupby(["variant", "image"], sort=False, observed=True)["bpp"].min().astype(float)
    return sizes.rename("value").reset_index()


def means(values: pd.DataFrame, order: Sequence[str]) -> list[Mean]:
    """The series' means at a rate over the images that all of them reach, with intervals.

    Args:
        values: what :func:`values_at` returned.
        order: the series' names.
    """
    from benchcomp.analysis import Interval, bootstrap_means

    table = values.pivot(index="image", columns="variant", values="value")
    images = values.groupby("variant", observed=True)["image"].size()
    reached = table.notna().sum()
    names = [name for name in order if name in table]
    fit = [name for name in names if reached[name] and reached[name] >= MINIMUM_SHARE * images[name]]
    shared = table[fit].dropna().to_numpy(dtype=float)
    intervals = dict(zip(fit, bootstrap_means(shared), strict=True)) if fit else {}
    found = []
    for name in names:
        counts = (int(reached[name]), int(images[name]))
        interval = intervals.get(name, Interval(None, None, None, 0))
        reason = "" if interval.n else f"reached on {counts[0]} of {counts[1]} images"
        if name in intervals and not interval.n:
            reason = "no image on which all codecs reach the rate"
        found.append(Mean(name, interval, *counts, reason))
    return found


def paired(values: pd.DataFrame, metric: MetricInfo, rate: float, anchor: str) -> list[Paired]:
    """Every other series against one, over the images on which both reach the rate.

    Lower-is-better metrics (LPIPS) are compared by ratio, the others by difference.
    """
    from benchcomp.analysis import bootstrap_mean, holm, wilcoxon, win_tie_loss

    table = values.pivot(index="image", columns="variant", values="value").astype(float)
    if anchor not in table:
        return []
    found = []
    for test in values["variant"].unique():
        both = table[[anchor, test]].dropna() if test != anchor else table.iloc[:0]
        if both.empty:
            continue
        differences = (both[test] - both[anchor]).to_numpy()
        scale: Literal["ratio", "difference"] = "difference"
        interval = bootstrap_mean(differences)
        if not metric.higher_is_better and bool((both > 0).all(axis=None)):
            scale, interval = "ratio", _as_ratio(bootstrap_mean(np.log(both[test] / both[anchor])))
        outcome = win_tie_loss(differences, higher_is_better=metric.higher_is_better)
        found.append(
            Paired(metric.name, rate, anchor, str(test), scale, interval, outcome, wilcoxon(differences))
        )
    adjusted = holm([item.p for item in found])
    return [_with_p(item, p) for item, p in zip(found, adjusted, strict=True)]


def _as_ratio(logs: Interval) -> Interval:
    """From the mean of log ratios to the geometric mean ratio, minus 1."""
    from dataclasses import replace

    def ratio(value: float | None) -> float | None:
        return None if value is None else math.expm1(value)

    return replace(logs, mean=ratio(logs.mean), low=ratio(logs.low), high=ratio(logs.high))


def _with_p(item: Paired, p: float | None) -> Paired:
    from dataclasses import replace

    return replace(item, p_adjusted=p)
