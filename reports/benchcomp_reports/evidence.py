"""Several runs as one: what a report that compares codecs works on.

Names every curve apart (two runs may both hold ``jpeg``), keeps metrics of different definitions from
being mixed, and finds the pictures behind a row. Makes no number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from benchcomp import BenchcompError, MetricInfo, Pixels, Results
from benchcomp.variants import label
from benchcomp_reports.common import cell

if TYPE_CHECKING:
    import pandas as pd

    from benchcomp.analysis import CurveSet

__all__ = ["Evidence", "Series", "gather"]


@dataclass(frozen=True)
class Series:
    """One codec variant of one run.

    Attributes:
        name: what it is called everywhere in a report; unique.
        codec: its codec in the run's rows.
        options: its options there.
        run: the run that it comes from.
        version: of the library that did the work; empty when not known.
    """

    name: str
    codec: str
    options: str
    run: Results
    version: str

    @property
    def published(self) -> bool:
        """Whether there are averages only."""
        return self.run.published


@dataclass(frozen=True)
class Evidence:
    """The runs of a report, put together.

    Attributes:
        runs: as given, the newest last.
        series: by name, in the order of the runs and their rows.
        frame: all rows; ``codec`` and ``variant`` are the series' name and ``options`` is empty.
        targets: all searches, named likewise.
        metrics: of all runs, the newest run's first.
        caveats: what had to be left out to put the runs together.
    """

    runs: Sequence[Results]
    series: Mapping[str, Series]
    frame: pd.DataFrame
    targets: pd.DataFrame
    metrics: Mapping[str, MetricInfo]
    caveats: Sequence[str]
    rows_at: dict[float, pd.DataFrame] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What :func:`benchcomp_reports.equal_rate.rows_at` found, by rate."""
    _curves: dict[str, CurveSet] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def points(self) -> pd.DataFrame:
        """The rows that are rate points, as :func:`benchcomp.analysis.measured` gives them."""
        from benchcomp.analysis import measured

        return measured(self.frame)

    def curves(self, metric: str) -> CurveSet:
        """The curves of all series by one metric, worked out once for the whole report."""
        from benchcomp.analysis import CurveSet

        if metric not in self._curves:
            self._curves[metric] = CurveSet(self.frame, self.metrics[metric])
        return self._curves[metric]

    @property
    def own(self) -> list[str]:
        """Names of the series that have images, not only published averages."""
        return [name for name, series in self.series.items() if not series.published]

    def source(self, image: str) -> Pixels:
        """The source picture of an image; :class:`BenchcompError` where no run has it."""
        problems = []
        for run in reversed(self.runs):
            if run.pictures is None:
                continue
            try:
                return run.pictures.source(image)
            except BenchcompError as error:
                problems.append(str(error))
        raise BenchcompError(problems[0] if problems else f"no run holds pictures of {image!r}")

    def reconstruction(self, image: str, name: str, quality: object) -> Pixels:
        """The decoded picture of one series at one quality; :class:`BenchcompError` where it isn't there."""
        series = self.series[name]
        if series.run.pictures is None:
            raise BenchcompError(f"run {series.run.name} was imported without pictures")
        value = cell(quality)
        return series.run.pictures.reconstruction(
            image, series.codec, series.options, None if value is None else float(value)
        )


