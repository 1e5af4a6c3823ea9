"""CSV and JSON: a run's rows, whole.

The CSV holds the rows alone, in the columns that :mod:`benchcomp.rows` fixes. The JSON adds the manifest,
the metrics' definitions and the searches, so that an import gets back what was exported; its shape is in
``schema/results-N.schema.json``, N being the columns' schema number.
"""

from __future__ import annotations

import importlib.resources
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

from benchcomp import Report, Results, make_options
from benchcomp.rows import SCHEMA, columns
from benchcomp_reports.common import only_run, plain, records, write_text

__all__ = ["FORMAT", "TARGET_COLUMNS", "CsvReport", "JsonReport", "document", "schema"]

FORMAT = "benchcomp-results"
"""What the JSON's member ``format`` says."""

TARGET_COLUMNS = (
    "image",
    "codec",
    "options",
    "measure",
    "target",
    "quality",
    "achieved",
    "reached",
    "reason",
)
"""The columns of :attr:`benchcomp.Results.targets`, in order."""


@dataclass(frozen=True)
class NoSettings:
    """For formats that have nothing to set."""


class CsvReport(Report):
    """One line per rate point (RFC 4180, UTF-8): an empty cell is not measured."""

    name: ClassVar[str] = "csv"
    suffix: ClassVar[str] = ".csv"

    def write(self, runs: Sequence[Results], out: Path, **settings: Any) -> None:
        """Write one run's rows; see :meth:`benchcomp.Report.write`."""
        make_options(NoSettings, settings, f"format {self.name}")
        run = only_run(runs, self.name)
        table = run.frame[columns(list(run.metrics))]
        table = table.replace([float("inf"), float("-inf")], None)
        write_text(out, table.to_csv(index=False, lineterminator="\r\n"))


class JsonReport(Report):
    """Rows, searches, metrics and manifest of one run; read back by ``benchcomp import``."""

    name: ClassVar[str] = "json"
    suffix: ClassVar[str] = ".json"

    def write(self, runs: Sequence[Results], out: Path, **settings: Any) -> None:
        """Write one run; see :meth:`benchcomp.Report.write`."""
        make_options(NoSettings, settings, f"format {self.name}")
        text = json.dumps(document(only_run(runs, self.name)), ensure_ascii=False, allow_nan=False, indent=1)
        write_text(out, text + "\n")


def document(run: Results) -> dict[str, Any]:
    """One run in the shape of the schema; no NaN, no Infinity."""
    return {
        "format": FORMAT,
        "schema": SCHEMA,
        "name": run.name,
        "published": run.published,
        "manifest": plain(run.manifest),
        "metrics": [asdict(info) for info in run.metrics.values()],
        "rows": records(run.frame, columns(list(run.metrics))),
        "targets": records(run.targets, TARGET_COLUMNS),
    }


def schema(version: int = SCHEMA) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of :func:`document`'s shape."""
    file = importlib.resources.files(__package__) / "schema" / f"results-{version}.schema.json"
    parsed: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return parsed
