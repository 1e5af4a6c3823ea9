"""LPIPS v0.1: the learned perceptual distance of Zhang, Isola, Efros, Shechtman and Wang, 2018.

The values are those of the authors' ``lpips`` package, whose linear layers are used. The reference's
features are worked out once, and nothing is downloaded: AlexNet's convolutions come with benchcomp (see
``WEIGHTS.md``), VGG16's from torch's cache or a folder that :data:`WEIGHTS_VARIABLE` names.
"""

from __future__ import annotations

import abc
import functools
import importlib.util
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from benchcomp.errors import BenchcompError
from benchcomp.metric import Metric, NotApplicable
from benchcomp.pixels import Pixels

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["WEIGHTS_VARIABLE", "LpipsAlex", "LpipsVgg"]

WEIGHTS_VARIABLE = "BENCHCOMP_WEIGHTS"
"""Environment variable naming a folder with weights."""

SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
"""LPIPS's own normalisation of inputs in -1 to 1."""


@dataclass(frozen=True, slots=True)
class _Convolution:
    """One convolution with its ReLU: torchvision's index, and what comes before and after it."""

    index: int
    stride: int = 1
    padding: int = 1
    pooled: bool = False
    tapped: bool = False


_ALEXNET = (
    _Convolution(0, stride=4, padding=2, tapped=True),
    _Convolution(3, padding=2, pooled=True, tapped=True),
    _Convolution(6, pooled=True, tapped=True),
    _Convolution(8, tapped=True),
    _Convolution(10, tapped=True),
)
_VGG16 = (
    _Convolution(0),
    _Convolution(2, tapped=True),
    _Convolution(5, pooled=True),
    _Convolution(7, tapped=True),
    _Convolution(10, pooled=True),
    _Convolution(12),
    _Convolution(14, tapped=True),
    _Convolution(17, pooled=True),
    _Convolution(19),
    _Convolution(21, tapped=True),
    _Convolution(24, pooled=True),
    _Convolution(26),
    _Convolution(28, tapped=True),
)


class _Lpips(Metric):
    """LPIPS with one of its networks; inputs are RGB scaled to -1 to 1."""

    higher_is_better = False
    range = (0.0, math.inf)
    layers: ClassVar[tuple[_Convolution, ...]]
    pool: ClassVar[int]
    smallest: ClassVar[int]
    linear: ClassVar[str]

    @classmethod
    @abc.abstractmethod
    def weights(cls) -> Path | None:
        """The file with the convolutions; ``None`` where there is none."""

    def prepare(self, reference: Pixels) -> list[Tensor]:
        """Work out the reference's normalised features.

        Raises:
            NotApplicable: the image is too small for the network's last layer.
            BenchcompError: the weights aren't there.
        """
        import torch

        height, width = reference.shape[:2]
        if min(height, width) < self.smallest:
            raise NotApplicable(
                f"{self.title} needs at least {self.smallest} pixels on both sides; this is {width}x{height}"
            )
        with torch.inference_mode():
            return [_normalise(features) for features in self._features(reference)]

    def score(self, prepared: Any, reconstruction: Pixels) -> float:
        """LPIPS distance, 0 for identical images."""
        import torch

        network = self._network()
        distance = 0.0
        with torch.inference_mode():
            layers = zip(prepared, self._features(reconstruction), network.linear, strict=True)
            for reference, features, linear in layers:
                squares = _normalise(features).sub_(reference).square_()
                # The mean over the positions first: the linear layer then has one value a channel.
                distance += float(squares.mean(dim=(2, 3))[0] @ linear)
        return distance

    def _features(self, pixels: Pixels) -> list[Tensor]:
        """The tapped layers' activations, each of shape (1, channels, rows, columns)."""
        import torch
        from torch.nn import functional

        network = self._network()
        # Channels stay innermost, as the weights are: the convolutions then need no reordering.
        samples = torch.from_numpy(pixels[None].astype(np.float32)).permute(0, 3, 1, 2)
        batch = samples.mul_(network.gain).add_(network.offset)
        features = []
        for layer, (weight, bias) in zip(self.layers, network.convolutions, strict=True):
            if layer.pooled:
                batch = functional.max_pool2d(batch, self.pool, 2)
            batch = functional.conv2d(batch, weight, bias, layer.stride, layer.padding).relu_()
            if layer.tapped:
                features.append(batch)
        return features

    def _network(self) -> _Network:
        path = self.weights()
        if path is None:
            raise BenchcompError(f"{self.title}: {self.unavailable()}")
        return _load(path, self.linear, self.layers)


