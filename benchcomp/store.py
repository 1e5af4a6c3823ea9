"""The store: one run is one SQLite file, append-only, crash-safe and resumable.

Holds the manifest, the images, a point for every (image content, codec, options, quality, codec
version), its scores by metric definition, its bitstream, and the outcomes of searches. One process
writes; any number may read meanwhile. What a killed writer had committed is there; nothing is ever
half-written. This module knows SQL and nothing of codecs; :mod:`benchcomp.results` turns a store into
data frames.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchcomp.errors import BenchcompError

__all__ = ["SCHEMA", "ImageRecord", "Outcome", "Point", "Score", "Store", "holds_run", "joined_manifest"]

_PATIENCE_S = 30.0
"""How long to wait for another program that keeps the file locked."""

SCHEMA = 1
"""Raised when the tables change; a store of another schema is refused with what to do."""

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE images (
    image TEXT PRIMARY KEY, sha256 TEXT, width INTEGER, height INTEGER, reason TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE INDEX images_by_content ON images (sha256);
CREATE TABLE points (
    id INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL, codec TEXT NOT NULL, options TEXT NOT NULL, quality REAL,
    codec_version TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL,
    bytes INTEGER, lossless INTEGER,
    encode_wall_s TEXT, decode_wall_s TEXT, encode_cpu_s TEXT, decode_cpu_s TEXT,
    peak_rss_bytes INTEGER, measured_at TEXT NOT NULL, benchcomp_version TEXT NOT NULL
);
CREATE UNIQUE INDEX points_key
    ON points (sha256, codec, options, ifnull(quality, 'none'), codec_version);
CREATE TABLE scores (
    point INTEGER NOT NULL REFERENCES points (id), metric TEXT NOT NULL, definition TEXT NOT NULL,
    value REAL, reason TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (point, metric, definition)
) WITHOUT ROWID;
CREATE TABLE bitstreams (point INTEGER PRIMARY KEY REFERENCES points (id), data BLOB NOT NULL);
CREATE TABLE targets (
    sha256 TEXT NOT NULL, codec TEXT NOT NULL, options TEXT NOT NULL, codec_version TEXT NOT NULL,
    measure TEXT NOT NULL, target REAL NOT NULL,
    quality REAL, achieved REAL, reached INTEGER NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (sha256, codec, options, codec_version, measure, target)
) WITHOUT ROWID;
"""


