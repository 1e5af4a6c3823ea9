"""The trained networks as the codec uses them, and their weights' files.

A weights file is safetensors in float16 with both generators and, in its metadata, what is needed to
build them. Loading happens once a process and file.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import torch

from benchcomp import BenchcompError, Pixels
from benchcomp_smic import scaling
from benchcomp_smic.rec_net import RecNet, folded
from benchcomp_smic.ss_net import SSNet

__all__ = ["Model", "Weights", "load", "read", "save", "shipped", "weights_digest"]

_FORMAT = "smic-weights-1"
_SMALLEST = 16


@dataclass(frozen=True, slots=True)
class Model:
    """Both generators, ready for inference."""

    ss_net: SSNet
    rec_net: RecNet

    def draw_map(self, pixels: Pixels) -> Pixels:
        """SS-Net's semantic map of a picture, of the same size."""
        height, width = pixels.shape[:2]
        padded = scaling.pad(pixels, self.ss_net.multiple, _SMALLEST)
        with torch.inference_mode():
            drawn = self.ss_net(_batch(scaling.to_tensor(padded)))[0]
        return scaling.from_tensor(drawn[:, :height, :width])

    def reconstruct(self, upsampled: Pixels, semantic: Pixels | None, factor: int, qp: int) -> Pixels:
        """Rec-Net's picture from the up-sampled thumbnail and the decoded map.

        Args:
            upsampled: the thumbnail at the picture's size.
            semantic: the map at the picture's size; ``None`` where none was sent.
            factor: the thumbnail's sampling factor.
            qp: the thumbnail's QP; 0 when it's lossless.
        """
        height, width = upsampled.shape[:2]
        inputs = rec_inputs(self.rec_net, upsampled, semantic, factor, qp)
        with torch.inference_mode():
            made = self.rec_net(_batch(inputs))[0]
        return scaling.from_tensor(made[:, :height, :width])


def rec_inputs(
    network: RecNet, upsampled: Pixels, semantic: Pixels | None, factor: int, qp: int
) -> torch.Tensor:
    """What Rec-Net takes, (channels, height, width), padded to sides that it can work on."""
    parts = [scaling.to_tensor(scaling.pad(upsampled, network.multiple, _SMALLEST))]
    if semantic is None:
        parts.append(torch.zeros_like(parts[0]))
    else:
        parts.append(scaling.to_tensor(scaling.pad(semantic, network.multiple, _SMALLEST)))
    if network.hints:
        parts.append(hint_planes(factor, qp, *parts[0].shape[1:]))
    return torch.cat(parts)


def hint_planes(factor: int, qp: int, height: int, width: int) -> torch.Tensor:
    """The two constant planes for a :class:`RecNet` with ``hints``, (2, height, width)."""
    planes = torch.empty(2, height, width)
    planes[0] = (factor.bit_length() - 1) / 4
    planes[1] = qp / 51
    return planes


def _batch(picture: torch.Tensor) -> torch.Tensor:
    return picture[None].contiguous(memory_format=torch.channels_last)


def shipped() -> Path:
    """The weights that come with the package."""
    return Path(str(files("benchcomp_smic") / "weights" / "smic.safetensors"))


def save(
    path: Path, ss_net: SSNet, rec_net: RecNet, build: Mapping[str, object], card: Mapping[str, object]
) -> None:
    """Write both generators' weights in float16.

    Args:
        path: the file to write.
        ss_net: the first generator.
        rec_net: the second one, not folded.
        build: ``channels``, ``widths`` and ``hints``, the arguments of the networks.
        card: facts for the reader: iterations, hours, data.
    """
    from safetensors.torch import save_file

    tensors = {}
    for part, network in (("ss", ss_net), ("rec", rec_net)):
        for name, value in network.state_dict().items():
            if value.is_floating_point():
                # Running variances can lie outside float16's range, and are few.
                keep = name.endswith(("running_mean", "running_var"))
                tensors[f"{part}.{name}"] = (value if keep else value.half()).contiguous()
    metadata = {"format": _FORMAT, "build": json.dumps(build), "card": json.dumps(card)}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Weights:
    """What a weights file holds: both generators, not folded, and the facts about their training.

    Attributes:
        ss_net: the first generator.
        rec_net: the second one.
        card: ``ss`` and ``rec`` to ``iteration`` and ``cpu_hours``.
    """

    ss_net: SSNet
    rec_net: RecNet
    card: Mapping[str, Mapping[str, float]]


def read(path: Path) -> Weights:
    """Read a weights file.

    Raises:
        BenchcompError: the file is missing or isn't a weights file of SMIC's.
    """
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise BenchcompError(f"no SMIC weights at {path}; give a file with smic:weights=PATH")
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise BenchcompError(f"{path} isn't a safetensors file: {error}") from error
    if metadata.get("format") != _FORMAT:
        raise BenchcompError(f"{path} doesn't hold SMIC's weights in format {_FORMAT}")
    try:
        build = json.loads(metadata["build"])
        ss_net, rec_net = SSNet(build["channels"]), RecNet(build["widths"], build["hints"])
        _fill(ss_net, tensors, "ss.")
        _fill(rec_net, tensors, "rec.")
        card = json.loads(metadata.get("card", "{}"))
    except (KeyError, ValueError, TypeError, RuntimeError) as error:
        raise BenchcompError(f"{path} doesn't fit SMIC's networks: {str(error).splitlines()[0]}") from error
    return Weights(ss_net, rec_net, card)


@functools.cache
def load(path: Path) -> Model:
    """Both generators in evaluation mode, normalisation folded, channels last.

    Raises:
        BenchcompError: the file is missing or isn't a weights file of SMIC's.
    """
    weights = read(path)
    ss_net, rec_net = weights.ss_net.eval().requires_grad_(False), folded(weights.rec_net)
    for network in (ss_net, rec_net):
        network.to(memory_format=torch.channels_last)
    return Model(ss_net, rec_net)


def _fill(network: torch.nn.Module, tensors: Mapping[str, torch.Tensor], prefix: str) -> None:
    state = {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}
    counters = [name for name in network.state_dict() if name.endswith("num_batches_tracked")]
    network.load_state_dict(state | {name: torch.tensor(0) for name in counters})


@functools.cache
def weights_digest(path: Path) -> str:
    """The first eight hexadecimal digits of the file's SHA-256: which weights these are."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    except OSError:
        return "missing"
