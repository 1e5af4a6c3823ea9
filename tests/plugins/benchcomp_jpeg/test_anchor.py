"""The comparison of JPEG on Kodak with the public anchors."""

import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest
from benchcomp_datasets.kodak import Kodak
from benchcomp_jpeg.anchor import ANCHORS, QUALITIES, compare, measure
from benchcomp_jpeg.codec import JpegCodec

from benchcomp import Metric

needs_kodak = pytest.mark.skipif(
    not (Path(os.environ.get("BENCHCOMP_DATA", "/nonexistent")) / "kodak").is_dir(),
    reason="no kodak in $BENCHCOMP_DATA",
)


class Psnr(Metric):
    """PSNR by its formula, so that the rate and the pixels are tested without other plugins."""

    def prepare(self, reference):
        return reference.astype(np.float64)

    def score(self, prepared, reconstruction):
        return 10 * np.log10(255**2 / ((prepared - reconstruction) ** 2).mean())


class Constant(Psnr):
    def score(self, prepared, reconstruction):
        return 0.5


def test_an_anchor_agrees_with_itself_and_not_with_the_other():
    published, again = ANCHORS
    for anchor in ANCHORS:
        same = compare(anchor.points, anchor)
        assert same.agrees
        assert same.bpp == same.psnr_rgb == same.ms_ssim_rgb == 0
    assert compare(again.points, published).agrees  # a current library is within the loose tolerance
    assert not compare(published.points, again).agrees


@pytest.mark.parametrize("field", ["bpp", "psnr_rgb", "ms_ssim_rgb"])
def test_one_value_outside_its_tolerance_is_seen(field):
    anchor = ANCHORS[1]
    points = list(anchor.points)
    value, allowed = getattr(points[6], field), getattr(anchor, field)
    for factor, agrees in ((0.9, True), (1.1, False)):
        shift = factor * allowed * (value if field == "bpp" else 1)
        points[6] = dataclasses.replace(anchor.points[6], **{field: value - shift})
        assert compare(points, anchor).agrees is agrees


def test_points_are_means_over_images():
    generator = np.random.default_rng(5)
    images = [generator.integers(0, 256, (16, 24, 3), dtype=np.uint8), np.zeros((8, 8, 3), np.uint8) + 99]
    images[1][2, 3] = 7
    points = measure(iter(images), Psnr(), Constant())
    assert [point.quality for point in points] == list(QUALITIES)
    codec, expected = JpegCodec(), []
    for image in images:
        expected.append(8 * len(codec.encode(image, 40)) / image[..., 0].size)
    assert points[7].bpp == pytest.approx(sum(expected) / 2)
    assert points[7].ms_ssim_rgb == 0.5


@needs_kodak
def test_rate_and_psnr_agree_with_the_published_anchor():
    kodak = Kodak()
    points = measure((kodak.load(image) for image in kodak.images()), Psnr(), Constant())
    comparison = compare(points, ANCHORS[0])
    assert comparison.bpp <= ANCHORS[0].bpp
    assert comparison.psnr_rgb <= ANCHORS[0].psnr_rgb
