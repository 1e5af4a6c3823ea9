import numpy as np
import pandas as pd
import pytest

from benchcomp.analysis import (
    failures,
    image_curves,
    measured,
    rate_points,
    rd_curves,
    variants,
    with_variant,
)
from tests.analysis.rows import QUALITIES, fail, sweep


def point(table, variant, quality):
    return table[(table["variant"] == variant) & (table["quality"] == quality)].iloc[0]


def test_variants_are_labels_in_order():
    assert variants(sweep()) == ["jpeg", "jpeg:subsampling=444", "webp"]


def test_empty_options_may_be_missing():
    frame = sweep()
    frame["options"] = frame["options"].replace("", None)
    assert variants(frame) == ["jpeg", "jpeg:subsampling=444", "webp"]


def test_averages_are_means_over_the_images():
    frame = sweep()
    table = rd_curves(frame, "psnr_rgb")
    assert table["variant"].unique().tolist() == variants(frame)
    assert len(table) == 3 * len(QUALITIES)
    rows = frame[(frame["codec"] == "webp") & (frame["quality"] == 50)]
    row = point(table, "webp", 50)
    assert (row["bpp"], row["value"]) == pytest.approx((rows["bpp"].mean(), rows["psnr_rgb"].mean()))
    assert (row["images"], row["left_out"], row["why"]) == (12, 0, "")


def test_curves_rise_with_the_rate_whatever_the_knob():
    frame = sweep()
    frame["quality"] = 100 - frame["quality"]
    for _, curve in rd_curves(frame, "psnr_rgb").groupby("variant"):
        assert curve["bpp"].is_monotonic_increasing


def test_what_an_average_leaves_out_is_counted_and_leaves_the_rate_too():
    frame = sweep()
    jpeg = (frame["codec"] == "jpeg") & (frame["options"] == "") & (frame["quality"] == 90)
    frame = fail(frame, jpeg & frame["image"].isin(["image0", "image1"]))
    frame = fail(frame, jpeg & (frame["image"] == "image2"), "crash", "died")
    frame.loc[jpeg & (frame["image"] == "image3"), ["psnr_rgb", "lossless"]] = [np.nan, True]
    row = point(rd_curves(frame, "psnr_rgb"), "jpeg", 90)
    assert (row["images"], row["left_out"]) == (8, 4)
    assert sorted(row["why"].split(", ")) == ["1 crash", "1 no value", "2 timeout"]
    kept = frame[jpeg & frame["psnr_rgb"].notna()]
    assert row["bpp"] == pytest.approx(kept["bpp"].mean())
    assert point(rd_curves(frame, "lpips_alex"), "jpeg", 90)["images"] == 9


def test_settings_tried_on_some_images_only_are_no_points_of_the_curve():
    frame = sweep()
    probe = frame.iloc[[0]].assign(quality=42.0)
    frame = pd.concat([frame, probe], ignore_index=True)
    assert 42 not in rd_curves(frame, "psnr_rgb")["quality"].tolist()
    row = point(rd_curves(frame, "psnr_rgb", partial=True), "jpeg", 42)
    assert (row["images"], row["left_out"], row["why"]) == (1, 11, "11 not tried")


def test_one_rate_point_without_a_knob():
    frame = sweep(variants={("png", ""): 8.0}, qualities=(90,)).assign(
        quality=np.nan, psnr_rgb=np.nan, lossless=True
    )
    table = rd_curves(frame, "ssim_rgb")
    assert (len(table), table["images"].item()) == (1, 12)
    table = rd_curves(frame, "psnr_rgb")
    assert (table["images"].item(), table["why"].item()) == (0, "12 no value")
    assert np.isnan(table["value"].item())
    assert np.isnan(rate_points(frame, ["psnr_rgb"])["psnr_rgb_pooled"].item())


def test_unreachable_targets_and_chosen_twice_are_not_counted():
    frame = sweep()
    chosen = frame.iloc[[0]].assign(target_bpp=0.25)
    missed = frame.iloc[[0]].assign(target_bpp=99.0, quality=np.nan)
    missed = fail(missed, missed.index[0], "unreachable", "above the codec's range")
    both = pd.concat([frame, chosen, missed], ignore_index=True)
    pd.testing.assert_frame_equal(rd_curves(both, "psnr_rgb"), rd_curves(frame, "psnr_rgb"))
    assert len(measured(both)) == len(frame)
    assert failures(both).empty


