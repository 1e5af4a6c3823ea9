"""The losses (1) to (6) of Wei et al., Section 2.3, as functions of tensors.

Knows nothing of networks: features come from :mod:`benchcomp_smic.vgg`, logits from the discriminators.
Each function gives a scalar; the weights lambda are the caller's.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.nn import functional

__all__ = ["adversarial_discriminator", "adversarial_generator", "l1", "lpips", "vgg"]


def l1(truth: torch.Tensor, output: torch.Tensor) -> torch.Tensor:
    """Equation (1) without lambda: mean absolute difference over all picture elements."""
    return (truth - output).abs().mean()


def adversarial_generator(fake: torch.Tensor) -> torch.Tensor:
    """Equation (2) in the non-saturating form: mean of -log D(G(x), x).

    Args:
        fake: the discriminator's logits on generated pairs.
    """
    return functional.softplus(-fake).mean()


def adversarial_discriminator(real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """The negative of equation (3): mean of -log D(y, x) plus mean of -log(1 - D(G(x), x)).

    Args:
        real: the discriminator's logits on real pairs.
        fake: its logits on generated pairs, detached from the generator.
    """
    return functional.softplus(-real).mean() + functional.softplus(fake).mean()


def vgg(truth: torch.Tensor, output: torch.Tensor) -> torch.Tensor:
    """Equation (5) without lambda: mean over positions of the feature vectors' Euclidean distance.

    Args:
        truth: features of the original, (batch, channels, height, width).
        output: features of the reconstruction, same shape.
    """
    distances: torch.Tensor = torch.linalg.vector_norm(truth - output, dim=1)
    return distances.mean()


def lpips(
    truth: Sequence[torch.Tensor], output: Sequence[torch.Tensor], weights: Sequence[torch.Tensor]
) -> torch.Tensor:
    """LPIPS distance (Zhang et al. 2018) over several layers, averaged over the batch.

    Every position's feature vector is normalised to length one; squared differences are weighted per
    channel, summed, averaged over positions, and the layers added.

    Args:
        truth: features of the original, one (batch, channels, height, width) a layer.
        output: features of the reconstruction, likewise.
        weights: non-negative weights, one (channels,) a layer.
    """
    total = torch.zeros(())
    for a, b, weight in zip(truth, output, weights, strict=True):
        difference = _unit(a) - _unit(b)
        total = total + functional.conv2d(difference.square(), weight.view(1, -1, 1, 1)).mean()
    return total


def _unit(features: torch.Tensor) -> torch.Tensor:
    # The square root's slope is infinite at zero, so the tiny constant goes inside it.
    length = (features.square().sum(dim=1, keepdim=True) + 1e-20).sqrt()
    return features / (length + 1e-10)
