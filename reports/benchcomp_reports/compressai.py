"""CompressAI's results JSON: one codec's curve of averages, for its plotting tools and for exchange.

Each value is the mean of per-image values at one constant setting. Metrics beyond CompressAI's own two
are added as further lists, which its tools ignore.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from benchcomp import BenchcompError, Report, Results, __version__, make_options
from benchcomp.variants import label
from benchcomp_reports.common import cell, file_names, only_run, write_text

__all__ = ["COLUMNS", "CompressaiReport", "metric_column", "metric_key"]

COLUMNS = {"bpp": "bpp", "encoding_time": "encode_wall_s", "decoding_time": "decode_wall_s"}
"""The lists that aren't metrics, with our columns."""


def metric_key(column: str) -> str:
    """The list that holds a metric: ``psnr_rgb`` is ``psnr-rgb`` there."""
    return column.replace("_", "-")


def metric_column(key: str) -> str:
    """The metric that a list holds; the opposite of :func:`metric_key`."""
    return key.replace("-", "_")


@dataclass(frozen=True)
class CompressaiSettings:
    """What can be set.

    Attributes:
        codec: the variant to write, such as ``jpeg`` or ``jpeg:subsampling=444``; needed for one file of
            a run with several.
    """

    codec: str = ""


class CompressaiReport(Report):
    """One file per codec variant.

    A run with one variant, or the one that the setting ``codec`` names, goes to ``out`` itself;
    otherwise each variant goes to a file beside it, ``out-VARIANT.json``.
    """

    name: ClassVar[str] = "compressai"
    suffix: ClassVar[str] = ".json"

    def write(self, runs: Sequence[Results], out: Path, **settings: Any) -> None:
        """Write one run's curves; see :meth:`benchcomp.Report.write`."""
        chosen = make_options(CompressaiSettings, settings, f"format {self.name}").codec
        run = only_run(runs, self.name)
        curves = documents(run)
        if chosen:
            if chosen not in curves:
                raise BenchcompError(f"run {run.name} has no curve of {chosen!r} (has: {', '.join(curves)})")
            curves = {chosen: curves[chosen]}
        names = file_names(curves)
        for variant, document in curves.items():
            file = out if len(curves) == 1 else out.with_name(f"{out.stem}-{names[variant]}{out.suffix}")
            write_text(file, json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2) + "\n")


def documents(run: Results) -> dict[str, dict[str, Any]]:
    """One object per codec variant, in CompressAI's shape.

    The format can't say that a value is absent, so a setting that wasn't measured on all of a variant's
    images is left out, and a metric without a value for all of them (the PSNR of identical images) at
    any setting has no list; the description names it.

    Raises:
        BenchcompError: no variant was measured at a constant setting on all its images.
    """
    from benchcomp.analysis import rate_points, rd_curves

    points = rate_points(run.frame, list(COLUMNS.values()))
    points = points[points["left_out"] == 0]
    by_metric = {metric: rd_curves(run.frame, metric) for metric in run.metrics}
    found = {}
    for variant, curve in points.groupby("variant", sort=False, observed=True):
        lists = {key: [cell(value) for value in curve[column]] for key, column in COLUMNS.items()}
        for metric, curves in by_metric.items():
            whole = curves[(curves["variant"] == variant) & (curves["left_out"] == 0)]
            values = curve[["quality"]].merge(whole[["quality", "value"]], on="quality", how="left")["value"]
            lists[metric_key(metric)] = [cell(value) for value in values]
        absent = [key for key, values in lists.items() if None in values]
        found[str(variant)] = {
            "name": str(variant),
            "description": _description(run, str(variant), int(curve["images"].iloc[0]), absent),
            "results": {key: values for key, values in lists.items() if key not in absent},
        }
    if not found:
        raise BenchcompError(
            f"run {run.name} has no setting that was measured on all images, so no curve; sweep a ladder"
        )
    return found


def _description(run: Results, variant: str, images: int, absent: Sequence[str]) -> str:
    versions = [
        str(codec.get("version", ""))
        for codec in run.manifest.get("codecs", ())
        if label(str(codec.get("codec", "")), str(codec.get("options", ""))) == variant
    ]
    dataset = run.manifest.get("dataset", {})
    parts = [
        ", ".join(filter(None, versions)),
        f"{dataset.get('title') or dataset.get('id') or 'unnamed data set'}, {images} images",
        f"benchcomp {__version__}",
        f"no value everywhere, so no list: {', '.join(absent)}" if absent else "",
    ]
    return "; ".join(filter(None, parts))
