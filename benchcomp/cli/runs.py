"""Finds run files for the commands: by path, by name, or the newest."""

from __future__ import annotations

import datetime
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from benchcomp.errors import BenchcompError
from benchcomp.variants import did_you_mean

if TYPE_CHECKING:
    from benchcomp.report import Results

__all__ = ["SUFFIX", "find", "folder", "import_file", "load", "new_path", "report_settings"]

SUFFIX = ".sqlite"
_IMPORTED = (".json", ".csv")


def folder() -> Path:
    """The runs folder: ``BENCHCOMP_RUNS``, or ``benchcomp-runs`` in the current folder."""
    return Path(os.environ.get("BENCHCOMP_RUNS", "benchcomp-runs"))


def new_path(dataset: str) -> Path:
    """A path for a new run in the runs folder, named by time and data set."""
    now = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    return folder() / f"{now}-{re.sub(r'[^A-Za-z0-9._-]+', '-', dataset).strip('-')[:60]}{SUFFIX}"


def find(text: str | None) -> Path:
    """The run file that ``text`` means: a path, a name in the runs folder, or without it the newest.

    Raises:
        BenchcompError: there is no such run.
    """
    known = sorted(folder().glob(f"*{SUFFIX}"), key=lambda path: (path.stat().st_mtime, path.name))
    if text is None:
        if not known:
            raise BenchcompError(
                f"there is no run in {folder()}; `benchcomp run --codecs jpeg,jp2k` makes one"
            )
        return known[-1]
    for path in (Path(text), folder() / text, *(folder() / f"{text}{end}" for end in (SUFFIX, *_IMPORTED))):
        if path.is_file():
            return path
    raise BenchcompError(f"there is no run {text!r}{did_you_mean(text, [path.stem for path in known])}")


def load(text: str | None) -> Results:
    """Read a run, or a file of results that was exported or imported, as :class:`Results`."""
    path = find(text)
    if path.suffix != SUFFIX:
        return import_file(path)
    from benchcomp.registry import default
    from benchcomp.results import load as load_run

    return load_run(path, default())


def import_file(path: Path) -> Results:
    """Read results that were made elsewhere, with whichever importer knows the format.

    Raises:
        BenchcompError: none does; says what each had against it.
    """
    from benchcomp.registry import default

    registry = default()
    reasons = []
    for name in registry.names("importer"):
        try:
            results: Results = registry.load("importer", name)(path)
        except BenchcompError as error:
            reasons.append(str(error))
        else:
            return results
    raise BenchcompError("; ".join(reasons) or f"no plugin can import {path}")


def report_settings(texts: list[str] | None) -> dict[str, str]:
    """The settings of a report from ``NAME=VALUE`` texts; the report itself knows which there are.

    Raises:
        BenchcompError: a text is not of that form.
    """
    settings = {}
    for text in texts or []:
        name, equals, value = text.partition("=")
        if not equals:
            raise BenchcompError(f"--set is NAME=VALUE, not {text!r}")
        settings[name.strip()] = value
    return settings
