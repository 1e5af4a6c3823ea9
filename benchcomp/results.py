"""Turns a store into :class:`benchcomp.Results`: data frames, the manifest, and pictures on demand.

The one place where rows are made; the terminal table, CSV, JSON, analysis and reports all start here.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchcomp import rows, variants
from benchcomp.errors import BenchcompError
from benchcomp.pixels import Pixels, content_hash
from benchcomp.registry import Registry
from benchcomp.report import MetricInfo, Results
from benchcomp.store import Store

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["StoredPictures", "load"]

TARGETS = ["image", "codec", "options", "measure", "target", "quality", "achieved", "reached", "reason"]


def load(path: Path, registry: Registry) -> Results:
    """Read a run file.

    Rows are ordered by image, codec and bytes. Where the store has several versions of a codec, the
    newest that has any point is taken, for all images alike, so that versions never mix.

    Raises:
        BenchcompError: no such run, or it is damaged.
    """
    with Store.read(path) as store:
        manifest = store.manifest()
        metrics = {item["name"]: MetricInfo(**item) for item in manifest["metrics"]}
        frame = _frame(store, manifest, metrics)
        targets = _targets(store, manifest)
    _mark_targets(frame, targets)
    frame = _with_unreachable(frame, targets)
    return Results(path.stem, manifest, frame, targets, metrics, StoredPictures(path, manifest, registry))


def _frame(store: Store, manifest: Mapping[str, Any], metrics: Mapping[str, MetricInfo]) -> pd.DataFrame:
    import pandas as pd

    wanted = pd.DataFrame(manifest["codecs"], columns=["codec", "options", "version"])
    images = pd.read_sql_query("SELECT image, sha256, width, height, reason FROM images", store.connection)
    points = pd.read_sql_query("SELECT * FROM points", store.connection)
    scores = pd.read_sql_query(
        "SELECT point, metric, definition, value, reason FROM scores", store.connection
    )
    points = points.merge(
        wanted, left_on=["codec", "options", "codec_version"], right_on=["codec", "options", "version"]
    )
    frame = images[images["reason"] == ""].drop(columns="reason").merge(points, on="sha256")
    for name, info in metrics.items():
        own = scores[(scores["metric"] == name) & (scores["definition"] == info.definition)].set_index(
            "point"
        )
        frame[name] = frame["id"].map(own["value"]).astype("float64")
        missing = frame["id"].map(own["reason"]).fillna("")
        has = missing != ""
        frame.loc[has, "reason"] = [
            f"{old}; {name}: {new}" if old else f"{name}: {new}"
            for old, new in zip(frame.loc[has, "reason"], missing[has], strict=True)
        ]
    for column in ("encode_wall_s", "decode_wall_s", "encode_cpu_s", "decode_cpu_s"):
        frame["repeats"] = [len(json.loads(text or "[]")) for text in frame[column]]
        frame[column] = pd.Series(
            [_median(text) for text in frame[column]], index=frame.index, dtype="float64"
        )
    frame["dataset"] = manifest["dataset"]["id"]
    frame["bpp"] = 8.0 * frame["bytes"] / (frame["width"] * frame["height"])
    frame["bpc"] = frame["bpp"] / 3
    frame["target_bpp"] = float("nan")
    frame = frame.rename(columns={"sha256": "image_sha256"})
    frame = _in_order(frame, manifest)
    for column in ("bytes", "peak_rss_bytes", "width", "height", "repeats"):
        frame[column] = frame[column].astype("Int64")
    frame["lossless"] = frame["lossless"].astype("boolean")
    return frame[rows.columns(list(metrics))]


def _in_order(frame: pd.DataFrame, manifest: Mapping[str, Any]) -> pd.DataFrame:
    """Natural order of images, codecs as they were named, rising rate."""
    import pandas as pd

    order = {variants.label(c["codec"], c["options"]): n for n, c in enumerate(manifest["codecs"])}
    labels = [
        variants.label(codec, options)
        for codec, options in zip(frame["codec"], frame["options"], strict=True)
    ]
    keys = pd.DataFrame(
        {
            "image": frame["image"].map(
                {name: n for n, name in enumerate(sorted(set(frame["image"]), key=natural))}
            ),
            "codec": [order[name] for name in labels],
            "bytes": frame["bytes"].astype("float64"),
            "quality": frame["quality"],
        },
        index=frame.index,
    )
    order_index = keys.sort_values(["image", "codec", "bytes", "quality"], kind="stable").index
    return frame.loc[order_index].reset_index(drop=True)


def natural(text: str) -> list[tuple[int, int, str]]:
    """A sort key that puts ``img2`` before ``img10``."""
    import re

    return [
        (0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", text) if part
    ]


def _median(text: str) -> float | None:
    readings = json.loads(text or "[]")
    return statistics.median(readings) if readings else None


def _targets(store: Store, manifest: Mapping[str, Any]) -> pd.DataFrame:
    import pandas as pd

    wanted = pd.DataFrame(manifest["codecs"], columns=["codec", "options", "version"])
    targets = pd.read_sql_query(
        "SELECT i.image, t.* FROM targets t JOIN images i ON i.sha256 = t.sha256", store.connection
    )
    targets = targets.merge(
        wanted, left_on=["codec", "options", "codec_version"], right_on=["codec", "options", "version"]
    )
    targets["reached"] = targets["reached"].astype(bool)
    order = targets["image"].map(
        {name: n for n, name in enumerate(sorted(set(targets["image"]), key=natural))}
    )
    targets = targets.assign(_order=order).sort_values(["_order", "codec", "options", "measure", "target"])
    return targets[TARGETS].reset_index(drop=True)


def _mark_targets(frame: pd.DataFrame, targets: pd.DataFrame) -> None:
    """Fill ``target_bpp`` on the rows that equal-rate searches chose.

    A row that serves two targets names the closer one; :attr:`Results.targets` has both.
    """
    chosen = targets[(targets["measure"] == "bpp") & targets["reached"]]
    if chosen.empty:
        return
    best: dict[tuple[Any, ...], tuple[float, float]] = {}
    for row in chosen.to_dict("records"):
        key = (row["image"], row["codec"], row["options"], _quality_key(row["quality"]))
        distance = abs(row["achieved"] - row["target"])
        if key not in best or distance < best[key][0]:
            best[key] = (distance, row["target"])
    keys = zip(
        frame["image"], frame["codec"], frame["options"], map(_quality_key, frame["quality"]), strict=True
    )
    frame["target_bpp"] = [best[key][1] if key in best else float("nan") for key in keys]


def _quality_key(quality: float | None) -> float | None:
    return None if quality is None or quality != quality else float(quality)


def _with_unreachable(frame: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """Add a row with status ``unreachable`` for every rate that a codec can't reach on an image."""
    import pandas as pd

    missed = targets[(targets["measure"] == "bpp") & ~targets["reached"]]
    if missed.empty:
        return frame
    sizes = frame.drop_duplicates("image").set_index("image")
    extra = pd.DataFrame(
        {
            "dataset": frame["dataset"].iloc[0] if len(frame) else "",
            "image": missed["image"],
            "codec": missed["codec"],
            "options": missed["options"],
            "target_bpp": missed["target"],
            "status": "unreachable",
            "reason": missed["reason"],
            "width": missed["image"].map(sizes["width"]),
            "height": missed["image"].map(sizes["height"]),
        }
    )
    extra = extra.reindex(columns=frame.columns).astype(frame.dtypes.to_dict())
    return pd.concat([frame, extra], ignore_index=True)


