"""What the page shows, as plain data: the overview's sentences and tables, and the data of every view.

Calls the analysis and arranges what it returns. Knows nothing of HTML.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from benchcomp import MetricInfo, Results
from benchcomp_reports import equal_rate
from benchcomp_reports.common import cell, records
from benchcomp_reports.equal_rate import Mean, Paired
from benchcomp_reports.evidence import Evidence
from benchcomp_reports.selection import Focus

if TYPE_CHECKING:
    import pandas as pd

    from benchcomp.analysis import BDResult, Comparison

__all__ = ["COSTS", "Content", "make_content"]

COSTS = ("encode_wall_s", "decode_wall_s", "encode_cpu_s", "decode_cpu_s", "peak_rss_bytes")
FEW_IMAGES = 10
MOST_LISTED = 1_000
"""Images whose own points are on the page at most: what a browser sorts and draws without a pause."""
NBSP = "\u00a0"
SIZE = MetricInfo("bpp", "size", "", higher_is_better=False, definition="")
"""Size as something to compare codecs by, where quality is equal."""


@dataclass(frozen=True)
class Content:
    """The page's content: ``overview`` for the template, ``data`` for the scripts."""

    overview: Mapping[str, Any]
    data: dict[str, Any]


def make_content(evidence: Evidence, chosen: Focus, pictured: Sequence[str] = ()) -> Content:
    """Everything but the pictures of the images named ``pictured``, which are listed in any case."""
    from benchcomp.analysis import rate_points

    listed = _listed(evidence, pictured)
    at_rates = {rate: _at_rate(evidence, rate) for rate in chosen.rates}
    digits = {name: _digits(evidence, info) for name, info in evidence.metrics.items()}
    pairs = _pairs(evidence, at_rates)
    sizes = rate_points(evidence.frame, ["bytes"])[["variant", "quality", "bytes"]]
    curves = {name: _curves(evidence, info, at_rates, sizes) for name, info in evidence.metrics.items()}
    data = {
        "series": [
            {"name": name, "version": item.version, "published": item.published, "run": item.run.name}
            for name, item in evidence.series.items()
        ],
        "metrics": [_metric(info, digits[info.name]) for info in evidence.metrics.values()],
        "images": _images(evidence, listed),
        "rates": list(chosen.rates),
        "searched": equal_rate.searched(evidence),
        "focus": {"metric": chosen.metric, "rate": chosen.rate, "anchor": chosen.anchor},
        "curves": curves,
        "clouds": _clouds(evidence, listed),
        "bd": {name: _matrix(evidence, info) for name, info in evidence.metrics.items()},
        "rows": [_rows(evidence, at_rates[rate], listed) for rate in chosen.rates],
        "pairs": [_pair(item) for item in pairs],
        "cost": _cost(evidence, at_rates),
    }
    overview = {
        "runs": [_run(run) for run in evidence.runs],
        "series": data["series"],
        "sentences": _sentences(evidence, chosen, at_rates, pairs),
        "means": _means_table(evidence, chosen, at_rates),
        "caveats": _caveats(evidence, chosen, at_rates),
        "failures": _failures(evidence),
        "metrics": list(evidence.metrics.values()),
        "digits": digits,
    }
    return Content(overview, data)


# One rate


@dataclass(frozen=True)
class AtRate:
    """All that concerns one rate: the rows that stand for it, and every metric's values and means."""

    rate: float
    rows: pd.DataFrame
    values: Mapping[str, pd.DataFrame]
    means: Mapping[str, Sequence[Mean]]


def _at_rate(evidence: Evidence, rate: float) -> AtRate:
    values = {name: equal_rate.values_at(evidence, info, rate) for name, info in evidence.metrics.items()}
    means = {name: equal_rate.means(table, evidence.own) for name, table in values.items()}
    return AtRate(rate, equal_rate.rows_at(evidence, rate), values, means)


