"""The BPG container: what stands in a .bpg file around the coded picture.

:func:`parse` takes a file apart into its header and its coded parts and :func:`write` puts them back
together, byte for byte. Nothing here knows HEVC: the parts are handed on as bytes. All checks of sizes
and lengths are here, before anything is allocated for a picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from benchcomp import BenchcompError, BitstreamError

__all__ = ["MAX_PIXELS", "BpgFile", "Chroma", "Color", "Header", "parse", "read_ue7", "write", "write_ue7"]

MAGIC = b"BPG\xfb"
MAX_PIXELS = 1 << 26
"""The largest picture that is read or written unless the caller says otherwise: 67 million pixels."""

Chroma = Literal["400", "420", "422", "444"]
"""Chroma format: gray, halved both ways (centred), halved horizontally (centred), full."""
Preset = Literal[
    "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "placebo"
]
Color = Literal["ycbcr", "rgb", "ycgco", "bt709", "bt2020"]
"""Colour space, in the order of its code in the file; ``ycbcr`` is that of BT.601."""

_CHROMAS: tuple[Chroma, ...] = get_args(Chroma)
_COLORS: tuple[Color, ...] = get_args(Color)
_UE7_LIMIT = 1 << 32


@dataclass(frozen=True, slots=True)
class Header:
    """What the file says about the picture.

    Attributes:
        width: pixels, at least 1.
        height: pixels, at least 1.
        chroma: the chroma format.
        bit_depth: bits of a sample, 8 to 14 (8, 10 and 12 can be decoded).
        color: the colour space; gray files carry one, too.
        alpha: whether an alpha plane (not premultiplied) comes with the picture.
        limited_range: whether samples are in studio range (16 to 235) instead of the full one.
    """

    width: int
    height: int
    chroma: Chroma = "444"
    bit_depth: int = 8
    color: Color = "ycbcr"
    alpha: bool = False
    limited_range: bool = False


@dataclass(frozen=True, slots=True)
class BpgFile:
    """A file's parts.

    Attributes:
        header: the picture's size and format.
        hevc_header: the colour picture's HEVC header, without its length
            (:class:`benchcomp_bpg.parameter_sets.CodingTools` reads it).
        data: NAL units, the first without its start code: parameter sets of pictures, then slices.
        alpha_hevc_header: the same header of the alpha plane; ``None`` without one.
        extension: extension data (metadata), kept as it is.
        length_known: whether the file says how long it is, so that none of it is missing.
    """

    header: Header
    hevc_header: bytes
    data: bytes
    alpha_hevc_header: bytes | None = None
    extension: bytes = b""
    length_known: bool = True


def write_ue7(value: int) -> bytes:
    """Write an unsigned number in groups of 7 bits, highest first; the high bit says that more follow."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))


def read_ue7(data: bytes, position: int, what: str) -> tuple[int, int]:
    """Read a number written by :func:`write_ue7`; return it and the position behind it.

    Raises:
        BitstreamError: the data ends, the number has leading zeros or more than 32 bits; says that it
            was ``what``.
    """
    if data[position : position + 1] == b"\x80":
        raise BitstreamError(f"BPG: {what} starts with a zero group")
    value = 0
    for at in range(position, len(data)):
        value = value << 7 | data[at] & 0x7F
        if value >= _UE7_LIMIT:
            raise BitstreamError(f"BPG: {what} has more than 32 bits")
        if data[at] < 0x80:
            return value, at + 1
    raise BitstreamError(f"BPG: the file ends inside {what}")


def check_size(width: int, height: int, max_pixels: int) -> None:
    """Refuse empty pictures and those of more than ``max_pixels``."""
    if not width or not height:
        raise BitstreamError(f"BPG: the picture is empty ({width}x{height})")
    if width * height > max_pixels:
        raise BitstreamError(
            f"BPG: {width}x{height} is larger than the limit of {max_pixels} pixels; "
            "raise max_pixels if the file is to be trusted"
        )


