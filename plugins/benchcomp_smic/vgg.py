"""VGG16's ReLU features, the yardstick of the VGG loss; used in training only.

The weights are torchvision's ImageNet weights, from a safetensors file with torchvision's names. VGG16
has three convolutions before each of its last three poolings where VGG19 has four, so the paper's
VGG19 layer 5,4 becomes 5,3 here.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from benchcomp import BenchcompError

__all__ = ["LAYERS", "Vgg16", "lpips_weights"]

LAYERS = ((1, 2), (2, 2), (3, 3), (4, 3), (5, 3))
"""(i, j) of the features given: j-th convolution before the i-th pooling, the last of each group."""

_GROUPS = ((0, 2), (5, 7), (10, 12, 14), (17, 19, 21), (24, 26, 28))
_MEAN = (-0.030, -0.088, -0.188)
_DEVIATION = (0.458, 0.448, 0.450)


class Vgg16(nn.Module):
    """Features of RGB pictures in [-1, 1] after the last ReLU before each pooling, frozen.

    Args:
        path: safetensors file with ``features.N.weight`` and ``features.N.bias``.

    Raises:
        BenchcompError: the file is missing or isn't VGG16's.
    """

    def __init__(self, path: Path) -> None:
        from safetensors.torch import load_file

        super().__init__()
        if not path.is_file():
            raise BenchcompError(f"no VGG16 weights at {path}; name a safetensors file with --vgg")
        state = load_file(path)
        try:
            for index in (i for group in _GROUPS for i in group):
                self.register_buffer(f"weight{index}", state[f"features.{index}.weight"].float())
                self.register_buffer(f"bias{index}", state[f"features.{index}.bias"].float())
        except KeyError as error:
            raise BenchcompError(f"{path} isn't VGG16 under torchvision's names: no {error}") from error
        self.register_buffer("mean", torch.tensor(_MEAN).view(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor(_DEVIATION).view(1, 3, 1, 1))

    def forward(self, image: torch.Tensor) -> list[torch.Tensor]:
        """Features of each of :data:`LAYERS`, largest first; sides have to be at least 16."""
        x = (image - self.get_buffer("mean")) / self.get_buffer("deviation")
        features: list[torch.Tensor] = []
        for group in _GROUPS:
            if features:
                x = functional.max_pool2d(x, 2)
            for index in group:
                weight, bias = self.get_buffer(f"weight{index}"), self.get_buffer(f"bias{index}")
                x = functional.relu(functional.conv2d(x, weight, bias, padding=1))
            features.append(x)
        return features


def lpips_weights() -> list[torch.Tensor]:
    """The weights of LPIPS's linear layers on VGG16 (version 0.1), (channels,) a layer."""
    from importlib.resources import as_file, files

    with as_file(files("lpips") / "weights" / "v0.1" / "vgg.pth") as path:
        state = torch.load(path, weights_only=True, map_location="cpu")
    return [state[f"lin{index}.model.1.weight"].flatten().clone() for index in range(len(LAYERS))]
