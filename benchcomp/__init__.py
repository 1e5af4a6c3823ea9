"""benchcomp: which codec is better, at the same rate, on these images, and how sure is that?

This module is the public interface for plugin authors and notebooks. Names are imported when they are
first used, so that the command line and plugins that only register something stay quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchcomp.api import Run, load, run
    from benchcomp.codec import BitstreamError, Codec, Knob, NoOptions
    from benchcomp.dataset import Dataset, Progress
    from benchcomp.errors import BenchcompError
    from benchcomp.hookspecs import Entry, hookimpl
    from benchcomp.metric import Metric, NotApplicable
    from benchcomp.pixels import Pixels
    from benchcomp.report import MetricInfo, Pictures, Report, Results
    from benchcomp.variants import make_options

__version__ = "0.1.0"

__all__ = [
    "BenchcompError",
    "BitstreamError",
    "Codec",
    "Dataset",
    "Entry",
    "Knob",
    "Metric",
    "MetricInfo",
    "NoOptions",
    "NotApplicable",
    "Pictures",
    "Pixels",
    "Progress",
    "Report",
    "Results",
    "Run",
    "__version__",
    "hookimpl",
    "load",
    "make_options",
    "run",
]

_HOMES = {
    "BenchcompError": "errors",
    "BitstreamError": "codec",
    "Codec": "codec",
    "Dataset": "dataset",
    "Entry": "hookspecs",
    "Knob": "codec",
    "Metric": "metric",
    "MetricInfo": "report",
    "NoOptions": "codec",
    "NotApplicable": "metric",
    "Pictures": "report",
    "Pixels": "pixels",
    "Progress": "dataset",
    "Report": "report",
    "Results": "report",
    "Run": "api",
    "hookimpl": "hookspecs",
    "load": "api",
    "make_options": "variants",
    "run": "api",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'benchcomp' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"benchcomp.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
