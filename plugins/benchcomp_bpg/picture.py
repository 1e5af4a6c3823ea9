"""Pixels to a .bpg file and back: the parts of the package put together.

:func:`encode` and :func:`decode` are what the package offers as a library.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast, get_args

import numpy as np
import numpy.typing as npt

from benchcomp import BenchcompError, BitstreamError
from benchcomp_bpg import colour, hevc
from benchcomp_bpg.container import MAX_PIXELS, BpgFile, Chroma, Color, Header, Preset, parse, write
from benchcomp_bpg.nal import join_units, split_units
from benchcomp_bpg.parameter_sets import CodingTools

__all__ = ["BIT_DEPTHS", "decode", "encode", "version"]

BIT_DEPTHS = (8, 10, 12)
REVISION = 1
"""Raised when the same pixels and settings give other bytes, or the same bytes other pixels."""


def encode(
    pixels: npt.NDArray[np.uint8],
    qp: int | None,
    *,
    subsampling: str = "444",
    bit_depth: int = 8,
    preset: Preset = "veryslow",
    lossless: bool = False,
    color: Color | None = None,
) -> bytes:
    """Encode an image as a .bpg file.

    Args:
        pixels: uint8, RGB of shape (height, width, 3) or gray of shape (height, width).
        qp: the slice's quantiser, 0 (best) to 51; ``None`` with ``lossless``.
        subsampling: chroma of RGB images: ``444``, ``422`` or ``420``.
        bit_depth: bits a coded sample: 8, 10 or 12. More than 8 avoid rounding in the colour conversion.
        preset: x265's preset.
        lossless: whether decoding shall give the same pixels; needs the colour space ``rgb``.
        color: the colour space; by default ``ycbcr``, and ``rgb`` where ``lossless``.

    Returns:
        The file; the same for the same pixels and settings.

    Raises:
        BenchcompError: a wrong array, setting or combination; says which.
    """
    color = color or ("rgb" if lossless else "ycbcr")
    chroma = _check_settings(pixels, qp, subsampling, bit_depth, preset, lossless, color)
    height, width = pixels.shape[:2]
    if chroma == "400":
        planes = [colour.scale_depth(pixels, 8, bit_depth)]
    else:
        planes = colour.to_planes(pixels, chroma, bit_depth, color)
    coded = hevc.encode(planes, chroma, bit_depth, int(qp or 0), preset, lossless)
    header = Header(width, height, chroma, bit_depth, "ycbcr" if chroma == "400" else color)
    return write(BpgFile(header, coded.tools.to_bytes(), join_units((coded.pps, coded.slice))))


def decode(bitstream: bytes, *, max_pixels: int = MAX_PIXELS) -> npt.NDArray[np.uint8]:
    """Decode a .bpg file.

    Args:
        bitstream: the whole file.
        max_pixels: larger pictures are refused before anything is allocated for them.

    Returns:
        uint8, (height, width, 3), RGB (equal channels for gray files), or (height, width, 4) where the
        file has alpha. Samples of more bits are scaled to 8.

    Raises:
        BitstreamError: the bytes are not a BPG file, are damaged, or use what isn't supported.
    """
    file = parse(bitstream, max_pixels)
    header = file.header
    if header.bit_depth not in BIT_DEPTHS:
        raise BitstreamError(f"BPG: {header.bit_depth} bits a sample are not supported")
    picture, alpha = _layers(file.data)
    planes = _decode_layer(file, file.hevc_header, picture, header.chroma)
    pixels = colour.to_pixels(planes, header.chroma, header.bit_depth, header.color, header.limited_range)
    if file.alpha_hevc_header is None:
        if alpha:
            raise BitstreamError("BPG: the HEVC data holds an alpha plane that the header doesn't announce")
        return pixels
    opacity = _decode_layer(file, file.alpha_hevc_header, alpha, "400")[0]
    return np.dstack((pixels, colour.scale_depth(opacity, header.bit_depth, 8)))


def version() -> str:
    """This code's revision and the libraries that decide about bytes and pixels."""
    return f"benchcomp_bpg {REVISION}, {hevc.versions()}"


def _decode_layer(
    file: BpgFile, hevc_header: bytes, units: Sequence[bytes], chroma: Chroma
) -> list[hevc.Plane]:
    tools = CodingTools.from_bytes(hevc_header)
    size = file.header.width, file.header.height
    return hevc.decode(tools, units, chroma, file.header.bit_depth, size, file.length_known)


def _layers(data: bytes) -> tuple[list[bytes], list[bytes]]:
    """The NAL units of the picture and of its alpha plane, these put into layer 0."""
    picture: list[bytes] = []
    alpha: list[bytes] = []
    for unit in split_units(data):
        layer = (unit[0] & 1) << 5 | unit[1] >> 3 if len(unit) > 2 else -1
        if layer == 0:
            picture.append(unit)
        elif layer == 1:
            alpha.append(bytes((unit[0], unit[1] & 7)) + unit[2:])
        else:
            raise BitstreamError("BPG: the HEVC data holds something that is no NAL unit of a picture")
    return picture, alpha


def _check_settings(
    pixels: object,
    qp: int | None,
    subsampling: str,
    bit_depth: int,
    preset: str,
    lossless: bool,
    color: str,
) -> Chroma:
    """Refuse what can't be encoded; return the chroma format."""
    if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8:
        raise BenchcompError("BPG: pixels must be a numpy array of uint8")
    gray = pixels.ndim == 2
    if not (gray or (pixels.ndim == 3 and pixels.shape[2] == 3)) or 0 in pixels.shape:
        raise BenchcompError(f"BPG: pixels must be (height, width, 3) or (height, width), not {pixels.shape}")
    if pixels.shape[0] * pixels.shape[1] > MAX_PIXELS:
        raise BenchcompError(f"BPG: {pixels.shape[1]}x{pixels.shape[0]} is larger than {MAX_PIXELS} pixels")
    if not lossless and (qp is None or not 0 <= qp <= 51 or qp != int(qp)):
        raise BenchcompError(f"BPG: qp must be a whole number from 0 to 51, not {qp}")
    for name, value, known in (
        ("subsampling", subsampling, ("444", "422", "420")),
        ("bit_depth", bit_depth, BIT_DEPTHS),
        ("preset", preset, get_args(Preset)),
        ("color", color, get_args(Color)),
    ):
        if value not in known:
            raise BenchcompError(f"BPG: {name} must be one of {', '.join(map(str, known))}, not {value!r}")
    if not gray and color == "rgb" and subsampling != "444":
        raise BenchcompError(f"BPG: the colour space rgb needs subsampling 444, not {subsampling}")
    if not gray and lossless and color != "rgb":
        raise BenchcompError(f"BPG: lossless needs the colour space rgb, not {color}")
    return "400" if gray else cast(Chroma, subsampling)
