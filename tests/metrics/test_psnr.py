import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio

from benchcomp.metrics.luma import WEIGHTS
from benchcomp.metrics.psnr import PsnrRgb, PsnrY


@pytest.fixture
def pair():
    random = np.random.default_rng(0)
    reference = random.integers(0, 256, (40, 33, 3), dtype=np.uint8)
    return reference, np.clip(reference + random.integers(-9, 10, reference.shape), 0, 255).astype(np.uint8)


def test_psnr_rgb_is_scikit_images(pair):
    reference, reconstruction = pair
    expected = peak_signal_noise_ratio(reference, reconstruction, data_range=255)
    metric = PsnrRgb()
    assert metric.score(metric.prepare(reference), reconstruction) == pytest.approx(expected, abs=1e-9)


def test_psnr_y_is_scikit_images_on_float_luma(pair):
    luma = [pixels.astype(float) @ np.array(WEIGHTS) for pixels in pair]
    expected = peak_signal_noise_ratio(*luma, data_range=255)
    metric = PsnrY()
    assert metric.score(metric.prepare(pair[0]), pair[1]) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("metric", [PsnrRgb(), PsnrY()])
def test_identical_images_have_no_psnr(metric, pair):
    assert metric.score(metric.prepare(pair[0]), pair[0].copy()) is None


@pytest.mark.parametrize("metric", [PsnrRgb(), PsnrY()])
def test_one_pixel_is_enough(metric):
    black, white = np.zeros((1, 1, 3), np.uint8), np.full((1, 1, 3), 255, np.uint8)
    assert metric.score(metric.prepare(black), white) == pytest.approx(0, abs=1e-6)


def test_one_step_in_one_sample():
    reference = np.full((10, 10, 3), 100, np.uint8)
    reconstruction = reference.copy()
    reconstruction[3, 4, 1] -= 1
    metric = PsnrRgb()
    expected = 10 * np.log10(255**2 * 300)
    assert metric.score(metric.prepare(reference), reconstruction) == pytest.approx(expected, abs=1e-12)
