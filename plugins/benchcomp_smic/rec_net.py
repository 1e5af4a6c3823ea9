"""Rec-Net: the generator that rebuilds the picture at the decoder (Wei et al., Section 2.2, Fig. 3).

A U-Net with a residual block in each layer. It learns the difference to the up-sampled thumbnail: that
picture is added to the last convolution's output. :func:`folded` gives the network to decode with.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Sequence

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from benchcomp_smic.blocks import ResidualBlock

__all__ = ["INPUT_CHANNELS", "RecNet", "folded"]

INPUT_CHANNELS = 6
"""The up-sampled thumbnail and the semantic map, three channels each."""

SLOPE = 0.2


def _activation() -> nn.Module:
    return nn.LeakyReLU(SLOPE, inplace=True)


class _Unit(nn.Module):
    """One layer's work: 3x3 convolution, normalisation (unless ``first``), LeakyReLU, residual block."""

    def __init__(self, inputs: int, outputs: int, first: bool = False) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(inputs, outputs, 3, padding=1, bias=first)]
        if not first:
            layers.append(nn.BatchNorm2d(outputs))
        layers.append(_activation())
        self.conv = nn.Sequential(*layers)
        self.residual = ResidualBlock(outputs, nn.BatchNorm2d, _activation)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.residual(self.conv(x))
        return result


class RecNet(nn.Module):
    """Up-sampled thumbnail and semantic map to the reconstruction, RGB in [-1, 1].

    An encoding unit per layer with 2x2 max-pooling between them, a decoding unit per layer but the
    deepest after a 2x2 transposed convolution, skip connections by concatenation, and a last 3x3
    convolution without normalisation to the difference that is added to the up-sampled thumbnail.

    Args:
        widths: channels of each layer, from full resolution down; the paper gives none.
        hints: whether two constant planes follow the paper's six input channels: the sampling factor
            (log2 over 4) and the thumbnail's QP (over 51; 0 when it's lossless).
    """

    def __init__(self, widths: Sequence[int] = (32, 64, 128, 256, 256), hints: bool = False) -> None:
        super().__init__()
        self.hints = hints
        self.multiple = 2 ** (len(widths) - 1)
        """Height and width have to be multiples of this."""
        inputs = INPUT_CHANNELS + (2 if hints else 0)
        down = [_Unit(inputs, widths[0], first=True)]
        down += [_Unit(a, b) for a, b in itertools.pairwise(widths)]
        self.down = nn.ModuleList(down)
        self.pool = nn.MaxPool2d(2)
        pairs = list(itertools.pairwise(widths))[::-1]
        self.up = nn.ModuleList(nn.ConvTranspose2d(b, a, 2, stride=2) for a, b in pairs)
        self.merge = nn.ModuleList(_Unit(2 * a, a) for a, _ in pairs)
        self.last = nn.Conv2d(widths[0], 3, 3, padding=1)
        with torch.no_grad():  # begin near the up-sampled thumbnail itself
            self.last.weight.mul_(0.1)
            nn.init.zeros_(self.last.bias)  # type: ignore[arg-type]

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the reconstruction, not clipped.

        Args:
            inputs: float, (batch, 6 or 8, height, width): thumbnail, map and, with ``hints``, the two
                planes; height and width multiples of :attr:`multiple`.
        """
        skips = []
        x = inputs
        for index, unit in enumerate(self.down):
            x = unit(x if index == 0 else self.pool(x))
            skips.append(x)
        skips.pop()
        for up, merge in zip(self.up, self.merge, strict=True):
            x = merge(torch.cat([up(x), skips.pop()], dim=1))
        result: torch.Tensor = inputs[:, :3] + self.last(x)
        return result


def folded(network: RecNet) -> RecNet:
    """A copy in evaluation mode with every normalisation folded into the convolution before it."""
    network = copy.deepcopy(network).eval()
    for module in list(network.modules()):
        if not isinstance(module, nn.Sequential):
            continue
        for index in range(len(module) - 1):
            conv, norm = module[index], module[index + 1]
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                module[index] = fuse_conv_bn_eval(conv, norm)
                module[index + 1] = nn.Identity()
    return network.requires_grad_(False)
