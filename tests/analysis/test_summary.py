import numpy as np
import pytest

from benchcomp import BenchcompError
from benchcomp.analysis import bd_of_average, bd_per_image, compare, compare_all, headline, holm, overview
from tests.analysis.rows import LPIPS, PSNR, SSIM, fail, sweep


def test_a_comparison_holds_both_aggregates():
    frame = sweep()
    comparison = compare(frame, PSNR, "jpeg", "webp")
    assert comparison.curve == bd_of_average(frame, PSNR, "jpeg", "webp")
    per_image = bd_per_image(frame, PSNR, "jpeg", "webp")["value"]
    assert comparison.per_image.mean == pytest.approx(per_image.mean())
    assert comparison.per_image.low < per_image.mean() < comparison.per_image.high
    assert comparison.per_image.mean == pytest.approx(-30, abs=3)
    assert (comparison.outcome.wins, comparison.outcome.losses) == (12, 0)
    assert comparison.p == pytest.approx(2 / 2**12)
    assert comparison.curve_quality.value > 0


def test_a_variant_against_itself_is_all_ties():
    comparison = compare(sweep(), LPIPS, "jpeg", "jpeg")
    assert comparison.outcome.ties == 12
    assert comparison.p is None
    assert comparison.per_image.mean == pytest.approx(0, abs=1e-9)


def test_images_left_out_are_counted_by_reason():
    frame = sweep()
    frame = fail(frame, (frame["codec"] == "webp") & frame["image"].isin(["image0", "image7"]))
    comparison = compare(frame, PSNR, "jpeg", "webp")
    assert comparison.per_image.n == 10
    assert comparison.left_out == {"the test has 0 usable points, 4 are needed": 2}


def test_the_tests_of_one_metric_are_adjusted_together():
    found = compare_all(sweep(), [PSNR, LPIPS], "jpeg")
    assert [(one.metric, one.test) for one in found] == [
        ("psnr_rgb", "jpeg:subsampling=444"),
        ("psnr_rgb", "webp"),
        ("lpips_alex", "jpeg:subsampling=444"),
        ("lpips_alex", "webp"),
    ]
    assert [one.p_adjusted for one in found[:2]] == holm([one.p for one in found[:2]])


def test_what_has_no_values_is_left_out_of_all_comparisons():
    frame = sweep()
    frame.loc[frame["codec"] == "webp", "psnr_rgb"] = np.nan
    assert [one.test for one in compare_all(frame, [PSNR], "jpeg")] == ["jpeg:subsampling=444"]
    assert compare_all(frame, [PSNR], "webp") == []
    with pytest.raises(BenchcompError, match="no measured values of 'webp'"):
        compare(frame, PSNR, "jpeg", "webp")


def test_the_overview_is_over_the_same_images_for_all():
    frame = sweep()
    at_rate = overview(frame, [PSNR, SSIM], 0.7).set_index(["metric", "variant"])
    assert at_rate["n"].nunique() == 1
    assert (at_rate.loc["psnr_rgb", "mean"].idxmax(), len(at_rate)) == ("webp", 6)
    assert (at_rate["low"] <= at_rate["mean"]).all()
    assert (at_rate["mean"] <= at_rate["high"]).all()


def test_a_variant_that_rarely_reaches_the_rate_takes_no_images_from_the_others():
    frame = sweep()
    poor = (frame["codec"] == "webp") & (frame["quality"] > 10)
    table = overview(frame[~poor], [PSNR], 0.7).set_index("variant")
    assert np.isnan(table.loc["webp", "mean"])
    assert table.loc["webp", "reason"] == "reaches 0.7 bpp on 0 of 12 images"
    assert table.loc["jpeg", "n"] > 6


def test_the_headline_says_how_much_and_how_sure():
    frame = sweep()
    sentence = headline(compare(frame, PSNR, "jpeg", "webp"), PSNR)
    assert sentence.startswith("webp needs 2")
    assert "% fewer bits than jpeg at equal PSNR (RGB) (95% interval -2" in sentence
    assert sentence.endswith("12 images, better on 12, worse on 0).")
    assert "more bits" in headline(compare(frame, PSNR, "webp", "jpeg"), PSNR)
    assert "don't differ clearly" in headline(compare(frame, PSNR, "jpeg", "jpeg"), PSNR)
    assert "one image" in headline(compare(sweep(images=1), PSNR, "jpeg", "webp"), PSNR)
    few = frame[frame["quality"] < 60]
    assert "can't be compared" in headline(compare(few, PSNR, "jpeg", "webp"), PSNR)
