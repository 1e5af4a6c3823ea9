"""The regression gate: does a candidate run fail a condition against a baseline run?

A condition is a small expression such as ``bd_rate(lpips_alex) > 1`` or ``mean(psnr_rgb) < -0.2 or
failures() > 0``. It is evaluated for each codec variant that both runs have. The expression is parsed
with Python's grammar and walked with a list of what is allowed; nothing is ever executed.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from benchcomp.analysis.bdrate import bd_of_average
from benchcomp.analysis.curves import failures, measured, with_variant
from benchcomp.errors import BenchcompError
from benchcomp.report import MetricInfo
from benchcomp.variants import did_you_mean

__all__ = ["FUNCTIONS", "GateResult", "evaluate_gate"]

FUNCTIONS: Mapping[str, str] = {
    "bd_rate": "BD-rate of the candidate against the baseline by a metric, in per cent",
    "bd_quality": "BD-quality of the candidate against the baseline, in the metric's unit",
    "mean": "mean difference of a column, candidate minus baseline, over rows at equal settings",
    "min": "smallest such difference",
    "max": "largest such difference",
    "change": "change of a column's mean in per cent, over rows at equal settings",
    "failures": "how many more rows failed in the candidate than in the baseline",
}
"""What an expression may call, with what it means. All but ``failures()`` take a column's name."""


@dataclass(frozen=True, slots=True)
class GateResult:
    """The verdict on one variant.

    Attributes:
        variant: the codec variant's label.
        failed: whether the condition holds, which means that the candidate fails; ``None`` where a
            value that decides it is missing.
        values: every call of the expression with its value (``bd_rate(lpips_alex)``: 1.7).
        reason: why there is no verdict; empty when there is one.
    """

    variant: str
    failed: bool | None
    values: Mapping[str, float | None]
    reason: str = ""


def evaluate_gate(
    expression: str,
    baseline: pd.DataFrame,
    candidate: pd.DataFrame,
    metrics: Mapping[str, MetricInfo],
) -> list[GateResult]:
    """Evaluate a condition on two runs, variant by variant.

    Images are matched by content hash where both runs have one, by name otherwise. A verdict that
    hangs on a missing value is ``None``: treat it as an error, not as a pass.

    Args:
        expression: comparisons (``< <= > >=``) of numbers and calls of :data:`FUNCTIONS`, joined by
            ``and``, ``or``, ``not``, ``+ - * /`` and brackets.
        baseline: rows of the run that is compared with.
        candidate: rows of the run on trial.
        metrics: what is known of the metrics, by name.

    Raises:
        BenchcompError: the expression isn't one, names something unknown, or the runs have no variant
            in common.
    """
    tree = _parse(expression)
    one, two = _matched(baseline, candidate)
    shared = [name for name in dict.fromkeys(one["variant"]) if name in set(two["variant"])]
    if not shared:
        raise BenchcompError("the two runs have no codec variant in common, so there is nothing to compare")
    results = []
    for variant in shared:
        sides = _Sides(one[one["variant"] == variant], two[two["variant"] == variant], variant, metrics)
        verdict = _value(tree, sides)
        failed = None if verdict is None else bool(verdict)
        reason = "" if failed is not None else "; ".join(sides.reasons)
        results.append(GateResult(variant, failed, sides.values, reason))
    return results


