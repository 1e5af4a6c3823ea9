"""A run as Markdown, for an issue or a wiki: a table of BD-rates and one of averages.

All figures come from :mod:`benchcomp.analysis`; a report only puts them into its format.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchcomp import Report, Results


class Markdown(Report):
    """Each run is a section; the first codec with a curve is the anchor of BD-rates."""

    name = "markdown"
    suffix = ".md"

    def write(self, runs: Sequence[Results], out: Path, **settings: Any) -> None:
        """Write one file for the runs given."""
        out.write_text("\n\n".join(section(run) for run in runs) + "\n", encoding="utf-8")


def section(run: Results) -> str:
    """One run: its name and data set, the two tables."""
    from benchcomp import analysis

    points = analysis.rate_points(run.frame, list(run.metrics))
    columns = ["variant", "quality", "bpp", *run.metrics]
    averages = table(columns, points[columns].itertuples(index=False))
    return f"## {run.name}: {run.manifest['dataset']['id']}\n\n{bd_rates(run)}\n\n{averages}"


def bd_rates(run: Results) -> str:
    """BD-rates against the first codec with more than one rate point, or why there are none."""
    from benchcomp import analysis

    rows = []
    for metric in run.metrics.values():
        curves = analysis.rd_curves(run.frame, metric.name).dropna(subset=["value"])
        points = curves["variant"].value_counts(sort=False)
        anchor, *others = points.index[points > 1].tolist() or [""]
        for other in others:
            result = analysis.bd_of_average(run.frame, metric, anchor, other)
            value = result.reason if result.value is None else f"{result.value:+.1f} %"
            rows.append((f"{other} against {anchor}", metric.title, value))
    if not rows:
        return "There are no two codecs with curves to compare."
    return table(["codecs", "metric", "bits at the same quality"], rows)


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A Markdown table; numbers with four digits behind the point."""
    lines = [columns, ["---"] * len(columns)]
    lines += [[f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
