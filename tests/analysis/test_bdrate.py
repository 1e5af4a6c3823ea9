import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchcomp import BenchcompError
from benchcomp.analysis import METHODS, bd_of_average, bd_per_image, bd_quality, bd_rate, to_decibels
from tests.analysis.rows import LPIPS, PSNR, SSIM, fail, sweep

ANCHOR = ([9487.76, 4593.60, 2486.44, 1358.24], [40.037, 38.615, 36.845, 34.851])
TEST = ([9787.80, 4469.00, 2451.52, 1356.24], [40.121, 38.651, 36.970, 34.987])
STEEP_ANCHOR = ([5012.39, 4012.23, 3014.7, 2014.65], [99.97751, 99.91607, 99.51432, 96.622])
STEEP_TEST = ([5096.02, 4000.03, 3067.89, 2054.35], [99.98146, 99.94996, 99.66744, 97.1181])


@pytest.mark.parametrize(
    ("method", "rate", "quality"),
    [
        ("cubic", -4.420463, 0.120409),
        ("pchip", -4.417485, 0.119693),
        ("akima", -4.425245, 0.119409),
    ],
)
def test_golden_values(method, rate, quality):
    assert bd_rate(*ANCHOR, *TEST, method=method).value == pytest.approx(rate, abs=1e-6)
    assert bd_quality(*ANCHOR, *TEST, method=method).value == pytest.approx(quality, abs=1e-6)


@pytest.mark.parametrize(
    ("method", "rate"), [("cubic", 100421.234), ("pchip", -3.139420), ("akima", -3.798628)]
)
def test_golden_values_of_steep_curves(method, rate):
    result = bd_rate(*STEEP_ANCHOR, *STEEP_TEST, method=method)
    assert result.value == pytest.approx(rate, rel=1e-6)
    assert any("methods differ" in warning for warning in result.warnings)


@st.composite
def curves(draw):
    count = draw(st.integers(4, 8))
    numbers = st.lists(st.floats(0.05, 1), min_size=count, max_size=count)
    return 10 ** np.cumsum(draw(numbers)), 30 + np.cumsum(draw(numbers))


