import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator

from benchcomp.analysis import nearest_at, quality_at, rate_at, unreached
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
