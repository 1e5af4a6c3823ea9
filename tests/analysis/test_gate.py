import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchcomp import BenchcompError
from benchcomp.analysis import evaluate_gate
from tests.analysis.rows import METRICS, fail, sweep


def verdicts(expression, baseline, candidate):
    return {row.variant: row.failed for row in evaluate_gate(expression, baseline, candidate, METRICS)}


@pytest.fixture(scope="module")
def baseline():
    return sweep()


@pytest.fixture(scope="module")
def candidate(baseline):
    """WebP needs 2 % more bits; JPEG 4:4:4 loses 0.3 dB; JPEG is as it was."""
    frame = baseline.copy()
    frame.loc[frame["codec"] == "webp", ["bpp", "bytes"]] *= 1.02
    frame.loc[frame["options"] != "", "psnr_rgb"] -= 0.3
    return frame


@pytest.mark.parametrize(
    ("expression", "failing"),
    [
        ("bd_rate(lpips_alex) > 1", {"webp"}),
        ("bd_rate(lpips_alex) > 3", set()),
        ("bd_rate(psnr_rgb) > 1", {"webp", "jpeg:subsampling=444"}),
        ("mean(psnr_rgb) < -0.2", {"jpeg:subsampling=444"}),
        ("bd_quality(psnr_rgb) < -0.2", {"jpeg:subsampling=444"}),
        ("change(bpp) >= 1.5", {"webp"}),
        ("0.5 < change(bpp) <= 2.5", {"webp"}),
        ("max(bpp) > 0 or min(psnr_rgb) < 0", {"webp", "jpeg:subsampling=444"}),
        ("max(bpp) > 0 and min(psnr_rgb) < 0", set()),
        ("not mean(psnr_rgb) > -0.2", {"jpeg:subsampling=444"}),
        ("-mean(psnr_rgb) * 10 + 1 / 2 - 0.5 > +2.9", {"jpeg:subsampling=444"}),
        ("failures() > 0", set()),
    ],
)
def test_conditions_hold_for_the_variants_that_got_worse(expression, failing, baseline, candidate):
    found = verdicts(expression, baseline, candidate)
    assert found == {variant: variant in failing for variant in ("jpeg", "jpeg:subsampling=444", "webp")}


def test_the_values_are_told(baseline, candidate):
    *_, webp = evaluate_gate("bd_rate(lpips_alex) > 1 and failures() >= 0", baseline, candidate, METRICS)
    assert webp.variant == "webp"
    assert webp.values == {"bd_rate(lpips_alex)": pytest.approx(2), "failures()": 0}


def test_new_failures_are_counted(baseline):
    broken = fail(baseline, baseline["codec"] == "webp")
    assert verdicts("failures() >= 60", baseline, broken)["webp"] is True
    assert verdicts("failures() > 0", broken, baseline)["webp"] is False


def test_a_missing_value_is_no_pass(baseline):
    broken = fail(baseline, baseline["codec"] == "webp")
    *_, webp = evaluate_gate("bd_rate(psnr_rgb) > 1", baseline, broken, METRICS)
    assert webp.failed is None
    assert webp.reason.startswith("bd_rate(psnr_rgb) has no value: no measured values of 'candidate'")
    assert verdicts("bd_rate(psnr_rgb) > 1 or failures() > 0", baseline, broken)["webp"] is True
    assert verdicts("bd_rate(psnr_rgb) > 1 and failures() < 0", baseline, broken)["webp"] is False
    assert verdicts("mean(psnr_rgb) > 1 / 0", baseline, baseline)["webp"] is None


def test_images_are_matched_by_content(baseline):
    renamed = baseline.assign(image="other/" + baseline["image"], dataset="folder")
    assert set(verdicts("max(bpp) > 0 or min(bpp) < 0", baseline, renamed).values()) == {False}
    without = [frame.drop(columns="image_sha256") for frame in (baseline, renamed)]
    assert set(verdicts("max(bpp) > 0", *without).values()) == {None}


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("bd_rte(psnr_rgb) > 1", "no bd_rte.*did you mean 'bd_rate'"),
        ("bd_rate(psnr) > 1", "no such metric; did you mean 'psnr_rgb'"),
        ("mean(bp) > 1", "no such column; did you mean 'bpp'"),
        ("mean(status) > 1", "no such column"),
        ("mean(psnr_rgb)", "compares nothing"),
        ("1 and mean(psnr_rgb) > 1", "compares nothing"),
        ("mean(psnr_rgb) >", "is not a condition"),
        ("", "is not a condition"),
        ("mean(psnr_rgb) == 1", "is not allowed"),
        ("mean(psnr_rgb) > 'a'", "is not allowed"),
        ("mean(psnr_rgb) > True", "is not allowed"),
        ("psnr_rgb > 1", "is not allowed"),
        ("mean(psnr_rgb) ** 9 > 1", "is not allowed"),
        ("__import__('os').system('true') > 1", "is not allowed"),
        ("mean.__class__(psnr_rgb) > 1", "is not allowed"),
        ("mean(psnr_rgb, bpp) > 1", "takes one column's name"),
        ("mean('psnr_rgb') > 1", "takes one column's name"),
        ("mean(x=1) > 1", "is not allowed"),
        ("failures(bpp) > 1", "takes nothing"),
        ("(lambda: 1)() > 0", "is not allowed"),
        ("[mean(bpp) for x in y] > 0", "is not allowed"),
    ],
)
def test_anything_else_is_refused_with_one_line(expression, message, baseline):
    with pytest.raises(BenchcompError, match=message) as caught:
        evaluate_gate(expression, baseline, baseline, METRICS)
    assert "\n" not in str(caught.value)


def test_runs_without_a_common_variant(baseline):
    with pytest.raises(BenchcompError, match="no codec variant in common"):
        evaluate_gate("failures() > 0", baseline, baseline.assign(codec="other"), METRICS)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_a_verdict_or_a_message(text):
    frame = sweep(images=2, variants={("jpeg", ""): 1.0})
    with contextlib.suppress(BenchcompError):
        assert evaluate_gate(text, frame, frame, METRICS)
