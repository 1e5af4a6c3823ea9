"""The drawn façades: the same samples everywhere, exact labels, and the statistics of photographs."""

import hashlib

import numpy as np
import pytest
from benchcomp_datasets.classes import COLOURS, nearest
from benchcomp_datasets.sample import SEEDS, FacadesSample, draw

from benchcomp import BenchcompError
from benchcomp.pixels import check, content_hash

PIXELS = "fffedd9aac2546ea9af647b21b235bf8755f049d3b9ded7f3ced4794327c8569"
LABELS = "a83e8d3fb1ede636f4dfcf92e5841f10b5283ba75761e4a794df48257f6e0fd2"


@pytest.fixture(scope="module")
def drawings():
    return [draw(seed) for seed in SEEDS]


def combined(pictures):
    return hashlib.sha256("".join(content_hash(picture) for picture in pictures).encode()).hexdigest()


def test_drawn_samples_are_pinned(drawings):
    assert combined(pixels for pixels, _ in drawings) == PIXELS
    assert combined(labels for _, labels in drawings) == LABELS


def test_the_data_set_gives_the_drawings(drawings):
    data = FacadesSample()
    images = list(data.images())
    assert images == [f"drawn{number:02}" for number in range(1, 13)]
    for image, (pixels, labels) in list(zip(images, drawings, strict=True))[:3]:
        assert np.array_equal(check(data.load(image)), pixels)
        assert np.array_equal(data.labels(image), labels)


def test_sizes_and_label_colours(drawings):
    colours = {tuple(colour) for colour in COLOURS.tolist()}
    for pixels, labels in drawings:
        assert pixels.shape == labels.shape == (256, 256, 3)
        assert pixels.dtype == labels.dtype == np.uint8
        assert {tuple(colour) for colour in labels.reshape(-1, 3).tolist()} <= colours


def test_every_class_occurs(drawings):
    counts = sum(np.bincount(nearest(labels).ravel(), minlength=12) for _, labels in drawings)
    assert (counts > 500).all()


def test_labels_fit_the_picture(drawings):
    """Windows are darker than the wall around them, in nearly every picture."""
    darker = 0
    for pixels, labels in drawings:
        classes, gray = nearest(labels), pixels.mean(axis=2)
        darker += gray[classes == 2].mean() < gray[classes == 1].mean()
    assert darker >= len(drawings) - 2


def test_pictures_are_as_busy_as_photographs(drawings):
    """Within what real façades span: mean, contrast, and gradients (60 real ones: 113, 55, 9.1, 11.1)."""
    grays = [pixels.mean(axis=2) for pixels, _ in drawings]
    assert 90 < np.mean([gray.mean() for gray in grays]) < 140
    assert 42 < np.mean([gray.std() for gray in grays]) < 68
    assert 7 < np.mean([np.abs(np.diff(gray, axis=1)).mean() for gray in grays]) < 12
    assert 8 < np.mean([np.abs(np.diff(gray, axis=0)).mean() for gray in grays]) < 14


def test_other_seeds_give_other_houses():
    assert len({content_hash(draw(seed)[0]) for seed in (100, 101, 2**40)}) == 3


def test_wrong_names():
    with pytest.raises(BenchcompError, match="no splits"):
        FacadesSample("val")
    with pytest.raises(BenchcompError, match="drawn01 to drawn12"):
        FacadesSample().load("drawn13")
