import math

import pytest

from benchcomp import BenchcompError, Metric
from benchcomp.registry import Registry
from tests.metrics.pictures import jpeg, made_picture


@pytest.fixture(scope="module")
def registry():
    return Registry.installed()


@pytest.mark.parametrize(
    "name", ["psnr_rgb", "psnr_y", "ssim_rgb", "ssim_y", "ms_ssim_rgb", "lpips_alex", "lpips_vgg"]
)
def test_every_registered_metric_keeps_the_contract(name, registry):
    try:
        metric = registry.metric(name)
    except BenchcompError as error:
        pytest.skip(str(error))
    assert isinstance(metric, Metric)
    assert metric.name == name
    picture = made_picture(192, 180)
    original = picture.copy()
    prepared = metric.prepare(picture)
    better, worse = metric.score_many(prepared, [jpeg(picture, 90), jpeg(picture, 10)])
    assert (better > worse) is metric.higher_is_better
    assert all(metric.range[0] <= score <= metric.range[1] for score in (better, worse))
    assert all(type(score) is float and math.isfinite(score) for score in (better, worse))
    assert (picture == original).all()
