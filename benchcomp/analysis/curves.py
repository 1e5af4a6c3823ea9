"""Rate-distortion curves from rows: per image, and averaged over the images at constant setting.

Everything here takes the data frame of a run (columns as :mod:`benchcomp.rows` says) and gives a data
frame. Codec variants are named by their label in the added column ``variant`` (``jpeg``,
``jpeg:subsampling=444``). Averages say how many images they leave out and why; a value that isn't there
is left out, never replaced.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["failures", "image_curves", "measured", "rate_points", "rd_curves", "variants", "with_variant"]

SETTING = "_setting"
POINT = ["variant", "codec", "options", "quality"]

Places = npt.NDArray[np.int64]


def with_variant(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with empty ``image`` and ``options`` filled in and the column ``variant`` added.

    ``variant`` and ``image`` are categories, in the order of their texts: grouping and sorting a million
    rows by numbers takes a fifth of the time. Every function of the analysis does this first; a caller
    with many questions about one large frame does it once for all.
    """
    if "variant" in frame:
        texts = [
            name for name in ("variant", "image") if not isinstance(frame[name].dtype, pd.CategoricalDtype)
        ]
        return frame.assign(**{name: frame[name].astype("category") for name in texts}) if texts else frame
    options = frame["options"].fillna("").astype(str)
    codec = frame["codec"].astype(str)
    plain = (options == "").to_numpy()
    variant = (codec if plain.all() else codec.where(plain, codec + ":" + options)).astype("category")
    image = frame["image"]
    if not isinstance(image.dtype, pd.CategoricalDtype):
        image = image.fillna("").astype(str).astype("category")
    return frame.assign(options=options, variant=variant, image=image)


def variants(frame: pd.DataFrame) -> list[str]:
    """The labels of the codec variants, in the order in which they first appear."""
    return list(with_variant(frame)["variant"].unique())


def codes(column: pd.Series) -> Places:
    """The numbers of a column of categories."""
    return np.asarray(column.cat.codes, dtype=np.int64)


def _settings_of(frame: pd.DataFrame) -> Places:
    """A number for every variant and quality."""
    quality, distinct = pd.factorize(frame["quality"].to_numpy())
    # A single rate point has no quality, which counts as one more.
    settings: Places = codes(frame["variant"]) * (len(distinct) + 1) + np.asarray(quality, np.int64) + 1
    return settings


def _firsts(frame: pd.DataFrame, settings: Places, places: Places) -> Places:
    """Those of the places that are the first of their image, variant and quality."""
    images = frame["image"].cat.categories
    keys = settings[places] * len(images) + codes(frame["image"])[places]
    return places[~pd.Series(keys).duplicated().to_numpy()]


def measured_places(frame: pd.DataFrame) -> Places:
    """Where in the frame (of :func:`with_variant`) the rows of :func:`measured` are."""
    ok = np.flatnonzero((frame["status"] == "ok").to_numpy())
    return _firsts(frame, _settings_of(frame), ok)


