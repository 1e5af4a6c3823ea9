"""Building blocks that both of SMIC's generators are made of (Wei et al., Fig. 2b and 3).

Holds the residual block and the choice of normalisation; knows nothing of images or of training.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

__all__ = ["ResidualBlock"]


class ResidualBlock(nn.Module):
    """``x + norm(conv(activation(norm(conv(x)))))`` with 3x3 convolutions (Fig. 2b).

    Maps (batch, channels, height, width) to the same shape.

    Args:
        channels: number of channels, kept.
        norm: makes a normalisation layer for a number of channels.
        activation: makes the activation between the two convolutions.
    """

    def __init__(
        self, channels: int, norm: Callable[[int], nn.Module], activation: Callable[[], nn.Module]
    ) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            norm(channels),
            activation(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            norm(channels),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``x`` plus the learnt small change to it."""
        result: torch.Tensor = x + self.body(x)
        return result
