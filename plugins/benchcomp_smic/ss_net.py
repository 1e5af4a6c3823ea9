"""SS-Net: the generator that draws a semantic map from a photograph (Wei et al., Section 2.1, Fig. 2a).

It runs at the encoder only. Its normalisation uses the picture's own statistics: the paper trains with
batches of one picture, where batch normalisation is exactly that, and running averages of single
pictures fit none of them.
"""

from __future__ import annotations

import torch
from torch import nn

from benchcomp_smic.blocks import ResidualBlock

__all__ = ["SSNet"]


def _norm(channels: int) -> nn.Module:
    return nn.InstanceNorm2d(channels, affine=True)


def _relu() -> nn.Module:
    return nn.ReLU(inplace=True)


class SSNet(nn.Module):
    """Photograph to semantic map, both RGB in [-1, 1].

    A 7x7 convolution to 60 channels, two 3x3 convolutions of stride 2 (to 120 and 240), six residual
    blocks, two 3x3 transposed convolutions of stride 2, and a 7x7 convolution with tanh to the map.

    Input and output: float, (batch, 3, height, width), height and width multiples of 4 and at least 8.

    Args:
        channels: channels after the first convolution; the paper's 60.
        blocks: number of residual blocks; the paper's 6.
    """

    multiple = 4
    """Height and width have to be multiples of this."""

    def __init__(self, channels: int = 60, blocks: int = 6) -> None:
        super().__init__()
        c = channels
        self.encoder = nn.Sequential(
            nn.Conv2d(3, c, 7, padding=3, padding_mode="reflect"),
            _norm(c),
            _relu(),
            nn.Conv2d(c, 2 * c, 3, stride=2, padding=1),
            _norm(2 * c),
            _relu(),
            nn.Conv2d(2 * c, 4 * c, 3, stride=2, padding=1),
            _norm(4 * c),
            _relu(),
        )
        self.residual = nn.Sequential(*(ResidualBlock(4 * c, _norm, _relu) for _ in range(blocks)))
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(4 * c, 2 * c, 3, stride=2, padding=1, output_padding=1),
            _norm(2 * c),
            _relu(),
            nn.ConvTranspose2d(2 * c, c, 3, stride=2, padding=1, output_padding=1),
            _norm(c),
            _relu(),
            nn.Conv2d(c, 3, 7, padding=3, padding_mode="reflect"),
            nn.Tanh(),
        )

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the semantic map of each photograph."""
        result: torch.Tensor = self.decoder(self.residual(self.encoder(image)))
        return result
