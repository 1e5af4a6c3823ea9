"""Runs from Python and notebooks: :func:`run`, :func:`load`, and what they return.

The same plan, store and analysis as the command line's, with data frames instead of files and tables::

    import benchcomp as bc

    run = bc.run(codecs=["jpeg", "jp2k"], dataset="kodak", limit=4)
    run.frame
    run.curves("lpips_alex")
    run.compare(anchor="jpeg")
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchcomp.errors import BenchcompError
from benchcomp.pixels import Pixels
from benchcomp.registry import default
from benchcomp.report import MetricInfo, Pictures, Results

if TYPE_CHECKING:
    import pandas as pd

    from benchcomp.sweep.execute import Plan, Tally
    from benchcomp.sweep.plan import Experiment

__all__ = ["Run", "load", "run"]


_COMPARED = (
    *("metric", "anchor", "test", "bd_rate", "mean", "low", "high"),
    *("images", "better", "worse", "p", "sentence"),
)


@dataclass(frozen=True)
class Run:
    """A run that was measured, as data frames.

    Attributes:
        path: its run file, which the command line takes too; ``None`` for imported results.
        results: what reports get; :class:`benchcomp.Results`.
    """

    path: Path | None
    results: Results

    @property
    def frame(self) -> pd.DataFrame:
        """One row per image, codec variant and rate point; :mod:`benchcomp.rows` names the columns."""
        return self.results.frame

    @property
    def targets(self) -> pd.DataFrame:
        """One row per search for a rate or a quality: what was wanted and what was reached."""
        return self.results.targets

    @property
    def metrics(self) -> Mapping[str, MetricInfo]:
        """Title, unit and direction of every metric, by its column's name."""
        return self.results.metrics

    @property
    def variants(self) -> list[str]:
        """The codec variants in the order in which they were named."""
        from benchcomp import analysis

        return analysis.variants(self.frame)

    @property
    def failures(self) -> pd.DataFrame:
        """What failed and why; empty when nothing did."""
        from benchcomp import analysis

        return analysis.failures(self.frame)

    def curves(self, metric: str) -> pd.DataFrame:
        """Rate-distortion curves averaged over images at constant settings.

        Returns:
            One row per variant and quality, with ``variant, quality, bpp, value`` and how many images
            are in the average; see :func:`benchcomp.analysis.rd_curves`.

        Raises:
            BenchcompError: the run has no such metric.
        """
        from benchcomp import analysis

        return analysis.rd_curves(self.frame, self._metric(metric).name)

    def averages(self) -> pd.DataFrame:
        """Means over images at constant settings of every metric and of the times."""
        from benchcomp import analysis

        return analysis.rate_points(self.frame, [*self.metrics, "encode_wall_s", "decode_wall_s"])

    def at_rate(self, bpp: float) -> pd.DataFrame:
        """Every variant's quality at one rate with its bootstrap interval, over the same images for all."""
        from benchcomp import analysis

        return analysis.overview(self.frame, list(self.metrics.values()), bpp)

    def compare(self, anchor: str | None = None, metric: str | None = None) -> pd.DataFrame:
        """BD-rates against an anchor, with how sure they are.

        Args:
            anchor: the variant to compare with; the first one by default.
            metric: one metric only.

        Returns:
            One row per metric and other variant: ``metric, anchor, test``, ``bd_rate`` (of the averaged
            curves, in per cent; negative: fewer bits), ``mean, low, high`` (mean of the images' own
            BD-rates with its bootstrap interval), ``images``, ``better``, ``worse`` (on how many),
            ``p`` (Wilcoxon, adjusted after Holm) and ``sentence``.

        Raises:
            BenchcompError: the run has no such variant or metric.
        """
        import pandas as pd

        from benchcomp import analysis

        anchor = anchor or self.variants[0]
        if anchor not in self.variants:
            raise BenchcompError(f"the run has no codec {anchor!r}; it has {', '.join(self.variants)}")
        chosen = [self._metric(metric)] if metric else list(self.metrics.values())
        rows = [
            {
                "metric": result.metric,
                "anchor": result.anchor,
                "test": result.test,
                "bd_rate": result.curve.value,
                "mean": result.per_image.mean,
                "low": result.per_image.low,
                "high": result.per_image.high,
                "images": result.per_image.n,
                "better": result.outcome.wins,
                "worse": result.outcome.losses,
                "p": result.p_adjusted,
                "sentence": analysis.headline(result, self.metrics[result.metric]),
            }
            for result in analysis.compare_all(self.frame, chosen, anchor)
        ]
        numbers = dict.fromkeys(("bd_rate", "mean", "low", "high", "p"), "float64")
        return pd.DataFrame(rows, columns=_COMPARED).astype(numbers)

    def source(self, image: str) -> Pixels:
        """A source image: uint8, (height, width, 3), RGB."""
        return self._pictures().source(image)

    def reconstruction(self, image: str, variant: str, quality: float | None = None) -> Pixels:
        """What a codec variant made of an image: uint8, (height, width, 3), RGB.

        Raises:
            BenchcompError: there is no such row, or its bitstream wasn't kept.
        """
        codec, _, options = variant.partition(":")
        return self._pictures().reconstruction(image, codec, options, quality)

    def write(self, format: str, out: str | os.PathLike[str], **settings: Any) -> None:
        """Write a report or export: ``html``, ``csv``, ``latex`` or any that a plugin brings."""
        default().report(format).write([self.results], Path(out), **settings)

    def _metric(self, name: str) -> MetricInfo:
        from benchcomp.variants import did_you_mean

        if name not in self.metrics:
            raise BenchcompError(f"the run has no metric {name!r}{did_you_mean(name, self.metrics)}")
        return self.metrics[name]

    def _pictures(self) -> Pictures:
        if self.results.pictures is None:
            raise BenchcompError(f"{self.results.name} has no pictures")
        return self.results.pictures


