"""Turns a store into :class:`benchcomp.Results`: data frames, the manifest, and pictures on demand.

The one place where rows are made; the terminal table, CSV, JSON, analysis and reports all start here.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from benchcomp import rows, variants
from benchcomp.errors import BenchcompError
from benchcomp.pixels import Pixels, content_hash
from benchcomp.registry import Registry
from benchcomp.report import MetricInfo, Results
from benchcomp.store import Store

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["StoredPictures", "load"]

FloatArray = npt.NDArray[np.float64]
IntegerArray = npt.NDArray[np.int64]
ObjectArray = npt.NDArray[np.object_]

_TIMES = ("encode_wall_s", "decode_wall_s", "encode_cpu_s", "decode_cpu_s")
_BLOCK = 1 << 15

TARGETS = ["image", "codec", "options", "measure", "target", "quality", "achieved", "reached", "reason"]


def load(path: Path, registry: Registry) -> Results:
    """Read a run file.

    Rows are ordered by image, codec and bytes. Where the store has several versions of a codec, the
    newest that has any point is taken, for all images alike, so that versions never mix.

    Raises:
        BenchcompError: no such run, or it is damaged.
    """
    with Store.read(path) as store, store.explained():
        manifest = store.manifest()
        metrics = {item["name"]: MetricInfo(**item) for item in manifest["metrics"]}
        frame = _frame(store, manifest, metrics)
        targets = _targets(store, manifest)
        _mark_targets(frame, targets)
        frame = _with_unreachable(frame, targets)
    return Results(path.stem, manifest, frame, targets, metrics, StoredPictures(path, manifest, registry))


def _frame(store: Store, manifest: Mapping[str, Any], metrics: Mapping[str, MetricInfo]) -> pd.DataFrame:
    """The rows in natural order of images, codecs as they were named, rising rate."""
    import pandas as pd

    points = _points(store, manifest)
    ids, said = points["id"].to_numpy(), points["reason"].to_numpy(dtype=object)
    for name, info in metrics.items():
        points[name], reason = _scores(store, info, ids)
        for row in np.flatnonzero(reason != ""):
            said[row] = f"{said[row]}; {name}: {reason[row]}" if said[row] else f"{name}: {reason[row]}"
    points["reason"] = pd.Series(said, dtype="str")
    frame = _images(store).merge(points, on="sha256")
    frame["dataset"] = manifest["dataset"]["id"]
    frame["bpp"] = 8.0 * frame["bytes"] / (frame["width"] * frame["height"])
    frame["bpc"] = frame["bpp"] / 3
    frame["target_bpp"] = float("nan")
    frame = frame.sort_values(["_image", "_codec", "bytes", "quality"], kind="stable", ignore_index=True)
    frame = frame.rename(columns={"sha256": "image_sha256"})
    for column in ("bytes", "peak_rss_bytes", "width", "height", "repeats"):
        frame[column] = frame[column].astype("Int64")
    frame["lossless"] = frame["lossless"].astype("boolean")
    return frame[rows.columns(list(metrics))]


def _images(store: Store) -> pd.DataFrame:
    """The images that could be read, with their place in natural order."""
    query = "SELECT image, sha256, width, height FROM images WHERE reason = ''"
    images = _read(store, query, text=("image", "sha256"))
    order = sorted(range(len(images)), key=list(map(natural, images["image"])).__getitem__)
    images["_image"] = np.argsort(np.array(order, dtype=np.int64))
    return images


def _points(store: Store, manifest: Mapping[str, Any]) -> pd.DataFrame:
    """The points of the manifest's codecs and versions, in the order of their ids."""
    import pandas as pd

    wanted = [(c["codec"], c["options"], c["version"]) for c in manifest["codecs"]]
    # CROSS JOIN keeps SQLite from looping over the codecs and all points for each.
    query = (
        f"WITH wanted AS (SELECT * FROM (VALUES {', '.join(f'({n}, ?, ?, ?)' for n in range(len(wanted)))})) "
        "SELECT p.id, p.sha256, w.column1 AS _codec, p.quality, p.status, p.reason, p.bytes, p.lossless, "
        "p.encode_wall_s, p.decode_wall_s, p.encode_cpu_s, p.decode_cpu_s, p.peak_rss_bytes, p.measured_at, "
        "p.benchcomp_version FROM points p CROSS JOIN wanted w "
        "ON p.codec = w.column2 AND p.options = w.column3 AND p.codec_version = w.column4 ORDER BY p.id"
    )
    points = _read(
        store,
        query,
        [value for codec in wanted for value in codec],
        text=("sha256", "status", "reason", "measured_at", "benchcomp_version"),
        readings=_TIMES,
    )
    for name, values in zip(("codec", "options", "codec_version"), zip(*wanted, strict=True), strict=True):
        points[name] = pd.Series(np.array(values, dtype=object)[points["_codec"].astype(int)], dtype="str")
    return points


