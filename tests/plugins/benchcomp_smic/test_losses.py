"""Equations (1) to (6) against values computed by hand."""

import math
import os
from pathlib import Path

import pytest
import torch
from benchcomp_smic import losses
from benchcomp_smic.vgg import LAYERS, Vgg16, lpips_weights

WEIGHTS = Path(os.environ.get("BENCHCOMP_DATA", ".")).parent / "weights"
VGG = WEIGHTS / "vgg16_imagenet_features_fp16.safetensors"
needs_vgg = pytest.mark.skipif(not VGG.is_file(), reason="no VGG16 weights beside BENCHCOMP_DATA")


def test_l1_is_the_mean_absolute_difference():
    truth = torch.tensor([[[[1.0, -1.0], [0.5, 0.0]]]])
    output = torch.tensor([[[[0.0, 1.0], [0.5, 1.0]]]])
    assert losses.l1(truth, output).item() == pytest.approx((1 + 2 + 0 + 1) / 4)


def test_generator_minimises_minus_log_d():
    probabilities = [0.9, 0.2]
    logits = torch.logit(torch.tensor(probabilities))
    expected = -(math.log(0.9) + math.log(0.2)) / 2
    assert losses.adversarial_generator(logits).item() == pytest.approx(expected, rel=1e-5)


def test_discriminator_maximises_equation_3():
    real, fake = torch.logit(torch.tensor([0.8, 0.6])), torch.logit(torch.tensor([0.3, 0.1]))
    expected = (math.log(0.8) + math.log(0.6)) / 2 + (math.log(0.7) + math.log(0.9)) / 2
    assert losses.adversarial_discriminator(real, fake).item() == pytest.approx(-expected, rel=1e-5)


def test_logits_far_out_stay_finite():
    far = torch.tensor([200.0])
    assert losses.adversarial_generator(-far).item() == pytest.approx(200)
    assert losses.adversarial_discriminator(-far, far).item() == pytest.approx(400)


def test_vgg_is_the_mean_euclidean_distance_of_feature_vectors():
    truth = torch.zeros(1, 2, 1, 2)
    output = torch.tensor([[[[3.0, 0.0]], [[4.0, 1.0]]]])  # vectors (3, 4) and (0, 1)
    assert losses.vgg(truth, output).item() == pytest.approx((5 + 1) / 2)


def test_lpips_weighs_squared_differences_of_unit_vectors():
    a = [torch.tensor([3.0, 4.0]).view(1, 2, 1, 1)]  # unit (0.6, 0.8)
    b = [torch.tensor([2.0, 0.0]).view(1, 2, 1, 1)]  # unit (1, 0)
    weights = [torch.tensor([10.0, 1.0])]
    assert losses.lpips(a, b, weights).item() == pytest.approx(10 * 0.16 + 0.64, rel=1e-5)


def test_lpips_has_a_finite_slope_at_zero_features():
    b = torch.zeros(1, 2, 1, 1, requires_grad=True)
    losses.lpips([torch.ones(1, 2, 1, 1)], [b], [torch.ones(2)]).backward()
    assert torch.isfinite(b.grad).all()


@needs_vgg
class TestVgg:
    def test_features_are_those_before_each_pooling(self):
        features = Vgg16(VGG)(torch.zeros(1, 3, 32, 48))
        assert [tuple(f.shape[1:]) for f in features] == [
            (64, 32, 48),
            (128, 16, 24),
            (256, 8, 12),
            (512, 4, 6),
            (512, 2, 3),
        ]
        assert len(LAYERS) == 5
        assert all((f >= 0).all() for f in features)

    @pytest.mark.filterwarnings("ignore")
    def test_lpips_agrees_with_the_lpips_package(self):
        import lpips
        from safetensors.torch import load_file

        reference = lpips.LPIPS(net="vgg", pnet_rand=True, verbose=False)
        state = load_file(VGG)
        names = reference.net.state_dict()
        reference.net.load_state_dict({n: state["features." + n.split(".", 1)[1]].float() for n in names})
        torch.manual_seed(1)
        a, b = torch.rand(1, 3, 32, 32) * 2 - 1, torch.rand(1, 3, 32, 32) * 2 - 1
        vgg = Vgg16(VGG)
        with torch.no_grad():
            ours = losses.lpips(vgg(a), vgg(b), lpips_weights())
            assert ours.item() == pytest.approx(reference(a, b).item(), rel=1e-4)
