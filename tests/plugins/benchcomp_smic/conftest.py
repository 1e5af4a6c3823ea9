"""Small networks and pictures drawn by formula, shared by the tests of SMIC."""

from pathlib import Path

import numpy as np
import pytest
import torch
from benchcomp_smic import model
from benchcomp_smic.rec_net import RecNet
from benchcomp_smic.ss_net import SSNet

BUILD = {"channels": 2, "widths": (4, 4, 4), "hints": True}


@pytest.fixture(scope="session")
def tiny_weights(tmp_path_factory) -> Path:
    """A weights file of untrained, tiny networks: quick, and as good as any for bytes and sizes."""
    torch.manual_seed(5)
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    model.save(path, SSNet(BUILD["channels"]), RecNet(BUILD["widths"], BUILD["hints"]), BUILD, {})
    return path


@pytest.fixture(scope="session")
def picture():
    """A function that draws a picture of a size: gradients, a grid of windows, a little noise."""

    def draw(height: int, width: int) -> np.ndarray:
        y, x = np.mgrid[:height, :width]
        windows = ((x % 24 > 8) & (y % 32 > 12)) * 90
        noise = np.random.default_rng(3).integers(0, 12, (height, width))
        planes = [x * 0.3 + windows, y * 0.4 + 40, 180 - windows + noise]
        return np.stack([np.clip(p, 0, 255).astype(np.uint8) for p in planes], axis=-1)

    return draw
