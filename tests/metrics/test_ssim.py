from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
import pytorch_msssim
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.metrics import structural_similarity

from benchcomp import NotApplicable
from benchcomp.metrics.luma import WEIGHTS
from benchcomp.metrics.ssim import MsSsimRgb, SsimRgb, SsimY
from tests.metrics.pictures import jpeg, made_picture

WANG = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 255}


def score(metric, reference, reconstruction):
    return metric.score(metric.prepare(reference), reconstruction)


def reference_ssim_rgb(x, y):
    return structural_similarity(x, y, channel_axis=-1, **WANG)


def reference_ssim_y(x, y):
    return structural_similarity(*(pixels.astype(float) @ np.array(WEIGHTS) for pixels in (x, y)), **WANG)


def reference_ms_ssim(x, y):
    tensors = (torch.from_numpy(pixels.transpose(2, 0, 1)[None].astype(float)) for pixels in (x, y))
    return float(pytorch_msssim.ms_ssim(*tensors, data_range=255))


REFERENCES = [
    (SsimRgb(), reference_ssim_rgb),
    (SsimY(), reference_ssim_y),
    (MsSsimRgb(), reference_ms_ssim),
]


def distortions(picture):
    random = np.random.default_rng(1)
    spotted = picture.copy()
    spotted[40:42, 50] = 255 - spotted[40:42, 50]
    return {
        "jpeg 10": jpeg(picture, 10),
        "jpeg 90": jpeg(picture, 90),
        "two pixels": spotted,
        "noise": random.integers(0, 256, picture.shape),
        "negative": 255 - picture,
        "black": np.zeros_like(picture),
    }


@pytest.mark.parametrize(("metric", "reference"), REFERENCES, ids=lambda value: getattr(value, "name", ""))
@pytest.mark.parametrize("size", [(176, 240), (163, 197)])
def test_equals_the_reference_definition(metric, reference, size):
    picture = made_picture(*size)
    prepared = metric.prepare(picture)
    for name, distorted in distortions(picture).items():
        distorted = distorted.astype(np.uint8)
        expected = reference(picture, distorted)
        assert metric.score(prepared, distorted) == pytest.approx(expected, abs=1e-5), name


@pytest.mark.parametrize(
    ("metric", "reference"), REFERENCES[:2], ids=lambda value: getattr(value, "name", "")
)
def test_flat_and_bright_pictures_keep_their_precision(metric, reference):
    picture = np.full((64, 64, 3), 255, np.uint8)
    distorted = picture.copy()
    distorted[::2, ::2] = 254
    assert score(metric, picture, distorted) == pytest.approx(reference(picture, distorted), abs=1e-5)


@settings(max_examples=15, deadline=None)
@given(st.integers(11, 60), st.integers(11, 60), st.integers(0, 2**32 - 1))
def test_every_size_equals_scikit_image(height, width, seed):
    random = np.random.default_rng(seed)
    x, y = random.integers(0, 256, (2, height, width, 3), dtype=np.uint8)
    assert score(SsimRgb(), x, y) == pytest.approx(reference_ssim_rgb(x, y), abs=1e-5)


@pytest.mark.parametrize("metric", [SsimRgb(), SsimY(), MsSsimRgb()], ids=lambda metric: metric.name)
def test_identical_images_score_one(metric):
    picture = made_picture(161, 170)
    assert score(metric, picture, picture.copy()) == 1


@pytest.mark.parametrize("metric", [SsimRgb(), SsimY(), MsSsimRgb()], ids=lambda metric: metric.name)
def test_pictures_measured_in_between_change_nothing(metric):
    picture, other = made_picture(200, 180), made_picture(200, 180)[::-1]
    distorted = jpeg(picture, 20)
    alone = score(metric, picture, distorted)
    prepared = metric.prepare(picture)
    score(metric, other, jpeg(other, 90))
    assert metric.score_many(prepared, [distorted, distorted]) == [alone, alone]


def test_threads_do_not_share_their_workspace():
    pictures = [made_picture(300, 300)[turn:, turn:] for turn in range(4)] * 4
    distorted = [jpeg(picture, 20) for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(partial(score, SsimRgb()), pictures, distorted))
    assert together == [score(SsimRgb(), *pair) for pair in zip(pictures, distorted, strict=True)]


def test_read_only_pixels_are_fine(recwarn):
    picture = made_picture(30, 30)
    picture.setflags(write=False)
    assert score(SsimRgb(), picture, picture) == 1
    assert not recwarn


@pytest.mark.parametrize(
    ("metric", "least"),
    [(SsimRgb(), 11), (SsimY(), 11), (MsSsimRgb(), 161)],
    ids=["ssim_rgb", "ssim_y", "ms_ssim_rgb"],
)
def test_smaller_pictures_are_not_applicable(metric, least):
    metric.prepare(made_picture(least, least))
    with pytest.raises(NotApplicable, match=f"at least {least} pixels.*; this is {least - 1}x300"):
        metric.prepare(made_picture(300, least - 1))
    with pytest.raises(NotApplicable):
        metric.prepare(made_picture(1, 1))
