from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchcomp import BenchcompError
from benchcomp.store import ImageRecord, Outcome, Point, Score, Store, holds_run, joined_manifest

MANIFEST = {
    "created": "2026-01-01T00:00:00+00:00",
    "dataset": {"id": "tiny"},
    "images": 1,
    "codecs": [{"codec": "jpeg", "options": "", "version": "1", "rates": [50]}],
    "metrics": [{"name": "mae", "definition": "1"}],
}
IMAGE = ImageRecord("a.png", "f" * 64, 24, 16)
POINT = Point(
    IMAGE.sha256 or "", "jpeg", "", 50.0, "1", "ok", "", 100, False, (0.1, 0.2), (0.3,), (0.1, 0.2), (0.3,), 2**20,
    "2026-01-01T00:00:01+00:00", "0.1.0", b"x" * 100, (Score("mae", "1", 2.5), Score("ssim", "1", None, "too small")),
)  # fmt: skip
OUTCOME = Outcome(POINT.sha256, "jpeg", "", "1", "bpp", 0.25, 50.0, 0.26, True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "run.sqlite"


def test_what_is_added_comes_back(path: Path) -> None:
    with Store.create(path, MANIFEST) as store:
        store.add([IMAGE], [POINT], [OUTCOME])
    with Store.read(path) as store:
        assert store.manifest() == MANIFEST
        assert store.images() == {"a.png": IMAGE}
        assert list(store.points()) == [POINT]
        assert store.bitstream(POINT.sha256, "jpeg", "", 50.0) == POINT.bitstream
        assert store.searched(POINT.sha256, "jpeg", "", "1") == {("bpp", 0.25)}
    assert [file.name for file in path.parent.iterdir()] == ["run.sqlite"]


def test_adding_twice_changes_nothing_but_adds_scores(path: Path) -> None:
    further = replace(POINT, bytes=7, scores=(Score("psnr", "1", 30.0), Score("mae", "1", 9.9)))
    single = replace(POINT, codec="png", quality=None)
    with Store.create(path, MANIFEST) as store:
        store.add([IMAGE], [POINT, single])
        store.add([IMAGE], [further, replace(single, bytes=7)])
        known = store.known(POINT.sha256, "jpeg", "", "1")
        assert known == {50.0: ("ok", 100, {("mae", "1"): 2.5, ("ssim", "1"): None, ("psnr", "1"): 30.0})}
        assert len(list(store.points())) == 2


def test_a_failed_addition_leaves_nothing_behind(path: Path) -> None:
    with Store.create(path, MANIFEST) as store:
        broken = replace(POINT, quality=60.0, status=None)
        with pytest.raises(BenchcompError, match="NOT NULL"):
            store.add([IMAGE], [POINT, broken])
        assert store.images() == {}
        assert list(store.points()) == []


def test_create_refuses_to_overwrite(path: Path) -> None:
    Store.create(path, MANIFEST).close()
    with pytest.raises(BenchcompError, match="exists already; add --resume"):
        Store.create(path, MANIFEST)


def test_a_file_without_tables_is_no_run_yet(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    assert not holds_run(path)
    Store.create(path, MANIFEST).close()
    assert holds_run(path)


def test_one_writer_at_a_time(path: Path) -> None:
    script = (
        "import sys, pathlib, benchcomp.store as s; store = s.Store.append(pathlib.Path(sys.argv[1]));"
        "print('open', flush=True); sys.stdin.read()"
    )
    Store.create(path, MANIFEST).close()
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"
        with pytest.raises(BenchcompError, match=f"is being written by process {writer.pid}"):
            Store.append(path)
        Store.read(path).close()
        writer.kill()
    # The killed writer left its name behind, but it lives no more.
    Store.append(path).close()


@pytest.mark.parametrize(
    "content", [b"not a database at all, " * 40, b"SQLite format 3\x00" + b"\xff" * 2000]
)
def test_a_damaged_file_is_named_with_the_remedy(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    for opening in (Store.read, Store.append, lambda path: Store.create(path, MANIFEST)):
        with pytest.raises(BenchcompError, match=r"run\.sqlite"):
            opening(path)
    assert path.read_bytes() == content


def test_other_sqlite_files_and_schemas_are_refused(path: Path) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.commit()
    with pytest.raises(BenchcompError, match="not a benchcomp run"):
        Store.read(path)
    connection.execute("CREATE TABLE meta (key TEXT, value TEXT)")
    connection.execute("INSERT INTO meta VALUES ('schema', '99')")
    connection.commit()
    connection.close()
    with pytest.raises(BenchcompError, match="store schema 99"):
        Store.read(path)
    with pytest.raises(BenchcompError, match="there is no run"):
        Store.read(path.with_name("other.sqlite"))


def test_failures_can_be_forgotten(path: Path) -> None:
    failed = replace(POINT, quality=60.0, status="crash", scores=(), bitstream=None)
    unreadable = ImageRecord("b.png", None, reason="truncated")
    with Store.create(path, MANIFEST) as store:
        store.add([IMAGE, unreadable], [POINT, failed])
        assert store.forget_failures() == 1
        assert [point.quality for point in store.points()] == [50.0]
        assert list(store.images()) == ["a.png"]


def test_merge_joins_images_points_and_searches(path: Path) -> None:
    other = path.with_name("other.sqlite")
    second = replace(POINT, sha256="e" * 64)
    with Store.create(path, MANIFEST) as one, Store.create(other, MANIFEST) as two:
        one.add([IMAGE], [POINT], [OUTCOME])
        two.add([IMAGE, ImageRecord("b.png", "e" * 64, 24, 16)], [replace(POINT, bytes=1), second])
        one.merge(two)
        assert list(one.points()) == [POINT, second]
        assert set(one.images()) == {"a.png", "b.png"}


def test_joined_manifest_keeps_what_only_the_old_run_has() -> None:
    new = {**MANIFEST, "created": "2026-02-02", "codecs": [{"codec": "webp", "options": "", "version": "2"}]}
    joined = joined_manifest(MANIFEST, new)
    assert [codec["codec"] for codec in joined["codecs"]] == ["jpeg", "webp"]
    assert joined["continued"] == ["2026-02-02"]
    assert json.dumps(joined)
    with pytest.raises(BenchcompError, match="data set"):
        joined_manifest(MANIFEST, {**new, "dataset": {"id": "kodak"}})


def test_an_image_that_was_read_once_keeps_its_rows(path: Path) -> None:
    with Store.create(path, MANIFEST) as store:
        store.add([ImageRecord("a.png", None, reason="truncated")])
        store.add([IMAGE], [POINT])
        store.add([ImageRecord("a.png", None, reason="its worker died")])
        assert store.image("a.png") == IMAGE
        assert store.image("b.png") is None
        assert store.count_images() == 1
