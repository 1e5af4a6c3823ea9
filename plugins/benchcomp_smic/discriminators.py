"""The two patch discriminators D1 and D2 (Wei et al., Table 1).

Each looks at a pair of pictures, concatenated, and says for every patch whether the pair is real. The
losses need the logarithm of that, so :meth:`PatchDiscriminator.forward` gives logits; the table's
sigmoid is :meth:`PatchDiscriminator.probability`.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

__all__ = ["D1_LAYERS", "D2_LAYERS", "PatchDiscriminator", "d1", "d2"]

D1_LAYERS = ((64, 2), (128, 2), (256, 2), (256, 1), (1, 1))
"""D1 in Table 1: (output channels, stride) of each 4x4 convolution."""

D2_LAYERS = ((64, 2), (128, 2), (256, 2), (512, 2), (512, 2), (512, 1), (1, 1))
"""D2 in Table 1."""

SLOPE = 0.2
ENLARGEMENT = 4
"""Brings the differences of coarse thumbnails to about the range of pictures."""


class PatchDiscriminator(nn.Module):
    """4x4 convolutions with LeakyReLU between them, ending in one value a patch.

    Args:
        inputs: channels of the concatenated pair.
        layers: (output channels, stride) of each convolution.
        difference: whether a candidate is concatenated as :data:`ENLARGEMENT` times its difference to the
            condition's first three channels. The pair says the same, but what tells a generated picture
            from a real one is no longer small beside what they share: D2 then learns in 300 iterations
            what it doesn't in thousands without.
    """

    def __init__(self, inputs: int, layers: Sequence[tuple[int, int]], *, difference: bool = False) -> None:
        super().__init__()
        self.difference = difference
        modules: list[nn.Module] = []
        for index, (outputs, stride) in enumerate(layers):
            if index:
                modules.append(nn.LeakyReLU(SLOPE, inplace=True))
            convolution = nn.Conv2d(inputs, outputs, 4, stride=stride, padding=1)
            # Without normalisation, the customary smaller weights lose the signal on the way.
            nn.init.kaiming_normal_(convolution.weight, SLOPE)
            nn.init.zeros_(convolution.bias)  # type: ignore[arg-type]
            modules.append(convolution)
            inputs = outputs
        self.layers = nn.Sequential(*modules)

    def forward(self, condition: torch.Tensor, candidate: torch.Tensor) -> torch.Tensor:
        """Logits, (batch, 1, h, w), of the candidate belonging to the condition.

        Args:
            condition: what the generator saw, float, (batch, c, height, width).
            candidate: real or generated picture, float, (batch, 3, height, width).
        """
        if self.difference:
            candidate = ENLARGEMENT * (candidate - condition[:, :3])
        result: torch.Tensor = self.layers(torch.cat([condition, candidate], dim=1))
        return result

    def probability(self, condition: torch.Tensor, candidate: torch.Tensor) -> torch.Tensor:
        """The table's output: :meth:`forward` through the sigmoid."""
        return torch.sigmoid(self(condition, candidate))


def d1(condition: int = 3, *, difference: bool = False) -> PatchDiscriminator:
    """D1 on a condition, the photograph with SS-Net, and a picture; its patches have 70x70 pixels."""
    return PatchDiscriminator(condition + 3, D1_LAYERS, difference=difference)


def d2(condition: int, *, difference: bool = False) -> PatchDiscriminator:
    """D2 on Rec-Net's input, of ``condition`` channels, and a picture; its patches have 286x286 pixels."""
    return PatchDiscriminator(condition + 3, D2_LAYERS, difference=difference)