class LpipsAlex(_Lpips):
    """LPIPS v0.1 with AlexNet, the variant that papers report."""

    name = "lpips_alex"
    title = "LPIPS (AlexNet)"
    definition = "LPIPS v0.1, AlexNet ImageNet-1k V1, inputs RGB in -1 to 1, v1"
    layers = _ALEXNET
    pool = 3
    smallest = 31
    linear = "alex"

    @classmethod
    def weights(cls) -> Path | None:
        """The file that comes with benchcomp."""
        return Path(__file__).with_name("alexnet_imagenet_features.safetensors")

    @classmethod
    def unavailable(cls) -> str | None:
        """Nothing, unless the ``lpips`` package is missing."""
        return _lpips_missing()


class LpipsVgg(_Lpips):
    """LPIPS v0.1 with VGG16."""

    name = "lpips_vgg"
    title = "LPIPS (VGG16)"
    definition = "LPIPS v0.1, VGG16 ImageNet-1k V1, inputs RGB in -1 to 1, v1"
    layers = _VGG16
    pool = 2
    smallest = 16
    linear = "vgg"

    @classmethod
    def weights(cls) -> Path | None:
        """VGG16's convolutions in the first place that has them.

        Looks for ``vgg16-*.pth`` (as torchvision saves it) and ``vgg16*.safetensors`` in the folder
        that ``BENCHCOMP_WEIGHTS`` names, in ``weights`` beside the folder of ``BENCHCOMP_DATA``, and in
        torch's cache.
        """
        for folder in _weight_folders():
            for pattern in ("vgg16-*.pth", "vgg16*.safetensors"):
                for path in sorted(folder.glob(pattern)):
                    return path
        return None

    @classmethod
    def unavailable(cls) -> str | None:
        """What to do where no weights are found."""
        if cls.weights() is None:
            return (
                "no VGG16 weights; with a network, run python -c 'import torchvision; "
                'torchvision.models.vgg16(weights="IMAGENET1K_V1")\', or put vgg16-397923af.pth into a '
                f"folder and set {WEIGHTS_VARIABLE} to it"
            )
        return _lpips_missing()


@dataclass(frozen=True, slots=True)
class _Network:
    """Convolutions (weight, bias), the linear layers (channels,), and the scaling of 8-bit inputs."""

    convolutions: tuple[tuple[Tensor, Tensor], ...]
    linear: tuple[Tensor, ...]
    gain: Tensor
    offset: Tensor


@functools.cache
def _load(path: Path, linear: str, layers: tuple[_Convolution, ...]) -> _Network:
    """Load a network; kept for the life of the process.

    Raises:
        BenchcompError: the file isn't readable or lacks a layer.
    """
    import torch

    try:
        state = _read(path)
        convolutions = tuple(_convolution(state, layer.index) for layer in layers)
    except Exception as error:
        raise BenchcompError(
            f"{path} holds no convolutions under torchvision's names ({type(error).__name__}: {error}); "
            "replace the file"
        ) from error
    heads = torch.load(_linear_file(linear), map_location="cpu", weights_only=True)
    weights = tuple(heads[f"lin{tap}.model.1.weight"].float().flatten() for tap in range(5))
    shift, scale = (torch.tensor(values).view(1, 3, 1, 1) for values in (SHIFT, SCALE))
    # ((v / 127.5 - 1) - shift) / scale in one multiplication and addition.
    return _Network(convolutions, weights, 1 / (127.5 * scale), (-1 - shift) / scale)


def _convolution(state: Mapping[str, Tensor], index: int) -> tuple[Tensor, Tensor]:
    import torch

    weight, bias = (state[f"features.{index}.{part}"].float() for part in ("weight", "bias"))
    return weight.contiguous(memory_format=torch.channels_last), bias


def _read(path: Path) -> dict[str, Tensor]:
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        tensors: dict[str, Tensor] = load_file(path)
        return tensors
    import torch

    state: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    return state


def _linear_file(name: str) -> Path:
    """LPIPS's linear layers, in the installed package (found without importing it)."""
    spec = importlib.util.find_spec("lpips")
    if spec is None or spec.origin is None:
        raise BenchcompError(f"LPIPS is unavailable: {_lpips_missing()}")
    return Path(spec.origin).parent / "weights" / "v0.1" / f"{name}.pth"


def _lpips_missing() -> str | None:
    missing = importlib.util.find_spec("lpips") is None
    return "its linear layers are in the package lpips; run pip install lpips" if missing else None


def _weight_folders() -> list[Path]:
    folders = []
    if named := os.environ.get(WEIGHTS_VARIABLE):
        folders.append(Path(named))
    if data := os.environ.get("BENCHCOMP_DATA"):
        folders.append(Path(data).resolve().parent / "weights")
    # As torch.hub.get_dir says, without importing torch.
    cache = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "torch"
    folders.append(Path(os.environ.get("TORCH_HOME", cache)).expanduser() / "hub" / "checkpoints")
    return [folder for folder in folders if folder.is_dir()]


def _normalise(features: Tensor) -> Tensor:
    """Each position's channels over their Euclidean norm, in place."""
    norm = features.square().sum(dim=1, keepdim=True).sqrt_()
    return features.div_(norm.add_(1e-10))