def gather(runs: Sequence[Results], codecs: Sequence[str] = ()) -> Evidence:
    """Put runs together.

    Args:
        runs: the newest last.
        codecs: names of the series wanted, in this order; empty for all.

    Raises:
        BenchcompError: no runs, no rows, or an unknown name among ``codecs``.
    """
    import pandas as pd

    from benchcomp.analysis import with_variant

    if not runs:
        raise BenchcompError("there is no run to report; make one with benchcomp run")
    caveats: list[str] = []
    metrics = _metrics(runs, caveats)
    series: list[Series] = []
    frames, targets = [], []
    taken = Counter(_variant(run, *pair) for run in runs for pair in _pairs(run))
    for number, run in enumerate(runs, 1):
        names = {}
        for codec, options in _pairs(run):
            text = _variant(run, codec, options)
            if taken[text] > 1:
                text = f"{text} ({run.name})"
            if any(text == other.name for other in series):
                text = f"{text} #{number}"
            names[codec, options] = text
            series.append(Series(text, codec, options, run, _version(run, codec, options)))
        frames.append(_renamed(run.frame, names).drop(columns=_foreign(run, metrics)))
        targets.append(_renamed(run.targets, names))
    if not series:
        raise BenchcompError(f"run {runs[-1].name} has no rows yet, so there is nothing to report")
    frame = with_variant(_concat(frames))
    for name in metrics:
        if name not in frame:
            frame[name] = float("nan")
    evidence = Evidence(
        runs,
        {item.name: item for item in series},
        frame,
        _concat(targets) if targets else pd.DataFrame(),
        metrics,
        caveats,
    )
    return _only(evidence, codecs) if codecs else evidence


def _only(evidence: Evidence, names: Sequence[str]) -> Evidence:
    missing = [name for name in names if name not in evidence.series]
    if missing:
        raise BenchcompError(f"no codec {missing[0]!r} in these runs (has: {', '.join(evidence.series)})")
    return replace(
        evidence,
        series={name: evidence.series[name] for name in names},
        frame=evidence.frame[evidence.frame["codec"].isin(names)].reset_index(drop=True),
        targets=evidence.targets[evidence.targets["codec"].isin(names)].reset_index(drop=True),
    )


def _pairs(run: Results) -> list[tuple[str, str]]:
    """The run's variants, in the order of its manifest, then of its rows."""
    rows = run.frame[["codec", "options"]].fillna("").drop_duplicates()
    present = [(str(codec), str(options)) for codec, options in rows.itertuples(index=False)]
    listed = [
        (str(item.get("codec", "")), str(item.get("options", ""))) for item in run.manifest.get("codecs", ())
    ]
    return [pair for pair in dict.fromkeys([*listed, *present]) if pair in present]


def _variant(run: Results, codec: str, options: str) -> str:
    return f"{label(codec, options)} (published)" if run.published else label(codec, options)


def _version(run: Results, codec: str, options: str) -> str:
    for item in run.manifest.get("codecs", ()):
        if (item.get("codec"), item.get("options", "")) == (codec, options):
            return str(item.get("version", ""))
    return ""


def _renamed(frame: pd.DataFrame, names: Mapping[tuple[str, str], str]) -> pd.DataFrame:
    pairs = frame[["codec", "options"]].fillna("")
    distinct = pairs.drop_duplicates().itertuples(index=False, name=None)
    codec = pairs["codec"].astype(object)
    for pair in distinct:
        same = (pairs["codec"] == pair[0]) & (pairs["options"] == pair[1])
        codec = codec.mask(same, names.get(pair, label(*pair)))
    return frame.assign(codec=codec.astype("str"), options="")


def _concat(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    filled = [frame.astype(object) if len(frames) > 1 else frame for frame in frames if len(frame)]
    if not filled:
        return frames[0]
    return pd.concat(filled, ignore_index=True).infer_objects() if len(filled) > 1 else filled[0]


def _metrics(runs: Sequence[Results], caveats: list[str]) -> dict[str, MetricInfo]:
    """All metrics; where definitions differ, the newest run's counts and the other's is left out."""
    metrics: dict[str, MetricInfo] = {}
    for run in reversed(runs):
        for name, info in run.metrics.items():
            kept = metrics.setdefault(name, info)
            if kept.definition != info.definition:
                caveats.append(
                    f"{info.title} of run {run.name} is left out: it is defined otherwise "
                    f"({info.definition}) than in the newer run ({kept.definition})."
                )
    return metrics


def _foreign(run: Results, metrics: Mapping[str, MetricInfo]) -> list[str]:
    return [name for name, info in run.metrics.items() if metrics[name].definition != info.definition]