def _rows(evidence: Evidence, at: AtRate, listed: Sequence[str]) -> dict[str, list[Any]]:
    """The rows that stand for a rate, column by column; ``v:METRIC`` is the value at exactly the rate."""
    rows = at.rows[at.rows["image"].isin(listed)].set_index(["image", "variant"], drop=False)
    columns = ["image", "variant", "quality", "bytes", "bpp", "bpc", "reached", "reason", "lossless"]
    table = {name: _numbers(rows[name]) for name in [*columns, *evidence.metrics, *COSTS[:2]]}
    for name, values in at.values.items():
        matched = values[values["image"].isin(listed)].set_index(["image", "variant"]).reindex(rows.index)
        table[f"v:{name}"] = _numbers(matched["value"])
        table["interpolated"] = [value is True for value in _numbers(matched["interpolated"])]
    return table


def _pairs(evidence: Evidence, at_rates: Mapping[float, AtRate]) -> list[Paired]:
    return [
        pair
        for rate, at in at_rates.items()
        for name, info in evidence.metrics.items()
        for anchor in evidence.own
        for pair in equal_rate.paired(at.values[name], info, rate, anchor)
    ]


def _pair(item: Paired) -> dict[str, Any]:
    interval, outcome = item.interval, item.outcome
    return {
        "metric": item.metric,
        "rate": item.rate,
        "anchor": item.anchor,
        "test": item.test,
        "scale": item.scale,
        "mean": _round(interval.mean),
        "low": _round(interval.low),
        "high": _round(interval.high),
        "n": interval.n,
        "wins": outcome.wins,
        "ties": outcome.ties,
        "losses": outcome.losses,
        "p": _round(item.p),
        "p_adjusted": _round(item.p_adjusted),
    }


# Curves


def _curves(
    evidence: Evidence, info: MetricInfo, at_rates: Mapping[float, AtRate], sizes: pd.DataFrame
) -> dict[str, Any]:
    """Per series: the curve at constant setting with its interval band, and the means at equal rate.

    ``sizes`` has the mean ``bytes`` of every ``variant`` and ``quality``.
    """
    from benchcomp.analysis import MINIMUM_POINTS

    averaged = evidence.curves(info.name).average.merge(sizes, on=["variant", "quality"], how="left")
    found = {}
    for name in evidence.series:
        # A setting at which no image has a value (all were lossless, say) is no point of the curve.
        curve = averaged[(averaged["variant"] == name) & averaged["value"].notna()]
        equal = [point for at in at_rates.values() for point in _equal(at, info.name, name)]
        if equal and len(curve) < MINIMUM_POINTS:
            # A search tries other settings on every image: the few that all have in common, mostly the
            # knob's two ends, would make a straight line far from the codec's real curve.
            curve = curve.iloc[:0]
        low, high = _band(evidence, name, info.name, list(curve["quality"]))
        found[name] = {
            "quality": _numbers(curve["quality"]),
            "bpp": _numbers(curve["bpp"]),
            "bytes": _numbers(curve["bytes"]),
            "value": _numbers(curve["value"]),
            "low": low,
            "high": high,
            "images": _numbers(curve["images"]),
            "left_out": _numbers(curve["left_out"]),
            "why": [str(text) for text in curve["why"]],
            "equal": equal,
        }
    return found


def _band(
    evidence: Evidence, name: str, metric: str, qualities: Sequence[Any]
) -> tuple[list[Any], list[Any]]:
    """The bootstrap interval of each averaged point."""
    from benchcomp.analysis import bootstrap_means

    points = evidence.points[["variant", "image", "quality", metric]]
    points = points[(points["variant"] == name) & points[metric].notna()]
    points = points.assign(quality=points["quality"].astype(float).fillna(-1e300))
    if points.empty or points["image"].nunique() < 2:
        return [None] * len(qualities), [None] * len(qualities)
    table = points.pivot(index="image", columns="quality", values=metric).astype(float)
    keys = [-1e300 if cell(quality) is None else float(quality) for quality in qualities]
    intervals = bootstrap_means(table[keys].to_numpy()) if keys else []
    return [_round(item.low) for item in intervals], [_round(item.high) for item in intervals]


def _equal(at: AtRate, metric: str, name: str) -> list[dict[str, Any]]:
    """The mean at equal rate, where the rate was searched for."""
    mean = next((mean for mean in at.means[metric] if mean.name == name), None)
    if mean is None or not mean.interval.n:
        return []
    values = at.values[metric]
    values = values[values["variant"] == name]
    if bool(values["interpolated"].any()):
        return []
    rows = at.rows[(at.rows["variant"] == name) & at.rows["reached"].astype(bool)]
    return [
        {
            "rate": at.rate,
            "bpp": _round(rows["bpp"].astype(float).mean()),
            "bytes": _round(rows["bytes"].astype(float).mean()),
            "value": _round(mean.interval.mean),
            "low": _round(mean.interval.low),
            "high": _round(mean.interval.high),
            "images": mean.interval.n,
        }
    ]