def _scores(store: Store, info: MetricInfo, ids: IntegerArray) -> tuple[FloatArray, ObjectArray]:
    """One metric's values and the reasons for those that are missing, for points by rising id."""
    rows = "FROM scores WHERE metric = ? AND definition = ?"
    asked = (info.name, info.definition)
    scores = _read(store, f"SELECT point, value {rows}", asked)
    # Reasons are rare, and a million empty ones take as long to read as the values.
    reasons = _read(store, f"SELECT point, reason {rows} AND reason <> ''", asked, text=("reason",))
    value, reason = np.full(len(ids), np.nan), np.full(len(ids), "", dtype=object)
    for table, name, filled in ((scores, "value", value), (reasons, "reason", reason)):
        points = table["point"].to_numpy()
        if len(ids) and len(points):
            place = np.minimum(np.searchsorted(ids, points), len(ids) - 1)
            known = ids[place] == points
            filled[place[known]] = table[name].to_numpy()[known]
    return value, reason


def _read(
    store: Store,
    query: str,
    parameters: Sequence[Any] = (),
    text: Sequence[str] = (),
    readings: Sequence[str] = (),
) -> pd.DataFrame:
    """A query's rows: texts, equal ones sharing one object, and floats (NaN for none).

    Columns named in ``readings`` hold JSON lists of numbers; their medians are given, and the length of
    the lists as the column ``repeats``. Reads in blocks, since a million rows of Python objects would
    take gigabytes.
    """
    import pandas as pd

    cursor = store.connection.execute(query, parameters)
    names = [column[0] for column in cursor.description]
    kinds = [(name, object if name in text or name in readings else np.float64) for name in names]
    parts: dict[str, list[npt.NDArray[Any]]] = {name: [] for name in names}
    if readings:
        parts["repeats"] = []
    shared: dict[str, str] = {}
    while len(block := np.fromiter(itertools.islice(cursor, _BLOCK), np.dtype(kinds))):
        counts: IntegerArray | None = None
        for name in names:
            if name in readings:
                values, counts = _medians(block[name].tolist())
            elif name in text:
                texts = block[name].tolist()
                values = np.fromiter(map(shared.setdefault, texts, texts), object, len(texts))
            else:
                values = block[name].copy()  # or the whole block would be kept
            parts[name].append(values)
        if counts is not None:
            parts["repeats"].append(counts)
    columns = {name: np.concatenate(found) if found else np.empty(0) for name, found in parts.items()}
    return pd.DataFrame(
        {n: pd.Series(c, dtype="str" if n in text else None, copy=False) for n, c in columns.items()},
        copy=False,
    )


def _medians(texts: Sequence[str | None]) -> tuple[FloatArray, IntegerArray]:
    """Median and number of the readings in each text, a JSON list."""
    single = _single_readings(texts)
    if single is not None:
        return single, np.ones(len(single), np.int64)
    readings = json.loads(f"[{','.join(text or '[]' for text in texts)}]")
    counts = np.fromiter(map(len, readings), np.int64, len(readings))
    flat = np.fromiter(itertools.chain.from_iterable(readings), np.float64, int(counts.sum()))
    first = np.cumsum(counts) - counts
    medians = np.full(len(counts), np.nan)
    for count in np.unique(counts[counts > 0]):
        same = counts == count
        medians[same] = np.median(flat[first[same][:, None] + np.arange(count)], axis=1)
    return medians, counts


def _single_readings(texts: Sequence[str | None]) -> FloatArray | None:
    """The readings, if each text is a list of one: read as one flat list, which takes a third of the time."""
    if not all(texts):
        return None
    joined = "".join(texts)  # type: ignore[arg-type]
    if "," in joined or not len(texts) == joined.count("][") + 1 == joined.count("["):
        return None
    try:
        flat = json.loads(joined.replace("][", ","))
    except json.JSONDecodeError:
        return None
    return np.fromiter(flat, np.float64, len(flat)) if len(flat) == len(texts) else None


def natural(text: str) -> list[tuple[int, int, str]]:
    """A sort key that puts ``img2`` before ``img10``."""
    import re

    return [
        (0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", text) if part
    ]


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
        record = self._open().image(image)
        return record.sha256 if record else None