def _matched(baseline: pd.DataFrame, candidate: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both runs with ``variant`` and with ``image`` holding what images are matched by."""
    frames = [with_variant(baseline), with_variant(candidate)]
    if all("image_sha256" in frame and frame["image_sha256"].notna().all() for frame in frames):
        frames = [frame.assign(image=frame["image_sha256"]) for frame in frames]
    return frames[0], frames[1]


class _Sides:
    """One variant in both runs; works out the calls of an expression and remembers their values."""

    def __init__(
        self, baseline: pd.DataFrame, candidate: pd.DataFrame, variant: str, metrics: Mapping[str, MetricInfo]
    ) -> None:
        self.baseline, self.candidate = baseline, candidate
        self.variant, self.metrics = variant, metrics
        self.values: dict[str, float | None] = {}
        self.reasons: list[str] = []

    def call(self, function: str, column: str | None) -> float | None:
        text = f"{function}({column or ''})"
        if text not in self.values:
            value, reason = self._work_out(function, column)
            if value is None:
                self.reasons.append(f"{text} has no value: {reason}")
            self.values[text] = value
        return self.values[text]

    def _work_out(self, function: str, column: str | None) -> tuple[float | None, str]:
        if function == "failures" or column is None:
            rows = [failures(side)["rows"].sum() for side in (self.baseline, self.candidate)]
            return float(rows[1] - rows[0]), ""
        if function in ("bd_rate", "bd_quality"):
            return self._bd(function, column)
        return self._difference(function, column)

    def _bd(self, function: str, column: str) -> tuple[float | None, str]:
        if column not in self.metrics:
            raise BenchcompError(f"{function}({column}): no such metric{did_you_mean(column, self.metrics)}")
        # The two runs' rows of the variant, told apart by name.
        sides = {"baseline": self.baseline, "candidate": self.candidate}
        both = pd.concat([side.assign(variant=name) for name, side in sides.items()])
        try:
            result = bd_of_average(both, self.metrics[column], *sides, by_quality=function == "bd_rate")
        except BenchcompError as error:
            return None, str(error)
        return result.value, result.reason

    def _difference(self, function: str, column: str) -> tuple[float | None, str]:
        for side in (self.baseline, self.candidate):
            numeric = [str(name) for name in side if pd.api.types.is_numeric_dtype(side[name])]
            if column not in numeric:
                raise BenchcompError(f"{function}({column}): no such column{did_you_mean(column, numeric)}")
        keys = ["image", "quality"]
        one, two = (
            measured(side)[[*keys, column]].dropna(subset=[column])
            for side in (self.baseline, self.candidate)
        )
        pairs = one.merge(two, on=keys, suffixes=("_baseline", "_candidate"))
        if pairs.empty:
            return None, "no row was measured in both runs at the same setting"
        before, after = (
            pairs[f"{column}_{name}"].to_numpy(dtype=float) for name in ("baseline", "candidate")
        )
        if function == "change":
            base = float(before.mean())
            return (
                ((float(after.mean()) / base - 1) * 100, "") if base else (None, "the baseline's mean is 0")
            )
        return float(_REDUCE[function](after - before)), ""


_REDUCE: dict[str, Callable[[Any], Any]] = {"mean": np.mean, "min": np.min, "max": np.max}
_COMPARE: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def _parse(expression: str) -> ast.expr:
    """The expression as a checked tree."""
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise BenchcompError(
            f"{expression!r} is not a condition; write something like bd_rate(lpips_alex) > 1"
        ) from None
    if not _is_condition(tree):
        raise BenchcompError(f"{expression!r} compares nothing; write something like bd_rate(lpips_alex) > 1")
    _check(tree, expression)
    return tree


def _is_condition(node: ast.expr) -> bool:
    if isinstance(node, ast.BoolOp):
        return all(_is_condition(value) for value in node.values)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return _is_condition(node.operand)
    return isinstance(node, ast.Compare)


def _check(node: ast.expr, expression: str) -> None:
    """Raise :class:`BenchcompError` for anything in the tree that isn't allowed."""
    parts: Sequence[ast.expr] = ()
    match node:
        case ast.BoolOp(values=parts):
            pass
        case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.UAdd(), operand=operand):
            parts = (operand,)
        case ast.Compare(left=left, ops=ops, comparators=others) if all(type(op) in _COMPARE for op in ops):
            parts = (left, *others)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            parts = (left, right)
        case ast.Constant(value=value) if type(value) in (int, float):
            pass
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            _check_call(name, arguments, expression)
        case _:
            raise BenchcompError(f"{expression!r}: {ast.unparse(node)!r} is not allowed in a condition")
    for part in parts:
        _check(part, expression)


def _check_call(name: str, arguments: Sequence[ast.expr], expression: str) -> None:
    if name not in FUNCTIONS:
        raise BenchcompError(f"{expression!r}: there is no {name}(){did_you_mean(name, FUNCTIONS)}")
    if name == "failures":
        if arguments:
            raise BenchcompError(f"{expression!r}: failures() takes nothing in its brackets")
    elif len(arguments) != 1 or not isinstance(arguments[0], ast.Name):
        raise BenchcompError(f"{expression!r}: {name}() takes one column's name, as in {name}(psnr_rgb)")


def _value(node: ast.expr, sides: _Sides) -> float | bool | None:
    """The value of a checked tree; ``None`` where it hangs on a value that is missing."""
    match node:
        case ast.BoolOp(op=op, values=values):
            return _joined([_value(value, sides) for value in values], isinstance(op, ast.Or))
        case ast.UnaryOp(op=op, operand=operand):
            value = _value(operand, sides)
            if value is None:
                return None
            return (not value) if isinstance(op, ast.Not) else (-value if isinstance(op, ast.USub) else value)
        case ast.Compare(left=left, ops=ops, comparators=others):
            terms = [_value(term, sides) for term in (left, *others)]
            pairs = zip(ops, terms[:-1], terms[1:], strict=True)
            return _joined([_compared(op, one, two) for op, one, two in pairs], False)
        case ast.BinOp(left=left, op=op, right=right):
            one, two = _value(left, sides), _value(right, sides)
            if one is None or two is None or (isinstance(op, ast.Div) and not two):
                return None
            return _ARITHMETIC[type(op)](one, two)
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.Call(func=ast.Name(id=name), args=arguments):
            column = arguments[0].id if arguments and isinstance(arguments[0], ast.Name) else None
            return sides.call(name, column)
    raise AssertionError(f"{ast.dump(node)} passed the check")


def _compared(op: ast.cmpop, one: float | None, two: float | None) -> bool | None:
    return None if one is None or two is None else _COMPARE[type(op)](one, two)


def _joined(values: Sequence[float | bool | None], any_of: bool) -> bool | None:
    """``or`` and ``and`` with missing values: decided where the known values decide it."""
    if any(value is not None and bool(value) is any_of for value in values):
        return any_of
    return None if None in values else not any_of
