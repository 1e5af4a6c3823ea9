"""benchcomp: which codec is better, at the same rate, on these images, and how sure is that?

This module is the public interface for plugin authors and notebooks.
"""

from benchcomp.codec import BitstreamError, Codec, Knob, NoOptions
from benchcomp.dataset import Dataset
from benchcomp.errors import BenchcompError
from benchcomp.hookspecs import Entry, hookimpl
from benchcomp.metric import Metric, NotApplicable
from benchcomp.pixels import Pixels
from benchcomp.report import MetricInfo, Pictures, Report, Results

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
    "Report",
    "Results",
    "__version__",
    "hookimpl",
]
