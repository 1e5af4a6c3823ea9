"""The codec ``smic``: Wei et al.'s semantic map based compression behind the codec contract.

Here are the options and the quality knob; the work is done in :mod:`benchcomp_smic.coding`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from benchcomp import Codec, Knob, Pixels
from benchcomp_smic import ladder

if TYPE_CHECKING:
    from benchcomp_smic.model import Model

__all__ = ["SmicCodec", "SmicOptions"]

_DEFAULT_POINTS = 12


@dataclass(frozen=True, slots=True)
class SmicOptions:
    """Options of :class:`SmicCodec`."""

    weights: str | None = field(
        default=None, metadata={"help": "Weights to use instead of the package's, a safetensors file."}
    )
    factor: Literal[1, 2, 4, 8, 16] | None = field(
        default=None, metadata={"help": "Sampling factor of the thumbnail; the knob then runs over its QP."}
    )
    thumbnail: Literal["bpg", "flif"] | None = field(
        default=None, metadata={"help": "Codec of the thumbnail: bpg (lossy) or flif (lossless)."}
    )
    map: bool | None = field(
        default=None,
        metadata={"help": "Whether the semantic map is sent; the ladder's points decide without this."},
    )

    def __post_init__(self) -> None:
        if self.factor is not None and self.factor not in (1, 2, 4, 8, 16):
            raise ValueError(f"factor is 1, 2, 4, 8 or 16, not {self.factor}")


class SmicCodec(Codec):
    """SMIC: a thumbnail and a semantic map in the bitstream, a conditional GAN's generator to decode.

    The knob ``position`` is a whole number, a position on the ladder of rate points from the lowest
    rate up (:mod:`benchcomp_smic.ladder`).
    """

    name: ClassVar[str] = "smic"
    Options: ClassVar[type[Any]] = SmicOptions

    @property
    def _points(self) -> tuple[ladder.Point, ...]:
        options: SmicOptions = self.options
        if options.factor is None and options.thumbnail is None:
            return ladder.shipped()
        return ladder.forced(options.factor, options.thumbnail)

    @property
    def knob(self) -> Knob | None:
        """The position on the ladder; ``None`` where the options leave a single point."""
        last = len(self._points) - 1
        if last == 0:
            return None
        steps = min(_DEFAULT_POINTS, last + 1) - 1
        default = tuple(float(round(step * last / steps)) for step in range(steps + 1))
        return Knob("position", 0, last, default)

    @property
    def _weights(self) -> Path:
        from benchcomp_smic import model

        options: SmicOptions = self.options
        return model.shipped() if options.weights is None else Path(options.weights)

    def networks(self) -> Model:
        """The networks of this variant's weights, loaded once a process."""
        from benchcomp_smic import model

        return model.load(self._weights)

    def point(self, quality: float | None) -> ladder.Point:
        """The rate point that a value of the knob stands for.

        Raises:
            BenchcompError: the value is outside the ladder.
        """
        import dataclasses

        knob = self.knob
        point = self._points[0 if knob is None or quality is None else int(knob.check(quality))]
        if self.options.map is None:
            return point
        map_qp = point.map_qp or ladder.DEFAULT_MAP_QP
        return dataclasses.replace(point, map_qp=map_qp if self.options.map else None)

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        """Code ``pixels`` at a position of the ladder."""
        from benchcomp_smic import coding

        return coding.encode(pixels, self.point(quality), self.networks())

    def decode(self, bitstream: bytes) -> Pixels:
        """Decode to pixels; the same on every call on one machine with one number of threads."""
        from benchcomp_smic import coding

        return coding.decode(bitstream, self.networks())

    def version(self) -> str:
        """Versions of all that decides about bytes and pixels, the weights included."""
        import torch
        from benchcomp_bpg.hevc import versions
        from benchcomp_flif.codec import FlifCodec

        from benchcomp_smic import model

        parts = [
            f"smic 1 weights {model.weights_digest(self._weights)} ladder {ladder.digest()}",
            f"torch {torch.__version__}",
            versions(),
            FlifCodec().version(),
        ]
        return ", ".join(parts)
