import pytest
from benchcomp_testcards.dataset import Cards

from benchcomp import BenchcompError


def test_the_size_is_what_stands_behind_the_colon():
    assert Cards().load("ramp").shape == (256, 256, 3)
    assert Cards("40").load("zone-plate").shape == (40, 40, 3)
    with pytest.raises(BenchcompError, match="16 to 4096 pixels, not 'big'"):
        Cards("big")


def test_colour_edges_have_the_same_luma():
    pixels = Cards().load("colour-edges").reshape(-1, 3)
    luma = pixels @ [0.299, 0.587, 0.114]
    assert luma.max() - luma.min() < 1
