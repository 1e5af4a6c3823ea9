"""CompressAI's models behind the codec contract, with real entropy-coded bytes.

The picture is padded to what the model's strides need, by its edge, and cropped again; models run in float32
on the processor. The first encode at each quality loads that model's weights.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from benchcomp import BitstreamError, Codec, Knob, Pixels
from benchcomp_compressai import bitstream
from benchcomp_compressai.zoo import MODELS, ZooModel, weights_file

__all__ = ["ZooCodec", "ZooOptions"]

_MAX_PIXELS = 1 << 26


@dataclass(frozen=True, slots=True)
class ZooOptions:
    """Options of every :class:`ZooCodec`."""

    metric: Literal["mse", "ms-ssim"] = field(
        default="mse", metadata={"help": "What the pretrained model was trained for."}
    )
    weights: str | None = field(
        default=None,
        metadata={
            "help": "A file of weights (one rate point), or a folder of the zoo's files; torch's cache."
        },
    )


class ZooCodec(Codec):
    """Base class of the codecs, one a model; the classes below only have names."""

    Options: ClassVar[type[Any]] = ZooOptions

    @property
    def _zoo(self) -> ZooModel:
        return MODELS[self.name]

    @property
    def _single(self) -> bool:
        """Whether one file was given whose model has one rate."""
        given = self.options.weights
        return not self._zoo.variable and given is not None and Path(given).expanduser().is_file()

    @property
    def knob(self) -> Knob | None:
        """The zoo's quality; the level of a model of variable rate; ``None`` with one file of weights."""
        if self._single:
            return None
        first = 0 if self._zoo.variable else 1
        qualities = range(first, first + self._zoo.qualities)
        name = "level" if self._zoo.variable else "quality"
        return Knob(name, qualities[0], qualities[-1], tuple(map(float, qualities)))

    def _file(self, quality: int) -> Path:
        return weights_file(self.name, self.options.metric, quality, self.options.weights)

    def _model(self, quality: int) -> Any:
        path = self._file(quality)
        return _load(self.name, path, path.stat().st_mtime_ns)

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        """Encode one image; see :meth:`benchcomp.Codec.encode`.

        Raises:
            BenchcompError: the weights aren't there.
        """
        import torch

        level = 0 if quality is None else int(quality)
        model = self._model(level)
        height, width, _ = pixels.shape
        samples = torch.from_numpy(pixels.astype(np.float32) / 255).permute(2, 0, 1)[None]
        padded = _pad(samples, _stride(model))
        with torch.inference_mode():
            out = model.compress(padded, **self._settings(level))
        strings = tuple(string[0] for string in out["strings"])
        rows, columns = map(int, out["shape"])
        return bitstream.pack(bitstream.Coded(level, height, width, (rows, columns), strings))

    def decode(self, data: bytes) -> Pixels:
        """Decode to pixels; see :meth:`benchcomp.Codec.decode`."""
        import torch

        coded = bitstream.unpack(data)
        if self.knob is not None and not self.knob.low <= coded.quality <= self.knob.high:
            raise BitstreamError(f"{self.knob.name} {coded.quality} is none of {self.name}'s")
        if not 0 < coded.height * coded.width <= _MAX_PIXELS:
            raise BitstreamError(f"a picture of {coded.width}x{coded.height}")
        model = self._model(coded.quality)
        stride = _stride(model)
        if coded.shape != (-(-coded.height // stride), -(-coded.width // stride)):
            raise BitstreamError(
                f"the latent's shape {coded.shape} isn't that of {coded.width}x{coded.height}"
            )
        strings = [[string] for string in coded.strings]
        try:
            with torch.inference_mode():
                out = model.decompress(strings, coded.shape, **self._settings(coded.quality))
        except (AssertionError, RuntimeError, ValueError) as error:
            raise BitstreamError(f"not a bitstream of {self.name}: {error}") from error
        samples = out["x_hat"][0, :, : coded.height, : coded.width].clamp(0, 1).permute(1, 2, 0)
        pixels: Pixels = np.ascontiguousarray((samples * 255).round().to(torch.uint8).numpy())
        return pixels

    def _settings(self, level: int) -> dict[str, int]:
        """What compress and decompress take besides the picture."""
        return {"s": level} if self._zoo.variable else {}

    def version(self) -> str:
        """Versions of CompressAI and torch, and a digest that names the weights.

        Raises:
            BenchcompError: weights of some quality aren't there.
        """
        import importlib.metadata

        qualities = [0] if self.knob is None or self._zoo.variable else list(map(int, self.knob.ladder))
        files = [self._file(quality) for quality in qualities]
        digest = hashlib.sha256("".join(_digest(path, path.stat().st_mtime_ns) for path in files).encode())
        versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("compressai", "torch"))
        return f"{versions}, weights {digest.hexdigest()[:12]}"

    @classmethod
    def unavailable(cls) -> str | None:
        """Says how to install CompressAI where it is missing."""
        if importlib.util.find_spec("compressai") is None:
            return "CompressAI isn't installed; pip install benchcomp[compressai]"
        return None


@functools.lru_cache(maxsize=8)
def _load(name: str, path: Path, changed_ns: int) -> Any:
    """A model with its weights; the cache holds a whole ladder."""
    import torch
    from compressai import models
    from compressai.zoo.pretrained import load_pretrained

    state = torch.load(path, map_location="cpu", weights_only=True)
    state = load_pretrained(state.get("state_dict", state))
    kind = getattr(models, MODELS[name].class_name)
    settings = {"vr_entbttlnck": True} if MODELS[name].scales_hyperlatent else {}
    model = kind.from_state_dict(state, **settings).eval()
    model.update()  # makes the entropy coder's tables where the file has none
    return model


@functools.lru_cache(maxsize=64)
def _digest(path: Path, changed_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stride(model: Any) -> int:
    return int(model.downsampling_factor)


def _pad(samples: Any, stride: int) -> Any:
    """Pad (1, 3, height, width) at right and bottom to multiples of ``stride`` by repeating the edge."""
    from torch.nn import functional

    height, width = samples.shape[-2:]
    return functional.pad(samples, (0, -width % stride, 0, -height % stride), mode="replicate")


class FactorizedPriorCodec(ZooCodec):
    """Ballé, Minnen, Singh, Hwang and Johnston 2018, without the hyperprior."""

    name = "bmshj2018-factorized"


class FactorizedPriorReLUCodec(ZooCodec):
    """The same with ReLU instead of GDN."""

    name = "bmshj2018-factorized-relu"


class ScaleHyperpriorCodec(ZooCodec):
    """Ballé, Minnen, Singh, Hwang and Johnston 2018."""

    name = "bmshj2018-hyperprior"


class MeanScaleHyperpriorCodec(ZooCodec):
    """Minnen, Ballé and Toderici 2018, without the context model."""

    name = "mbt2018-mean"


class JointAutoregressiveHierarchicalPriorsCodec(ZooCodec):
    """Minnen, Ballé and Toderici 2018."""

    name = "mbt2018"


class Cheng2020AnchorCodec(ZooCodec):
    """Cheng, Sun, Takeuchi and Katto 2020, without attention."""

    name = "cheng2020-anchor"


class Cheng2020AttentionCodec(ZooCodec):
    """Cheng, Sun, Takeuchi and Katto 2020, with attention."""

    name = "cheng2020-attn"


class ScaleHyperpriorVbrCodec(ZooCodec):
    """Kamisli, Racapé and Choi 2024, on the scale hyperprior."""

    name = "bmshj2018-hyperprior-vbr"


class MeanScaleHyperpriorVbrCodec(ZooCodec):
    """Kamisli, Racapé and Choi 2024, on the mean and scale hyperprior."""

    name = "mbt2018-mean-vbr"


class JointAutoregressiveHierarchicalPriorsVbrCodec(ZooCodec):
    """Kamisli, Racapé and Choi 2024, on the context model."""

    name = "mbt2018-vbr"
