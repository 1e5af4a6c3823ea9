"""Imports: what is accepted, and that nothing else gets through or ends in a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from benchcomp_reports import importers
from benchcomp_reports.tables import CsvReport, JsonReport
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchcomp import BenchcompError, Results
from tests.reports.factory import sample, sweep

CURVE = {
    "name": "bmshj2018-factorized",
    "description": "Inference on CPU",
    "meta": {"dataset": "kodak"},
    "results": {
        "bpp": [0.3, 0.12, 0.6],
        "psnr-rgb": [29.0, 26.9, 31.4],
        "ms-ssim-rgb": [0.95, 0.91, 0.97],
        "vif": [0.1, 0.2, 0.3],
        "comment": "not a list",
    },
}


def save(content: object, folder: Path) -> Path:
    file = folder / "file"
    file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return file


def test_a_compressai_file_becomes_a_published_curve_sorted_by_rate(tmp_path: Path) -> None:
    run = importers.read(save(CURVE, tmp_path))
    assert run.published
    assert run.pictures is None
    assert list(run.metrics) == ["psnr_rgb", "ms_ssim_rgb"]
    assert list(run.frame["bpp"]) == [0.12, 0.3, 0.6]
    assert list(run.frame["psnr_rgb"]) == [26.9, 29.0, 31.4]
    assert set(run.frame["codec"]) == {"bmshj2018-factorized"}
    assert set(run.frame["status"]) == {"ok"}
    assert list(run.frame["bpc"]) == pytest.approx([0.04, 0.1, 0.2])
    assert run.frame["quality"].is_unique


def test_only_the_rate_is_needed(tmp_path: Path) -> None:
    run = importers.read(save({"results": {"bpp": [1, 2]}}, tmp_path))
    assert len(run.frame) == 2
    assert not run.metrics


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"results": {"psnr-rgb": [1.0]}}, "no list 'bpp'"),
        ({"results": {"bpp": []}}, "no list 'bpp'"),
        ({"results": {"bpp": [0.0, 1.0]}}, "positive"),
        ({"results": {"bpp": [1, 2], "psnr-rgb": [30]}}, "different lengths"),
        ({"results": {"bpp": [1, "two"]}}, "'two' isn't a number"),
        ({"results": {"bpp": [True]}}, "isn't a number"),
        ('{"results": {"bpp": [NaN]}}', "holds NaN"),
        ('{"results": {"bpp": [1e999]}}', "isn't a finite number"),
        ('{"results": {"bpp": [1]', "damaged JSON"),
        ('{"a":' * 100_000, "damaged JSON"),
        ('{"results": {"bpp": [' + "9" * 5000 + "]}}", "damaged JSON"),
        ({"hello": "world"}, "neither benchcomp's own nor a CompressAI"),
        ("image,bpp\n1,2\n", "neither JSON nor CSV"),
        ("", "neither JSON nor CSV"),
        ("[1, 2]", "neither JSON nor CSV"),
        ({"format": "benchcomp-results", "schema": 99}, "schema 99"),
        ({"format": "benchcomp-results", "schema": 1}, "'metrics' is missing"),
        ("dataset,image,codec\na,b,c\n", "other columns"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_that_names_the_file(
    content: object, message: str, tmp_path: Path
) -> None:
    file = save(content, tmp_path)
    with pytest.raises(BenchcompError, match=message) as caught:
        importers.read(file)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_a_binary_and_a_huge_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BenchcompError, match="can't be read"):
        importers.read(tmp_path / "absent.json")
    (tmp_path / "binary").write_bytes(b"\x80\x04\x95\xff")
    with pytest.raises(BenchcompError, match="isn't UTF-8"):
        importers.read(tmp_path / "binary")
    monkeypatch.setattr(importers, "MAX_BYTES", 2**20)
    (tmp_path / "huge").write_bytes(b" " * (2**20 + 1))
    with pytest.raises(BenchcompError, match="larger than 1 MiB"):
        importers.read(tmp_path / "huge")


def exported(report: type[CsvReport] | type[JsonReport], run: Results, folder: Path) -> Path:
    out = folder / "exported"
    report().write([run], out)
    return out


def test_a_csv_whose_metric_is_unknown_points_to_json(tmp_path: Path) -> None:
    with pytest.raises(BenchcompError, match="'mae_rgb' isn't installed"):
        importers.read(exported(CsvReport, sweep(), tmp_path))


def test_a_csv_of_installed_metrics_comes_back(tmp_path: Path) -> None:
    import dataclasses

    metrics = {name: info for name, info in sweep().metrics.items() if name != "mae_rgb"}
    frame = sweep().frame.drop(columns="mae_rgb")
    back = importers.read(
        exported(CsvReport, dataclasses.replace(sweep(), frame=frame, metrics=metrics), tmp_path)
    )
    assert list(back.metrics) == ["psnr_rgb", "ssim_rgb"]
    assert list(back.frame["bpp"]) == list(frame["bpp"])
    assert back.manifest["images"] == 5
    assert [codec["codec"] for codec in back.manifest["codecs"]] == ["jpeg", "webp"]


def test_a_row_with_missing_cells_is_named(tmp_path: Path) -> None:
    file = exported(CsvReport, sweep(), tmp_path)
    lines = file.read_text("utf-8").splitlines()
    file.write_text("\n".join([*lines[:2], lines[2].rpartition(",")[0]]), "utf-8")
    with pytest.raises(BenchcompError, match="line 3 hasn't as many cells"):
        importers.read(file)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("status", "great", "unknown status 'great'"),
        ("bpp", "x", "row 1, bpp: 'x' isn't a number"),
        ("codec", 7, "row 1, codec: 7 isn't a text"),
        ("lossless", "maybe", "'maybe' isn't true or false"),
    ],
)
def test_a_bad_cell_of_our_json_is_named(key: str, value: object, message: str, tmp_path: Path) -> None:
    file = exported(JsonReport, sweep(), tmp_path)
    parsed = json.loads(file.read_text("utf-8"))
    parsed["rows"][0][key] = value
    with pytest.raises(BenchcompError, match=message):
        importers.read(save(parsed, tmp_path))


def refusal(file: Path) -> str:
    """Why a file is refused; empty when it is read."""
    try:
        assert isinstance(importers.read(file), Results)
    except BenchcompError as error:
        return str(error)
    return ""


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=200),
        st.fixed_dictionaries({"results": st.dictionaries(st.sampled_from(["bpp", "psnr-rgb", "x"]), JSON)}),
        st.fixed_dictionaries(
            {"format": st.just("benchcomp-results"), "schema": st.just(1)},
            optional=dict.fromkeys(["name", "published", "manifest", "metrics", "rows", "targets"], JSON),
        ),
    )
)
def test_anything_else_is_read_or_refused(tmp_path: Path, content: Any) -> None:
    file = tmp_path / "file"
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    assert "\n" not in refusal(file)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.data(), value=JSON)
def test_a_damaged_export_is_read_or_refused(tmp_path: Path, key: st.DataObject, value: Any) -> None:
    from benchcomp_reports.tables import document

    parsed = document(sample())
    parsed["rows"] = [dict(row) for row in parsed["rows"][:3]]
    place = key.draw(st.sampled_from([parsed, parsed["rows"][0], parsed["metrics"][0], parsed["targets"][0]]))
    place[key.draw(st.sampled_from(sorted(place)))] = value
    assert "\n" not in refusal(save(parsed, tmp_path))
