import numpy as np
import pytest
from benchcomp_gmsd.metric import Gmsd

from benchcomp import NotApplicable


def test_equal_pictures_score_zero_and_a_blurred_edge_more():
    metric = Gmsd()
    sharp = np.zeros((32, 32, 3), np.uint8)
    sharp[:, 16:] = 200
    blurred = sharp.copy()
    blurred[:, 14:18] = 100
    prepared = metric.prepare(sharp)
    assert metric.score(prepared, sharp) == 0
    assert metric.score(prepared, blurred) > 0.01


def test_a_constant_shift_leaves_edges_as_they_are():
    metric = Gmsd()
    ramp = np.tile(np.arange(32, dtype=np.uint8)[:, np.newaxis, np.newaxis], (1, 32, 3))
    assert metric.score(metric.prepare(ramp), ramp + 50) == pytest.approx(0, abs=1e-9)


def test_a_tiny_image_has_no_score():
    with pytest.raises(NotApplicable, match="needs 4 pixels"):
        Gmsd().prepare(np.zeros((3, 9, 3), np.uint8))
