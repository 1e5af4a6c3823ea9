import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from benchcomp.analysis import bootstrap_mean, bootstrap_means, holm, wilcoxon, win_tie_loss
from benchcomp.analysis import statistics as module


def test_the_interval_is_scipys_up_to_the_resampling():
    values = np.random.default_rng(3).gamma(2, 1, 60)
    expected = stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=20_000, rng=np.random.default_rng(1)
    ).confidence_interval
    interval = bootstrap_mean(values, resamples=20_000)
    assert interval.mean == pytest.approx(values.mean())
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=0.02)
    assert interval.n == 60


def test_intervals_cover_the_truth_as_often_as_they_say():
    random = np.random.default_rng(0)
    intervals = bootstrap_means(random.normal(5, 1, (40, 400)), resamples=1000)
    covered = np.mean([interval.low <= 5 <= interval.high for interval in intervals])
    assert 0.90 <= covered <= 0.98


def test_the_seed_decides():
    values = np.arange(10.0) ** 2
    assert bootstrap_mean(values, seed=1) == bootstrap_mean(values, seed=1)
    assert bootstrap_mean(values, seed=1) != bootstrap_mean(values, seed=2)


def test_missing_values_are_left_out_and_not_counted():
    values = [1.0, np.nan, 3.0, np.inf, 5.0]
    interval = bootstrap_mean(values)
    assert (interval.mean, interval.n) == (3, 3)
    assert 1 <= interval.low <= interval.high <= 5


def test_columns_with_gaps_keep_their_own_mean():
    table = np.array([[1.0, np.nan], [2.0, 7.0], [3.0, 9.0]])
    first, second = bootstrap_means(table)
    assert (first.mean, first.n, second.mean, second.n) == (2, 3, 8, 2)
    assert second.low == 7
    assert second.high == 9


def test_one_image_has_a_mean_but_no_interval_and_none_has_nothing():
    one, none = bootstrap_mean([4.0]), bootstrap_mean([np.nan])
    assert (one.mean, one.low, one.high, one.n) == (4, None, None, 1)
    assert (none.mean, none.low, none.high, none.n) == (None, None, None, 0)
    assert bootstrap_means(np.empty((0, 2)))[1].n == 0


def test_chunks_change_nothing_but_memory(monkeypatch):
    values = np.random.default_rng(0).normal(size=50)
    wide = bootstrap_mean(values, confidence=0.5)
    monkeypatch.setattr(module, "_CHUNK", 200)
    narrow = bootstrap_mean(values, confidence=0.5)
    assert (narrow.low, narrow.high) == pytest.approx((wide.low, wide.high), abs=0.01)


def test_wilcoxon_is_scipys_without_zeros():
    values = np.random.default_rng(0).normal(0.5, 1, 20)
    expected = stats.wilcoxon(values).pvalue
    assert wilcoxon([*values, 0.0, np.nan]) == pytest.approx(expected)
    assert wilcoxon([0.0, 0.0]) is None
    assert wilcoxon([]) is None


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, None, 0.6]) == [1.0, None, 1.0]
    assert holm([]) == []


@settings(max_examples=50)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_monotone_and_never_below_the_raw_value(values):
    adjusted = holm(values)
    assert all(raw <= new <= 1 for raw, new in zip(values, adjusted, strict=True))
    order = np.argsort(values)
    assert (np.diff(np.array(adjusted)[order]) >= 0).all()


def test_wins_ties_and_losses_follow_the_direction():
    outcome = win_tie_loss([-3, -0.5, 0, 2, np.nan], higher_is_better=False, tolerance=0.5)
    assert (outcome.wins, outcome.ties, outcome.losses) == (1, 2, 1)
    assert win_tie_loss([-3, 1, 2], higher_is_better=True).wins == 2
