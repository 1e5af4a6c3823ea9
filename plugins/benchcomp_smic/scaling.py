"""Down- and up-sampling between the picture and its thumbnail or small map, and tensors from pixels.

Sampling is Pillow's, on 8-bit pixels: the same on every machine. Sizes follow from the picture's size
and the factor alone, so that a bitstream needs only these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from benchcomp import Pixels

if TYPE_CHECKING:
    import torch

__all__ = ["down", "from_tensor", "pad", "small_size", "to_tensor", "up"]


def small_size(height: int, width: int, factor: int) -> tuple[int, int]:
    """Height and width after down-sampling by ``factor``, rounded up."""
    return -(-height // factor), -(-width // factor)


def pad(pixels: Pixels, multiple: int, smallest: int = 1) -> Pixels:
    """Repeat the last column and row up to sides that are a multiple of ``multiple``."""
    height, width = pixels.shape[:2]
    h = max(-(-height // multiple) * multiple, smallest)
    w = max(-(-width // multiple) * multiple, smallest)
    if (h, w) == (height, width):
        return pixels
    return np.pad(pixels, ((0, h - height), (0, w - width), (0, 0)), mode="edge")


def down(pixels: Pixels, factor: int) -> Pixels:
    """Down-sample to :func:`small_size`, with Lanczos' filter; the border is padded first."""
    if factor == 1:
        return pixels
    padded = pad(pixels, factor)
    size = padded.shape[1] // factor, padded.shape[0] // factor
    return np.asarray(Image.fromarray(padded).resize(size, Image.Resampling.LANCZOS))


def up(small: Pixels, factor: int, height: int, width: int) -> Pixels:
    """Up-sample by ``factor`` with bicubic interpolation and crop to (height, width)."""
    if factor == 1:
        return small
    size = small.shape[1] * factor, small.shape[0] * factor
    large = Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)
    return np.ascontiguousarray(np.asarray(large)[:height, :width])


def to_tensor(pixels: Pixels) -> torch.Tensor:
    """Pixels to float32 in [-1, 1], (3, height, width)."""
    import torch

    return torch.from_numpy(np.array(pixels)).permute(2, 0, 1).float() / 127.5 - 1


def from_tensor(tensor: torch.Tensor) -> Pixels:
    """(3, height, width) in [-1, 1] to pixels, rounded and clipped."""
    values = ((tensor.detach() + 1) * 127.5).round().clamp(0, 255).byte()
    return np.ascontiguousarray(values.permute(1, 2, 0).numpy())