def _clouds(evidence: Evidence, listed: Sequence[str]) -> dict[str, Any]:
    """Every measured point of every listed image, column by column, per series."""
    points = evidence.points
    points = points[points["image"].isin(listed)]
    order = {name: number for number, name in enumerate(listed)}
    found = {}
    for name in evidence.own:
        own = points[points["variant"] == name].sort_values(["image", "bpp"], kind="stable")
        columns = {column: _numbers(own[column]) for column in ("quality", "bpp", "bytes", *evidence.metrics)}
        found[name] = {"image": [order[str(image)] for image in own["image"]], **columns}
    return found


# BD-rate


def _matrix(evidence: Evidence, info: MetricInfo) -> list[dict[str, Any]]:
    """One cell per ordered pair: both aggregates, or the reason why there is none."""
    cells = {pair: _compared(item) for pair, item in _comparisons(evidence, info).items()}
    for anchor in evidence.series:
        for test in evidence.series:
            pair = (anchor, test)
            one_published = evidence.series[anchor].published or evidence.series[test].published
            if anchor == test or pair in cells:
                continue
            cells[pair] = (
                _published_pair(evidence, info, anchor, test)
                if one_published
                else {"curve": {"value": None, "reason": f"not both have values of {info.title}"}}
            )
    return [
        {"anchor": anchor, "test": test, **cells[anchor, test]}
        for anchor in evidence.series
        for test in evidence.series
        if anchor != test
    ]


def _comparisons(evidence: Evidence, info: MetricInfo) -> dict[tuple[str, str], Comparison]:
    """Every ordered pair that has values; those with one anchor are a family of tests."""
    from benchcomp.analysis import compare, holm

    curves = evidence.curves(info.name)
    present = [name for name in evidence.own if name in curves.variants]
    found = {}
    for anchor in present:
        family = [compare(curves, info, anchor, test) for test in present if test != anchor]
        adjusted = holm([item.p for item in family])
        for item, p in zip(family, adjusted, strict=True):
            found[anchor, item.test] = replace(item, p_adjusted=p)
    return found


def _compared(item: Comparison) -> dict[str, Any]:
    interval, outcome = item.per_image, item.outcome
    return {
        "curve": _bd(item.curve),
        "quality": {"value": _round(item.curve_quality.value), "unit": item.curve_quality.unit},
        "images": {
            "value": _round(interval.mean),
            "low": _round(interval.low),
            "high": _round(interval.high),
            "n": interval.n,
            "left_out": {str(reason): int(count) for reason, count in item.left_out.items()},
            "wins": outcome.wins,
            "ties": outcome.ties,
            "losses": outcome.losses,
            "p": _round(item.p),
            "p_adjusted": _round(item.p_adjusted),
        },
    }


def _bd(result: BDResult) -> dict[str, Any]:
    return {
        "value": _round(result.value),
        "reason": result.reason,
        "method": result.method,
        "overlap": _round(result.overlap),
        "interval": [_round(bound) for bound in result.interval] if result.interval else None,
        "by_method": {name: _round(value) for name, value in result.by_method.items()},
        "warnings": list(result.warnings),
    }


def _published_pair(evidence: Evidence, info: MetricInfo, anchor: str, test: str) -> dict[str, Any]:
    """BD-rate of two averaged curves, one of which has no images behind it."""
    from benchcomp.analysis import bd_rate

    curves = evidence.curves(info.name).average
    one, two = (curves[curves["variant"] == name] for name in (anchor, test))
    if one.empty or two.empty:
        return {"curve": {"value": None, "reason": f"not both have values of {info.title}"}}
    result = bd_rate(
        one["bpp"],
        one["value"],
        two["bpp"],
        two["value"],
        higher_is_better=info.higher_is_better,
        decibels=info.decibels,
    )
    return {"curve": _bd(result)}


# Cost