def parse(bitstream: bytes, max_pixels: int = MAX_PIXELS) -> BpgFile:
    """Take a file apart.

    Args:
        bitstream: the whole file.
        max_pixels: larger pictures are refused.

    Raises:
        BitstreamError: not a BPG file, a truncated or inconsistent one, or one that uses what isn't
            supported: animation, a W (CMYK) or premultiplied alpha plane, chroma sited as in video.
    """
    if bitstream[:4] != MAGIC:
        raise BitstreamError("not a BPG file: it doesn't start with 'BPG' and 0xFB")
    if len(bitstream) < 6:
        raise BitstreamError("BPG: the file ends inside its header")
    format_code, alpha1, depth_code = bitstream[4] >> 5, bitstream[4] >> 4 & 1, bitstream[4] & 15
    color_code, flags = bitstream[5] >> 4, bitstream[5]
    extended, alpha2, limited, animated = (bool(flags & bit) for bit in (8, 4, 2, 1))
    _check_supported(format_code, depth_code + 8, color_code, bool(alpha1), alpha2, animated)
    width, position = read_ue7(bitstream, 6, "the width")
    height, position = read_ue7(bitstream, position, "the height")
    length, position = read_ue7(bitstream, position, "the picture data length")
    check_size(width, height, max_pixels)
    extension = b""
    if extended:
        extension, position = _read_block(bitstream, position, "the extension data")
    if length and length != len(bitstream) - position:
        raise BitstreamError(
            f"BPG: {length} bytes of picture data are announced, {len(bitstream) - position} are there"
        )
    alpha_hevc_header = None
    if alpha1:
        alpha_hevc_header, position = _read_block(bitstream, position, "the alpha plane's HEVC header")
    hevc_header, position = _read_block(bitstream, position, "the HEVC header")
    header = Header(
        width=width,
        height=height,
        chroma=_CHROMAS[format_code],
        bit_depth=depth_code + 8,
        color=_COLORS[color_code],
        alpha=bool(alpha1),
        limited_range=limited,
    )
    return BpgFile(header, hevc_header, bitstream[position:], alpha_hevc_header, extension, length > 0)


def write(file: BpgFile) -> bytes:
    """Put a file together; the picture data length is always written, so that truncation shows.

    Raises:
        BenchcompError: the alpha plane is announced and missing, or there and not announced.
    """
    header = file.header
    if header.alpha != (file.alpha_hevc_header is not None):
        raise BenchcompError("BPG: alpha needs an HEVC header of its own, and that needs alpha")
    picture = b"".join(
        write_ue7(len(part)) + part for part in (file.alpha_hevc_header, file.hevc_header) if part is not None
    )
    picture += file.data
    extension = write_ue7(len(file.extension)) + file.extension if file.extension else b""
    flags = bool(extension) << 3 | header.limited_range << 1
    return b"".join(
        (
            MAGIC,
            bytes((_CHROMAS.index(header.chroma) << 5 | header.alpha << 4 | header.bit_depth - 8,)),
            bytes((_COLORS.index(header.color) << 4 | flags,)),
            write_ue7(header.width),
            write_ue7(header.height),
            write_ue7(len(picture)),
            extension,
            picture,
        )
    )


def _check_supported(
    format_code: int, bit_depth: int, color_code: int, alpha1: bool, alpha2: bool, animated: bool
) -> None:
    if format_code in (4, 5):
        raise BitstreamError("BPG: chroma sited as in MPEG video (formats 4 and 5) is not supported")
    if format_code >= len(_CHROMAS):
        raise BitstreamError(f"BPG: unknown pixel format {format_code}")
    if color_code >= len(_COLORS):
        raise BitstreamError(f"BPG: unknown colour space {color_code}")
    if _COLORS[color_code] == "rgb" and _CHROMAS[format_code] in ("420", "422"):
        raise BitstreamError("BPG: the colour space RGB can't have halved chroma")
    if bit_depth > 14:
        raise BitstreamError(f"BPG: {bit_depth} bits a sample are more than the format allows")
    if animated:
        raise BitstreamError("BPG: animations are not supported, only still pictures")
    if alpha2:
        kind = "a premultiplied alpha" if alpha1 else "a W (CMYK)"
        raise BitstreamError(f"BPG: {kind} plane is not supported")


def _read_block(bitstream: bytes, position: int, what: str) -> tuple[bytes, int]:
    """Read bytes that stand behind their own number."""
    length, start = read_ue7(bitstream, position, f"the length of {what}")
    end = start + length
    if end > len(bitstream):
        raise BitstreamError(f"BPG: the file ends inside {what}")
    return bitstream[start:end], end
