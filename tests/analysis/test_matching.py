import numpy as np
import pandas as pd
import pytest
from scipy.interpolate import PchipInterpolator

from benchcomp.analysis import CurveSet, compare, nearest_at, quality_at, rate_at, unreached
from tests.analysis.rows import LPIPS, PSNR, fail, sweep


@pytest.mark.parametrize("metric", [PSNR, LPIPS], ids=lambda metric: metric.name)
def test_quality_at_a_rate_is_pchip_over_log_rate(metric):
    frame = sweep()
    table = quality_at(frame, metric, 0.7)
    rows = frame[(frame["codec"] == "webp") & (frame["image"] == "image4")]
    expected = PchipInterpolator(np.log10(rows["bpp"]), rows[metric.name])(np.log10(0.7))
    found = table[(table["variant"] == "webp") & (table["image"] == "image4")].iloc[0]
    assert found["value"] == pytest.approx(float(expected))
    assert found["low"] == pytest.approx(rows["bpp"].min())
    assert found["reached"]


@pytest.mark.parametrize("metric", [PSNR, LPIPS], ids=lambda metric: metric.name)
def test_rate_at_a_measured_quality_is_the_measured_rate(metric):
    frame = sweep(images=1)
    for row in frame.to_dict("records"):
        table = rate_at(frame, metric, row[metric.name])
        options = f":{row['options']}" if row["options"] else ""
        found = table[table["variant"] == row["codec"] + options].iloc[0]
        assert found["value"] == pytest.approx(row["bpp"])


def test_nothing_is_extrapolated():
    frame = sweep()
    frame = fail(frame, (frame["codec"] == "webp") & (frame["image"] == "image0"))
    table = quality_at(frame, PSNR, 100)
    assert table["value"].isna().all()
    assert set(table["reason"]) == {"above the highest rate measured", "nothing measured"}
    summary = unreached(table).set_index("variant")
    assert summary.loc["webp", "why"] == "11 above the highest rate measured, 1 nothing measured"
    assert summary["reached"].sum() == 0
    assert set(quality_at(frame, PSNR, 0.001)["reason"]) == {
        "below the lowest rate measured",
        "nothing measured",
    }
    assert set(rate_at(sweep(), LPIPS, 0.9)["reason"]) == {"worse than the worst quality measured"}
    assert set(rate_at(sweep(), PSNR, 99)["reason"]) == {"better than the best quality measured"}


def test_nearest_row_within_the_tolerance():
    frame = sweep(images=5)
    table = nearest_at(frame, 0.7, tolerance=0.2)
    assert len(table) == 15
    for row in table.to_dict("records"):
        rows = frame[
            (frame["codec"] == row["codec"])
            & (frame["options"] == row["options"])
            & (frame["image"] == row["image"])
        ]
        nearest = rows.iloc[(rows["bpp"] / 0.7 - 1).abs().argmin()]
        assert row["quality"] == nearest["quality"]
        assert row["reached"] == (abs(nearest["bpp"] / 0.7 - 1) <= 0.2)
        assert bool(row["reason"]) is not row["reached"]
    assert unreached(nearest_at(frame, 50))["why"].unique().tolist() == ["5 too far from any point"]


def test_an_image_without_any_measurement_is_still_listed():
    frame = sweep(images=2)
    frame = fail(frame, (frame["codec"] == "webp") & (frame["image"] == "image0"))
    table = nearest_at(frame, 0.7).set_index(["variant", "image"])
    assert table.loc[("webp", "image0"), "reason"] == "nothing measured"
    assert not table.loc[("webp", "image0"), "reached"]


@pytest.mark.parametrize("seed", range(4))
def test_the_nearest_row_is_that_of_a_plain_search(seed):
    random = np.random.default_rng(seed)
    frame = sweep(images=6, seed=seed).sample(frac=0.6, random_state=seed)
    frame = fail(frame, frame.index[random.random(len(frame)) < 0.2])
    table = nearest_at(frame, 0.6)
    assert len(table) == len(frame.drop_duplicates(["codec", "options", "image"]))
    for row in table.to_dict("records"):
        codec, _, options = row["variant"].partition(":")
        own = frame[(frame["codec"] == codec) & (frame["options"] == options) & (frame["status"] == "ok")]
        rates = own.loc[own["image"] == row["image"], "bpp"]
        if rates.empty:
            assert (row["reached"], row["reason"]) == (False, "nothing measured")
            assert np.isnan(row["bpp"])
        else:
            nearest = rates.loc[(rates / 0.6 - 1).abs().idxmin()]
            assert row["bpp"] == nearest
            assert row["reached"] == (abs(nearest / 0.6 - 1) <= 0.1)


def test_curves_worked_out_once_answer_as_the_rows_do():
    frame = fail(sweep(), sweep()["image"] == "image3")
    curves = CurveSet(frame, LPIPS)
    for rate in (0.3, 0.7, 2.0):
        pd.testing.assert_frame_equal(quality_at(curves, LPIPS, rate), quality_at(frame, LPIPS, rate))
    pd.testing.assert_frame_equal(rate_at(curves, LPIPS, 0.1), rate_at(frame, LPIPS, 0.1))
    assert compare(curves, LPIPS, "jpeg", "webp") == compare(frame, LPIPS, "jpeg", "webp")
