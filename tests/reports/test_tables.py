"""CSV and JSON hold what the run held, in the shapes that are promised."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import math
from pathlib import Path

import jsonschema
import pandas as pd
import pytest
from benchcomp_reports import importers
from benchcomp_reports.tables import CsvReport, JsonReport, document, schema

from benchcomp import BenchcompError, Results
from benchcomp.rows import SCHEMA, columns
from tests.reports.factory import METRICS, sample, sweep


def write_json(run: Results, folder: Path) -> Path:
    out = folder / "run.json"
    JsonReport().write([run], out)
    return out


def test_csv_has_the_columns_in_their_order_and_ends_lines_as_rfc_4180(tmp_path: Path) -> None:
    out = tmp_path / "run.csv"
    CsvReport().write([sample()], out)
    data = out.read_bytes()
    assert data.count(b"\r\n") == data.count(b"\n") == len(sample().frame) + 1
    header = next(csv.reader(io.StringIO(data.decode())))
    assert header == columns(list(METRICS))
    assert header[:7] == ["dataset", "image", "codec", "options", "quality", "target_bpp", "status"]


def test_csv_leaves_cells_empty_that_were_not_measured(tmp_path: Path) -> None:
    out = tmp_path / "run.csv"
    CsvReport().write([sample()], out)
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8"))))
    failed = [row for row in rows if row["status"] == "crash"]
    assert [row["psnr_rgb"] for row in failed] == [""]
    assert failed[0]["reason"] == "the encoder died with signal 11"
    assert not {"nan", "NaN", "None", "inf"} & {value for row in rows for value in row.values()}


def test_json_is_what_its_schema_says(tmp_path: Path) -> None:
    text = write_json(sample(), tmp_path).read_text("utf-8")
    parsed = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    jsonschema.validate(parsed, schema(), cls=jsonschema.Draft202012Validator)
    jsonschema.Draft202012Validator.check_schema(schema())
    assert parsed["schema"] == SCHEMA
    assert len(parsed["rows"]) == len(sample().frame)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("rows", 0, "status"), "fine"),
        (("rows", 0, "bpp"), "much"),
        (("rows", 0, "codec"), None),
        (("metrics", 0, "name"), "PSNR RGB"),
        (("targets", 0, "target"), None),
        (("schema",), 2),
    ],
)
def test_the_schema_refuses_what_is_wrong(path: tuple[str | int, ...], value: object) -> None:
    wrong = json.loads(json.dumps(document(sample())))
    place = wrong
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, schema())


@pytest.mark.parametrize("run", [sample, sweep])
def test_json_comes_back_as_it_went(run: object, tmp_path: Path) -> None:
    before: Results = run()  # type: ignore[operator]
    after = importers.read(write_json(before, tmp_path))
    assert (after.name, after.published, dict(after.metrics)) == (before.name, False, dict(before.metrics))
    assert after.manifest == before.manifest
    assert after.pictures is None
    text = ["reason", "codec_version", "benchcomp_version", "image_sha256", "measured_at"]
    expected = before.frame.fillna(dict.fromkeys(text, "") | {"options": "", "lossless": False})
    pd.testing.assert_frame_equal(after.frame, expected, check_dtype=False)
    pd.testing.assert_frame_equal(after.targets, before.targets, check_dtype=False)


def test_names_that_are_no_unicode_survive_json(tmp_path: Path) -> None:
    strange = "caf\udce9.png"
    frame = sweep().frame.replace({"image": {"picture00": strange}})
    after = importers.read(write_json(dataclasses.replace(sweep(), frame=frame), tmp_path))
    assert strange in set(after.frame["image"])


def test_infinite_values_leave_no_trace(tmp_path: Path) -> None:
    frame = sweep().frame.copy()
    frame.loc[0, "psnr_rgb"] = math.inf
    run = dataclasses.replace(sweep(), frame=frame)
    assert math.isnan(importers.read(write_json(run, tmp_path)).frame.loc[0, "psnr_rgb"])
    CsvReport().write([run], tmp_path / "run.csv")
    assert "inf" not in (tmp_path / "run.csv").read_text("utf-8").splitlines()[1].split(",")


@pytest.mark.parametrize("report", [CsvReport, JsonReport])
def test_formats_of_one_run_refuse_several(report: type[CsvReport], tmp_path: Path) -> None:
    with pytest.raises(BenchcompError, match="holds one run, not 2"):
        report().write([sweep(), sample()], tmp_path / "out")


def test_an_unknown_setting_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BenchcompError, match="format csv has no option 'delimiter'"):
        CsvReport().write([sweep()], tmp_path / "out.csv", delimiter=";")


def test_a_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BenchcompError, match="can't write"):
        CsvReport().write([sweep()], tmp_path / "file" / "out.csv")
