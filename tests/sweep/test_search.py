from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchcomp import Knob
from benchcomp.sweep.search import search

INTEGERS = Knob("quality", 1, 100, ())
REALS = Knob("ratio", 0.1, 50.0, (), integer=False)


@given(
    scale=st.floats(0.01, 2.0),
    power=st.floats(0.3, 3.0),
    rising=st.booleans(),
    target=st.floats(0.02, 50.0),
)
def test_finds_the_closest_integer_whichever_way_the_knob_turns(
    scale: float, power: float, rising: bool, target: float
) -> None:
    def rate(quality: float) -> float:
        return scale * (quality if rising else 101 - quality) ** power

    probed: list[float] = []

    def probe(quality: float) -> float:
        probed.append(quality)
        return rate(quality)

    found = search(INTEGERS, target, probe, {}, tolerance=0.0)
    best = min(range(1, 101), key=lambda q: abs(rate(q) - target))
    assert found.achieved == pytest.approx(rate(best))
    assert found.reached == (rate(1 if rising else 100) <= target <= rate(100 if rising else 1))
    assert all(quality == int(quality) and 1 <= quality <= 100 for quality in probed)
    assert len(probed) == len(set(probed))


@given(target=st.floats(0.2, 40.0))
def test_real_knob_comes_within_the_tolerance(target: float) -> None:
    found = search(REALS, target, lambda q: 60 / q - 1, {}, tolerance=0.01)
    assert found.reached
    assert found.achieved == pytest.approx(target, rel=0.01)
    assert found.quality is not None
    assert REALS.low <= found.quality <= REALS.high


def test_stops_at_the_tolerance() -> None:
    probed: list[float] = []

    def probe(quality: float) -> float:
        probed.append(quality)
        return quality

    assert search(INTEGERS, 50, probe, {}, tolerance=0.5).reached
    assert len(probed) <= 5


def test_known_points_are_not_probed_again() -> None:
    probed: list[float] = []

    def probe(quality: float) -> float:
        probed.append(quality)
        return quality**2

    visited: dict[float, float | None] = {1: 1, 100: 10000, 40: 1600, 45: 2025}
    found = search(INTEGERS, 1849, probe, visited)
    assert found.quality == 43
    assert set(probed) <= {41, 42, 43, 44}


def test_target_out_of_reach_says_the_range() -> None:
    found = search(INTEGERS, 0.1, lambda q: q, {})
    assert not found.reached
    assert found.quality == 1
    assert "1 to 100" in found.reason


def test_failing_probes_are_left_out() -> None:
    found = search(INTEGERS, 50, lambda q: None if q == 1 else q, {})
    assert found.reached is True or found.quality == 100
    assert search(INTEGERS, 50, lambda q: None, {}).reason == "no quality could be measured"
    assert search(INTEGERS, 50, lambda q: math.nan, {}).achieved is None