def _cost(evidence: Evidence, at_rates: Mapping[float, AtRate]) -> list[dict[str, Any]]:
    """Time and memory of every series at every rate (or setting, where no rate is shared)."""
    groups: list[tuple[str, float | None, pd.DataFrame]]
    if at_rates:
        groups = [
            (name, at.rate, at.rows[at.rows["variant"] == name])
            for at in at_rates.values()
            for name in evidence.own
        ]
    else:
        points = evidence.points
        points = points[points["variant"].isin(evidence.own)]
        keys = points.groupby(["variant", "quality"], dropna=False, sort=False, observed=True)
        groups = [(str(name), None, rows) for (name, _), rows in keys]
    return [_cost_of(evidence, name, rate, rows) for name, rate, rows in groups if rows["bpp"].notna().any()]


def _cost_of(evidence: Evidence, name: str, rate: float | None, rows: pd.DataFrame) -> dict[str, Any]:
    rows = rows[rows["bpp"].notna()]
    megapixels = rows["width"].astype(float) * rows["height"].astype(float) / 1e6
    found: dict[str, Any] = {
        "name": name,
        "rate": rate,
        "bpp": _round(rows["bpp"].astype(float).mean()),
        "images": len(rows),
    }
    for column in COSTS:
        values = rows[column].astype(float)
        quartiles = values.quantile([0.25, 0.5, 0.75]) if values.notna().any() else [None] * 3
        found[column] = [_round(value) for value in quartiles]
        found[f"{column}:min"] = _round(values.min())
    for column in ("encode_wall_s", "decode_wall_s"):
        speed = (megapixels / rows[column].astype(float)).replace([np.inf], np.nan)
        found[column.replace("wall_s", "mp_s")] = _round(speed.median())
    for metric in evidence.metrics:
        found[metric] = _round(rows[metric].astype(float).mean())
    return found


# Overview


def _sentences(
    evidence: Evidence, chosen: Focus, at_rates: Mapping[float, AtRate], pairs: Sequence[Paired]
) -> list[str]:
    """The headline first, then the same codec against the others."""
    lossless = _lossless_sentences(evidence)
    if chosen.rate is None:
        return lossless or ["These codecs share no rate at which they could be compared."]
    info = evidence.metrics[chosen.metric]
    means = [mean for mean in at_rates[chosen.rate].means[chosen.metric] if mean.interval.n]
    ranked = [
        mean.name
        for mean in sorted(means, key=lambda mean: mean.interval.mean or 0.0, reverse=info.higher_is_better)
    ]
    tests = [name for name in ranked if name != chosen.anchor]
    if len(ranked) < 2 or not tests:
        return lossless or [f"At {chosen.rate:g}{NBSP}bpp fewer than two codecs can be compared."]
    best = tests[0]
    others = [name for name in ranked if name != best]
    if chosen.anchor in others:
        others.remove(chosen.anchor)
        others.insert(0, chosen.anchor)
    found = {(pair.anchor, pair.test): pair for pair in pairs if _is(pair, chosen)}
    images = len(_image_names(evidence))
    told = [_sentence(found[other, best], info, images) for other in others if (other, best) in found]
    return [*told, *lossless]


def _is(pair: Paired, chosen: Focus) -> bool:
    return pair.metric == chosen.metric and pair.rate == chosen.rate


def _sentence(pair: Paired, info: MetricInfo, images: int, start: str = "") -> str:
    """One comparison in words: ``At 0.21 bpp, smic's LPIPS is 34 % lower than jpeg's [28, 40], ...``."""
    interval, outcome = pair.interval, pair.outcome
    mean = interval.mean or 0.0
    low, high = interval.low, interval.high
    factor, unit = (100.0, f"{NBSP}%") if pair.scale == "ratio" else (1.0, f"{NBSP}{info.unit}".rstrip())
    digits = 0 if pair.scale == "ratio" else 2 if info.unit == "dB" else 4
    amount = f"{abs(mean) * factor:.{digits}f}{unit} {'higher' if mean > 0 else 'lower'}"
    span = ""
    if low is not None and high is not None:
        bounds = sorted((low * factor, high * factor) if mean > 0 else (-low * factor, -high * factor))
        span = f" [{bounds[0]:.{digits}f}, {bounds[1]:.{digits}f}]"
    sides = f"better on {outcome.wins} of {interval.n} images"
    if interval.n < images:
        sides += f"; on {images - interval.n} more not both reach the rate"
    subject = f"{start or f'At {pair.rate:g}{NBSP}bpp'}, {pair.test}’s {info.title}"
    if low is not None and high is not None and not low <= 0 <= high:
        return f"{subject} is {amount} than {pair.anchor}’s{span}, {sides}."
    return f"{subject} isn’t clearly different from {pair.anchor}’s: {amount}{span}, {sides}."


