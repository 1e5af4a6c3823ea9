"""The small pictures inside a SMIC bitstream: BPG without the bytes that our own header implies."""

from __future__ import annotations

from typing import Literal

import numpy as np

from benchcomp import BitstreamError, Pixels

__all__ = ["decode", "encode"]

Chroma = Literal["444", "420"]


def encode(
    pixels: Pixels, qp: int, chroma: Chroma, preset: Literal["veryslow", "medium"] = "veryslow"
) -> bytes:
    """Code a small picture.

    Args:
        pixels: the picture.
        qp: the slice's quantiser, 0 to 51.
        chroma: its chroma format.
        preset: x265's preset.
    """
    import benchcomp_bpg

    data: bytes = benchcomp_bpg.encode(pixels, qp, subsampling=chroma, preset=preset)
    return benchcomp_bpg.compact(data, qp)


def decode(data: bytes, qp: int, height: int, width: int, chroma: Chroma) -> Pixels:
    """Decode what :func:`encode` made with this QP of a picture of this size and format.

    Raises:
        BitstreamError: the data is damaged.
    """
    import benchcomp_bpg
    from benchcomp_bpg.container import Header

    whole = benchcomp_bpg.expand(data, Header(width, height, chroma), qp)
    pixels = benchcomp_bpg.decode(whole, max_pixels=height * width)
    if pixels.shape != (height, width, 3):
        raise BitstreamError(f"SMIC: a part is {pixels.shape[1]}x{pixels.shape[0]}, not {width}x{height}")
    return np.ascontiguousarray(pixels)
