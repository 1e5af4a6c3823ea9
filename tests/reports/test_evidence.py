"""Putting runs together: names, metrics that differ, and the way to the pictures."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from benchcomp_reports import importers
from benchcomp_reports.compressai import CompressaiReport
from benchcomp_reports.evidence import gather

from benchcomp import BenchcompError, Results
from tests.reports.factory import WEBP_LOSSLESS, make_results, sample, sweep


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Results:
    file = tmp_path_factory.mktemp("published") / "curve.json"
    CompressaiReport().write([sweep()], file, codec="jpeg")
    return importers.read(file)


def test_one_runs_series_have_the_names_that_users_type() -> None:
    evidence = gather([sample()])
    assert list(evidence.series) == ["jpeg", "webp", "jpeg:subsampling=444"]
    assert set(evidence.frame["codec"]) == set(evidence.series)
    assert set(evidence.frame["options"]) == {""}
    assert evidence.series["jpeg"].version.startswith("Pillow")


def test_series_of_two_runs_are_told_apart(published: Results) -> None:
    evidence = gather([published, sweep(), sample()])
    assert list(evidence.series) == [
        "jpeg (published)",
        "jpeg (sweep)",
        "webp (sweep)",
        "jpeg (sample)",
        "webp (sample)",
        "jpeg:subsampling=444",
    ]
    assert evidence.own == list(evidence.series)[1:]
    assert len(evidence.frame) == len(published.frame) + len(sweep().frame) + len(sample().frame)


def test_the_same_run_twice_is_still_told_apart() -> None:
    assert len(gather([sweep(), sweep()]).series) == 4


def test_metrics_of_another_definition_are_left_out_and_named() -> None:
    other = dataclasses.replace(sweep().metrics["psnr_rgb"], definition="psnr-rgb-2")
    newer = dataclasses.replace(sweep(), name="newer", metrics={**sweep().metrics, "psnr_rgb": other})
    evidence = gather([sweep(), newer])
    assert evidence.metrics["psnr_rgb"].definition == "psnr-rgb-2"
    assert evidence.frame.loc[evidence.frame["codec"] == "jpeg (sweep)", "psnr_rgb"].isna().all()
    assert evidence.frame.loc[evidence.frame["codec"] == "jpeg (newer)", "psnr_rgb"].notna().all()
    assert "PSNR (RGB) of run sweep is left out" in evidence.caveats[0]


def test_pictures_are_found_through_the_series_name() -> None:
    evidence = gather([sweep(), sample()])
    picture = evidence.reconstruction("picture01", "webp (sweep)", np.float64(35))
    pictures = sweep().pictures
    assert pictures is not None
    assert np.array_equal(picture, pictures.reconstruction("picture01", "webp", "", 35.0))
    assert np.array_equal(evidence.source("picture01"), pictures.source("picture01"))


def test_a_codec_without_a_knob_is_asked_for_without_quality() -> None:
    evidence = gather([make_results(images=1, variants=(WEBP_LOSSLESS,), targets=())])
    row = evidence.frame.iloc[0]
    picture = evidence.reconstruction(row["image"], row["codec"], row["quality"])
    assert np.array_equal(picture, evidence.source("picture00"))


def test_what_is_not_there_is_said(published: Results) -> None:
    with pytest.raises(BenchcompError, match="no run"):
        gather([])
    with pytest.raises(BenchcompError, match="no codec 'avif' in these runs"):
        gather([sweep()], ["avif"])
    with pytest.raises(BenchcompError, match="no rows yet"):
        gather([dataclasses.replace(sweep(), frame=sweep().frame.iloc[:0])])
    with pytest.raises(BenchcompError, match="without pictures"):
        gather([published]).reconstruction("", "jpeg (published)", 1)


def test_series_can_be_chosen_and_ordered() -> None:
    evidence = gather([sample()], ["webp", "jpeg"])
    assert list(evidence.series) == ["webp", "jpeg"]
    assert set(evidence.frame["codec"]) == {"webp", "jpeg"}


def test_an_imported_copy_of_a_run_can_be_reported(tmp_path: Path) -> None:
    from benchcomp_reports.tables import JsonReport

    JsonReport().write([sample()], tmp_path / "run.json")
    evidence = gather([importers.read(tmp_path / "run.json")])
    with pytest.raises(BenchcompError, match="no run holds pictures"):
        evidence.source("picture00")