def run(
    codecs: Sequence[str] | str,
    dataset: str = "facades-sample",
    metrics: Sequence[str] | None = None,
    *,
    rates: Sequence[float] | Mapping[str, Sequence[float]] | None = None,
    target_bpp: Sequence[float] = (),
    targets: Mapping[str, Sequence[float]] | None = None,
    jobs: int | None = None,
    out: str | os.PathLike[str] | None = None,
    resume: bool = False,
    on_progress: Callable[[Tally], None] = lambda tally: None,
    **settings: Any,
) -> Run:
    """Run codecs over a data set, as ``benchcomp run`` does, and return what was measured.

    A codec that raises, hangs or crashes costs its own rows (:attr:`Run.failures`). One that isn't
    available is left out with a warning.

    Args:
        codecs: variants as they are typed on the command line.
        dataset: ``name`` or ``name:argument``.
        metrics: names of metrics; the command line's by default.
        rates: knob values for all codecs, or by variant; the codecs' own ladders by default.
        target_bpp: rates in bits per pixel to search for on every image.
        targets: qualities to search for, by metric.
        jobs: worker processes; one a core by default.
        out: the run file; a new one in the runs folder by default.
        resume: go on with the run at ``out``.
        on_progress: called with a tally as results come.
        settings: further fields of :class:`benchcomp.sweep.plan.Experiment`, such as ``limit=4``.

    Raises:
        BenchcompError: something is unknown or wrong; nothing has been started or written.
    """
    from benchcomp.cli import runs
    from benchcomp.results import load as load_results
    from benchcomp.sweep import execute

    if resume and out is None:
        raise BenchcompError("to resume a run, name its file with out")
    names = (codecs,) if isinstance(codecs, str) else tuple(codecs)
    experiment = _experiment(names, dataset, metrics, rates, target_bpp, targets, settings)
    plan = execute.make_plan(experiment, default())
    for reason in plan.unavailable.values():
        warnings.warn(f"{reason}; going on without it", stacklevel=2)
    path = Path(out) if out is not None else runs.new_path(plan.dataset.id)
    _measure(plan, path, jobs or len(os.sched_getaffinity(0)), resume, on_progress)
    return Run(path, load_results(path, default()))


def load(run: str | os.PathLike[str] | None = None) -> Run:
    """Load a run by path or name, or the newest one; imported results too.

    Raises:
        BenchcompError: there is no such run.
    """
    from benchcomp.cli import runs

    path = runs.find(None if run is None else os.fspath(run))
    return Run(path if path.suffix == runs.SUFFIX else None, runs.load(str(path)))


def _experiment(
    codecs: tuple[str, ...],
    dataset: str,
    metrics: Sequence[str] | None,
    rates: Sequence[float] | Mapping[str, Sequence[float]] | None,
    target_bpp: Sequence[float],
    targets: Mapping[str, Sequence[float]] | None,
    settings: Mapping[str, Any],
) -> Experiment:
    import dataclasses

    from benchcomp.sweep.plan import Experiment, Target
    from benchcomp.variants import did_you_mean

    known = {field.name for field in dataclasses.fields(Experiment)}
    for name in settings:
        if name not in known:
            raise BenchcompError(f"no setting is called {name!r}{did_you_mean(name, known)}")
    fields: dict[str, Any] = {"codecs": codecs, "dataset": dataset, **settings}
    if metrics is not None:
        fields["metrics"] = tuple(metrics)
    if rates is not None:
        by_codec = rates if isinstance(rates, Mapping) else {"": rates}
        fields["rates"] = {name: tuple(map(float, values)) for name, values in by_codec.items()}
    wanted: Iterable[tuple[str, Sequence[float]]] = [("bpp", target_bpp), *(targets or {}).items()]
    fields["targets"] = tuple(Target(name, float(value)) for name, values in wanted for value in values)
    return Experiment(**fields)


def _measure(plan: Plan, path: Path, jobs: int, resume: bool, on_progress: Callable[[Tally], None]) -> None:
    from benchcomp.store import Store, holds_run, joined_manifest
    from benchcomp.sweep import execute

    jobs = 1 if plan.experiment.serial else jobs
    manifest = execute.manifest(plan, jobs, None, ["benchcomp.run"])
    if resume and holds_run(path):
        store = Store.append(path)
        store.set_manifest(joined_manifest(store.manifest(), manifest))
    else:
        store = Store.create(path, manifest)
    with store:
        execute.run(plan, store, execute.local(jobs), jobs, on_progress)