class StoredPictures:
    """The pictures behind a run's rows: sources from the data set, reconstructions from bitstreams."""

    def __init__(self, path: Path, manifest: Mapping[str, Any], registry: Registry) -> None:
        self._path = path
        self._manifest = manifest
        self._registry = registry
        self._dataset: Any = None
        self._codecs: dict[str, Any] = {}
        self._store: Store | None = None
        self._hashes: dict[str, str | None] = {}

    def source(self, image: str) -> Pixels:
        """The source image, as it was when it was measured.

        Raises:
            BenchcompError: it is gone, or has changed since.
        """
        if self._dataset is None:
            self._dataset = self._registry.dataset(self._manifest["dataset"]["id"])
        pixels: Pixels = self._dataset.load(image)
        if content_hash(pixels) != self._hash(image):
            raise BenchcompError(f"image {image!r} has changed since the run measured it")
        return pixels

    def reconstruction(self, image: str, codec: str, options: str, quality: float | None) -> Pixels:
        """The decoded picture of one row.

        Raises:
            BenchcompError: the bitstream wasn't kept, or the codec isn't here.
        """
        label = variants.label(codec, options)
        sha256 = self._hash(image)
        data = self._open().bitstream(sha256, codec, options, quality) if sha256 else None
        if data is None:
            raise BenchcompError(f"{self._path} has no bitstream of {label} at {quality} for image {image!r}")
        if label not in self._codecs:
            self._codecs[label] = self._registry.codec(label)
        pixels: Pixels = self._codecs[label].decode(data)
        return pixels

    def _open(self) -> Store:
        if self._store is None:
            self._store = Store.read(self._path)
        return self._store

    def _hash(self, image: str) -> str | None:
        if not self._hashes:
            self._hashes = {name: record.sha256 for name, record in self._open().images().items()}
        return self._hashes.get(image)