def measured(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows that are rate points: measured without error, one per image, variant and quality.

    A rate point that a search chose for several targets counts once.
    """
    frame = with_variant(frame)
    return frame.iloc[measured_places(frame)]


def image_curves(frame: pd.DataFrame, metric: str) -> pd.DataFrame:
    """The points of every image's own curve.

    Args:
        frame: rows.
        metric: name of the metric's column.

    Returns:
        Columns ``variant, codec, options, image, quality, bpp, value``, sorted by variant, image and
        bpp; only points that have a value.
    """
    frame = with_variant(frame)
    columns = ["variant", "codec", "options", "image", "quality", "bpp", metric]
    points = frame[columns].iloc[measured_places(frame)].rename(columns={metric: "value"})
    points = points[points["value"].notna() & points["bpp"].notna()].astype({"value": float})
    order = np.lexsort(
        (points["bpp"].to_numpy(dtype=float), codes(points["image"]), codes(points["variant"]))
    )
    return points.iloc[order].reset_index(drop=True)


def failures(frame: pd.DataFrame) -> pd.DataFrame:
    """How often each variant failed, and how; targets out of reach are no failures.

    Returns:
        Columns ``variant, status, reason, rows, images``, the most frequent first; empty when all
        went well.
    """
    failed = with_variant(frame[~frame["status"].isin(["ok", "unreachable"])])
    failed = failed[["variant", "status", "reason", "image"]]
    failed = failed.assign(reason=failed["reason"].fillna(""))
    groups = failed.groupby(["variant", "status", "reason"], sort=False, observed=True)
    counts = groups["image"].agg(rows="size", images="nunique").reset_index().astype({"variant": str})
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
    tried = _tried(frame, [metric])
    has_value = (tried["status"] == "ok") & tried[metric].notna()
    cause = tried["status"].where(tried["status"] != "ok", "no value")
    averages = tried[has_value].groupby(SETTING, sort=False)[["bpp", metric]].mean()
    table = _settings(tried, ~has_value, cause, partial)
    table = table.join(averages.rename(columns={metric: "value"}), on=SETTING)
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
    wanted = list(dict.fromkeys(["bpp", *columns]))
    tried = _tried(frame, [*wanted, "width", "height", "bytes", *({"lossless"} & set(frame))])
    ok = tried["status"] == "ok"
    good = tried[ok]
    pixels = good["width"].astype(float) * good["height"].astype(float)
    good = good.assign(_pixels=pixels, _bits=good["bytes"].astype(float) * 8)
    groups = good.groupby(SETTING, sort=False)
    averages = groups[wanted].mean()
    sums = groups[["_bits", "_pixels"]].sum()
    averages["bpp_pooled"] = sums["_bits"] / sums["_pixels"]
    averages["bpc"] = averages["bpp"] / 3
    order = list(dict.fromkeys(["bpp", "bpp_pooled", "bpc", *wanted]))
    if "psnr_rgb" in wanted:
        averages["psnr_rgb_pooled"] = _pooled_psnr(good)
        order.append("psnr_rgb_pooled")
    table = _settings(tried, ~ok, tried["status"], partial).join(averages, on=SETTING)
    return table[[*POINT, *order, "images", "left_out", "why"]]


def _tried(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Every rate point that was tried, whatever came of it; not the targets that have none.

    Has the columns asked for beside the point's own, and a number for each setting.
    """
    frame = with_variant(frame)
    settings = _settings_of(frame)
    status = frame["status"]
    places = np.flatnonzero((status != "unreachable").to_numpy())
    failed = (status != "ok").to_numpy()[places]
    if failed.any():
        # A rate point that failed once and was measured later counts as measured.
        places = places[np.argsort(failed, kind="stable")]
    places = np.sort(_firsts(frame, settings, places))
    kept = list(dict.fromkeys([*POINT, "image", "status", "bpp", *columns]))
    return frame[kept].iloc[places].assign(**{SETTING: settings[places]})


def _settings(tried: pd.DataFrame, missing: pd.Series, cause: pd.Series, partial: bool) -> pd.DataFrame:
    """The settings in curve order, with the images that each average holds and leaves out."""
    keyed = tried[[SETTING, "image", "bpp"]].assign(_missing=missing, _cause=cause)
    groups = keyed.groupby(SETTING, sort=False)
    table = groups.agg(_tried=("image", "size"), left_out=("_missing", "sum"), _rate=("bpp", "mean"))
    points = tried.drop_duplicates(SETTING).set_index(SETTING)[POINT]
    table = points.join(table).reset_index().astype({"variant": str})
    seen = np.unique(codes(tried["variant"]) * len(tried["image"].cat.categories) + codes(tried["image"]))
    numbers = np.bincount(seen // max(1, len(tried["image"].cat.categories)))
    of_variant = dict(zip(tried["variant"].cat.categories, numbers.tolist(), strict=False))
    untried = table["variant"].map(of_variant).astype(int) - table["_tried"]
    table["images"] = table["_tried"] - table["left_out"]
    table["left_out"] += untried
    causes = keyed[missing].groupby([SETTING, "_cause"], sort=False).size().reset_index(name="_count")
    texts: dict[int, list[str]] = {}
    for setting, reason, count in causes.itertuples(index=False):
        texts.setdefault(setting, []).append(f"{count} {reason}")
    table["why"] = [
        ", ".join([*texts.get(setting, []), *([f"{absent} not tried"] if absent else [])])
        for setting, absent in zip(table[SETTING], untried, strict=True)
    ]
    order = pd.CategoricalDtype(list(table["variant"].unique()))
    if not partial:
        table = table[untried == 0]
    table = table.assign(variant=table["variant"].astype(order))
    return table.sort_values(["variant", "_rate"], ignore_index=True).astype({"variant": str})


def _pooled_psnr(good: pd.DataFrame) -> pd.Series:
    """PSNR of the mean squared error over all samples; identical images count with an error of 0."""
    psnr = good["psnr_rgb"].astype(float)
    error = 255.0**2 / 10 ** (psnr / 10)
    if "lossless" in good:
        error = error.mask(psnr.isna() & good["lossless"].fillna(False).astype(bool), 0.0)
    known = good.assign(_error=error * good["_pixels"])[error.notna()]
    sums = known.groupby(SETTING, sort=False)[["_error", "_pixels"]].sum()
    mean = (sums["_error"] / sums["_pixels"]).replace(0.0, np.nan)
    pooled: pd.Series = 10 * np.log10(255.0**2 / mean)
    return pooled