def test_pooled_rate_and_psnr():
    frame = sweep(images=2, variants={("jpeg", ""): 1.0}, qualities=(50,))
    frame["width"] = [64, 128]
    frame["bytes"] = [300, 1200]
    frame["psnr_rgb"] = [30.0, 40.0]
    row = rate_points(frame, ["psnr_rgb", "encode_wall_s"]).iloc[0]
    assert row["bpp_pooled"] == pytest.approx(1500 * 8 / (48 * 192))
    error = (64 * 10**-3.0 + 128 * 10**-4.0) / 192
    assert row["psnr_rgb_pooled"] == pytest.approx(-10 * np.log10(error))
    assert row["psnr_rgb_pooled"] < row["psnr_rgb"] == 35
    assert row["encode_wall_s"] == pytest.approx(0.01)


def test_an_identical_image_counts_with_no_error_when_pooled():
    frame = sweep(images=2, variants={("jpeg", ""): 1.0}, qualities=(50,))
    frame["psnr_rgb"] = [30.0, np.nan]
    frame["lossless"] = [False, True]
    row = rate_points(frame, ["psnr_rgb"]).iloc[0]
    assert (row["psnr_rgb"], row["psnr_rgb_pooled"]) == (30, pytest.approx(30 + 10 * np.log10(2)))


def test_image_curves_hold_what_was_measured():
    frame = sweep(images=2)
    table = image_curves(fail(frame, frame.index[:2]), "psnr_rgb")
    assert len(table) == len(frame) - 2
    for _, curve in table.groupby(["variant", "image"]):
        assert curve["bpp"].is_monotonic_increasing


def test_failures_are_listed_the_most_frequent_first():
    frame = sweep()
    frame = fail(frame, frame.index[0], "crash", "died of signal 11")
    frame = fail(frame, frame["codec"] == "webp")
    table = failures(frame)
    assert table["variant"].tolist() == ["webp", "jpeg"]
    assert table[["status", "reason", "rows", "images"]].to_numpy().tolist() == [
        ["timeout", "longer than 60 s", 60, 12],
        ["crash", "died of signal 11", 1, 1],
    ]


def test_an_empty_run_gives_empty_tables():
    frame = sweep().iloc[:0]
    for table in (rd_curves(frame, "psnr_rgb"), rate_points(frame, ["psnr_rgb"]), failures(frame)):
        assert table.empty
    assert "why" in rd_curves(frame, "psnr_rgb")


def rough(seed):
    """A sweep with failures, holes, repeated points, unreachable targets and a variant without a knob."""
    random = np.random.default_rng(seed)
    frame = sweep(images=8, seed=seed)
    frame.loc[random.random(len(frame)) < 0.1, "psnr_rgb"] = np.nan
    frame = fail(frame, frame.index[random.random(len(frame)) < 0.1])
    frame = frame[random.random(len(frame)) < 0.9]
    again, missed = frame.sample(5, random_state=seed), frame.sample(3, random_state=seed)
    frame = pd.concat([frame, again, fail(missed, missed.index, "unreachable", "above the range")])
    frame["quality"] = frame["quality"].where(frame["codec"] != "webp")
    return frame.sample(frac=1, random_state=seed).reset_index(drop=True)


@pytest.mark.parametrize("seed", range(4))
def test_averages_are_those_of_a_plain_loop_over_the_rows(seed):
    frame = rough(seed)
    tried, images = {}, {}
    for row in frame.to_dict("records"):
        if row["status"] == "unreachable":
            continue
        variant = f"{row['codec']}:{row['options']}" if row["options"] else row["codec"]
        quality = None if np.isnan(row["quality"]) else row["quality"]
        images.setdefault(variant, set()).add(row["image"])
        own = tried.setdefault((variant, quality), {})
        if row["image"] not in own or (own[row["image"]]["status"] != "ok" and row["status"] == "ok"):
            own[row["image"]] = row
    table = rd_curves(frame, "psnr_rgb", partial=True)
    assert len(table) == len(tried)
    for row in table.to_dict("records"):
        own = tried[row["variant"], None if np.isnan(row["quality"]) else row["quality"]].values()
        kept = [one for one in own if one["status"] == "ok" and not np.isnan(one["psnr_rgb"])]
        assert (row["images"], row["left_out"]) == (len(kept), len(images[row["variant"]]) - len(kept))
        assert row["bpp"] == pytest.approx(np.mean([one["bpp"] for one in kept]))
        assert row["value"] == pytest.approx(np.mean([one["psnr_rgb"] for one in kept]))


def test_a_frame_prepared_once_gives_what_the_plain_one_gives():
    frame = rough(5)
    prepared = with_variant(frame)
    for one, two in (
        (rd_curves(frame, "psnr_rgb"), rd_curves(prepared, "psnr_rgb")),
        (rate_points(frame, ["psnr_rgb"]), rate_points(prepared, ["psnr_rgb"])),
        (measured(frame), measured(prepared)),
        (failures(frame), failures(prepared)),
    ):
        pd.testing.assert_frame_equal(one, two)