def _lossless_sentences(evidence: Evidence) -> list[str]:
    """The sizes of the codecs that are lossless throughout, against the smallest."""
    rows = equal_rate.lossless_at(evidence)
    sizes = equal_rate.means(rows, evidence.own)
    if len(sizes) < 2:
        return []
    best = min(sizes, key=lambda mean: mean.interval.mean or 0.0).name
    found = []
    for other in sizes:
        for pair in equal_rate.paired(rows, SIZE, 0.0, other.name):
            if pair.test == best and other.name != best:
                found.append(_sentence(pair, SIZE, pair.interval.n, "Lossless"))
    return found


def _means_table(evidence: Evidence, chosen: Focus, at_rates: Mapping[float, AtRate]) -> list[dict[str, Any]]:
    """Per rate: a row per codec, a cell per metric; the best of each metric is marked."""
    tables = []
    for rate, at in at_rates.items():
        rows = []
        for name in evidence.own:
            cells = []
            for info in evidence.metrics.values():
                means = [mean for mean in at.means[info.name] if mean.interval.mean is not None]
                best = max(
                    means,
                    key=lambda mean: (mean.interval.mean or 0.0) * (1 if info.higher_is_better else -1),
                    default=None,
                )
                mean = next((mean for mean in at.means[info.name] if mean.name == name), None)
                cells.append({"info": info, "mean": mean, "best": len(means) > 1 and mean is best})
            own = at.rows[at.rows["variant"] == name]
            reached = own[own["reached"].astype(bool)]
            rows.append(
                {
                    "name": name,
                    "cells": cells,
                    "bpp": _round(reached["bpp"].astype(float).mean()),
                    "reached": len(reached),
                    "images": len(own),
                }
            )
        interpolated = any(bool(values["interpolated"].any()) for values in at.values.values())
        tables.append({"rate": rate, "rows": rows, "interpolated": interpolated, "main": rate == chosen.rate})
    return tables


def _caveats(evidence: Evidence, chosen: Focus, at_rates: Mapping[float, AtRate]) -> list[str]:
    """What a reader has to know before quoting a number from the page."""
    found = list(evidence.caveats)
    failed = evidence.frame[~evidence.frame["status"].isin(["ok", "unreachable"])]
    if len(failed):
        counts = ", ".join(f"{count} {status}" for status, count in failed["status"].value_counts().items())
        images = failed["image"].nunique()
        found.append(f"{len(failed)} rate points failed, on {images} images ({counts}); they have no values.")
    for rate, at in at_rates.items():
        if rate not in equal_rate.searched(evidence):
            continue
        for name, rows in at.rows.groupby("variant", sort=False, observed=True):
            missed = len(rows) - int(rows["reached"].astype(bool).sum())
            if missed:
                found.append(
                    f"{name} doesn’t reach {rate:g} bpp on {missed} of {len(rows)} images; "
                    "comparisons at that rate leave these out."
                )
    found += _left_out(evidence)
    if any(series.published for series in evidence.series.values()):
        found.append(
            "Published curves are averages over their own images: they are drawn and have BD-rates of "
            "averaged curves, but no intervals, tests or pictures."
        )
    images = len(_image_names(evidence))
    if 0 < images < FEW_IMAGES:
        found.append(f"With {images} images, intervals and tests are rough.")
    if images > MOST_LISTED:
        found.append(
            f"Points of single images and the table of images show about {MOST_LISTED} of {images} images, "
            "evenly spaced in order of their names; averages, intervals and tests are over all. "
            "benchcomp export --format csv has every row."
        )
    if any(_timed_under_load(run) for run in evidence.runs):
        found.append("Times were taken while other work ran beside; serial timing was off.")
    machines = {
        str(run.manifest.get("environment", {}).get("cpu", "")) for run in evidence.runs if not run.published
    }
    if len(machines - {""}) > 1:
        found.append("The runs come from different machines; their times don’t compare.")
    for run in evidence.runs:
        for name, why in dict(run.manifest.get("unavailable") or {}).items():
            found.append(f"{name} was asked for and couldn’t run: {why}.")
    return found


