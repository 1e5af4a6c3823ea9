"""SMIC's bitstream: a header of a few bytes, the coded semantic map, the coded thumbnail.

:func:`write` and :func:`parse` know the layout and check every number in it; the two parts are handed
on as bytes. Layout of format version 1, most significant bit first::

    4 bits   format version, 1
    1 bit    whether there is a map
    1 bit    thumbnail codec: 0 BPG, 1 FLIF (lossless)
    1 bit    the thumbnail's chroma in BPG: 0 for 4:4:4, 1 for 4:2:0
    1 bit    0
    3 bits   log2 of the sampling factor, 0 to 4
    6 bits   QP of the thumbnail, 0 with FLIF
    6 bits   QP of the map, 0 without one
    1 bit    0
    ue7      width - 1
    ue7      height - 1
    ue7      bytes of the map, only if there is one
    1 byte   CRC-8 (polynomial 0x07) over everything before it
    bytes    the map, then the thumbnail to the end

``ue7`` is BPG's: groups of seven bits, highest first, the top bit set in all but the last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benchcomp import BitstreamError

__all__ = ["MAX_PIXELS", "Bitstream", "parse", "write"]

MAX_PIXELS = 1 << 23
"""Pictures of more pixels are refused: Rec-Net's memory grows with them."""

MAX_FACTOR_LOG2 = 4
_VERSION = 1
_MAX_QP = 51


@dataclass(frozen=True, slots=True)
class Bitstream:
    """A bitstream taken apart.

    Attributes:
        width: of the picture in pixels.
        height: of the picture in pixels.
        factor: sampling factor of the thumbnail, a power of two from 1 to 16.
        codec: which codec codes the thumbnail.
        qp: the thumbnail's QP in BPG; 0 with FLIF.
        chroma: the thumbnail's chroma format in BPG.
        map_qp: the map's QP in BPG; 0 without a map.
        map: the coded map, ``None`` when there is none.
        thumbnail: the coded thumbnail.
    """

    width: int
    height: int
    factor: int
    codec: Literal["bpg", "flif"]
    qp: int
    chroma: Literal["444", "420"]
    map_qp: int
    map: bytes | None
    thumbnail: bytes


def write(stream: Bitstream) -> bytes:
    """Put a bitstream together."""
    flags = _VERSION << 4 | (stream.map is not None) << 3 | (stream.codec == "flif") << 2
    flags |= (stream.chroma == "420") << 1
    fields = (stream.factor.bit_length() - 1) << 13 | stream.qp << 7 | stream.map_qp << 1
    head = bytes([flags]) + fields.to_bytes(2, "big")
    head += _ue7(stream.width - 1) + _ue7(stream.height - 1)
    if stream.map is not None:
        head += _ue7(len(stream.map))
    return head + bytes([_crc8(head)]) + (stream.map or b"") + stream.thumbnail


def parse(data: bytes) -> Bitstream:
    """Take a bitstream apart.

    Raises:
        BitstreamError: it's none, it's damaged, or its picture is too large.
    """
    if len(data) < 3 or data[0] >> 4 != _VERSION:
        raise BitstreamError("SMIC: the bytes don't begin as a SMIC bitstream of format 1")
    fields = int.from_bytes(data[1:3], "big")
    log2, qp, map_qp = fields >> 13, fields >> 7 & 63, fields >> 1 & 63
    width, at = _read_ue7(data, 3)
    height, at = _read_ue7(data, at)
    map_bytes = None
    if data[0] & 8:
        map_bytes, at = _read_ue7(data, at)
    if at >= len(data) or data[at] != _crc8(data[:at]):
        raise BitstreamError("SMIC: the header is damaged")
    if data[0] & 1 or fields & 1 or log2 > MAX_FACTOR_LOG2 or max(qp, map_qp) > _MAX_QP:
        raise BitstreamError("SMIC: the header holds values that format 1 doesn't have")
    width, height, at = width + 1, height + 1, at + 1
    if width * height > MAX_PIXELS:
        raise BitstreamError(f"SMIC: {width}x{height} is more than the {MAX_PIXELS} pixels that are decoded")
    end = at + (map_bytes or 0)
    if end >= len(data):
        raise BitstreamError("SMIC: the bitstream is cut off")
    return Bitstream(
        width=width,
        height=height,
        factor=1 << log2,
        codec="flif" if data[0] & 4 else "bpg",
        qp=qp,
        chroma="420" if data[0] & 2 else "444",
        map_qp=map_qp,
        map=None if map_bytes is None else data[at:end],
        thumbnail=data[end:],
    )


def _ue7(value: int) -> bytes:
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))


def _read_ue7(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for offset, byte in enumerate(data[at : at + 4]):
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            return value, at + offset + 1
    raise BitstreamError("SMIC: the header is damaged")


def _crc8(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ (0x107 if crc & 0x80 else 0)) & 0x1FF
    return crc
