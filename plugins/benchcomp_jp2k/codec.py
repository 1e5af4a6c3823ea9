"""JPEG 2000 by OpenJPEG through glymur: the irreversible 9/7 wavelet and colour transform, or the reversible.

The bitstream is a raw codestream (``.j2k``): complete by itself, and about 85 bytes smaller than the
same in a ``.jp2`` file. One tile, one quality layer, 6 resolutions, 64x64 code blocks: glymur's and
OpenJPEG's defaults. glymur works on files, so both directions go through a file in memory (``/dev/shm``
where there is one), and that is part of the measured times.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from benchcomp import BenchcompError, BitstreamError, Codec, Knob, Pixels
from benchcomp_jp2k import library

__all__ = ["Jp2kCodec", "Jp2kOptions"]

_START = b"\xff\x4f\xff\x51"
_END = b"\xff\xd9"


@dataclass(frozen=True, slots=True)
class Jp2kOptions:
    """Options of :class:`Jp2kCodec`."""

    lossless: bool = field(
        default=False, metadata={"help": "Reversible 5/3 wavelet and colour transform, all bits kept."}
    )
    wavelet: Literal["9/7", "5/3"] = field(
        default="9/7",
        metadata={"help": "Of lossy bitstreams: irreversible 9/7 or reversible 5/3, with its transform."},
    )
    mct: bool = field(
        default=True,
        metadata={"help": "Multiple component (colour) transform; some writers leave it out."},
    )


class Jp2kCodec(Codec):
    """JPEG 2000; the knob is the rate itself, which OpenJPEG's rate control then meets."""

    name = "jp2k"
    Options = Jp2kOptions

    @property
    def knob(self) -> Knob | None:
        """Target rate in bits per pixel, headers included; ``None`` for the lossless variant."""
        if self.lossless:
            return None
        return Knob("bpp", 0.01, 24, (0.0625, 0.125, 0.25, 0.5, 0.75, 1, 1.5, 2), integer=False)

    @property
    def lossless(self) -> bool:
        """Whether this is the lossless variant."""
        return bool(self.options.lossless)

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        """Encode one image; see :meth:`benchcomp.Codec.encode`."""
        glymur = library.glymur()
        settings: dict[str, object] = {"mct": self.options.mct, "numres": _resolutions(pixels)}
        if quality is not None:
            irreversible = self.options.wavelet == "9/7"
            settings |= {"irreversible": irreversible, "cratios": [max(1.0, 24 / quality)]}
        with _folder() as folder:
            glymur.Jp2k(folder / "image.j2k", data=pixels, **settings)
            return (folder / "image.j2k").read_bytes()

    def decode(self, bitstream: bytes) -> Pixels:
        """Decode to pixels; see :meth:`benchcomp.Codec.decode`."""
        if not bitstream.startswith(_START):
            raise BitstreamError("not a JPEG 2000 codestream")
        if not bitstream.endswith(_END):  # OpenJPEG would give what it has and say nothing
            raise BitstreamError("a JPEG 2000 codestream that is cut off")
        glymur = library.glymur()
        with _folder() as folder, warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            (folder / "image.j2k").write_bytes(bitstream)
            try:
                pixels = glymur.Jp2k(folder / "image.j2k")[:]
            except Exception as error:  # glymur's parser raises many types on broken input
                reason = " ".join(str(error).split())
                raise BitstreamError(f"a damaged JPEG 2000 codestream: {reason}") from error
        for warning in caught:
            if "OpenJPEG" in str(warning.message):  # it warns of damage and decodes on
                raise BitstreamError(f"a damaged JPEG 2000 codestream: {warning.message}")
        if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8 or pixels.ndim != 3:
            raise BitstreamError("a JPEG 2000 image that isn't 8-bit RGB")
        if pixels.shape[2] != 3:
            raise BitstreamError(f"a JPEG 2000 image of {pixels.shape[2]} components, not 3")
        return np.ascontiguousarray(pixels)

    def version(self) -> str:
        """Versions of OpenJPEG and glymur."""
        glymur = library.glymur()
        return f"OpenJPEG {glymur.version.openjpeg_version} (glymur {glymur.__version__})"

    @classmethod
    def unavailable(cls) -> str | None:
        """Whether an OpenJPEG library is missing."""
        try:
            library.glymur()
        except BenchcompError as error:
            return str(error)
        return None


def _resolutions(pixels: Pixels) -> int:
    """6 resolutions (5 decompositions) as OpenJPEG's default, fewer for images below 32 pixels."""
    height, width, _ = pixels.shape
    return min(6, int(height).bit_length(), int(width).bit_length())


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="benchcomp-", dir=memory) as folder:
        yield Path(folder)
