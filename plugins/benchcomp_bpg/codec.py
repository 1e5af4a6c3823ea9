"""The codec plugin ``bpg``: its options, its quality knob and the choice of who does the work."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass, field
from types import ModuleType
from typing import Literal

from benchcomp import BitstreamError, Codec, Knob, Pixels
from benchcomp_bpg.container import Preset, parse

__all__ = ["BpgCodec", "BpgOptions"]

_LADDER = (50, 46, 42, 38, 34, 30, 26, 22, 18)
"""Photographs of 256x256 take about 0.05 bpp at the first and 2 bpp at the last."""


@dataclass(frozen=True, slots=True)
class BpgOptions:
    """What makes a variant of the codec.

    Raises:
        ValueError: a combination that can't be coded.
    """

    subsampling: Literal["444", "422", "420"] = field(
        default="444", metadata={"help": "Chroma: full, halved horizontally, or halved both ways."}
    )
    bit_depth: Literal[8, 10, 12] = field(default=8, metadata={"help": "Bits of a coded sample."})
    preset: Preset = field(default="veryslow", metadata={"help": "x265's trade of time for size."})
    lossless: bool = field(default=False, metadata={"help": "Code RGB without loss; there is no qp then."})
    backend: Literal["pyav", "libbpg"] = field(
        default="pyav", metadata={"help": "PyAV, or the programs bpgenc and bpgdec on the PATH."}
    )

    def __post_init__(self) -> None:
        if self.lossless and self.subsampling != "444":
            raise ValueError(f"lossless coding needs subsampling=444, not {self.subsampling}")


class BpgCodec(Codec):
    """BPG: still pictures in HEVC intra coding, in real .bpg files."""

    name = "bpg"
    Options = BpgOptions
    options: BpgOptions

    @property
    def knob(self) -> Knob | None:
        """The quantiser, 51 (fewest bits) to 0; ``None`` in lossless coding.

        It is the slice's QP. With ``backend=libbpg`` it is bpgenc's ``-q``, of which its x265 takes off 3.
        """
        return None if self.options.lossless else Knob("qp", 0, 51, _LADDER)

    @property
    def lossless(self) -> bool:
        """Whether the option of that name is set."""
        return self.options.lossless

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        """Encode one image as a .bpg file; see :meth:`benchcomp.Codec.encode`."""
        knob = self.knob
        qp = int(knob.check(quality)) if knob and quality is not None else None
        options = self.options
        bitstream: bytes = self._backend().encode(
            pixels,
            qp,
            subsampling=options.subsampling,
            bit_depth=options.bit_depth,
            preset=options.preset,
            lossless=options.lossless,
        )
        return bitstream

    def decode(self, bitstream: bytes) -> Pixels:
        """Decode a .bpg file; see :meth:`benchcomp.Codec.decode`.

        Raises:
            BitstreamError: no BPG file, a damaged or an unsupported one, or one with alpha, which has no
                place in pixels (:func:`benchcomp_bpg.decode` keeps it).
        """
        if parse(bitstream).header.alpha:
            raise BitstreamError("BPG: the file has alpha, which is left to you: see benchcomp_bpg.decode")
        pixels: Pixels = self._backend().decode(bitstream)
        return pixels

    def version(self) -> str:
        """The libraries or programs of the backend."""
        version: str = self._backend().version()
        return version

    def _backend(self) -> ModuleType:
        """The module with ``encode``, ``decode`` and ``version``; imported late, since they are heavy."""
        name = "libbpg" if self.options.backend == "libbpg" else "picture"
        return importlib.import_module(f"benchcomp_bpg.{name}")

    @classmethod
    def unavailable(cls) -> str | None:
        """Whether PyAV is installed; looked for without importing it, since it is heavy."""
        if importlib.util.find_spec("av") is None:
            return "PyAV isn't installed; pip install 'av>=14' brings it with x265 and FFmpeg's HEVC decoder"
        return None
