import numpy as np
import pytest
from benchcomp_qoi.codec import QoiCodec

from benchcomp import BitstreamError


@pytest.fixture
def pixels():
    rng = np.random.default_rng(1)
    walk = np.cumsum(rng.integers(-3, 4, (60, 50, 3)), axis=1) + 128
    walk[20:40, 10:45] = (9, 200, 3)  # runs
    walk[50:] = rng.integers(0, 256, (10, 50, 3))
    return walk.astype(np.uint8)


def test_the_bytes_are_those_of_the_reference_implementation(pixels):
    imagecodecs = pytest.importorskip("imagecodecs")
    assert QoiCodec().encode(pixels, None) == imagecodecs.qoi_encode(pixels)


def test_every_sample_comes_back(pixels):
    codec = QoiCodec()
    assert np.array_equal(codec.decode(codec.encode(pixels, None)), pixels)


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [(1, None, "header"), (0, -20, "ends too early|should"), (0, 14, "header")],
)
def test_damaged_bytes_are_refused(pixels, start, end, reason):
    bitstream = QoiCodec().encode(pixels, None)[start:end]
    with pytest.raises(BitstreamError, match=reason):
        QoiCodec().decode(bitstream)
