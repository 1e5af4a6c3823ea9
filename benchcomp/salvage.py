"""Copies what can be read of a damaged run file into a new one.

SQLite keeps tables in pages that are found from each other, so one bad page costs the rows in it, or
those below it. Rows are asked for one by one, from both ends where they have no numbers; what can't be
read is left out, and a resumed run measures it again. The damaged file is opened for reading only.
"""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchcomp.errors import BenchcompError
from benchcomp.store import SCHEMA, ImageRecord, Outcome, Point, Score, Store

__all__ = ["Salvaged", "salvage"]

_BATCH = 1000
_POINT = (
    "sha256, codec, options, quality, codec_version, status, reason, bytes, lossless, encode_wall_s, "
    "decode_wall_s, encode_cpu_s, decode_cpu_s, peak_rss_bytes, measured_at, benchcomp_version"
)


@dataclass(frozen=True, slots=True)
class Salvaged:
    """How much was saved; ``lost`` counts the points that are known to have been there."""

    images: int
    points: int
    lost: int


def salvage(damaged: Path, out: Path) -> Salvaged:
    """Copy what can be read of a run into the new file ``out``.

    Raises:
        BenchcompError: the file's beginning, which says what kind of run it is, can't be read; or
            ``out`` exists or can't be written.
    """
    uri = f"{damaged.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as source:
        try:
            facts = dict(source.execute("SELECT key, value FROM meta WHERE key IN ('schema', 'manifest')"))
            schema, manifest = int(facts["schema"]), json.loads(facts["manifest"])
        except (sqlite3.Error, KeyError, ValueError) as error:
            raise BenchcompError(
                f"{damaged}: nothing can be saved, since not even its manifest can be read ({error})"
            ) from error
        if schema != SCHEMA:
            raise BenchcompError(f"{damaged} has store schema {schema}, this benchcomp reads {SCHEMA}")
        with Store.create(out, manifest) as target:
            images = [ImageRecord(*row) for row in _from_both_ends(source, "images", "image")]
            target.add(images, outcomes=[_outcome(row) for row in _from_both_ends(source, "targets", "*")])
            saved = lost = 0
            batch: list[Point] = []
            for point in _points(source):
                if point is None:
                    lost += 1
                    continue
                saved += 1
                batch.append(point)
                if len(batch) == _BATCH:
                    target.add(points=batch)
                    batch = []
            target.add(points=batch)
    return Salvaged(len(images), saved, lost)


def _points(source: sqlite3.Connection) -> Iterator[Point | None]:
    """The points by number, ``None`` for each that can't be read."""
    for number in range(1, _last(source) + 1):
        try:
            row = source.execute(f"SELECT {_POINT} FROM points WHERE id = ?", (number,)).fetchone()
            if row is not None:
                yield _point(source, number, row)
        except (sqlite3.Error, ValueError, TypeError):
            yield None


def _last(source: sqlite3.Connection) -> int:
    """The largest number of a point that any table still tells."""
    found = 0
    for table, column in (("points", "id"), ("scores", "point"), ("bitstreams", "point")):
        with suppress(sqlite3.Error):
            (last,) = source.execute(f"SELECT max({column}) FROM {table}").fetchone()
            found = max(found, last or 0)
    return found


def _point(source: sqlite3.Connection, number: int, row: tuple[Any, ...]) -> Point:
    fields: dict[str, Any] = dict(zip(_POINT.split(", "), row, strict=True))
    for name in ("encode_wall_s", "decode_wall_s", "encode_cpu_s", "decode_cpu_s"):
        fields[name] = tuple(json.loads(fields[name] or "[]"))
    if fields["lossless"] is not None:
        fields["lossless"] = bool(fields["lossless"])
    bitstream: bytes | None = None
    scores: tuple[Score, ...] = ()
    with suppress(sqlite3.Error):
        data = source.execute("SELECT data FROM bitstreams WHERE point = ?", (number,)).fetchone()
        bitstream = bytes(data[0]) if data else None
    with suppress(sqlite3.Error):
        query = "SELECT metric, definition, value, reason FROM scores WHERE point = ?"
        scores = tuple(Score(*score) for score in source.execute(query, (number,)))
    return Point(**fields, bitstream=bitstream, scores=scores)


def _from_both_ends(source: sqlite3.Connection, table: str, key: str) -> list[tuple[Any, ...]]:
    """The rows of a table before its first and after its last place that can't be read."""
    order = "image" if key == "image" else "sha256, codec, options, codec_version, measure, target"
    backwards = ", ".join(f"{column} DESC" for column in order.split(", "))
    columns = "image, sha256, width, height, reason" if key == "image" else "*"
    found: dict[tuple[Any, ...], None] = {}
    for way in (order, backwards):
        with suppress(sqlite3.Error):
            for row in source.execute(f"SELECT {columns} FROM {table} ORDER BY {way}"):
                found[row] = None
            break
    return list(found)


def _outcome(row: tuple[Any, ...]) -> Outcome:
    names = (field.name for field in dataclasses.fields(Outcome))
    fields: dict[str, Any] = dict(zip(names, row, strict=True))
    return Outcome(**{**fields, "reached": bool(fields["reached"])})
