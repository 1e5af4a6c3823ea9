"""What CompressAI's zoo has, and where its weights lie. Downloads nothing.

Importing this module imports neither CompressAI nor torch.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchcomp import BenchcompError

__all__ = ["MODELS", "ZooModel", "address", "weights_file"]


@dataclass(frozen=True, slots=True)
class ZooModel:
    """One architecture of the zoo.

    Attributes:
        class_name: its class in ``compressai.models``.
        summary: one line for lists.
        qualities: how many trained models there are, from quality 1 up; for a model of variable rate, how
            many levels its one set of weights has, from 0 up.
        variable: whether it is a model of variable rate.
        scales_hyperlatent: whether its level scales the hyperlatent's quantiser as well
            (``vr_entbttlnck`` in the zoo).
    """

    class_name: str
    summary: str
    qualities: int
    variable: bool = False
    scales_hyperlatent: bool = False


MODELS: dict[str, ZooModel] = {
    "bmshj2018-factorized": ZooModel("FactorizedPrior", "learned: factorized prior, Ballé 2018", 8),
    "bmshj2018-factorized-relu": ZooModel(
        "FactorizedPriorReLU", "learned: factorized prior with ReLU; bring weights", 8
    ),
    "bmshj2018-hyperprior": ZooModel("ScaleHyperprior", "learned: scale hyperprior, Ballé 2018", 8),
    "mbt2018-mean": ZooModel("MeanScaleHyperprior", "learned: mean and scale hyperprior, Minnen 2018", 8),
    "mbt2018": ZooModel(
        "JointAutoregressiveHierarchicalPriors", "learned: hyperprior and context model, Minnen 2018", 8
    ),
    "cheng2020-anchor": ZooModel("Cheng2020Anchor", "learned: Cheng 2020 without attention", 6),
    "cheng2020-attn": ZooModel("Cheng2020Attention", "learned: Cheng 2020 with attention", 6),
    "bmshj2018-hyperprior-vbr": ZooModel(
        "ScaleHyperpriorVbr", "learned: scale hyperprior of variable rate, Kamisli 2024", 8, True, True
    ),
    "mbt2018-mean-vbr": ZooModel(
        "MeanScaleHyperpriorVbr", "learned: mean-scale hyperprior of variable rate", 8, True, True
    ),
    "mbt2018-vbr": ZooModel(
        "JointAutoregressiveHierarchicalPriorsVbr",
        "learned: context model of variable rate",
        8,
        variable=True,
    ),
}
"""The zoo's image models by the names that it gives them."""


def address(name: str, metric: str, quality: int) -> str | None:
    """Where CompressAI publishes a model's weights; ``None`` where it has none."""
    module = "image_vbr" if MODELS[name].variable else "image"
    published: Any = importlib.import_module(f"compressai.zoo.{module}").model_urls
    entry = published.get(name, {}).get(metric)
    return entry.get(quality) if isinstance(entry, dict) else entry


def weights_file(name: str, metric: str, quality: int, given: str | None) -> Path:
    """The file of weights for one quality.

    Args:
        name: one of :data:`MODELS`.
        metric: what the model was trained for, ``mse`` or ``ms-ssim``.
        quality: as :class:`ZooModel` counts.
        given: a file, or a folder with files named as the zoo names them; torch's cache by default.

    Raises:
        BenchcompError: it isn't there; says where it would be and where it comes from.
    """
    if given is not None and Path(given).expanduser().is_file():
        return Path(given).expanduser()
    url = address(name, metric, quality)
    if url is None:
        raise BenchcompError(
            f"CompressAI publishes no weights of {name} for {metric}; give a file with {name}:weights=PATH"
        )
    if given is None:
        import torch

        folder = Path(torch.hub.get_dir()) / "checkpoints"
    else:
        folder = Path(given).expanduser()
    path = folder / url.rpartition("/")[2]
    if not path.is_file():
        raise BenchcompError(
            f"no weights of {name} for {metric} at quality {quality}: {path} isn't there; "
            f"download {url} into that folder, or give {name}:weights=PATH"
        )
    return path
