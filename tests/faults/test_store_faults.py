"""Run files that are damaged or held by others, and clocks that jump."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

import benchcomp.store
from benchcomp import BenchcompError
from benchcomp.registry import Registry
from benchcomp.results import load
from benchcomp.salvage import salvage
from benchcomp.store import ImageRecord, Point, Score, Store

Command = Callable[..., subprocess.CompletedProcess[str]]

MANIFEST = {
    "created": "2026-01-01T00:00:00+00:00",
    "dataset": {"id": "tiny"},
    "images": 300,
    "codecs": [{"codec": "jpeg", "options": "", "version": "1", "rates": [50]}],
    "metrics": [
        {
            "name": "mae",
            "title": "MAE",
            "unit": "",
            "higher_is_better": False,
            "definition": "1",
            "decibels": False,
        }
    ],
}


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A run of 300 images and 1200 points with bitstreams, about 1 MiB."""
    path = tmp_path / "whole.sqlite"
    with Store.create(path, MANIFEST) as store:
        for number in range(300):
            sha256 = f"{number:064x}"
            points = [
                Point(
                    sha256, "jpeg", "", float(q), "1", "ok", bytes=500, encode_wall_s=(0.1,), bitstream=b"x" * 500,
                    scores=(Score("mae", "1", 1.0 + number),),
                )
                for q in (10, 30, 50, 70)
            ]  # fmt: skip
            store.add([ImageRecord(f"{number}.png", sha256, 24, 16)], points)
    return path


def pages_of(path: Path, table: str) -> list[int]:
    """Numbers of the pages that a table's rows are in, where this SQLite can tell; else all but the first."""
    connection = sqlite3.connect(path)
    (count,) = connection.execute("PRAGMA page_count").fetchone()
    try:
        found = connection.execute("SELECT pageno FROM dbstat WHERE name = ?", (table,)).fetchall()
        return [page for (page,) in found]
    except sqlite3.OperationalError:
        return list(range(2, count + 1))
    finally:
        connection.close()


def spoil(path: Path, page: int) -> None:
    connection = sqlite3.connect(path)
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xa5" * size)