@settings(max_examples=60, deadline=None)
@given(curves())
def test_a_curve_against_itself_is_zero(curve):
    for method in METHODS:
        assert bd_rate(*curve, *curve, method=method).value == pytest.approx(0, abs=1e-7)
        assert bd_quality(*curve, *curve, method=method).value == pytest.approx(0, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(curves())
def test_halving_all_rates_is_minus_fifty(curve):
    rate, quality = curve
    for method in METHODS:
        assert bd_rate(rate, quality, rate / 2, quality, method=method).value == pytest.approx(-50, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(curves(), curves())
def test_swapping_turns_the_log_ratio_round(one, two):
    for method in METHODS:
        there, back = bd_rate(*one, *two, method=method).value, bd_rate(*two, *one, method=method).value
        assert (there is None) == (back is None)
        if there is not None and back is not None and min(there, back) > -99.9:
            assert math.log10(1 + there / 100) == pytest.approx(-math.log10(1 + back / 100), abs=1e-7)


@settings(max_examples=60, deadline=None)
@given(curves(), curves(), st.randoms())
def test_order_of_the_points_does_not_matter(one, two, random):
    order = list(range(len(one[0])))
    random.shuffle(order)
    assert bd_rate(one[0][order], one[1][order], *two) == bd_rate(*one, *two)


def test_lower_is_better_is_the_negated_axis():
    distance = [100 - np.array(side[1]) for side in (ANCHOR, TEST)]
    result = bd_rate(ANCHOR[0], distance[0], TEST[0], distance[1], higher_is_better=False)
    assert result.value == pytest.approx(-4.417485, abs=1e-6)
    assert result.interval == pytest.approx((100 - 40.037, 100 - 34.987))
    gain = bd_quality(ANCHOR[0], distance[0], TEST[0], distance[1], higher_is_better=False)
    assert gain.value == pytest.approx(-0.119693, abs=1e-6)


def test_similarities_are_compared_in_decibels():
    similarity = [1 - 10 ** (-np.array(side[1]) / 10) for side in (ANCHOR, TEST)]
    result = bd_rate(ANCHOR[0], similarity[0], TEST[0], similarity[1], decibels=True)
    assert result.value == pytest.approx(-4.417485, abs=1e-5)
    assert bd_quality(ANCHOR[0], similarity[0], TEST[0], similarity[1], decibels=True).unit == "dB"
    assert to_decibels(0.99) == pytest.approx(20)


def test_dominated_points_are_dropped_and_named():
    rate, quality = [*ANCHOR[0], 5000.0], [*ANCHOR[1], 38.0]
    result = bd_rate(rate, quality, *TEST)
    assert result.value == bd_rate(*ANCHOR, *TEST).value
    assert result.dropped_anchor == ((5000.0, 38.0),)
    assert any("dominated points of the anchor" in warning for warning in result.warnings)


def test_points_that_are_no_numbers_are_dropped_and_counted_as_nothing_else():
    result = bd_rate([*ANCHOR[0], 20000.0, np.nan], [*ANCHOR[1], np.inf, 41.0], *TEST)
    assert result.value == bd_rate(*ANCHOR, *TEST).value
    assert len(result.dropped_anchor) == 2


def test_repeated_points_count_once():
    doubled = [np.repeat(side, 2) for side in ANCHOR]
    assert bd_rate(*doubled, *TEST).value == bd_rate(*ANCHOR, *TEST).value
    assert bd_rate(np.repeat(ANCHOR[0][:2], 2), np.repeat(ANCHOR[1][:2], 2), *TEST).value is None


def test_fewer_than_four_points_have_no_value():
    result = bd_rate(ANCHOR[0][:3], ANCHOR[1][:3], *TEST)
    assert (result.value, result.reason) == (None, "the anchor has 3 usable points, 4 are needed")


def test_curves_apart_have_no_value():
    result = bd_rate(*ANCHOR, TEST[0], np.array(TEST[1]) + 10)
    assert (result.value, result.overlap, result.interval) == (None, 0, None)
    assert result.reason == "the curves do not overlap"
    assert set(result.by_method.values()) == {None}


def test_little_overlap_warns():
    result = bd_rate(*ANCHOR, TEST[0], np.array(TEST[1]) + 2)
    assert result.value is not None
    assert 0 < result.overlap < 0.75
    assert any("overlap" in warning for warning in result.warnings)


def test_bad_arguments():
    with pytest.raises(BenchcompError, match="did you mean 'pchip'"):
        bd_rate(*ANCHOR, *TEST, method="pchipp")
    with pytest.raises(BenchcompError, match="4 rates but 3 qualities"):
        bd_rate(ANCHOR[0], ANCHOR[1][:3], *TEST)


@pytest.mark.parametrize("metric", [PSNR, LPIPS, SSIM], ids=lambda metric: metric.name)
@pytest.mark.parametrize("by_quality", [True, False])
def test_a_batch_equals_one_by_one(metric, by_quality):
    frame = sweep()
    frame = fail(frame, frame.index[3])
    table = bd_per_image(frame, metric, "jpeg", "webp", by_quality=by_quality).set_index("image")
    single = bd_rate if by_quality else bd_quality
    for image, rows in frame[frame["status"] == "ok"].groupby("image"):
        one, two = (rows[(rows["codec"] == name) & (rows["options"] == "")] for name in ("jpeg", "webp"))
        result = single(
            one["bpp"],
            one[metric.name],
            two["bpp"],
            two[metric.name],
            higher_is_better=metric.higher_is_better,
            decibels=metric.decibels,
        )
        row = table.loc[image]
        assert row["value"] == pytest.approx(result.value, abs=1e-9)
        assert row["overlap"] == pytest.approx(result.overlap)
        assert (row["low"], row["high"]) == pytest.approx(result.interval)


def test_images_that_cannot_be_compared_say_why():
    frame = sweep(images=3)
    bad = (frame["image"] == "image1") & (frame["codec"] == "webp") & (frame["quality"] > 30)
    gone = (frame["image"] == "image2") & (frame["codec"] == "webp")
    table = bd_per_image(fail(frame, bad)[~gone], PSNR, "jpeg", "webp").set_index("image")
    assert table["reason"].tolist() == [
        "",
        "the test has 2 usable points, 4 are needed",
        "the test has 0 usable points, 4 are needed",
    ]
    assert table["value"].notna().tolist() == [True, False, False]


def test_the_averaged_curve_is_over_the_images_of_both():
    frame = sweep()
    only = frame[(frame["codec"] == "jpeg") | (frame["image"] != "image0")]
    both = frame[frame["image"] != "image0"]
    assert bd_of_average(only, PSNR, "jpeg", "webp") == bd_of_average(both, PSNR, "jpeg", "webp")


def test_unknown_variant():
    with pytest.raises(BenchcompError, match="did you mean 'webp'"):
        bd_of_average(sweep(), PSNR, "jpeg", "webpp")
