"""The analysis of a run: pure functions on data frames of rows, without any input or output.

Give it :attr:`benchcomp.Results.frame` (columns as :mod:`benchcomp.rows` says) and the
:class:`benchcomp.MetricInfo` of the metrics; it gives data frames and frozen dataclasses that the
terminal, exports and reports show. Codec variants are named by their label, as users type them.
"""

from benchcomp.analysis._interpolation import METHODS, Method
from benchcomp.analysis.bdrate import (
    MINIMUM_POINTS,
    BDResult,
    CurveSet,
    bd_of_average,
    bd_per_image,
    bd_quality,
    bd_rate,
    to_decibels,
)
from benchcomp.analysis.curves import (
    failures,
    image_curves,
    measured,
    rate_points,
    rd_curves,
    variants,
    with_variant,
)
from benchcomp.analysis.gate import FUNCTIONS, GateResult, evaluate_gate
from benchcomp.analysis.matching import nearest_at, quality_at, rate_at, unreached
from benchcomp.analysis.statistics import (
    Interval,
    WinTieLoss,
    bootstrap_mean,
    bootstrap_means,
    holm,
    wilcoxon,
    win_tie_loss,
)
from benchcomp.analysis.summary import Comparison, compare, compare_all, headline, overview

__all__ = [
    "FUNCTIONS",
    "METHODS",
    "MINIMUM_POINTS",
    "BDResult",
    "Comparison",
    "CurveSet",
    "GateResult",
    "Interval",
    "Method",
    "WinTieLoss",
    "bd_of_average",
    "bd_per_image",
    "bd_quality",
    "bd_rate",
    "bootstrap_mean",
    "bootstrap_means",
    "compare",
    "compare_all",
    "evaluate_gate",
    "failures",
    "headline",
    "holm",
    "image_curves",
    "measured",
    "nearest_at",
    "overview",
    "quality_at",
    "rate_at",
    "rate_points",
    "rd_curves",
    "to_decibels",
    "unreached",
    "variants",
    "wilcoxon",
    "win_tie_loss",
    "with_variant",
]
