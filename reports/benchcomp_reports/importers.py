"""Reads results back: our own JSON and CSV, and CompressAI's results JSON.

The kind of file is decided by its content. Files come from anywhere, so everything is checked, sizes are
bounded, and whatever is wrong ends in one line that names the file.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from benchcomp import BenchcompError, MetricInfo, Results
from benchcomp.rows import COST, IDENTITY, PROVENANCE, SCHEMA, STATUSES, columns
from benchcomp_reports.compressai import COLUMNS, metric_column
from benchcomp_reports.tables import FORMAT, TARGET_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MAX_BYTES", "MAX_ROWS", "read"]

MAX_BYTES = 256 * 2**20
"""Largest file that is read."""

MAX_ROWS = 1_000_000
"""Most rows (or points of a curve) that are read."""

_TEXT = {
    "dataset",
    "image",
    "codec",
    "options",
    "status",
    "reason",
    "measure",
    "codec_version",
    "benchcomp_version",
    "image_sha256",
    "measured_at",
}
_FLAGS = {"lossless", "reached"}


def read(path: Path) -> Results:
    """Read one file of results.

    Our own exports keep what they hold, image by image; a CompressAI file becomes a published reference
    run: averages only, the image empty, one row per point of its curve, numbered by ``quality``.

    Raises:
        BenchcompError: it can't be opened, is none of the formats, too large, or damaged.
    """
    text = _text(path)
    if text.lstrip()[:1] == "{":
        return _json(path, text)
    try:
        header = next(csv.reader(io.StringIO(text[:100_000])), [])
    except csv.Error:
        header = []
    if tuple(header[:3]) == IDENTITY[:3]:
        return _csv(path, text)
    return _refuse(path, "is neither JSON nor CSV exported by benchcomp, nor a CompressAI results file")


def _refuse(path: Path, problem: str) -> NoReturn:
    raise BenchcompError(f"{path}: {problem}") from None


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        _refuse(path, f"can't be read: {error.strerror or error}")
    if len(data) > MAX_BYTES:
        _refuse(path, f"is larger than {MAX_BYTES // 2**20} MiB, which no results file needs")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse(path, "isn't UTF-8 text, as all formats that can be imported are")


def _json(path: Path, text: str) -> Results:
    def constant(name: str) -> NoReturn:
        _refuse(path, f"holds {name}, which JSON doesn't have")

    try:
        parsed = json.loads(text, parse_constant=constant)
    except (ValueError, RecursionError) as error:
        _refuse(path, f"is damaged JSON: {str(error).splitlines()[0]}")
    if parsed.get("format") == FORMAT:
        return _Document(path, parsed).results()
    if isinstance(parsed.get("results"), dict):
        return _compressai(path, parsed)
    _refuse(path, "is JSON, but neither benchcomp's own nor a CompressAI results file (no 'results')")


# Our own JSON and CSV


class _Document:
    """Our own JSON, being checked on its way into data frames."""

    def __init__(self, path: Path, parsed: Mapping[str, Any]) -> None:
        self.path = path
        self.parsed = parsed

    def results(self) -> Results:
        version = self.parsed.get("schema")
        if version != SCHEMA:
            _refuse(
                self.path,
                f"has results schema {version!r}; this benchcomp reads {SCHEMA}: use a matching one",
            )
        metrics = self._metrics()
        return Results(
            name=self._member("name", str),
            manifest=self._member("manifest", dict),
            frame=_frame(self.path, self._objects("rows"), columns(list(metrics))),
            targets=_frame(self.path, self._objects("targets"), TARGET_COLUMNS),
            metrics=metrics,
            published=self._member("published", bool),
        )

    def _member(self, name: str, kind: type[Any]) -> Any:
        value = self.parsed.get(name)
        if not isinstance(value, kind):
            _refuse(self.path, f"{name!r} is missing or of the wrong type")
        return value

    def _objects(self, name: str) -> list[dict[str, Any]]:
        items = self._member(name, list)
        if len(items) > MAX_ROWS:
            _refuse(self.path, f"has more than {MAX_ROWS} {name}")
        for number, item in enumerate(items, 1):
            if not isinstance(item, dict):
                _refuse(self.path, f"number {number} of {name!r} isn't an object")
        return list(items)

    def _metrics(self) -> dict[str, MetricInfo]:
        kinds = {
            "name": str,
            "title": str,
            "unit": str,
            "higher_is_better": bool,
            "definition": str,
            "decibels": bool,
        }
        metrics = {}
        for item in self._objects("metrics"):
            if any(not isinstance(item.get(name), kind) for name, kind in kinds.items()):
                _refuse(self.path, "has a metric without name, title, unit, direction or definition")
            metrics[item["name"]] = MetricInfo(**{name: item[name] for name in kinds})
        return metrics


def _csv(path: Path, text: str) -> Results:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        header = list(reader.fieldnames or [])
    except csv.Error as error:
        _refuse(path, f"line {reader.line_num}: {error}")
    metrics = header[len(IDENTITY) : len(header) - len(COST) - len(PROVENANCE)]
    if header != columns(metrics):
        _refuse(path, f"has other columns than results schema {SCHEMA}; export it again, or as JSON")
    rows: list[dict[str, Any]] = []
    try:
        for row in reader:
            if None in row or None in row.values():
                _refuse(path, f"line {reader.line_num} hasn't as many cells as the header")
            rows.append(row)
            if len(rows) > MAX_ROWS:
                _refuse(path, f"has more than {MAX_ROWS} rows")
    except csv.Error as error:
        _refuse(path, f"line {reader.line_num}: {error}")
    frame = _frame(path, rows, header)
    return Results(
        name=path.stem,
        manifest=_manifest_from_rows(frame, metrics),
        frame=frame,
        targets=_frame(path, [], TARGET_COLUMNS),
        metrics={name: _metric_info(path, name) for name in metrics},
    )


def _manifest_from_rows(frame: pd.DataFrame, metrics: Sequence[str]) -> dict[str, Any]:
    """What can be said of a run of which only the rows are left."""
    variants = frame.drop_duplicates(["codec", "options"])[["codec", "options", "codec_version"]]
    datasets = list(dict.fromkeys(frame["dataset"]))
    return {
        "created": max(frame["measured_at"], default=""),
        "dataset": {"id": ", ".join(datasets), "title": "", "licence": "", "citation": ""},
        "images": int(frame["image"].nunique()),
        "codecs": variants.rename(columns={"codec_version": "version"}).to_dict("records"),
        "metrics": list(metrics),
        "environment": {},
        "settings": {},
        "command": "",
    }


def _frame(path: Path, rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> pd.DataFrame:
    """Rows as a data frame with exactly ``names``, each column of its one type."""
    import pandas as pd

    data = {}
    for name in names:
        kind = _as_text if name in _TEXT else _as_flag if name in _FLAGS else _as_number
        values = []
        for number, row in enumerate(rows, 1):
            try:
                values.append(kind(row[name]))
            except KeyError:
                _refuse(path, f"row {number} has no {name!r}")
            except ValueError as error:
                _refuse(path, f"row {number}, {name}: {error}")
        dtype = {_as_text: "object", _as_flag: "bool", _as_number: "float64"}[kind]
        data[name] = pd.Series(values, dtype=dtype)
    frame = pd.DataFrame(data, columns=list(names))
    if "status" in data:
        strange = set(frame["status"]) - set(STATUSES)
        if strange:
            _refuse(path, f"has the unknown status {min(strange)!r} (known: {', '.join(STATUSES)})")
    return frame


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{value!r:.60} isn't a text")
    return value


def _as_flag(value: Any) -> bool:
    if value is None or value == "":
        return False
    if str(value).lower() not in ("true", "false"):
        raise ValueError(f"{value!r:.60} isn't true or false")
    return str(value).lower() == "true"


def _as_number(value: Any) -> float:
    if value is None or value == "":
        return math.nan
    if isinstance(value, bool):
        raise ValueError(f"{value!r} isn't a number")
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{value!r:.60} isn't a number") from None
    if not math.isfinite(number):
        raise ValueError(f"{value!r:.60} isn't a finite number")
    return number


def _metric_info(path: Path, name: str) -> MetricInfo:
    """What the installed metric of that name says of itself."""
    info = _installed_metric(name)
    if info is None:
        _refuse(
            path,
            f"metric {name!r} isn't installed, so its direction is unknown; export the run as JSON instead",
        )
    return info


def _installed_metric(name: str) -> MetricInfo | None:
    from benchcomp.registry import default

    try:
        metric = default().load("metric", name)
    except BenchcompError:
        return None
    return MetricInfo(
        name=metric.name,
        title=metric.title,
        unit=metric.unit,
        higher_is_better=metric.higher_is_better,
        definition=metric.definition,
        decibels=metric.decibels,
    )


# CompressAI


def _compressai(path: Path, parsed: Mapping[str, Any]) -> Results:
    curves = _curves(path, parsed["results"])
    rates = [rate or 0.0 for rate in curves.get("bpp", [])]
    if not rates or min(rates) <= 0:
        _refuse(path, "has no list 'bpp' of positive numbers, without which there is no curve")
    name = parsed.get("name") if isinstance(parsed.get("name"), str) else ""
    description = parsed.get("description") if isinstance(parsed.get("description"), str) else ""
    name = name or path.stem
    metrics = {}
    for key in curves:
        info = None if key in COLUMNS else _installed_metric(metric_column(key))
        if info is not None:
            metrics[info.name] = info
    by_column = {COLUMNS.get(key, metric_column(key)): values for key, values in curves.items()}
    rows = []
    for number, index in enumerate(sorted(range(len(rates)), key=rates.__getitem__), 1):
        row = dict.fromkeys(columns(list(metrics)))
        row.update({column: values[index] for column, values in by_column.items() if column in row})
        row.update(codec=name, quality=number, status="ok", bpc=rates[index] / 3)
        rows.append(row)
    return Results(
        name=path.stem,
        manifest={
            "created": "",
            "dataset": {"id": "", "title": description, "licence": "", "citation": ""},
            "images": None,
            "codecs": [{"codec": name, "options": "", "version": ""}],
            "metrics": list(metrics),
            "environment": {},
            "settings": {},
            "command": "",
            "description": description,
            "source": path.name,
        },
        frame=_frame(path, rows, columns(list(metrics))),
        targets=_frame(path, [], TARGET_COLUMNS),
        metrics=metrics,
        published=True,
    )


def _curves(path: Path, results: Mapping[str, Any]) -> dict[str, list[float | None]]:
    """The lists of numbers, all of one length; what isn't a list is left out."""
    curves: dict[str, list[float | None]] = {}
    for key, values in results.items():
        if not isinstance(values, list):
            continue
        if len(values) > MAX_ROWS:
            _refuse(path, f"list {key!r} has more than {MAX_ROWS} points")
        try:
            numbers = [_as_number(value) for value in values]
        except ValueError as error:
            _refuse(path, f"list {key!r}: {error}")
        curves[key] = [None if math.isnan(number) else number for number in numbers]
    lengths = {key: len(values) for key, values in curves.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{key} {length}" for key, length in lengths.items())
        _refuse(path, f"has lists of different lengths ({listed:.200})")
    return curves
