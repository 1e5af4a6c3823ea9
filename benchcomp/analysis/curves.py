"""Rate-distortion curves from rows: per image, and averaged over the images at constant setting.

Everything here takes the data frame of a run (columns as :mod:`benchcomp.rows` says) and gives a data
frame. Codec variants are named by their label in the added column ``variant`` (``jpeg``,
``jpeg:subsampling=444``). Averages say how many images they leave out and why; a value that isn't there
is left out, never replaced.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

__all__ = ["failures", "image_curves", "measured", "rate_points", "rd_curves", "variants"]

POINT = ["variant", "codec", "options", "quality"]


def with_variant(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with empty ``image`` and ``options`` filled in and the column ``variant`` added."""
    if "variant" in frame:
        return frame
    options = frame["options"].fillna("").astype(str)
    codec = frame["codec"].astype(str)
    variant = codec.where(options == "", codec + ":" + options)
    return frame.assign(options=options, variant=variant, image=frame["image"].fillna("").astype(str))


def variants(frame: pd.DataFrame) -> list[str]:
    """The labels of the codec variants, in the order in which they first appear."""
    return list(with_variant(frame)["variant"].unique())


def measured(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows that are rate points: measured without error, one per image, variant and quality.

    A rate point that a search chose for several targets counts once.
    """
    frame = with_variant(frame[frame["status"] == "ok"])
    return frame.drop_duplicates(["image", "variant", "quality"])


def image_curves(frame: pd.DataFrame, metric: str) -> pd.DataFrame:
    """The points of every image's own curve.

    Args:
        frame: rows.
        metric: name of the metric's column.

    Returns:
        Columns ``variant, codec, options, image, quality, bpp, value``, sorted by variant, image and
        bpp; only points that have a value.
    """
    points = measured(frame)
    points = points[points[metric].notna() & points["bpp"].notna()]
    points = points.assign(value=points[metric].astype(float))
    columns = ["variant", "codec", "options", "image", "quality", "bpp", "value"]
    return points[columns].sort_values(["variant", "image", "bpp"], ignore_index=True)


def failures(frame: pd.DataFrame) -> pd.DataFrame:
    """How often each variant failed, and how; targets out of reach are no failures.

    Returns:
        Columns ``variant, status, reason, rows, images``, the most frequent first; empty when all
        went well.
    """
    failed = with_variant(frame[~frame["status"].isin(["ok", "unreachable"])])
    failed = failed.assign(reason=failed["reason"].fillna(""))
    groups = failed.groupby(["variant", "status", "reason"], sort=False)
    counts = groups["image"].agg(rows="size", images="nunique").reset_index()
    return counts.sort_values("rows", ascending=False, kind="stable", ignore_index=True)


def rd_curves(frame: pd.DataFrame, metric: str, *, partial: bool = False) -> pd.DataFrame:
    """The curve of every variant, averaged over the images at constant setting.

    ``bpp`` and ``value`` are means over the same images: those that were measured at this setting and
    have a value (the PSNR of identical images is none).

    Args:
        frame: rows.
        metric: name of the metric's column.
        partial: keep also settings that were tried on some of a variant's images only (the probes of
            a search, an interrupted run). Their averages are over other images than their
            neighbours', so they bend the curve.

    Returns:
        One row per variant and quality, sorted by variant (in order of appearance) and bpp:
        ``variant, codec, options, quality, bpp, value, images`` (in the average), ``left_out`` (of the
        variant's images) and ``why`` (such as ``2 timeout, 1 no value``; empty for none).
    """
    tried = _tried(frame)
    has_value = (tried["status"] == "ok") & tried[metric].notna()
    cause = tried["status"].where(tried["status"] != "ok", "no value")
    averages = (
        tried[has_value].groupby(POINT, dropna=False, sort=False, observed=True)[["bpp", metric]].mean()
    )
    table = _settings(tried, ~has_value, cause, partial)
    table = table.join(averages.rename(columns={metric: "value"}), on=POINT)
    return table[[*POINT, "bpp", "value", "images", "left_out", "why"]]


def rate_points(frame: pd.DataFrame, columns: Sequence[str], *, partial: bool = False) -> pd.DataFrame:
    """One row per variant and quality with the averages of any columns: the table of a sweep.

    Args:
        frame: rows.
        columns: numeric columns to average (metrics, times); each over the images that have a value.
        partial: as in :func:`rd_curves`.

    Returns:
        ``variant, codec, options, quality``, ``bpp`` (mean of per-image values), ``bpp_pooled`` (all
        bits over all pixels), ``bpc``, the columns asked for, ``psnr_rgb_pooled`` (PSNR of the mean
        squared error over all samples, where ``psnr_rgb`` is among the columns), ``images``,
        ``left_out`` and ``why``; sorted as :func:`rd_curves`.
    """
    tried = _tried(frame)
    ok = tried["status"] == "ok"
    good = tried[ok]
    pixels = good["width"].astype(float) * good["height"].astype(float)
    good = good.assign(_pixels=pixels, _bits=good["bytes"].astype(float) * 8)
    wanted = list(dict.fromkeys(["bpp", *columns]))
    groups = good.groupby(POINT, dropna=False, sort=False, observed=True)
    averages = groups[wanted].mean()
    sums = groups[["_bits", "_pixels"]].sum()
    averages["bpp_pooled"] = sums["_bits"] / sums["_pixels"]
    averages["bpc"] = averages["bpp"] / 3
    order = list(dict.fromkeys(["bpp", "bpp_pooled", "bpc", *wanted]))
    if "psnr_rgb" in wanted:
        averages["psnr_rgb_pooled"] = _pooled_psnr(good)
        order.append("psnr_rgb_pooled")
    table = _settings(tried, ~ok, tried["status"], partial).join(averages, on=POINT)
    return table[[*POINT, *order, "images", "left_out", "why"]]


def _tried(frame: pd.DataFrame) -> pd.DataFrame:
    """Every rate point that was tried, whatever came of it; not the targets that have none."""
    tried = with_variant(frame[frame["status"] != "unreachable"])
    # A rate point that failed once and was measured later counts as measured.
    tried = tried.assign(_failed=tried["status"] != "ok").sort_values("_failed", kind="stable")
    tried = tried.drop_duplicates(["image", "variant", "quality"]).sort_index(kind="stable")
    order = pd.CategoricalDtype(list(tried["variant"].unique()))
    return tried.assign(variant=tried["variant"].astype(order))


def _settings(tried: pd.DataFrame, missing: pd.Series, cause: pd.Series, partial: bool) -> pd.DataFrame:
    """The settings in curve order, with the images that each average holds and leaves out."""
    keyed = tried.assign(_missing=missing, _cause=cause)
    groups = keyed.groupby(POINT, dropna=False, sort=False, observed=True)
    table = groups.agg(_tried=("image", "size"), left_out=("_missing", "sum"), _rate=("bpp", "mean"))
    of_variant = tried.groupby("variant", observed=True)["image"].nunique()
    table = table.reset_index()
    untried = table["variant"].map(of_variant).astype(int) - table["_tried"]
    table["images"] = table["_tried"] - table["left_out"]
    table["left_out"] += untried
    causes = keyed[missing].groupby([*POINT, "_cause"], dropna=False, sort=False, observed=True).size()
    texts: dict[tuple[object, ...], list[str]] = {}
    for key, count in causes.items():
        *point, reason = key if isinstance(key, tuple) else (key,)
        texts.setdefault(_hashable(point), []).append(f"{count} {reason}")
    points = table[POINT].itertuples(index=False, name=None)
    table["why"] = [
        ", ".join([*texts.get(_hashable(point), []), *([f"{absent} not tried"] if absent else [])])
        for point, absent in zip(points, untried, strict=True)
    ]
    if not partial:
        table = table[untried == 0]
    return table.sort_values(["variant", "_rate"], ignore_index=True).astype({"variant": str})


def _hashable(point: Sequence[object]) -> tuple[object, ...]:
    """A point as a dictionary key: NaN, which equals nothing, becomes ``None``."""
    return tuple(None if isinstance(part, float) and np.isnan(part) else part for part in point)


def _pooled_psnr(good: pd.DataFrame) -> pd.Series:
    """PSNR of the mean squared error over all samples; identical images count with an error of 0."""
    psnr = good["psnr_rgb"].astype(float)
    error = 255.0**2 / 10 ** (psnr / 10)
    if "lossless" in good:
        error = error.mask(psnr.isna() & good["lossless"].fillna(False).astype(bool), 0.0)
    known = good.assign(_error=error * good["_pixels"])[error.notna()]
    sums = known.groupby(POINT, dropna=False, sort=False, observed=True)[["_error", "_pixels"]].sum()
    mean = (sums["_error"] / sums["_pixels"]).replace(0.0, np.nan)
    pooled: pd.Series = 10 * np.log10(255.0**2 / mean)
    return pooled
