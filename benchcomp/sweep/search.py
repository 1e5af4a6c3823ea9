"""Finds the quality at which a codec reaches a rate or a quality score on one image.

Pure: it asks for probes through a function and knows nothing of codecs, files or processes. The
direction of the knob is learned by probing both ends, never assumed.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchcomp.codec import Knob

__all__ = ["Found", "search"]

MAX_PROBES = 24
"""Probes for one target at most; an interval of 2^16 integers needs 16 by halving alone."""


@dataclass(frozen=True, slots=True)
class Found:
    """The closest visited point: its quality, its value, and whether that is within the tolerance."""

    quality: float | None
    achieved: float | None
    reached: bool
    reason: str = ""


def search(
    knob: Knob,
    target: float,
    probe: Callable[[float], float | None],
    visited: Mapping[float, float | None],
    tolerance: float = 0.01,
) -> Found:
    """Search a knob's domain for the quality whose probe is closest to ``target``.

    Args:
        knob: the domain; integers stay integers.
        target: the value wanted (bpp, or a metric's value).
        probe: measures one quality; ``None`` where it failed. Called at most once a quality, and not
            for those in ``visited``.
        visited: what is known already, quality to value; used as the first brackets.
        tolerance: relative deviation from ``target`` that counts as reached and stops the search.

    Returns:
        The best visited point. Not reached, with the reason, when the target lies outside what both
        ends give, or when the knob is too coarse (integers) to come within the tolerance: then the
        closest neighbour is ``reached`` as far as the knob allows, and ``achieved`` says how close.
    """
    known: dict[float, float] = {q: v for q, v in visited.items() if v is not None}
    tried: set[float] = set(visited)

    def measure(quality: float) -> float | None:
        if quality not in tried:
            tried.add(quality)
            value = probe(quality)
            if value is not None and math.isfinite(value):
                known[quality] = value
        return known.get(quality)

    low, high = measure(knob.low), measure(knob.high)
    if not known:
        return Found(None, None, False, "no quality could be measured")
    probes = 0
    while probes < MAX_PROBES and not _close(_best(known, target)[1], target, tolerance):
        quality = _next(knob, target, known, tried)
        if quality is None:
            break
        measure(quality)
        probes += 1
    quality, achieved = _best(known, target)
    smallest, largest = min(known.values()), max(known.values())
    if _close(achieved, target, tolerance) or smallest <= target <= largest:
        return Found(quality, achieved, True)
    reason = f"{target:g} is outside {smallest:.4g} to {largest:.4g}, the codec's range on this image"
    if low is None or high is None:
        reason += f"; {knob.name} {knob.low if low is None else knob.high:g} failed"
    return Found(quality, achieved, False, reason)


def _best(known: Mapping[float, float], target: float) -> tuple[float, float]:
    quality = min(known, key=lambda q: (abs(known[q] - target), q))
    return quality, known[quality]


def _close(value: float, target: float, tolerance: float) -> bool:
    return abs(value - target) <= tolerance * abs(target)


def _next(knob: Knob, target: float, known: Mapping[float, float], tried: set[float]) -> float | None:
    """A quality inside the narrowest bracket of the target, or ``None`` when it is used up."""
    points = sorted(known)
    brackets = [
        (a, b)
        for a, b in itertools.pairwise(points)
        if min(known[a], known[b]) <= target <= max(known[a], known[b])
    ]
    for a, b in sorted(brackets, key=lambda pair: pair[1] - pair[0]):
        quality = _interpolate(a, known[a], b, known[b], target)
        if knob.integer:
            inside = [q for q in range(math.floor(a) + 1, math.ceil(b)) if q not in tried]
            if not inside:
                continue
            return float(min(inside, key=lambda q: abs(q - quality)))
        if b - a > 1e-6 * max(1.0, abs(a), abs(b)) and quality not in tried:
            return quality
    return None


def _interpolate(a: float, value_a: float, b: float, value_b: float, target: float) -> float:
    """Where a straight line (in the logarithm where it can be) meets the target, kept off the ends.

    Keeping away from the ends by a tenth makes sure that the bracket shrinks even where the line is a
    bad guess.
    """
    if value_a > 0 and value_b > 0 and target > 0:
        value_a, value_b, target = math.log(value_a), math.log(value_b), math.log(target)
    share = 0.5 if value_a == value_b else (target - value_a) / (value_b - value_a)
    return a + (b - a) * min(0.9, max(0.1, share))
