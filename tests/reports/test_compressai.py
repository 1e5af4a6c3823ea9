"""CompressAI's results JSON: its shape, its numbers, and the way back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchcomp_reports import importers
from benchcomp_reports.compressai import CompressaiReport, documents

from benchcomp import BenchcompError
from benchcomp.analysis import bd_rate, rate_points
from tests.reports.factory import JPEG, WEBP_LOSSLESS, make_results, sample, sweep


def check_shape(document: dict[str, Any]) -> None:
    """As measurement.md describes the format."""
    assert isinstance(document["name"], str)
    assert isinstance(document["description"], str)
    lists = document["results"]
    assert {"bpp", "encoding_time", "decoding_time"} <= set(lists)
    assert len({len(values) for values in lists.values()}) == 1
    assert all(
        isinstance(value, float) and np.isfinite(value) for values in lists.values() for value in values
    )


def test_one_file_per_codec_in_the_formats_shape(tmp_path: Path) -> None:
    CompressaiReport().write([sweep()], tmp_path / "out.json")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out-jpeg.json", "out-webp.json"]
    for file in tmp_path.iterdir():
        check_shape(json.loads(file.read_text("utf-8"), parse_constant=pytest.fail))


def test_one_codec_goes_to_the_file_itself(tmp_path: Path) -> None:
    CompressaiReport().write([sweep()], tmp_path / "out.json", codec="webp")
    assert [file.name for file in tmp_path.iterdir()] == ["out.json"]
    with pytest.raises(BenchcompError, match="no curve of 'avif'"):
        CompressaiReport().write([sweep()], tmp_path / "out.json", codec="avif")


def test_values_are_the_means_at_constant_setting() -> None:
    document = documents(sweep())["jpeg"]
    own = sweep().frame.query("codec == 'jpeg' and quality == 35")
    place = int(np.argmin(np.abs(np.array(document["results"]["bpp"]) - own["bpp"].mean())))
    assert document["results"]["psnr-rgb"][place] == pytest.approx(own["psnr_rgb"].mean())
    assert document["results"]["ssim-rgb"][place] == pytest.approx(own["ssim_rgb"].mean())
    assert document["results"]["encoding_time"][place] == pytest.approx(own["encode_wall_s"].mean())
    assert "5 images" in document["description"]


def test_settings_that_failed_on_an_image_are_left_out() -> None:
    points = rate_points(sample().frame, ["encode_wall_s"])
    whole = points.query("variant == 'jpeg' and left_out == 0")
    assert documents(sample())["jpeg"]["results"]["bpp"] == pytest.approx(list(whole["bpp"]))
    assert len(whole) < len(points.query("variant == 'jpeg'"))


def test_a_metric_without_values_has_no_list_and_is_named() -> None:
    document = documents(make_results(images=2, variants=(WEBP_LOSSLESS,), targets=()))["webp:lossless=true"]
    check_shape(document)
    assert "psnr-rgb" not in document["results"]
    assert "psnr-rgb" in document["description"]


def test_a_curve_comes_back_and_differs_from_itself_by_nothing(tmp_path: Path) -> None:
    CompressaiReport().write([sweep()], tmp_path / "out.json", codec="jpeg")
    back = importers.read(tmp_path / "out.json")
    before = documents(sweep())["jpeg"]["results"]
    assert back.published
    assert list(back.frame["bpp"]) == sorted(before["bpp"])
    assert list(back.frame["psnr_rgb"]) == before["psnr-rgb"]
    assert list(back.frame["encode_wall_s"]) == before["encoding_time"]
    again = documents(back)["jpeg"]["results"]
    assert again["bpp"] == before["bpp"]
    result = bd_rate(before["bpp"], before["psnr-rgb"], back.frame["bpp"], back.frame["psnr_rgb"])
    assert result.value == pytest.approx(0)


def test_a_run_of_searches_only_has_no_curve() -> None:
    run = make_results(images=2, variants=(JPEG,), targets=())
    one = run.frame.groupby("image").head(1)
    frame = one.assign(quality=range(len(one)))
    import dataclasses

    with pytest.raises(BenchcompError, match="no setting that was measured on all images"):
        documents(dataclasses.replace(run, frame=frame))
