import functools
import subprocess
import sys
import warnings
from pathlib import Path

import lpips
import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from benchcomp import BenchcompError, NotApplicable
from benchcomp.metrics.lpips import LpipsAlex, LpipsVgg
from tests.metrics.pictures import jpeg, made_picture


@functools.cache
def package(net, path):
    """The ``lpips`` package's own network with the same convolutions."""
    # Made without memory first, since torchvision would spend seconds on random weights.
    with warnings.catch_warnings(), torch.device("meta"):
        warnings.simplefilter("ignore")
        network = lpips.LPIPS(net=net, pnet_rand=True, pretrained=False, verbose=False)
    network.to_empty(device="cpu")
    network.scaling_layer = lpips.ScalingLayer()
    heads = Path(lpips.__file__).parent / "weights" / "v0.1" / f"{net}.pth"
    network.load_state_dict(torch.load(heads, map_location="cpu", weights_only=True), strict=False)
    weights = load_file(path)
    state = {name: weights["features." + name.partition(".")[2]].float() for name in network.net.state_dict()}
    network.net.load_state_dict(state)

    def score(*pictures):
        with torch.inference_mode():
            inputs = [
                torch.from_numpy(pixels.astype(np.float32) / 127.5 - 1).permute(2, 0, 1)[None]
                for pixels in pictures
            ]
            return float(network(*inputs))

    return score


@pytest.fixture(params=[LpipsAlex, LpipsVgg], ids=["alex", "vgg"])
def metric(request):
    if request.param.unavailable():
        pytest.skip(request.param.unavailable())
    return request.param()


@pytest.mark.parametrize("size", [(64, 96), (45, 71)])
def test_equals_the_lpips_package(metric, size):
    expected = package(metric.linear, metric.weights())
    picture = made_picture(*size)
    prepared = metric.prepare(picture)
    for distorted in (jpeg(picture, 10), jpeg(picture, 90), 255 - picture, np.zeros_like(picture)):
        assert metric.score(prepared, distorted) == pytest.approx(expected(picture, distorted), abs=1e-5)


def test_the_public_pair(shared):
    folder = shared / "fixtures" / "lpips"
    reference, first, second = (
        np.asarray(Image.open(folder / f"ex_{name}.png").convert("RGB")) for name in ("ref", "p0", "p1")
    )
    metric = LpipsAlex()
    prepared = metric.prepare(reference)
    assert [round(score, 3) for score in metric.score_many(prepared, [first, second])] == [0.722, 0.138]


def test_identical_images_score_zero_again_and_again(metric):
    picture = made_picture(64, 64)
    prepared = metric.prepare(picture)
    metric.score(prepared, 255 - picture)
    assert metric.score(prepared, picture.copy()) == 0


def test_the_smallest_picture(metric):
    least = metric.smallest
    picture = made_picture(least, least)
    assert metric.score(metric.prepare(picture), 255 - picture) > 0
    with pytest.raises(NotApplicable, match=f"at least {least} pixels"):
        metric.prepare(made_picture(least - 1, 64))


def test_vgg_without_weights_says_how_to_get_them(monkeypatch, tmp_path):
    for name in ("BENCHCOMP_WEIGHTS", "BENCHCOMP_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert "BENCHCOMP_WEIGHTS" in LpipsVgg.unavailable()
    with pytest.raises(BenchcompError, match=r"vgg16-397923af\.pth"):
        LpipsVgg().prepare(made_picture(32, 32))


def test_weights_are_found_where_they_are_named_first(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("BENCHCOMP_DATA", str(tmp_path / "datasets"))
    monkeypatch.setenv("BENCHCOMP_WEIGHTS", str(tmp_path / "named"))
    places = ["torch/hub/checkpoints/vgg16-397923af.pth", "weights/vgg16.safetensors", "named/vgg16-1.pth"]
    for place in places:
        path = tmp_path / place
        path.parent.mkdir(parents=True)
        path.write_bytes(b"")
        assert LpipsVgg.weights() == path


def test_a_broken_weights_file_is_named(monkeypatch, tmp_path):
    (tmp_path / "vgg16.safetensors").write_bytes(b"not weights")
    monkeypatch.setenv("BENCHCOMP_WEIGHTS", str(tmp_path))
    with pytest.raises(BenchcompError, match=r"vgg16\.safetensors holds no convolutions"):
        LpipsVgg().prepare(made_picture(32, 32))


def test_weights_in_torchs_own_format(monkeypatch, tmp_path, shared):
    weights = load_file(shared / "weights" / "vgg16_imagenet_features_fp16.safetensors")
    torch.save({**weights, "classifier.0.bias": torch.zeros(3)}, tmp_path / "vgg16-397923af.pth")
    picture = made_picture(32, 40)
    scores = []
    for folder in (tmp_path, shared / "weights"):
        monkeypatch.setenv("BENCHCOMP_WEIGHTS", str(folder))
        metric = LpipsVgg()
        scores.append(metric.score(metric.prepare(picture), 255 - picture))
    assert scores[0] == scores[1]


def test_importing_the_metrics_is_cheap():
    heavy = "{'torch', 'skimage', 'scipy', 'pandas', 'lpips'}"
    modules = "benchcomp.metrics.psnr, benchcomp.metrics.ssim, benchcomp.metrics.lpips"
    code = f"import sys, {modules}; found = {heavy} & set(sys.modules); sys.exit(str(found) if found else 0)"
    subprocess.run([sys.executable, "-c", code], check=True)
