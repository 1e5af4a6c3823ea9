"""The networks against the paper's text and tables."""

import pytest
import torch
from benchcomp_smic.discriminators import D1_LAYERS, D2_LAYERS, d1, d2
from benchcomp_smic.rec_net import RecNet, folded
from benchcomp_smic.ss_net import SSNet
from torch import nn


def convolutions(network):
    kinds = (nn.Conv2d, nn.ConvTranspose2d)
    return [m for m in network.modules() if isinstance(m, kinds)]


class TestSSNet:
    def test_layers_are_those_of_figure_2a(self):
        found = convolutions(SSNet())
        layers = [(c.kernel_size[0], c.stride[0], c.in_channels, c.out_channels) for c in found]
        encoder = [(7, 1, 3, 60), (3, 2, 60, 120), (3, 2, 120, 240)]
        residual = [(3, 1, 240, 240)] * 12
        decoder = [(3, 2, 240, 120), (3, 2, 120, 60), (7, 1, 60, 3)]
        assert layers == encoder + residual + decoder

    def test_up_sampling_is_transposed(self):
        kinds = [type(c) for c in convolutions(SSNet(channels=2).decoder)]
        assert kinds == [nn.ConvTranspose2d, nn.ConvTranspose2d, nn.Conv2d]

    @pytest.mark.parametrize(("height", "width"), [(8, 8), (12, 36), (64, 64)])
    def test_the_map_has_the_photographs_size_and_range(self, height, width):
        made = SSNet(channels=4)(torch.rand(2, 3, height, width) * 2 - 1)
        assert made.shape == (2, 3, height, width)
        assert made.abs().max() <= 1


class TestRecNet:
    def test_only_first_and_last_convolution_lack_normalisation(self):
        network = RecNet((4, 8, 8))
        three = [c for c in convolutions(network) if isinstance(c, nn.Conv2d)]
        norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
        assert all(c.kernel_size == (3, 3) and c.stride == (1, 1) for c in three)
        assert len(norms) == len(three) - 2
        assert network.down[0].conv[0].bias is not None
        assert all(m.negative_slope == 0.2 for m in network.modules() if isinstance(m, nn.LeakyReLU))

    def test_a_residual_block_in_each_layer(self):
        network = RecNet((4, 8, 8))
        assert len(network.down) == 3
        assert len(network.merge) == 2
        assert all(hasattr(unit, "residual") for unit in [*network.down, *network.merge])

    @pytest.mark.parametrize("hints", [False, True])
    def test_output_has_the_inputs_size(self, hints):
        inputs = torch.rand(1, 8 if hints else 6, 32, 48)
        assert RecNet((4, 8, 8, 8), hints)(inputs).shape == (1, 3, 32, 48)

    def test_learns_the_difference_to_the_thumbnail(self):
        network = RecNet((4, 8))
        nn.init.zeros_(network.last.weight)
        inputs = torch.rand(1, 6, 16, 16)
        assert torch.equal(network(inputs), inputs[:, :3])

    def test_the_map_matters(self):
        network = RecNet((4, 8)).eval()
        inputs = torch.rand(1, 6, 16, 16)
        other = inputs.clone()
        other[:, 3:] += 1
        assert not torch.equal(network(inputs), network(other))

    def test_folding_changes_nothing_but_the_layers(self):
        torch.manual_seed(0)
        network = RecNet((4, 8, 8), hints=True)
        for _ in range(3):
            network(torch.randn(2, 8, 16, 16))
        network.eval()
        inputs = torch.randn(1, 8, 32, 32)
        flat = folded(network)
        assert not any(isinstance(m, nn.BatchNorm2d) for m in flat.modules())
        assert torch.allclose(flat(inputs), network(inputs), atol=1e-5)
        assert any(isinstance(m, nn.BatchNorm2d) for m in network.modules())


TABLE_1 = {
    "D1": ["4x4x64 2", "4x4x128 2", "4x4x256 2", "4x4x256 1", "4x4x1 1"],
    "D2": ["4x4x64 2", "4x4x128 2", "4x4x256 2", "4x4x512 2", "4x4x512 2", "4x4x512 1", "4x4x1 1"],
}


class TestTable1:
    @pytest.mark.parametrize(("name", "network", "inputs"), [("D1", d1(), 6), ("D2", d2(6), 9)])
    def test_convolutions(self, name, network, inputs):
        rows = [
            f"{c.kernel_size[0]}x{c.kernel_size[1]}x{c.out_channels} {c.stride[0]}"
            for c in convolutions(network)
        ]
        assert rows == TABLE_1[name]
        assert convolutions(network)[0].in_channels == inputs

    @pytest.mark.parametrize(("network", "layers"), [(d1(), D1_LAYERS), (d2(6), D2_LAYERS)])
    def test_leaky_relu_between_and_a_sigmoid_at_the_end(self, network, layers):
        slopes = [m.negative_slope for m in network.modules() if isinstance(m, nn.LeakyReLU)]
        assert slopes == [0.2] * (len(layers) - 1)
        pair = torch.rand(1, convolutions(network)[0].in_channels - 3, 128, 128), torch.rand(1, 3, 128, 128)
        assert torch.equal(network.probability(*pair), torch.sigmoid(network(*pair)))

    def test_a_value_a_patch(self):
        image = torch.rand(1, 3, 256, 256)
        assert d1()(image, image).shape == (1, 1, 30, 30)
        assert d2(6)(torch.cat([image, image], 1), image).shape == (1, 1, 6, 6)

    @pytest.mark.parametrize(("make", "pixels"), [(d1, 70), (d2, 286)])
    def test_patches_are_as_large_as_said(self, make, pixels):
        network = make(6)
        picture = torch.rand(1, 3, 512, 512, requires_grad=True)
        values = network(torch.rand(1, 6, 512, 512), picture)
        middle = values.shape[2] // 2
        (slope,) = torch.autograd.grad(values[0, 0, middle, middle], picture)
        seen = slope.abs().sum(dim=(0, 1))
        assert [int((seen.sum(dim=side) > 0).sum()) for side in (0, 1)] == [pixels, pixels]

    def test_a_difference_is_seen_enlarged(self):
        plain, changed = d1(6), d1(6, difference=True)
        changed.load_state_dict(plain.state_dict())
        condition, picture = torch.rand(1, 6, 64, 64), torch.rand(1, 3, 64, 64)
        expected = plain(condition, 4 * (picture - condition[:, :3]))
        assert torch.equal(changed(condition, picture), expected)