Bitstream = bytes
"""An alias, since :class:`Point` has a field ``bytes``."""


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """One image of the data set: its content hash and size, or the reason why it can't be read."""

    image: str
    sha256: str | None
    width: int | None = None
    height: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """One metric's value for one point; ``None`` with a reason where it has none."""

    metric: str
    definition: str
    value: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """One rate point of one image and codec variant, as measured.

    Times are lists of seconds, one reading a repeat. ``bitstream`` is ``None`` where it isn't kept.
    """

    sha256: str
    codec: str
    options: str
    quality: float | None
    codec_version: str
    status: str
    reason: str = ""
    bytes: int | None = None
    lossless: bool | None = None
    encode_wall_s: tuple[float, ...] = ()
    decode_wall_s: tuple[float, ...] = ()
    encode_cpu_s: tuple[float, ...] = ()
    decode_cpu_s: tuple[float, ...] = ()
    peak_rss_bytes: int | None = None
    measured_at: str = ""
    benchcomp_version: str = ""
    bitstream: Bitstream | None = field(default=None, repr=False)
    scores: tuple[Score, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a search for a rate or a quality found for one image and codec variant.

    ``measure`` is ``bpp`` or a metric's name; ``quality`` and ``achieved`` are those of the closest
    point, also when the target wasn't ``reached``, and ``reason`` then says why.
    """

    sha256: str
    codec: str
    options: str
    codec_version: str
    measure: str
    target: float
    quality: float | None
    achieved: float | None
    reached: bool
    reason: str = ""


_POINT_COLUMNS = (
    "sha256", "codec", "options", "quality", "codec_version", "status", "reason", "bytes", "lossless",
    "encode_wall_s", "decode_wall_s", "encode_cpu_s", "decode_cpu_s", "peak_rss_bytes", "measured_at",
    "benchcomp_version",
)  # fmt: skip
_TIMES = ("encode_wall_s", "decode_wall_s", "encode_cpu_s", "decode_cpu_s")
_FIRST_TIME = _POINT_COLUMNS.index(_TIMES[0])
_INSERT_POINT = (
    f"INSERT INTO points ({', '.join(_POINT_COLUMNS)}) VALUES ({', '.join('?' * len(_POINT_COLUMNS))}) "
    "ON CONFLICT DO NOTHING"
)
_SAME_POINT = (
    "{0}.sha256 = {1}.sha256 AND {0}.codec = {1}.codec AND {0}.options = {1}.options "
    "AND ifnull({0}.quality, 'none') = ifnull({1}.quality, 'none') AND {0}.codec_version = {1}.codec_version"
)


class Store:
    """An open run file. Use :meth:`create`, :meth:`append` or :meth:`read`, and close it."""

    def __init__(self, path: Path, connection: sqlite3.Connection, writing: bool) -> None:
        self.path = path
        self.connection = connection
        self._writing = writing

    @classmethod
    def create(cls, path: Path, manifest: Mapping[str, Any]) -> Store:
        """Make a new run file.

        Raises:
            BenchcompError: the file exists, or can't be written.
        """
        if holds_run(path):
            raise BenchcompError(
                f"{path} exists already; add --resume to go on with it, or choose another --out"
            )
        with _explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            store = cls(path, _connect(path, writing=True), writing=True)
        # Tables and manifest in one transaction: a file is either no run yet or a whole one.
        with store._transaction():
            for statement in _TABLES.split(";\n"):
                store.connection.execute(statement)
            store._set("schema", SCHEMA)
            store._set("manifest", dict(manifest))
        with _explained(path):
            store._claim()
        return store

    @classmethod
    def append(cls, path: Path) -> Store:
        """Open an existing run file for writing.

        Raises:
            BenchcompError: there is none, it isn't a run, it is damaged, or another process writes it.
        """
        store = cls._open(path, writing=True)
        with _explained(path):
            store._claim()
        return store

    @classmethod
    def read(cls, path: Path) -> Store:
        """Open an existing run file for reading.

        Raises:
            BenchcompError: there is none, it isn't a run, or it is damaged.
        """
        return cls._open(path, writing=False)

    @classmethod
    def _open(cls, path: Path, writing: bool) -> Store:
        if not path.is_file():
            raise BenchcompError(f"there is no run {path}; `benchcomp run --out {path}` makes one")
        with _explained(path):
            connection = _connect(path, writing)
            try:
                schema = connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
            except sqlite3.OperationalError as error:
                if "no such table" not in str(error):
                    raise
                schema = None
        if schema is None:
            raise BenchcompError(f"{path} is an SQLite file, but not a benchcomp run")
        if str(schema[0]) != str(SCHEMA):
            raise BenchcompError(
                f"{path} was written with store schema {schema[0]}, this benchcomp reads {SCHEMA}; "
                "use the benchcomp version named in its manifest, or run again"
            )
        return cls(path, connection, writing)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back; what was written stays."""
        try:
            if self._writing:
                with _explained(self.path):
                    self.connection.execute("DELETE FROM meta WHERE key = 'writer'")
                    self.connection.commit()
        finally:
            self.connection.close()

    # -- writing ---------------------------------------------------------------------------------

    def set_manifest(self, manifest: Mapping[str, Any]) -> None:
        """Replace the manifest (after a resume with more codecs, say)."""
        with self._transaction():
            self._set("manifest", dict(manifest))

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn errors of reading the file, and of making sense of it, into :class:`BenchcompError`."""
        try:
            with _explained(self.path):
                yield
        except BenchcompError:
            raise
        except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
            raise _foreign(self.path, error) from error

    def _rows(self, query: str, parameters: tuple[Any, ...] = ()) -> list[Any]:
        with _explained(self.path):
            return self.connection.execute(query, parameters).fetchall()

    def add(
        self,
        images: Iterable[ImageRecord] = (),
        points: Iterable[Point] = (),
        outcomes: Iterable[Outcome] = (),
    ) -> None:
        """Add what was measured, all or nothing; what is there already stays as it is.

        Scores of further metrics for a point that is there are added to it.
        """
        with self._transaction():
            self.connection.executemany(
                "INSERT INTO images (image, sha256, width, height, reason) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (image) DO UPDATE SET sha256 = excluded.sha256, width = excluded.width, "
                "height = excluded.height, reason = excluded.reason "
                # A worker that dies while it loads an image says nothing against rows that are there.
                "WHERE excluded.sha256 IS NOT NULL OR images.sha256 IS NULL",
                [(i.image, i.sha256, i.width, i.height, i.reason) for i in images],
            )
            for point in points:
                self._add_point(point)
            self.connection.executemany(
                f"INSERT OR REPLACE INTO targets VALUES ({', '.join('?' * 10)})",
                [
                    (
                        o.sha256, o.codec, o.options, o.codec_version,
                        o.measure, o.target, o.quality, o.achieved, o.reached, o.reason,
                    )
                    for o in outcomes
                ],
            )  # fmt: skip

    def _add_point(self, point: Point) -> None:
        values = [getattr(point, name) for name in _POINT_COLUMNS]
        values[_FIRST_TIME : _FIRST_TIME + len(_TIMES)] = [
            json.dumps(getattr(point, name)) for name in _TIMES
        ]
        cursor = self.connection.execute(_INSERT_POINT, values)
        if cursor.rowcount:
            row = cursor.lastrowid
            if point.bitstream is not None:
                self.connection.execute("INSERT INTO bitstreams VALUES (?, ?)", (row, point.bitstream))
        else:
            (row,) = self.connection.execute(
                "SELECT id FROM points WHERE sha256 = ? AND codec = ? AND options = ? "
                "AND ifnull(quality, 'none') = ifnull(?, 'none') AND codec_version = ?",
                (point.sha256, point.codec, point.options, point.quality, point.codec_version),
            ).fetchone()
        self.connection.executemany(
            "INSERT INTO scores VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [(row, score.metric, score.definition, score.value, score.reason) for score in point.scores],
        )

    def forget_failures(self) -> int:
        """Delete the points that aren't ``ok``, so that a resumed run tries them again; returns how many."""
        with self._transaction():
            gone = self.connection.execute("DELETE FROM points WHERE status <> 'ok'").rowcount
            self.connection.execute("DELETE FROM targets WHERE reached = 0")
            self.connection.execute("DELETE FROM images WHERE reason <> ''")
        return gone

    def merge(self, other: Store) -> None:
        """Add everything of another run to this one; what both have is taken from this one."""
        with _explained(other.path):
            self.connection.execute("ATTACH DATABASE ? AS other", (str(other.path),))
        try:
            with self._transaction():
                self._copy_attached()
        except BenchcompError as error:
            raise BenchcompError(f"joining {other.path}: {error}") from error
        finally:
            self.connection.execute("DETACH DATABASE other")

    def _copy_attached(self) -> None:
        """Copy in SQL alone: a shard has more rows than are worth making objects of."""
        execute = self.connection.execute
        columns = ", ".join(_POINT_COLUMNS)
        (last,) = execute("SELECT ifnull(max(id), 0) FROM points").fetchone()
        execute("INSERT OR IGNORE INTO images SELECT * FROM other.images")
        execute(
            # Without WHERE, SQLite's parser takes ON for a join's.
            f"INSERT INTO points ({columns}) SELECT {columns} FROM other.points WHERE true ORDER BY id "
            "ON CONFLICT DO NOTHING"
        )
        pairs = f"other.points o CROSS JOIN main.points p ON {_SAME_POINT.format('p', 'o')}"
        execute(
            "INSERT OR IGNORE INTO bitstreams SELECT p.id, b.data FROM "
            f"{pairs} JOIN other.bitstreams b ON b.point = o.id WHERE p.id > ?",
            (last,),
        )
        execute(
            "INSERT OR IGNORE INTO scores SELECT p.id, s.metric, s.definition, s.value, s.reason FROM "
            f"{pairs} JOIN other.scores s ON s.point = o.id"
        )
        execute("INSERT OR IGNORE INTO targets SELECT * FROM other.targets")

    # -- reading ---------------------------------------------------------------------------------

    def manifest(self) -> dict[str, Any]:
        """The run's provenance; see :class:`benchcomp.Results`."""
        ((text,),) = self._rows("SELECT value FROM meta WHERE key = 'manifest'")
        manifest: dict[str, Any] = json.loads(text)
        return manifest

    def image(self, image: str) -> ImageRecord | None:
        """What is known of one image, or ``None`` where it hasn't been seen yet."""
        query = "SELECT image, sha256, width, height, reason FROM images WHERE image = ?"
        rows = self._rows(query, (image,))
        return ImageRecord(*rows[0]) if rows else None

    def count_images(self) -> int:
        """How many images have been seen so far."""
        ((count,),) = self._rows("SELECT count(*) FROM images")
        return int(count)

    def images(self) -> dict[str, ImageRecord]:
        """All images seen so far, by id; for runs of a size that fits."""
        rows = self._rows("SELECT image, sha256, width, height, reason FROM images")
        return {row[0]: ImageRecord(*row) for row in rows}

    def points(self) -> Iterator[Point]:
        """All points with their scores and bitstreams, one at a time."""
        query = (
            f"SELECT p.id, {', '.join('p.' + name for name in _POINT_COLUMNS)}, b.data "
            "FROM points p LEFT JOIN bitstreams b ON b.point = p.id ORDER BY p.id"
        )
        with self.explained():
            for row_id, *values, data in self.connection.execute(query):
                fields: dict[str, Any] = dict(zip(_POINT_COLUMNS, values, strict=True))
                for name in _TIMES:
                    fields[name] = tuple(json.loads(fields[name] or "[]"))
                if fields["lossless"] is not None:
                    fields["lossless"] = bool(fields["lossless"])
                scores = self.connection.execute(
                    "SELECT metric, definition, value, reason FROM scores WHERE point = ?", (row_id,)
                )
                yield Point(**fields, bitstream=data, scores=tuple(Score(*score) for score in scores))

    def known(
        self, sha256: str, codec: str, options: str, version: str
    ) -> dict[float | None, tuple[str, int | None, dict[tuple[str, str], float | None]]]:
        """What one image and variant have: quality -> (status, bytes, (metric, definition) -> value)."""
        found: dict[float | None, tuple[str, int | None, dict[tuple[str, str], float | None]]] = {}
        rows = self._rows(
            "SELECT p.quality, p.status, p.bytes, s.metric, s.definition, s.value FROM points p "
            "LEFT JOIN scores s ON s.point = p.id "
            "WHERE p.sha256 = ? AND p.codec = ? AND p.options = ? AND p.codec_version = ?",
            (sha256, codec, options, version),
        )
        for quality, status, size, metric, definition, value in rows:
            scores = found.setdefault(quality, (status, size, {}))[2]
            if metric is not None:
                scores[metric, definition] = value
        return found

    def searched(self, sha256: str, codec: str, options: str, version: str) -> set[tuple[str, float]]:
        """The searches that one image and variant have behind them: {(measure, target)}."""
        rows = self._rows(
            "SELECT measure, target FROM targets "
            "WHERE sha256 = ? AND codec = ? AND options = ? AND codec_version = ?",
            (sha256, codec, options, version),
        )
        return {(measure, target) for measure, target in rows}

    def bitstream(self, sha256: str, codec: str, options: str, quality: float | None) -> bytes | None:
        """A point's bitstream (of the newest codec version), or ``None`` where there is none."""
        rows = self._rows(
            "SELECT b.data FROM points p JOIN bitstreams b ON b.point = p.id WHERE p.sha256 = ? "
            "AND p.codec = ? AND p.options = ? AND ifnull(p.quality, 'none') = ifnull(?, 'none') "
            "ORDER BY p.id DESC LIMIT 1",
            (sha256, codec, options, quality),
        )
        return bytes(rows[0][0]) if rows else None

    # -- inside ----------------------------------------------------------------------------------

    def _set(self, key: str, value: Any) -> None:
        self.connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value)))

    def _claim(self) -> None:
        """Put this process down as the one writer, unless another living one is."""
        row = self.connection.execute("SELECT value FROM meta WHERE key = 'writer'").fetchone()
        if row is not None:
            writer = json.loads(row[0])
            alive = writer["host"] == _host() and _started(writer["pid"]) == writer["started"]
            if alive and writer["pid"] != os.getpid():
                self.connection.close()
                raise BenchcompError(
                    f"{self.path} is being written by process {writer['pid']}; wait for it, or stop it first"
                )
        self._set("writer", {"host": _host(), "pid": os.getpid(), "started": _started(os.getpid())})
        self.connection.commit()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with _explained(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.connection.rollback()
                raise
            self.connection.commit()


def joined_manifest(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest of a resumed or merged run: the new one with the codecs and metrics only the old has.

    A codec whose version has changed since is run anew as the new version; the old rows stay in the
    file but leave the results, so that versions never mix.

    Raises:
        BenchcompError: they are on different data sets.
    """
    if old["dataset"]["id"] != new["dataset"]["id"]:
        raise BenchcompError(
            f"one run is on data set {old['dataset']['id']}, the other on {new['dataset']['id']}; "
            "a run has one data set"
        )
    merged = dict(new)
    for key, identity in (("codecs", ("codec", "options")), ("metrics", ("name",))):
        names = {tuple(item[k] for k in identity) for item in new[key]}
        kept = [item for item in old[key] if tuple(item[k] for k in identity) not in names]
        merged[key] = [*kept, *new[key]]
    merged["images"] = max(old["images"], new["images"])
    merged["created"] = old["created"]
    merged["continued"] = [*old.get("continued", []), new["created"]]
    return merged


def holds_run(path: Path) -> bool:
    """Whether something is at ``path`` that a new run must not overwrite.

    A file without tables (its writer was killed before its first commit) is nothing yet.
    """
    if not path.exists():
        return False
    try:
        with contextlib.closing(_connect(path, writing=False)) as connection:
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            return bool(tables)
    except sqlite3.Error:
        return True


def _connect(path: Path, writing: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False)
    if writing:
        # WAL: readers don't stop the writer, and a killed writer leaves whole transactions only.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
    return connection


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn SQLite's and the system's errors into one line with a remedy."""
    try:
        yield
    except (sqlite3.Error, OSError, UnicodeError) as error:
        raise BenchcompError(f"{path}: {_one_line(_explain(error, path))}") from error


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _explain(error: Exception, path: Path) -> str:
    text = str(error)
    if isinstance(error, sqlite3.OperationalError) and "full" in text:
        return "the disk is full; free some space and add --resume: everything up to now is kept"
    if isinstance(error, sqlite3.OperationalError) and "locked" in text:
        return "another program keeps the file locked; close it and try again"
    if isinstance(error, sqlite3.OperationalError) and ("unable to open" in text or "readonly" in text):
        return "can't be written; check the folder's permissions or choose another --out"
    damaged = isinstance(error, sqlite3.DatabaseError) and ("not a database" in text or "malformed" in text)
    if damaged or isinstance(error, UnicodeError):
        return (
            f"is damaged or no run file; keep it as it is: `benchcomp salvage {path} --out salvaged.sqlite` "
            "copies what can be read"
        )
    if isinstance(error, OSError):
        return f"{error.strerror or error}; check the folder and its permissions, or choose another --out"
    return text


def _foreign(path: Path, error: Exception) -> BenchcompError:
    reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    return BenchcompError(f"{path}: holds what no run writes ({reason}); make the run anew, or salvage it")


def _host() -> str:
    import platform

    return platform.node()


def _started(pid: int) -> float | None:
    """When a process started; tells it from a later one of the same number. ``None`` where there is none.

    Linux: in ticks since the machine's start, since seconds since 1970 change for a living process when
    somebody sets the clock.
    """
    with contextlib.suppress(OSError):
        return float(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    import psutil

    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return None
