"""The checks of a metric, one function a promise of the contract, as in :mod:`benchcomp.testing.codecs`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from benchcomp.metric import Metric, NotApplicable
from benchcomp.pixels import Pixels
from benchcomp.testing.pictures import CONTENTS, SIZES, Picture, draw
from benchcomp.testing.subject import Failure, Subject, fail_if_slow_to_import

__all__ = ["CHECKS"]

_BIG = (256, 192)
"""Large enough for multi-scale metrics, which need 161 pixels a side."""


def is_well_formed(subject: Subject) -> None:
    """Name, title, direction, range and definition are as the contract says."""
    metric = subject.make()
    if not isinstance(metric, Metric):
        raise Failure(f"the entry names {type(metric).__name__}, which is no subclass of benchcomp.Metric")
    for attribute in ("name", "title", "higher_is_better", "range", "definition"):
        if not hasattr(metric, attribute):
            raise Failure(f"the class has no attribute {attribute}")
    if metric.name != subject.text:
        raise Failure(f"the entry calls the metric {subject.text!r}, but its class calls it {metric.name!r}")
    if not metric.name.isidentifier() or metric.name != metric.name.lower():
        raise Failure(f"the name {metric.name!r} is no column name in lower_snake")
    if not metric.range[0] < metric.range[1]:
        raise Failure(f"the range {metric.range} doesn't go from small to large")
    if not metric.definition:
        raise Failure("the definition is empty; it keeps scores of different definitions apart")


def is_quick_to_import(subject: Subject) -> None:
    """Importing the plugin is quick: heavy libraries are imported inside the methods that need them."""
    fail_if_slow_to_import(subject, type(subject.make()).__module__)


def tells_better_from_worse(subject: Subject) -> None:
    """A slightly changed picture scores better than a badly changed one, the same picture best of all."""
    metric = subject.make()
    reference = draw("photo", *_BIG)
    prepared = subject.call(f"preparing {reference.name}", metric.prepare, reference.pixels)
    slight, bad = (_score(subject, metric, prepared, _noisy(reference, sigma)) for sigma in (3, 30))
    if slight is None or bad is None:
        raise Failure("a noisy picture of 256x192 has no score")
    if not _better(metric, slight, bad):
        words = "higher" if metric.higher_is_better else "lower"
        raise Failure(
            f"little noise scores {slight:g} and much noise {bad:g}, but the metric says {words} is better"
        )
    same = _score(subject, metric, prepared, reference)
    if same is not None and not _better(metric, same, slight):
        raise Failure(f"the picture itself scores {same:g}, no better than the {slight:g} of a noisy one")


def stays_in_its_range(subject: Subject) -> None:
    """Every score is a finite number inside the range, or None, or the metric says it isn't applicable."""
    metric = subject.make()
    low, high = metric.range
    for size in (*SIZES, _BIG):
        for content in CONTENTS:
            reference = draw(content, *size)
            subject.announce(f"preparing {reference.name}")
            try:
                prepared = metric.prepare(reference.pixels)
            except NotApplicable:
                continue
            for other in (reference, _noisy(reference, 10), draw("noise", *size)):
                value = _score(subject, metric, prepared, other)
                if value is None:
                    continue
                if not math.isfinite(value):
                    raise Failure(
                        f"{other.name} against {reference.name} scores {value}; return None instead"
                    )
                if not low - 1e-6 <= value <= high + 1e-6:
                    raise Failure(
                        f"{other.name} against {reference.name} scores {value:g}, outside {low:g} to {high:g}"
                    )


def is_deterministic(subject: Subject) -> None:
    """The same pictures score the same, alone or among others, and aren't changed by it."""
    metric, other = subject.make(), subject.make()
    reference = draw("photo", *_BIG)
    noisy = [_noisy(reference, sigma) for sigma in (3, 10, 30)]
    before = [picture.pixels.copy() for picture in (reference, *noisy)]
    prepared = metric.prepare(reference.pixels)
    alone = [_score(subject, metric, prepared, picture) for picture in noisy]
    again = other.prepare(reference.pixels)
    if [_score(subject, other, again, picture) for picture in noisy] != alone:
        raise Failure("another object of the metric gives other scores")
    many = subject.call(
        "scoring several pictures", metric.score_many, prepared, [picture.pixels for picture in noisy]
    )
    if not np.allclose([_number(v) for v in many], [_number(v) for v in alone], rtol=1e-5, equal_nan=True):
        raise Failure(f"score_many gives {many}, score one by one {alone}")
    for picture, was in zip((reference, *noisy), before, strict=True):
        if not np.array_equal(picture.pixels, was):
            raise Failure("scoring changed the pixels that it was given; work on a copy")


def _score(subject: Subject, metric: Metric, prepared: Any, picture: Picture) -> float | None:
    value = subject.call(f"scoring {picture.name}", metric.score, prepared, picture.pixels)
    if value is not None and not isinstance(value, float | int):
        raise Failure(f"score returned {type(value).__name__}, not a float or None")
    return value


def _noisy(picture: Picture, sigma: float) -> Picture:
    noise = np.random.default_rng(5).normal(0, sigma, picture.pixels.shape)
    pixels: Pixels = np.clip(np.rint(picture.pixels + noise), 0, 255).astype(np.uint8)
    return Picture(f"{picture.name} with noise of sigma {sigma:g}", pixels)


def _better(metric: Metric, one: float, other: float) -> bool:
    return one > other if metric.higher_is_better else one < other


def _number(value: float | None) -> float:
    return math.nan if value is None else value


CHECKS: tuple[Callable[[Subject], None], ...] = (
    is_well_formed,
    is_quick_to_import,
    tells_better_from_worse,
    stays_in_its_range,
    is_deterministic,
)
