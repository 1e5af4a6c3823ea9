"""What a report that can't show everything puts first: the headline's metric and rate, and the images.

Images are chosen to show the spread, not the prettiest: for every codec the one on which it does best
against the others, worst, and in the middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchcomp import BenchcompError
from benchcomp_reports import equal_rate
from benchcomp_reports.evidence import Evidence

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CASES", "Focus", "choose", "focus"]

HEADLINE_METRIC = "lpips_alex"

CASES = ("median", "worst", "best")
"""In order of importance, should there be room for a few only."""


@dataclass(frozen=True)
class Focus:
    """What a report opens with.

    Attributes:
        metric: the headline metric's name; empty where there are none.
        rates: the rates compared at, in bpp; may be empty.
        rate: the headline rate; ``None`` without any.
        anchor: what the headline compares with; empty to choose the runner-up.
    """

    metric: str
    rates: Sequence[float]
    rate: float | None
    anchor: str


def focus(evidence: Evidence, metric: str = "", rates: Sequence[float] = (), anchor: str = "") -> Focus:
    """Choose the headline's metric and rate where the user didn't.

    The metric is LPIPS where it was measured, else the first; the rate the lowest that the most codecs
    reach on at least half of their images.

    Raises:
        BenchcompError: the metric or anchor asked for isn't in the runs, or a rate isn't positive.
    """
    if metric and metric not in evidence.metrics:
        raise BenchcompError(f"no metric {metric!r} in these runs (has: {', '.join(evidence.metrics)})")
    if anchor and anchor not in evidence.own:
        raise BenchcompError(f"no codec {anchor!r} in these runs (has: {', '.join(evidence.own)})")
    if any(not rate > 0 for rate in rates):
        raise BenchcompError("a rate to compare at is a number of bits per pixel above 0")
    names = list(evidence.metrics)
    chosen = metric or (HEADLINE_METRIC if HEADLINE_METRIC in names else names[0] if names else "")
    compared = sorted(rates) or equal_rate.rates(evidence)
    best: tuple[int, float] | None = None
    for rate in compared if chosen else ():
        values = equal_rate.values_at(evidence, evidence.metrics[chosen], rate)
        count = sum(mean.interval.n > 0 for mean in equal_rate.means(values, evidence.own))
        if best is None or count > best[0]:
            best = (count, rate)
    return Focus(chosen, compared, best[1] if best else None, anchor)


def choose(evidence: Evidence, chosen: Focus, most: int) -> dict[str, list[str]]:
    """The images to show and the cases that each stands for, the most important first.

    A codec's advantage on an image is how much better it scores by the headline metric at the headline
    rate than the best of the others. Images that are no case fill up to ``most``.
    """
    images = evidence.frame.loc[evidence.frame["codec"].isin(evidence.own), "image"].unique()
    found: dict[str, list[str]] = {}
    if chosen.rate is not None and chosen.metric:
        info = evidence.metrics[chosen.metric]
        values = equal_rate.values_at(evidence, info, chosen.rate)
        table = values.pivot(index="image", columns="variant", values="value").astype(float)
        table = table if info.higher_is_better else -table
        ranked = {name: _by_advantage(table, name) for name in evidence.own if name in table}
        for case in CASES:
            for name, order in ranked.items():
                if order:
                    place = {"worst": 0, "median": len(order) // 2, "best": len(order) - 1}[case]
                    found.setdefault(order[place], []).append(f"{case} case of {name}")
    for image in images:
        if len(found) >= most:
            break
        found.setdefault(str(image), [])
    return dict(list(found.items())[:most])


def _by_advantage(table: pd.DataFrame, name: str) -> list[str]:
    """The images in order of rising advantage of one series over the best of the others."""
    others = table.drop(columns=name)
    advantage = table[name] - others.max(axis=1) if others.shape[1] else table[name]
    return [str(image) for image in advantage.dropna().sort_values(kind="stable").index]