def _timed_under_load(run: Results) -> bool:
    settings = run.manifest.get("settings") or {}
    return settings.get("timing") == "parallel" and settings.get("jobs") != 1


def _left_out(evidence: Evidence) -> list[str]:
    """Averages that leave images out, by metric and codec."""
    found = []
    for name, info in evidence.metrics.items():
        curves = evidence.curves(name).average
        partial = curves[curves["left_out"] > 0]
        for variant, rows in partial.groupby("variant", sort=False, observed=True):
            most = rows.sort_values("left_out").iloc[-1]
            found.append(
                f"Averages of {variant}’s {info.title} leave out up to {int(most['left_out'])} images "
                f"({most['why']})."
            )
    return found


def _failures(evidence: Evidence) -> list[dict[str, Any]]:
    from benchcomp.analysis import failures

    table = failures(evidence.frame)
    return records(table, list(table.columns))


def _run(run: Results) -> dict[str, Any]:
    manifest = run.manifest
    environment = dict(manifest.get("environment") or {})
    command = manifest.get("command") or ""
    return {
        "name": run.name,
        "published": run.published,
        "created": str(manifest.get("created") or ""),
        "dataset": dict(manifest.get("dataset") or {}),
        "images": manifest.get("images"),
        "codecs": [dict(item) for item in manifest.get("codecs", ())],
        "command": command if isinstance(command, str) else shlex.join(map(str, command)),
        "environment": {key: _words(value) for key, value in environment.items() if key != "packages"},
        "packages": dict(environment.get("packages") or {}),
        "settings": {key: _words(value) for key, value in dict(manifest.get("settings") or {}).items()},
    }


# Small things


def _digits(evidence: Evidence, info: MetricInfo) -> int:
    """Decimals that the page shows of a metric, the same for all of its values."""
    largest = evidence.frame[info.name].astype(float).abs().max()
    return 2 if info.unit == "dB" or largest >= 10 else 3 if largest > 1 else 4


def _words(value: Any) -> str:
    """A value of the manifest as a reader wants it: no brackets, no quotes."""
    if isinstance(value, Mapping):
        return " ".join(_words(part) for part in value.values())
    if isinstance(value, list | tuple):
        return ", ".join(_words(part) for part in value) or "none"
    return "none" if value is None else str(value)


def _metric(info: MetricInfo, digits: int) -> dict[str, Any]:
    return {
        "name": info.name,
        "title": info.title,
        "unit": info.unit,
        "higher": info.higher_is_better,
        "definition": info.definition,
        "decibels": info.decibels,
        "digits": digits,
    }


def _image_names(evidence: Evidence) -> list[str]:
    own = evidence.frame[evidence.frame["codec"].isin(evidence.own)]
    return [str(image) for image in own["image"].unique()]


def _listed(evidence: Evidence, pictured: Sequence[str]) -> list[str]:
    """The images that are listed one by one: all, or evenly spaced ones and those with pictures."""
    names = _image_names(evidence)
    if len(names) <= MOST_LISTED:
        return names
    spaced = np.linspace(0, len(names) - 1, MOST_LISTED).round().astype(int)
    chosen = {names[place] for place in spaced} | set(pictured)
    return [name for name in names if name in chosen]


def _images(evidence: Evidence, listed: Sequence[str]) -> list[dict[str, Any]]:
    own = evidence.frame[evidence.frame["codec"].isin(evidence.own) & evidence.frame["image"].isin(listed)]
    own = own.drop_duplicates("image")
    return [
        {"name": str(row.image), "width": cell(row.width), "height": cell(row.height)}
        for row in own.itertuples()
    ]


def _numbers(column: Any) -> list[Any]:
    return [_round(cell(value)) for value in column.tolist()]


def _round(value: Any) -> Any:
    """Six significant digits are more than any plot or table shows, and keep the page small."""
    plain = cell(value)
    return float(f"{plain:.6g}") if isinstance(plain, float) else plain