@pytest.mark.parametrize("table", ["points", "scores", "images", "bitstreams"])
def test_a_run_damaged_in_the_middle_is_named_kept_and_salvaged(
    whole: Path, tmp_path: Path, table: str
) -> None:
    damaged, saved = tmp_path / "damaged.sqlite", tmp_path / "saved.sqlite"
    pages = pages_of(whole, table)
    shutil.copy(whole, damaged)
    spoil(damaged, pages[len(pages) // 2])
    content = damaged.read_bytes()
    if table != "bitstreams":  # rows don't read those
        with pytest.raises(
            BenchcompError, match=r"damaged\.sqlite: is damaged .* `benchcomp salvage"
        ) as caught:
            load(damaged, Registry())
        assert "\n" not in str(caught.value)
    with Store.read(damaged) as store:
        read = (lambda: list(store.images())) if table == "images" else (lambda: list(store.points()))
        with pytest.raises(BenchcompError, match="benchcomp salvage"):
            read()
    found = salvage(damaged, saved)
    assert damaged.read_bytes() == content
    with Store.read(whole) as before, Store.read(saved) as after:
        kept, original = list(after.points()), {(p.sha256, p.quality): p for p in before.points()}
        assert len(kept) == found.points
        assert found.points + found.lost <= 1200
        for point in kept:
            real = original[point.sha256, point.quality]
            assert point.bytes == real.bytes
            assert point.bitstream in (None, real.bitstream)
            assert set(point.scores) <= set(real.scores)
        assert after.images().items() <= before.images().items()
        assert after.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        # One page of about 4 KiB costs no more than a part of one table.
        assert len(kept) > 900
        assert len(after.images()) > 200
    with pytest.raises(BenchcompError, match="exists already"):
        salvage(damaged, saved)


def test_any_spoiled_page_gives_a_named_error_or_a_right_answer(whole: Path, tmp_path: Path) -> None:
    expected = load(whole, Registry()).frame
    connection = sqlite3.connect(whole)
    (count,) = connection.execute("PRAGMA page_count").fetchone()
    connection.close()
    damaged = tmp_path / "damaged.sqlite"
    errors = 0
    for page in range(1, count + 1, max(1, count // 40)):
        shutil.copy(whole, damaged)
        spoil(damaged, page)
        try:
            frame = load(damaged, Registry()).frame
        except BenchcompError as error:
            errors += "damaged.sqlite" in str(error)
        else:
            assert frame.equals(expected)
    assert errors > 5


def test_a_salvaged_run_is_completed_by_resuming(benchcomp: Command, tmp_path: Path) -> None:
    arguments = (
        "run",
        "--dataset",
        "tiny:120",
        "--metrics",
        "mae",
        "-j",
        "2",
        "--quiet",
        "--codecs",
        "shades",
    )
    whole, damaged, saved = (tmp_path / f"{name}.sqlite" for name in ("whole", "damaged", "saved"))
    assert benchcomp(*arguments, "--out", whole).returncode == 1  # image13 can't be read
    shutil.copy(whole, damaged)
    pages = pages_of(damaged, "points")
    spoil(damaged, pages[len(pages) // 2])
    failed = benchcomp("export", damaged, "--format", "csv")
    assert failed.returncode == 2
    assert failed.stderr.count("\n") == 1
    assert f"benchcomp salvage {damaged}" in failed.stderr
    done = benchcomp("salvage", damaged, "--out", saved)
    assert done.returncode == 0, done.stderr
    assert "points could not be read" in done.stdout
    with Store.read(saved) as store:
        assert 0 < len(list(store.points())) < 119 * 4
    assert benchcomp("run", "--resume", "--out", saved, "--quiet").returncode == 0
    one, two = (load(path, Registry()).frame for path in (whole, saved))
    same = ["image", "codec", "quality", "status", "bytes", "mae"]
    assert one[same].equals(two[same])


def test_nothing_to_salvage_is_said(tmp_path: Path) -> None:
    path = tmp_path / "no.sqlite"
    path.write_bytes(b"SQLite format 3\x00" + b"\xff" * 5000)
    with pytest.raises(BenchcompError, match="not even its manifest"):
        salvage(path, tmp_path / "out.sqlite")
    assert not (tmp_path / "out.sqlite").exists()


def test_a_file_locked_by_another_program_is_named_and_unharmed(
    whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benchcomp.store, "_PATIENCE_S", 0.1)
    other = sqlite3.connect(whole, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(BenchcompError, match="another program keeps the file locked; close it and try again"):
        Store.append(whole)
    assert len(load(whole, Registry()).frame) == 1200  # readers don't mind
    other.execute("ROLLBACK")
    with Store.append(whole) as store:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BenchcompError, match="another program keeps the file locked"):
            store.add([ImageRecord("new.png", "f" * 64, 1, 1)])
        other.execute("ROLLBACK")
        store.add([ImageRecord("new.png", "f" * 64, 1, 1)])
    other.close()


def test_the_writer_is_known_when_the_clock_has_been_set(
    whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = os.getppid()
    with Store.append(whole):
        pass
    connection = sqlite3.connect(whole)
    started = benchcomp.store._started(parent)
    writer = {"host": benchcomp.store._host(), "pid": parent, "started": started}
    connection.execute("INSERT INTO meta VALUES ('writer', ?)", (json.dumps(writer),))
    connection.commit()
    connection.close()
    monkeypatch.setattr(psutil.Process, "create_time", lambda self: 1.0)
    with pytest.raises(BenchcompError, match=f"is being written by process {parent}"):
        Store.append(whole)


JUMPING_CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
/* A wall clock that falls back by a minute each time it is read; the monotonic one is left alone. */
static long jumps;
int clock_gettime(clockid_t id, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(id, now);
    if (id == CLOCK_REALTIME) now->tv_sec -= 60 * __sync_add_and_fetch(&jumps, 1);
    return result;
}
"""


def test_a_clock_that_jumps_backwards_spoils_nothing(benchcomp: Command, tmp_path: Path) -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("needs a C compiler for a clock that jumps")
    source, library = tmp_path / "clock.c", tmp_path / "clock.so"
    source.write_text(JUMPING_CLOCK)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    path = tmp_path / "run.sqlite"
    done = benchcomp(
        "run", "--dataset", "tiny:2", "--metrics", "mae", "-j", "2", "--codecs", "slow,hangs", "--time-limit", "8",
        "--out", path, LD_PRELOAD=str(library),
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    frame = load(path, Registry()).frame
    assert frame.groupby(["codec", "status"]).size().to_dict() == {
        ("slow", "ok"): 8, ("hangs", "ok"): 6, ("hangs", "timeout"): 2,
    }  # fmt: skip
    ok = frame[frame["status"] == "ok"]
    for column in ("encode_wall_s", "decode_wall_s", "encode_cpu_s", "decode_cpu_s"):
        assert ok[column].between(0, 8).all()
