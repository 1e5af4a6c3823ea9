"""The small pictures inside a SMIC bitstream as bare BPG: the slice alone, everything else implied.

A BPG file has about 23 bytes of container, HEVC header and parameter sets, which for our encoder
settings follow from the picture's size. :func:`encode` leaves them out, :func:`decode` puts them back.
Where an x265 of another version sets something else, the whole file is kept instead.
"""

from __future__ import annotations

import numpy as np

from benchcomp import BitstreamError, Pixels

__all__ = ["decode", "encode"]

_PPS = bytes.fromhex("4401c1758112")
_NAL_HEADER = bytes.fromhex("2801")


def _hevc_header(height: int, width: int) -> bytes:
    """BPG's HEVC header as our encoder's settings make it for a picture of this size."""
    side = min(height, width)
    if side <= 8:
        return bytes.fromhex("5b74")
    coded = -(-side // 8) * 8
    if coded < 32:
        return bytes.fromhex("ab74")
    return bytes.fromhex("b91d00" if coded < 64 else "924740")


def encode(pixels: Pixels, qp: int, chroma: str, preset: str = "veryslow") -> bytes:
    """Code a small picture; see the module about what is left out.

    Args:
        pixels: the picture.
        qp: the slice's quantiser, 0 to 51.
        chroma: ``444`` or ``420``.
        preset: x265's preset.
    """
    import benchcomp_bpg
    from benchcomp_bpg.container import parse
    from benchcomp_bpg.hevc import nal_units

    whole = benchcomp_bpg.encode(pixels, qp, subsampling=chroma, preset=preset)  # type: ignore[arg-type]
    file = parse(whole)
    units = nal_units(file.data)
    height, width = pixels.shape[:2]
    bare = file.hevc_header == _hevc_header(height, width) and len(units) == 2
    bare = bare and units[0] == _PPS and units[1].startswith(_NAL_HEADER)
    # A slice begins with first_slice_segment_in_pic_flag, always 1; a whole file is marked by a 0 byte.
    return units[1][len(_NAL_HEADER) :] if bare else b"\0" + whole


def decode(data: bytes, height: int, width: int, chroma: str) -> Pixels:
    """Decode what :func:`encode` made of a picture of this size.

    Raises:
        BitstreamError: the data is damaged.
    """
    import benchcomp_bpg
    from benchcomp_bpg.container import BpgFile, Header, write

    if not data:
        raise BitstreamError("SMIC: a part is empty")
    if data[0] == 0:
        whole = data[1:]
    else:
        header = Header(width, height, "420" if chroma == "420" else "444")
        units = _PPS + b"\0\0\1" + _NAL_HEADER + data
        whole = write(BpgFile(header, _hevc_header(height, width), units))
    pixels = benchcomp_bpg.decode(whole, max_pixels=height * width)
    if pixels.shape != (height, width, 3):
        raise BitstreamError(f"SMIC: a part is {pixels.shape[1]}x{pixels.shape[0]}, not {width}x{height}")
    return np.ascontiguousarray(pixels)
