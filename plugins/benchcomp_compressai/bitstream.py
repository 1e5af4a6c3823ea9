"""The bitstream around a model's entropy-coded strings: everything that a decoder needs besides the weights.

Layout, big-endian: format version (1 byte), CRC-32 of all that follows (4), quality (1), height (2),
width (2), height and width of the latent that the last string holds (2 + 2), number of strings (1), the
length of each but the last (4 each), the strings. The checksum is there because a range decoder reads
anything, damaged bytes too.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from benchcomp import BitstreamError

__all__ = ["Coded", "pack", "unpack"]

_VERSION = 1
_START = struct.Struct(">BI")
_SIZES = struct.Struct(">BHHHHB")
_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Coded:
    """A coded picture: the knob's value, the picture's size, the latent's shape, and the strings."""

    quality: int
    height: int
    width: int
    shape: tuple[int, int]
    strings: tuple[bytes, ...]


def pack(coded: Coded) -> bytes:
    """Write a bitstream.

    Raises:
        struct.error: a side is longer than 65535.
    """
    lengths = b"".join(_LENGTH.pack(len(string)) for string in coded.strings[:-1])
    sizes = _SIZES.pack(coded.quality, coded.height, coded.width, *coded.shape, len(coded.strings))
    body = sizes + lengths + b"".join(coded.strings)
    return _START.pack(_VERSION, zlib.crc32(body)) + body


def unpack(data: bytes) -> Coded:
    """Read a bitstream.

    Raises:
        BitstreamError: it isn't one, or is damaged.
    """
    if len(data) < _START.size + _SIZES.size:
        raise BitstreamError(f"{len(data)} bytes are no bitstream of a CompressAI model")
    version, checksum = _START.unpack_from(data)
    body = data[_START.size :]
    if version != _VERSION:
        raise BitstreamError(f"format version {version} instead of {_VERSION}")
    if zlib.crc32(body) != checksum:
        raise BitstreamError("the checksum is wrong: the bitstream is damaged")
    quality, height, width, *shape, count = _SIZES.unpack_from(body)
    start = _SIZES.size + _LENGTH.size * max(0, count - 1)
    if not count or len(body) < start:
        raise BitstreamError("the strings' lengths are missing")
    strings = []
    for index in range(count):
        end = len(body)
        if index < count - 1:
            end = start + _LENGTH.unpack_from(body, _SIZES.size + _LENGTH.size * index)[0]
        if end > len(body):
            raise BitstreamError("a string ends beyond the bitstream")
        strings.append(body[start:end])
        start = end
    return Coded(quality, height, width, (shape[0], shape[1]), tuple(strings))
