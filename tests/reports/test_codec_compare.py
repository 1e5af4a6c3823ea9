"""codec-compare's batches: the four arrays, the templates, and the pictures that they point at."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchcomp_reports import importers
from benchcomp_reports.codec_compare import FIELDS, CodecCompareReport
from benchcomp_reports.compressai import CompressaiReport
from PIL import Image

from benchcomp import BenchcompError
from benchcomp.analysis import measured, to_decibels
from tests.reports.factory import JPEG, WEBP_LOSSLESS, make_results, sweep

RECOGNISED = {*FIELDS, "original_name", "encoded_name", "decoded_name", "effort"}


def batches(folder: Path) -> dict[str, dict[str, Any]]:
    index = json.loads((folder / "index.json").read_text("utf-8"))
    assert all(len(entry) == 1 for entry in index)
    return {
        path: json.loads((folder / path).read_text("utf-8"), parse_constant=pytest.fail) for (path,) in index
    }


def rows(batch: dict[str, Any]) -> list[dict[str, Any]]:
    """The batch's rows with constants and their ``${field}`` filled in, as its readers do it."""
    fields = [name for item in batch["field_descriptions"] for name in item]
    constants = [name for item in batch["constant_descriptions"] for name in item]
    found = []
    for values in batch["field_values"]:
        assert len(values) == len(fields)
        row = dict(zip(fields, values, strict=True))
        for name, text in zip(constants, batch["constant_values"], strict=True):
            assert isinstance(text, str)
            row[name] = re.sub(r"\$\{(\w+)\}", lambda match, row=row: str(row[match[1]]), text)
        found.append(row)
    return found


def test_batches_have_the_shape_and_the_numbers(tmp_path: Path) -> None:
    CodecCompareReport().write([sweep()], tmp_path / "index.json")
    found = batches(tmp_path)
    assert list(found) == ["index_files/jpeg.json", "index_files/webp.json"]
    for path, batch in found.items():
        assert set(batch) == {
            "constant_descriptions",
            "constant_values",
            "field_descriptions",
            "field_values",
        }
        assert {name for item in batch["field_descriptions"] for name in item} <= RECOGNISED
        points = measured(sweep().frame).query(f"variant == '{Path(path).stem}'")
        assert len(batch["field_values"]) == len(points)
        assert [row["encoded_size"] for row in rows(batch)] == list(points["bytes"])
        assert [row["ssim"] for row in rows(batch)] == pytest.approx(list(to_decibels(points["ssim_rgb"])))


def test_paths_lead_to_the_source_and_the_decoded_picture(tmp_path: Path) -> None:
    run = sweep()
    CodecCompareReport().write([run], tmp_path / "index.json")
    for path, batch in batches(tmp_path).items():
        points = measured(run.frame).query(f"variant == '{Path(path).stem}'")
        for row, point in zip(rows(batch), points.itertuples(), strict=True):
            folder = (tmp_path / path).parent
            assert run.pictures is not None
            source = np.asarray(Image.open(folder / row["original_path"]))
            decoded = np.asarray(Image.open(folder / row["decoded_path"]))
            assert np.array_equal(source, run.pictures.source(point.image))
            expected = run.pictures.reconstruction(point.image, point.codec, point.options, point.quality)
            assert np.array_equal(decoded, expected)


def test_without_pictures_there_are_no_paths(tmp_path: Path) -> None:
    CodecCompareReport().write([sweep()], tmp_path / "index.json", pictures=False)
    assert not list(tmp_path.rglob("*.png"))
    for batch in batches(tmp_path).values():
        assert "decoded_path" not in rows(batch)[0]


def test_a_lossless_codec_has_no_psnr_field(tmp_path: Path) -> None:
    run = make_results(images=2, variants=(WEBP_LOSSLESS,), targets=())
    CodecCompareReport().write([run], tmp_path / "index.json")
    (batch,) = batches(tmp_path).values()
    assert len(batch["field_values"]) == 2
    assert {"psnr", "ssim"}.isdisjoint(rows(batch)[0])


def test_awkward_names_stay_inside_the_folder_and_apart(tmp_path: Path) -> None:
    names = ["../../escape.png", "a/b.png", "a-b.png", "A-B.png", "${bpp}"]
    run = make_results(images=5, variants=(JPEG,), targets=(), image_name=names.__getitem__)
    CodecCompareReport().write([run], tmp_path / "deep" / "index.json")
    assert not (tmp_path / "escape.png.png").exists()
    originals = {path.name.lower() for path in (tmp_path / "deep/index_files/original").iterdir()}
    assert len(originals) == 5


def test_a_published_curve_has_no_rows_to_give(tmp_path: Path) -> None:
    CompressaiReport().write([sweep()], tmp_path / "curve.json", codec="jpeg")
    published = importers.read(tmp_path / "curve.json")
    with pytest.raises(BenchcompError, match="averages only"):
        CodecCompareReport().write([published], tmp_path / "index.json")
    with pytest.raises(BenchcompError, match="option pictures is true or false"):
        CodecCompareReport().write(
            [dataclasses.replace(sweep())], tmp_path / "index.json", pictures="perhaps"
        )
