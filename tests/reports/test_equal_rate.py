"""What stands for a rate on each image, and what is said about it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from benchcomp_reports import equal_rate
from benchcomp_reports.evidence import gather
from benchcomp_reports.selection import choose, focus

from benchcomp import BenchcompError
from benchcomp.analysis import bootstrap_mean, quality_at, wilcoxon
from tests.reports.factory import METRICS, WEBP_LOSSLESS, PillowVariant, make_results, sample, sweep

PNG = PillowVariant("png", "", "PNG", {}, (), lossless=True)


def test_searched_rates_are_the_rates() -> None:
    assert equal_rate.rates(gather([sample()])) == [0.75, 1.5, 2.5]


def test_without_a_search_rates_lie_where_all_curves_are() -> None:
    evidence = gather([sweep()])
    spans = evidence.frame.groupby(["codec", "image"])["bpp"].agg(["min", "max"]).groupby("codec").median()
    found = equal_rate.rates(evidence)
    assert len(found) == 3
    assert spans["min"].max() < found[0] < found[-1] < spans["max"].min()


def test_a_lossless_run_has_no_rate() -> None:
    assert equal_rate.rates(gather([make_results(images=2, variants=(WEBP_LOSSLESS,), targets=())])) == []


def test_the_row_that_a_search_chose_stands_for_its_rate() -> None:
    evidence = gather([sample()])
    rows = equal_rate.rows_at(evidence, 1.5).set_index(["variant", "image"])
    targets = sample().targets.query("target == 1.5 and codec == 'webp'").set_index("image")
    for image, target in targets.iterrows():
        assert rows.loc[("webp", image), "quality"] == target["quality"]
        assert rows.loc[("webp", image), "bpp"] == target["achieved"]
    assert rows["reached"].astype(bool).all()


def test_a_rate_that_is_not_reached_has_the_nearest_row_and_no_value() -> None:
    evidence = gather([sample()])
    rows = equal_rate.rows_at(evidence, 0.75).query("variant == 'jpeg'")
    assert not rows["reached"].astype(bool).any()
    assert rows["reason"].str.contains("jpeg gives").all()
    assert rows["bpp"].notna().all()
    values = equal_rate.values_at(evidence, METRICS["psnr_rgb"], 0.75).query("variant == 'jpeg'")
    assert values["value"].isna().all()


def test_without_a_search_values_are_interpolated_as_the_analysis_does() -> None:
    values = equal_rate.values_at(gather([sweep()]), METRICS["psnr_rgb"], 2.0)
    expected = quality_at(sweep().frame, METRICS["psnr_rgb"], 2.0)
    assert values["interpolated"].all()
    assert list(values["value"]) == pytest.approx(list(expected["value"]), nan_ok=True)


def test_means_are_over_the_images_that_all_share() -> None:
    evidence = gather([sample()])
    values = equal_rate.values_at(evidence, METRICS["psnr_rgb"], 2.5)
    table = values.pivot(index="image", columns="variant", values="value").dropna()
    found = {mean.name: mean for mean in equal_rate.means(values, evidence.own)}
    for name in evidence.own:
        assert found[name].interval.n == len(table) < 6
        assert found[name].interval.mean == pytest.approx(table[name].mean())


def test_a_codec_that_misses_the_rate_costs_the_others_nothing() -> None:
    evidence = gather([sample()])
    values = equal_rate.values_at(evidence, METRICS["psnr_rgb"], 0.75)
    found = {mean.name: mean for mean in equal_rate.means(values, evidence.own)}
    assert found["webp"].interval.n == 6
    assert found["jpeg"].interval.mean is None
    assert found["jpeg"].reason == "reached on 0 of 6 images"


@pytest.mark.parametrize(("metric", "scale"), [("psnr_rgb", "difference"), ("mae_rgb", "ratio")])
def test_pairs_are_compared_by_the_analysis(metric: str, scale: str) -> None:
    evidence = gather([sample()])
    values = equal_rate.values_at(evidence, METRICS[metric], 1.5)
    table = values.pivot(index="image", columns="variant", values="value")
    (pair,) = (p for p in equal_rate.paired(values, METRICS[metric], 1.5, "jpeg") if p.test == "webp")
    differences = (table["webp"] - table["jpeg"]).to_numpy()
    assert pair.scale == scale
    assert pair.p == wilcoxon(differences)
    assert pair.p is not None
    assert pair.p_adjusted is not None
    assert pair.p_adjusted >= pair.p
    assert (pair.outcome.wins, pair.outcome.losses) == (6, 0)
    if scale == "difference":
        assert pair.interval == bootstrap_mean(differences)
    else:
        logs = bootstrap_mean(np.log(table["webp"] / table["jpeg"]))
        assert pair.interval.mean == pytest.approx(math.exp(logs.mean or 0) - 1)
        assert pair.interval.low == pytest.approx(math.exp(logs.low or 0) - 1)


def test_lossless_codecs_are_compared_by_size() -> None:
    run = make_results(images=3, variants=(WEBP_LOSSLESS, PNG), targets=())
    sizes = equal_rate.lossless_at(gather([run]))
    assert set(sizes["variant"]) == {"webp:lossless=true", "png"}
    assert sizes["value"].sum() == pytest.approx(run.frame["bpp"].sum())
    assert equal_rate.lossless_at(gather([sweep()])).empty


def test_the_focus_is_a_rate_that_the_most_codecs_reach() -> None:
    evidence = gather([sample()])
    chosen = focus(evidence)
    assert (chosen.metric, chosen.rate) == ("psnr_rgb", 1.5)
    for wrong, message in [
        ({"metric": "vmaf"}, "no metric 'vmaf'"),
        ({"anchor": "avif"}, "no codec 'avif'"),
        ({"rates": [0.0]}, "above 0"),
    ]:
        with pytest.raises(BenchcompError, match=message):
            focus(evidence, **wrong)  # type: ignore[arg-type]


def test_images_show_the_spread_and_fill_up() -> None:
    evidence = gather([sample()])
    chosen = focus(evidence, "psnr_rgb")
    values = equal_rate.values_at(evidence, METRICS["psnr_rgb"], 1.5)
    table = values.pivot(index="image", columns="variant", values="value")
    advantage = (table["webp"] - table.drop(columns="webp").max(axis=1)).sort_values()
    images = choose(evidence, chosen, 16)
    assert "worst case of webp" in images[advantage.index[0]]
    assert "median case of webp" in images[advantage.index[3]]
    assert "best case of webp" in images[advantage.index[-1]]
    assert set(images) == set(table.index)
    first = list(choose(evidence, chosen, 2).values())
    assert len(first) == 2
    assert all("median case" in cases[0] for cases in first)
