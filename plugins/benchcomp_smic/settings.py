"""What a training run can be told, and the presets ``paper`` and ``cpu``.

A :class:`Settings` is kept in every checkpoint; the networks that it describes can be built from it.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchcomp import BenchcompError

__all__ = ["PRESETS", "Settings", "from_json", "override", "to_json"]


_WORDS = {"network": ("ss", "rec"), "vgg_layers": ("single", "several"), "judge": ("d1", "d2")}


@dataclass(frozen=True, slots=True)
class Settings:
    """One training run of one network and its discriminator.

    Attributes:
        network: ``ss`` (SS-Net with D1) or ``rec`` (Rec-Net with D2).
        seed: of the weights' initial values and of everything drawn on the way.
        channels: SS-Net's channels after its first convolution.
        widths: Rec-Net's channels in each layer, from full resolution down.
        hints: whether Rec-Net is told the sampling factor and QP (two planes beyond the paper).
        batch: pictures in a step.
        crop: side of the training crops; pictures of that size are used whole.
        vgg_crop: side of the part of each crop on which the VGG loss is measured.
        rate: Adam's learning rate of the generator at the start.
        discriminator_rate: Adam's learning rate of the discriminator, which stays.
        rate_halving: the rate is ``rate / sqrt(1 + iteration / rate_halving)``; 0 keeps it fixed.
        beta1: Adam's momentum.
        l1: weight lambda of the L1 loss.
        vgg: weight lambda of the VGG loss; 0 leaves it out.
        vgg_layers: ``single`` for equation (5) on VGG16's layer 5,3, ``several`` for LPIPS on all five.
        adversarial: weight of the generator's adversarial loss; 0 leaves the discriminator out.
        judge: Rec-Net's discriminator: ``d2``, whose patches of 286 pixels are larger than the crops, or
            ``d1``, Table 1's other column, with patches of 70.
        difference: whether that discriminator is shown a picture as the difference to the up-sampled
            thumbnail (times four) instead of the picture itself.
        average: longest memory, as a decay, of the running average of the generator's weights; 0
            keeps the last weights themselves.
        freeze: iteration from which Rec-Net's normalisation keeps its statistics; -1 for never.
        map_qps: QPs of the coded map, drawn at random.
        map_off: share of samples for which Rec-Net sees no map.
        points: the thumbnails that Rec-Net sees: (sampling factor, lowest QP, highest QP, weight); a
            lowest QP of -1 means lossless.
        flip: whether pictures are mirrored at random.

    Raises:
        BenchcompError: ``network``, ``vgg_layers`` or ``judge`` is none of its words.
    """

    network: str
    seed: int = 0
    channels: int = 60
    widths: tuple[int, ...] = (32, 64, 128, 256, 256)
    hints: bool = False
    batch: int = 1
    crop: int = 256
    vgg_crop: int = 256
    rate: float = 2e-4
    discriminator_rate: float = 2e-4
    rate_halving: float = 0.0
    beta1: float = 0.9
    l1: float = 100.0
    vgg: float = 100.0
    vgg_layers: str = "single"
    adversarial: float = 1.0
    judge: str = "d2"
    difference: bool = False
    average: float = 0.0
    freeze: int = -1
    map_qps: tuple[int, ...] = (40,)
    map_off: float = 0.0
    points: tuple[tuple[int, int, int, float], ...] = (
        (4, 20, 36, 1.0),
        (8, 20, 32, 1.0),
        (8, -1, -1, 1.0),
        (4, -1, -1, 1.0),
    )
    flip: bool = True

    def __post_init__(self) -> None:
        for name, words in _WORDS.items():
            if getattr(self, name) not in words:
                raise BenchcompError(f"setting {name} is {' or '.join(words)}, not {getattr(self, name)!r}")


_CPU_POINTS = (
    (1, 32, 46, 0.72),
    (2, 34, 48, 0.18),
    (4, 22, 42, 0.06),
    (8, 16, 32, 0.02),
    (8, -1, -1, 0.01),
    (16, -1, -1, 0.01),
)

PRESETS: Mapping[str, Mapping[str, Settings]] = {
    "paper": {"ss": Settings("ss"), "rec": Settings("rec")},
    "cpu": {
        "ss": Settings("ss", crop=128, rate=3e-4, rate_halving=1500, average=0.999),
        "rec": Settings(
            "rec",
            widths=(24, 48, 96, 160, 192),
            hints=True,
            crop=128,
            vgg_crop=128,
            rate=5e-4,
            rate_halving=1500,
            beta1=0.5,
            l1=1.0,
            vgg=10.0,
            vgg_layers="several",
            adversarial=0.6,
            judge="d1",
            difference=True,
            average=0.998,
            freeze=500,
            map_qps=(42, 44, 46, 48),
            map_off=0.4,
            points=_CPU_POINTS,
        ),
    },
}
"""Preset name to network name to settings: what the paper gives, and what two slow cores can do."""


def to_json(settings: Settings) -> str:
    """The settings as JSON text."""
    return json.dumps(dataclasses.asdict(settings))


def from_json(text: str) -> Settings:
    """Settings back from :func:`to_json`."""
    known = {field.name for field in dataclasses.fields(Settings)}
    values = {name: _tuples(value) for name, value in json.loads(text).items() if name in known}
    return Settings(**values)


def override(settings: Settings, values: Mapping[str, str]) -> Settings:
    """Settings with some fields replaced, from texts in JSON such as ``crop`` to ``"256"``.

    Raises:
        BenchcompError: no such setting, or not a value for it.
    """
    changes: dict[str, Any] = {}
    for name, text in values.items():
        if name not in {field.name for field in dataclasses.fields(Settings)}:
            raise BenchcompError(f"training has no setting {name!r}; see the docstring of smic's Settings")
        kind = type(getattr(settings, name))
        try:
            value = text if kind is str else _tuples(json.loads(text))
            changes[name] = float(value) if kind is float else value
        except (ValueError, TypeError):
            raise BenchcompError(f"setting {name} isn't {text!r}; give it as JSON") from None
        if not isinstance(changes[name], kind):
            raise BenchcompError(f"setting {name} is a {kind.__name__}, not {text!r}")
    return dataclasses.replace(settings, **changes)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
