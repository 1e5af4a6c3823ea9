"""What each of the two generators is trained on: its networks, its samples and its losses.

A task is used by :class:`benchcomp_smic.trainer.Trainer`, which knows how to take a step but not what
the pictures are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import torch
from torch import nn

from benchcomp import Pixels
from benchcomp_smic import bpg_part, losses, scaling
from benchcomp_smic.coding import CHROMA, MAP_CHROMA, MAP_FACTOR
from benchcomp_smic.discriminators import PatchDiscriminator, d1, d2
from benchcomp_smic.model import rec_inputs
from benchcomp_smic.pairs import Pair, draw
from benchcomp_smic.rec_net import INPUT_CHANNELS, RecNet
from benchcomp_smic.settings import Settings
from benchcomp_smic.ss_net import SSNet
from benchcomp_smic.vgg import Vgg16, lpips_weights

__all__ = ["Batch", "RecTask", "SsTask", "Task"]


@dataclass(frozen=True, slots=True)
class Batch:
    """Samples of one step: the generator's input and what it should give, (batch, c, height, width)."""

    inputs: torch.Tensor
    truth: torch.Tensor


class Task(Protocol):
    """A generator with its discriminator, samples and losses."""

    @property
    def generator(self) -> nn.Module:
        """The network to train."""

    @property
    def discriminator(self) -> PatchDiscriminator:
        """Its opponent."""

    def batch(self, rng: np.random.Generator) -> Batch:
        """Draw the samples of a step; all chance comes from ``rng``."""

    def losses(self, batch: Batch, output: torch.Tensor, rng: np.random.Generator) -> dict[str, torch.Tensor]:
        """The generator's weighted losses by name, all but the adversarial one."""


class SsTask:
    """SS-Net and D1: photograph to semantic map, by equation (4)."""

    def __init__(self, settings: Settings, pairs: Sequence[Pair]) -> None:
        self.settings = settings
        self.pairs = pairs
        self.generator = SSNet(settings.channels)
        self.discriminator = d1()

    def batch(self, rng: np.random.Generator) -> Batch:
        """Photographs and their true maps."""
        drawn = [
            draw(self.pairs, rng, self.settings.crop, self.settings.flip) for _ in range(self.settings.batch)
        ]
        images, maps = zip(*drawn, strict=True)
        return Batch(
            torch.stack([scaling.to_tensor(image) for image in images]),
            torch.stack([scaling.to_tensor(semantic) for semantic in maps]),
        )

    def losses(self, batch: Batch, output: torch.Tensor, rng: np.random.Generator) -> dict[str, torch.Tensor]:
        """Equation (1)."""
        return {"l1": self.settings.l1 * losses.l1(batch.truth, output)}


class RecTask:
    """Rec-Net and D2: decoded thumbnail and map to the picture, by equation (6).

    What Rec-Net sees is coded as in the bitstream, at a rate drawn from the settings' points. Its maps
    are the pairs' own, or drawn on the spot by ``draw_map`` where that's given.
    """

    def __init__(
        self,
        settings: Settings,
        pairs: Sequence[Pair],
        vgg: Path,
        draw_map: Callable[[Pixels], Pixels] | None = None,
    ) -> None:
        self.settings = settings
        self.pairs = pairs
        self.draw_map = draw_map
        self.generator = RecNet(settings.widths, settings.hints)
        judge = {"d1": d1, "d2": d2}[settings.judge]
        condition = INPUT_CHANNELS + (2 if settings.hints else 0)
        self.discriminator = judge(condition, difference=settings.difference)
        self.features = Vgg16(vgg) if settings.vgg else None
        self.weights = lpips_weights() if settings.vgg_layers == "several" else []

    def batch(self, rng: np.random.Generator) -> Batch:
        """Coded thumbnails and maps, and the photographs."""
        samples = [self._sample(rng) for _ in range(self.settings.batch)]
        inputs, truth = zip(*samples, strict=True)
        return Batch(torch.stack(inputs), torch.stack(truth))

    def _sample(self, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        settings = self.settings
        image, semantic = draw(self.pairs, rng, settings.crop, settings.flip)
        weights = np.array([point[3] for point in settings.points])
        factor, low, high, _ = settings.points[rng.choice(len(weights), p=weights / weights.sum())]
        qp = int(rng.integers(low, high + 1))
        map_qp = int(rng.choice(settings.map_qps))
        without = bool(rng.random() < settings.map_off)
        height, width = image.shape[:2]
        small = scaling.down(image, factor)
        if qp >= 0:
            small = _coded(small, qp, CHROMA)
        upsampled = scaling.up(small, factor, height, width)
        seen = None
        if not without:
            if self.draw_map is not None:
                semantic = self.draw_map(image)
            small_map = _coded(scaling.down(semantic, MAP_FACTOR), map_qp, MAP_CHROMA)
            seen = scaling.up(small_map, MAP_FACTOR, height, width)
        inputs = rec_inputs(self.generator, upsampled, seen, factor, max(qp, 0))
        return inputs, scaling.to_tensor(image)

    def losses(self, batch: Batch, output: torch.Tensor, rng: np.random.Generator) -> dict[str, torch.Tensor]:
        """Equations (1) and (5), the latter on a part of the crop."""
        result = {"l1": self.settings.l1 * losses.l1(batch.truth, output)}
        if self.features is None:
            return result
        side = min(self.settings.vgg_crop, *output.shape[2:])
        top, left = (int(rng.integers(length - side + 1)) for length in output.shape[2:])
        truth, made = (
            picture[:, :, top : top + side, left : left + side].contiguous(memory_format=torch.channels_last)
            for picture in (batch.truth, output)
        )
        with torch.no_grad():
            wanted = self.features(truth)
        got = self.features(made)
        loss = losses.lpips(wanted, got, self.weights) if self.weights else losses.vgg(wanted[-1], got[-1])
        result["vgg"] = self.settings.vgg * loss
        return result


def _coded(pixels: Pixels, qp: int, chroma: Literal["444", "420"]) -> Pixels:
    """What a decoder sees; x265's preset medium is a sixth of the work and nearly the same picture."""
    data = bpg_part.encode(pixels, qp, chroma, preset="medium")
    height, width = pixels.shape[:2]
    return bpg_part.decode(data, qp, height, width, chroma)
