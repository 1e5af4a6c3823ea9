import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.interpolate import Akima1DInterpolator, PchipInterpolator

from benchcomp.analysis._interpolation import METHODS, at, mean_between

SCIPY = {"pchip": PchipInterpolator, "akima": Akima1DInterpolator}
values = st.floats(-100, 100).map(lambda value: round(value, 3))


@st.composite
def curves(draw, least=4):
    count = draw(st.integers(least, 9))
    steps = draw(st.lists(st.floats(0.01, 10), min_size=count, max_size=count))
    y = draw(st.lists(values, min_size=count, max_size=count))
    return np.cumsum(steps), np.array(y)


def polynomial(x, y):
    return np.polynomial.Polynomial.fit(x, y, 3)


@settings(max_examples=150, deadline=None)
@given(curves(), st.floats(0, 1), st.floats(0, 1))
def test_means_are_scipys_integrals(curve, one, two):
    x, y = curve
    low, high = x[0] + np.sort([one, two]) * (x[-1] - x[0])
    assume(high - low > 1e-3)
    for method in METHODS:
        if method == "cubic":
            integral = polynomial(x, y).integ()
            expected = (integral(high) - integral(low)) / (high - low)
        else:
            expected = SCIPY[method](x, y).integrate(low, high) / (high - low)
        got = mean_between(x[None], y[None], np.array([low]), np.array([high]), method)[0]
        assert got == pytest.approx(float(expected), rel=1e-6, abs=1e-5), method


@settings(max_examples=100, deadline=None)
@given(curves(least=2), st.floats(0, 1))
def test_values_are_scipys(curve, share):
    x, y = curve
    where = min(x[0] + share * (x[-1] - x[0]), x[-1])
    assert at(x[None], y[None], np.array([where]))[0] == pytest.approx(
        float(PchipInterpolator(x, y)(where)), rel=1e-9, abs=1e-9
    )


def test_outside_there_is_nothing():
    x, y = np.array([[1.0, 2, 3]] * 2), np.array([[1.0, 2, 3]] * 2)
    assert np.isnan(at(x, y, np.array([0.9, 3.1]))).all()


def test_a_curve_of_one_point_holds_there_only():
    x, y = np.array([[2.0], [2.0]]), np.array([[7.0], [7.0]])
    np.testing.assert_array_equal(at(x, y, np.array([2.0, 2.1])), [7, np.nan])
