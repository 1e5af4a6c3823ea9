r"""LaTeX tables for a paper: BD-rates and the comparison at equal rate, set with booktabs.

The file is to be taken in with ``\input``; its comments name the run, the data set and the versions. It
writes tables, not documents.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from benchcomp import BenchcompError, MetricInfo, Report, Results, __version__, make_options
from benchcomp_reports import equal_rate
from benchcomp_reports.common import write_text
from benchcomp_reports.evidence import Evidence, gather

__all__ = ["LatexReport", "escape"]

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
}


@dataclass(frozen=True)
class LatexSettings:
    """What can be set.

    Attributes:
        codecs: names of the codecs, in this order; all by default.
        metrics: names of the metrics, in this order; all by default.
        anchor: what BD-rates are relative to; the first codec by default.
        rates: rates of the equal-rate tables, in bpp; those searched for by default, else chosen.
    """

    codecs: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    anchor: str = ""
    rates: tuple[float, ...] = ()


class LatexReport(Report):
    """A BD-rate table and one table per rate."""

    name: ClassVar[str] = "latex"
    suffix: ClassVar[str] = ".tex"

    def write(self, runs: Sequence[Results], out: Path, **settings: Any) -> None:
        """Write the tables; see :meth:`benchcomp.Report.write`."""
        chosen = make_options(LatexSettings, settings, f"format {self.name}")
        evidence = gather(runs, chosen.codecs)
        metrics = _metrics(evidence, chosen.metrics)
        anchor = chosen.anchor or (evidence.own[0] if evidence.own else "")
        if anchor not in evidence.own:
            raise BenchcompError(
                f"no codec {anchor!r} with images (has: {', '.join(evidence.own) or 'none'})"
            )
        rates = sorted(chosen.rates) or equal_rate.rates(evidence)
        parts = [_comments(evidence), _bd_table(evidence, metrics, anchor)]
        parts += [_rate_table(evidence, metrics, rate) for rate in rates]
        write_text(out, "\n\n".join(filter(None, parts)) + "\n")


def _metrics(evidence: Evidence, names: Sequence[str]) -> list[MetricInfo]:
    missing = [name for name in names if name not in evidence.metrics]
    if missing:
        raise BenchcompError(f"no metric {missing[0]!r} in these runs (has: {', '.join(evidence.metrics)})")
    return [evidence.metrics[name] for name in names or evidence.metrics]


def escape(text: str) -> str:
    """A text as LaTeX shows it; control characters become spaces."""
    return "".join(_SPECIAL.get(letter, letter) for letter in re.sub(r"[\x00-\x1f\x7f]", " ", text))


def _comments(evidence: Evidence) -> str:
    lines = [f"benchcomp {__version__}; needs \\usepackage{{booktabs}} and \\usepackage[T1]{{fontenc}}"]
    for run in evidence.runs:
        dataset = run.manifest.get("dataset", {})
        lines.append(f"run {run.name}: {dataset.get('id', '')}, {run.manifest.get('images')} images")
        lines += [
            f"  {item.get('codec')} {item.get('options', '')}: {item.get('version', '')}"
            for item in run.manifest.get("codecs", ())
        ]
    return "\n".join(f"% {_one_line(line)}" for line in lines)


def _one_line(text: str) -> str:
    """A comment must not end early."""
    return re.sub(r"\s+", " ", text)


def _bd_table(evidence: Evidence, metrics: Sequence[MetricInfo], anchor: str) -> str:
    """Mean of per-image BD-rates against the anchor, a column per metric, with intervals."""
    from benchcomp.analysis import compare_all

    own = evidence.frame[evidence.frame["codec"].isin(evidence.own)]
    found = {(item.metric, item.test): item for item in compare_all(own, metrics, anchor)}
    rows = []
    for name in evidence.own:
        if name == anchor:
            continue
        cells = []
        for info in metrics:
            item = found.get((info.name, name))
            interval = item.per_image if item is not None else None
            if interval is None or interval.mean is None:
                cells.append("--")
            elif interval.low is None or interval.high is None:
                cells.append(_signed(interval.mean, 1))
            else:
                span = f"[{_signed(interval.low, 1)}, {_signed(interval.high, 1)}]"
                cells.append(f"{_signed(interval.mean, 1)} {{\\footnotesize {span}}}")
        rows.append([escape(name), *cells])
    if not rows:
        return ""
    caption = (
        f"BD-rate in \\% relative to {escape(anchor)} (PCHIP; mean of per-image values, 95\\,\\% bootstrap "
        "interval over images); negative is fewer bits."
    )
    return _table(caption, "tab:bd-rate", ["Codec", *(escape(info.title) for info in metrics)], rows)


def _rate_table(evidence: Evidence, metrics: Sequence[MetricInfo], rate: float) -> str:
    """Mean of every metric at one rate over the images that all codecs reach; the best is bold."""
    columns = []
    for info in metrics:
        means = equal_rate.means(equal_rate.values_at(evidence, info, rate), evidence.own)
        columns.append({mean.name: mean.interval for mean in means})
    shared = {interval.n for column in columns for interval in column.values() if interval.n}
    if not shared:
        return ""
    best = [_best(info, column) for info, column in zip(metrics, columns, strict=True)]
    rows = []
    for name in evidence.own:
        cells = []
        for info, column, top in zip(metrics, columns, best, strict=True):
            interval = column.get(name)
            mean = interval.mean if interval is not None else None
            text = "--" if mean is None else f"{mean:.{2 if info.unit == 'dB' else 4}f}".replace("-", "$-$")
            cells.append(f"\\textbf{{{text}}}" if name == top else text)
        rows.append([escape(name), *cells])
    images = " to ".join(str(count) for count in sorted({min(shared), max(shared)}))
    caption = f"Means at {rate:g} bits per pixel over the {images} images that all codecs shown reach."
    head = ["Codec"]
    for info in metrics:
        unit = f" ({escape(info.unit)})" if info.unit else ""
        arrow = r"$\uparrow$" if info.higher_is_better else r"$\downarrow$"
        head.append(f"{escape(info.title)}{unit} {arrow}")
    return _table(caption, f"tab:at-{rate:g}-bpp", head, rows)


def _best(info: MetricInfo, column: Any) -> str:
    known = {name: interval.mean for name, interval in column.items() if interval.mean is not None}
    if len(known) < 2:
        return ""
    return str((max if info.higher_is_better else min)(known, key=known.__getitem__))


def _signed(value: float, digits: int) -> str:
    return f"${value:+.{digits}f}$"


def _table(caption: str, label: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(
        [
            r"\begin{table}",
            r"  \centering",
            f"  \\caption{{{caption}}}",
            f"  \\label{{{label}}}",
            f"  \\begin{{tabular}}{{l{'r' * (len(head) - 1)}}}",
            r"    \toprule",
            f"    {' & '.join(head)} \\\\",
            r"    \midrule",
            *(f"    {' & '.join(row)} \\\\" for row in rows),
            r"    \bottomrule",
            r"  \end{tabular}",
            r"\end{table}",
        ]
    )
