"""QOI: the benchcomp side of it. The format itself is in :mod:`benchcomp_qoi.qoi`."""

from __future__ import annotations

import numpy as np

from benchcomp import BitstreamError, Codec, Pixels
from benchcomp_qoi import qoi


class QoiCodec(Codec):
    """QOI has no knob and no options: one rate point an image, and no sample is lost."""

    name = "qoi"

    @property
    def lossless(self) -> bool:
        """QOI gives back every sample; a run fails where that turns out not to be so."""
        return True

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        """Encode uint8 RGB pixels of shape (height, width, 3)."""
        height, width, _ = pixels.shape
        return qoi.encode(width, height, pixels.tobytes())

    def decode(self, bitstream: bytes) -> Pixels:
        """Decode to uint8 RGB pixels."""
        try:
            width, height, samples = qoi.decode(bitstream)
        except ValueError as error:
            raise BitstreamError(f"not a QOI image: {error}") from error
        return np.frombuffer(samples, np.uint8).reshape(height, width, 3)

    def version(self) -> str:
        """The version of the code that makes the bytes; raise it with every change of theirs."""
        return "benchcomp-qoi 1"
