"""What a run of very many rows relies on, checked on one that a test has time for."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from benchcomp.analysis import statistics
from benchcomp.registry import Registry
from benchcomp.results import load
from benchcomp.store import ImageRecord, Point, Score, Store

MANIFEST = {
    "created": "2026-01-01T00:00:00+00:00",
    "dataset": {"id": "tiny"},
    "images": 0,
    "codecs": [
        {"codec": "webp", "options": "", "version": "1", "rates": []},
        {"codec": "jpeg", "options": "", "version": "2", "rates": []},
    ],
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


def fill(path: Path, images: range) -> Path:
    with Store.create(path, MANIFEST) as store:
        for number in images:
            sha256 = f"{number // 2:064x}"  # every content twice, under two names
            points = [
                Point(
                    sha256, codec, "", quality, version, "ok", bytes=int(quality) + number // 2,
                    encode_wall_s=(0.3, 0.1, 0.2)[: 1 + number // 2 % 3], decode_cpu_s=(0.0,) * (1 + number // 2 % 3),
                    bitstream=bytes([number % 256]),
                    scores=(Score("mae", "1", quality + number // 2), Score("mae", "0", -1.0)),
                )
                for codec, version in (("jpeg", "1"), ("jpeg", "2"), ("webp", "1"))
                for quality in (20.0, 10.0)
            ]  # fmt: skip
            store.add([ImageRecord(f"img{number}", sha256, 24, 16)], points)
    return path


def test_rows_of_a_run_in_blocks_are_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchcomp.results._BLOCK", 7)
    frame = load(fill(tmp_path / "run.sqlite", range(30)), Registry()).frame
    assert list(frame["image"].unique()) == [f"img{n}" for n in range(30)]
    assert list(frame["codec"][:4]) == ["webp", "webp", "jpeg", "jpeg"]
    assert set(frame["codec_version"][frame["codec"] == "jpeg"]) == {"2"}
    assert len(frame) == 30 * 4
    number = frame["image"].str.removeprefix("img").astype(int) // 2
    assert (frame["bytes"] == frame["quality"] + number).all()
    assert (frame["mae"] == frame["quality"] + number).all()
    assert (frame["repeats"] == 1 + number % 3).all()
    medians = np.array([0.3, 0.2, 0.2])[number % 3]
    assert np.allclose(frame["encode_wall_s"], medians)
    assert frame["decode_wall_s"].isna().all()


def test_shards_merge_in_sql_to_what_one_run_holds(tmp_path: Path) -> None:
    whole = fill(tmp_path / "whole.sqlite", range(40))
    parts = [fill(tmp_path / f"{n}.sqlite", range(n * 16, min(n * 16 + 20, 40))) for n in range(3)]
    with Store.create(tmp_path / "merged.sqlite", MANIFEST) as merged:
        for part in parts:
            with Store.read(part) as store:
                merged.merge(store)
        merged_points = {(p.sha256, p.codec, p.codec_version, p.quality): p for p in merged.points()}
        assert merged.count_images() == 40
    with Store.read(whole) as store:
        assert {(p.sha256, p.codec, p.codec_version, p.quality): p for p in store.points()} == merged_points


def test_memory_of_the_writer_does_not_grow_with_rows(tmp_path: Path) -> None:
    def peak(images: int) -> int:
        tracemalloc.start()
        fill(tmp_path / f"{images}.sqlite", range(images))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(5)
    assert peak(500) < 1.2 * peak(50) + 50_000


@pytest.mark.parametrize("draw", ["normal", "lognormal", "exponential"])
def test_intervals_over_many_images_are_those_of_resampling(
    draw: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = getattr(np.random.default_rng(1), draw)(size=1_200)
    computed = statistics.bootstrap_mean(values)
    monkeypatch.setattr(statistics, "_MANY", 10_000)
    drawn = statistics.bootstrap_mean(values)
    assert (computed.mean, computed.n) == (drawn.mean, drawn.n)
    width = drawn.high - drawn.low
    assert abs(computed.low - drawn.low) < 0.03 * width
    assert abs(computed.high - drawn.high) < 0.03 * width
