"""The answer in a few numbers: which variant is better, at the same rate, and how sure that is.

Puts curves, BD-rate, matching and statistics together into what a table or a sentence needs. Formats
nothing but the headline.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchcomp.analysis._interpolation import Method
from benchcomp.analysis.bdrate import BDResult, CurveSet, average_bd, image_bd
from benchcomp.analysis.curves import with_variant
from benchcomp.analysis.matching import quality_at
from benchcomp.analysis.statistics import (
    RESAMPLES,
    Interval,
    WinTieLoss,
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
    frame: pd.DataFrame | CurveSet,
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
        frame: rows, or their curves by this metric, where several pairs are compared.
        metric: the metric.
        anchor: label of the anchor (``jpeg``).
        test: label of the test (``jpeg:subsampling=444``).
        method: of the BD-rate.
        resamples: of the bootstrap.
        seed: of the bootstrap.

    Raises:
        BenchcompError: the frame has no values of one of the two.
    """
    curves = frame if isinstance(frame, CurveSet) else CurveSet(frame, metric)
    curves.check(anchor, test)
    return _compare([(curves, anchor, test)], method, resamples, seed)[0]


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
    frame = with_variant(frame)
    pairs: list[tuple[CurveSet, str, str]] = []
    for metric in metrics:
        if metric.name in frame:
            curves = CurveSet(frame, metric)
            present = curves.variants
            chosen = [test for test in tests or present if test in present and test != anchor]
            pairs += [(curves, anchor, test) for test in chosen if anchor in present]
    comparisons = _compare(pairs, method, resamples, seed)
    adjusted: list[float | None] = []
    for _, family in itertools.groupby(comparisons, key=lambda comparison: comparison.metric):
        adjusted += holm([comparison.p for comparison in family])
    return [
        dataclasses.replace(comparison, p_adjusted=p)
        for comparison, p in zip(comparisons, adjusted, strict=True)
    ]


def _compare(
    pairs: Sequence[tuple[CurveSet, str, str]], method: Method, resamples: int, seed: int
) -> list[Comparison]:
    """Compare each anchor and test; one resampling of the images serves all."""
    tables = [image_bd(*pair, method, by_quality=True, methods=[method]).set_index("image") for pair in pairs]
    rates = pd.DataFrame({number: table["value"] for number, table in enumerate(tables)})
    intervals = bootstrap_means(rates.to_numpy(dtype=float), resamples=resamples, seed=seed)
    comparisons = []
    for (curves, anchor, test), table, interval in zip(pairs, tables, intervals, strict=True):
        values = table["value"].to_numpy()
        averages = curves.averages(anchor, test)
        p = wilcoxon(np.log10(1 + values / 100))
        comparisons.append(
            Comparison(
                metric=curves.metric.name,
                anchor=anchor,
                test=test,
                curve=average_bd(averages, curves.metric, method, by_quality=True),
                curve_quality=average_bd(averages, curves.metric, method, by_quality=False),
                per_image=interval,
                outcome=win_tie_loss(values, higher_is_better=False),
                p=p,
                p_adjusted=p,
                left_out=dict(table.loc[table["value"].isna(), "reason"].value_counts()),
            )
        )
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
    frame = with_variant(frame)
    known = [metric for metric in metrics if metric.name in frame]
    matched = [quality_at(frame, metric, bpp) for metric in known]
    values: dict[tuple[str, str], pd.Series] = {}
    for metric, table in zip(known, matched, strict=True):
        shared = _shared(table)
        values |= {(metric.name, str(name)): shared[name] for name in shared}
    columns = pd.DataFrame(values).to_numpy(dtype=float)
    intervals = bootstrap_means(columns, resamples=resamples, seed=seed) if values else []
    by_column = dict(zip(values, intervals, strict=True))
    rows = []
    for metric, table in zip(known, matched, strict=True):
        for name, images in table.groupby("variant", sort=False, observed=True):
            reached = int(images["reached"].sum())
            interval = by_column.get((metric.name, str(name)))
            reason = ""
            if interval is None:
                interval = Interval(None, None, None, 0)
                reason = f"reaches {bpp:g} bpp on {reached} of {len(images)} images"
            elif not interval.n:
                reason = "no image on which all variants reach the rate"
            numbers = (interval.mean, interval.low, interval.high, interval.n, reached, len(images))
            rows.append((metric.name, name, *numbers, reason))
    names = ["metric", "variant", "mean", "low", "high", "n", "reached", "images", "reason"]
    return pd.DataFrame(rows, columns=names).astype({"mean": float, "low": float, "high": float})


def _shared(matched: pd.DataFrame) -> pd.DataFrame:
    """Values by image and variant, for the variants that count, on the images that all of them reach."""
    values = matched.pivot(index="image", columns="variant", values="value")
    share = matched.groupby("variant", sort=False, observed=True)["reached"].mean()
    counting = [str(name) for name, part in share.items() if part >= MINIMUM_SHARE]
    return values[counting].dropna()


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
