"""The answer in a few numbers: which variant is better, at the same rate, and how sure that is.

Puts curves, BD-rate, matching and statistics together into what a table or a sentence needs. Formats
nothing but the headline.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchcomp.analysis._interpolation import Method
from benchcomp.analysis.bdrate import BDResult, bd_of_average, bd_per_image
from benchcomp.analysis.curves import image_curves
from benchcomp.analysis.matching import quality_at
from benchcomp.analysis.statistics import (
    RESAMPLES,
    Interval,
    WinTieLoss,
    bootstrap_mean,
    bootstrap_means,
    holm,
    wilcoxon,
    win_tie_loss,
)
from benchcomp.report import MetricInfo

__all__ = ["Comparison", "compare", "compare_all", "headline", "overview"]

MINIMUM_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Comparison:
    """One variant against another by one metric.

    Attributes:
        metric: name of the metric.
        anchor: label of what is compared with.
        test: label of what is compared.
        curve: BD-rate of the averaged curves.
        curve_quality: BD-quality of the averaged curves.
        per_image: mean of the per-image BD-rates in per cent with its bootstrap interval; its ``n`` is
            the number of images that have one.
        outcome: on how many images the test needs fewer bits, as many, more.
        p: of the Wilcoxon signed-rank test on the per-image log rate ratios; ``None`` without any.
        p_adjusted: the same after Holm's correction over the tests of one call of
            :func:`compare_all`.
        left_out: images without a BD-rate, counted by reason.
    """

    metric: str
    anchor: str
    test: str
    curve: BDResult
    curve_quality: BDResult
    per_image: Interval
    outcome: WinTieLoss
    p: float | None
    p_adjusted: float | None
    left_out: Mapping[str, int]


def compare(
    frame: pd.DataFrame,
    metric: MetricInfo,
    anchor: str,
    test: str,
    *,
    method: Method = "pchip",
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Comparison:
    """Compare one variant with another by one metric.

    Args:
        frame: rows.
        metric: the metric.
        anchor: label of the anchor (``jpeg``).
        test: label of the test (``jpeg:subsampling=444``).
        method: of the BD-rate.
        resamples: of the bootstrap.
        seed: of the bootstrap.

    Raises:
        BenchcompError: the frame has no values of one of the two.
    """
    images = bd_per_image(frame, metric, anchor, test, method=method)
    rates = images["value"].dropna().to_numpy()
    p = wilcoxon(np.log10(1 + rates / 100))
    return Comparison(
        metric=metric.name,
        anchor=anchor,
        test=test,
        curve=bd_of_average(frame, metric, anchor, test, method=method),
        curve_quality=bd_of_average(frame, metric, anchor, test, method=method, by_quality=False),
        per_image=bootstrap_mean(rates, resamples=resamples, seed=seed),
        outcome=win_tie_loss(rates, higher_is_better=False),
        p=p,
        p_adjusted=p,
        left_out=dict(images.loc[images["value"].isna(), "reason"].value_counts()),
    )


def compare_all(
    frame: pd.DataFrame,
    metrics: Sequence[MetricInfo],
    anchor: str,
    tests: Sequence[str] | None = None,
    *,
    method: Method = "pchip",
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> list[Comparison]:
    """Compare several variants with one anchor by several metrics.

    The p-values of one metric are a family and are adjusted together. A pair without any values of a
    metric (a lossless codec has no PSNR) is left out. Arguments as :func:`compare`; ``tests`` defaults
    to every variant but the anchor.
    """
    comparisons: list[Comparison] = []
    for metric in metrics:
        if metric.name not in frame:
            continue
        present = list(image_curves(frame, metric.name)["variant"].unique())
        if anchor not in present:
            continue
        chosen = [test for test in tests or present if test in present and test != anchor]
        family = [
            compare(frame, metric, anchor, test, method=method, resamples=resamples, seed=seed)
            for test in chosen
        ]
        adjusted = holm([comparison.p for comparison in family])
        comparisons += [
            dataclasses.replace(comparison, p_adjusted=p)
            for comparison, p in zip(family, adjusted, strict=True)
        ]
    return comparisons


def overview(
    frame: pd.DataFrame,
    metrics: Sequence[MetricInfo],
    bpp: float,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> pd.DataFrame:
    """Every variant's quality at one rate, over the same images for all.

    The images are those on which every variant reaches the rate, not counting variants that reach it
    on fewer than half of theirs; these have no mean, and a reason instead.

    Args:
        frame: rows.
        metrics: the metrics.
        bpp: the rate in bits per pixel.
        resamples: of the bootstrap.
        seed: of the bootstrap.

    Returns:
        One row per metric and variant: ``metric, variant, mean, low, high`` (bootstrap interval), ``n``
        (images in the mean), ``reached``, ``images`` (of the variant) and ``reason``.
    """
    tables = [_overview(frame, metric, bpp, resamples, seed) for metric in metrics if metric.name in frame]
    columns = ["metric", "variant", "mean", "low", "high", "n", "reached", "images", "reason"]
    rows = [row for table in tables for row in table]
    return pd.DataFrame(rows, columns=columns).astype({"mean": float, "low": float, "high": float})


def _overview(
    frame: pd.DataFrame, metric: MetricInfo, bpp: float, resamples: int, seed: int
) -> list[tuple[object, ...]]:
    matched = quality_at(frame, metric, bpp)
    values = matched.pivot(index="image", columns="variant", values="value")
    names = [str(name) for name in matched["variant"].unique()]
    images = matched.groupby("variant")["image"].size()
    reached = values.notna().sum()
    fit = [name for name in names if reached[name] > 0 and reached[name] >= MINIMUM_SHARE * images[name]]
    shared = values[fit].dropna()
    intervals = bootstrap_means(shared.to_numpy(dtype=float), resamples=resamples, seed=seed)
    by_variant = dict(zip(fit, intervals, strict=True))
    rows: list[tuple[object, ...]] = []
    for name in names:
        counts = (int(reached[name]), int(images[name]))
        if name in by_variant:
            interval = by_variant[name]
            reason = "" if interval.n else "no image on which all variants reach the rate"
            rows.append(
                (metric.name, name, interval.mean, interval.low, interval.high, interval.n, *counts, reason)
            )
        else:
            reason = f"reaches {bpp:g} bpp on {counts[0]} of {counts[1]} images"
            rows.append((metric.name, name, None, None, None, 0, *counts, reason))
    return rows


def headline(comparison: Comparison, metric: MetricInfo) -> str:
    """The comparison as one sentence, with its uncertainty and the number of images."""
    test, anchor, interval = comparison.test, comparison.anchor, comparison.per_image
    if interval.mean is None:
        why = "; ".join(f"{reason} ({count} images)" for reason, count in comparison.left_out.items())
        return f"{test} and {anchor} can't be compared by {metric.title}: {why or 'no common images'}."
    amount = f"{abs(interval.mean):.1f} % {'fewer' if interval.mean < 0 else 'more'} bits"
    if interval.low is None or interval.high is None:
        return f"{test} needs {amount} than {anchor} at equal {metric.title} on the one image compared."
    span = f"{interval.confidence:.0%} interval {interval.low:+.1f} to {interval.high:+.1f} %"
    sides = f"{interval.n} images, better on {comparison.outcome.wins}, worse on {comparison.outcome.losses}"
    if interval.low <= 0 <= interval.high:
        return f"{test} and {anchor} don't differ clearly at equal {metric.title} ({span}; {sides})."
    return f"{test} needs {amount} than {anchor} at equal {metric.title} ({span}; {sides})."
