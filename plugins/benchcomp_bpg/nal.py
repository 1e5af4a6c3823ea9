"""HEVC's NAL units and the bits in their headers: start codes, fixed fields, exp-Golomb codes.

A NAL unit here is bytes with its two bytes of header and without a start code. Bits are read and written
as text, which is meant for headers of some dozen bytes; slice data never passes through.
"""

from __future__ import annotations

from collections.abc import Iterable

from benchcomp import BitstreamError

__all__ = ["START_CODE", "BitReader", "BitWriter", "escape", "join_units", "split_units", "unescape"]

START_CODE = b"\0\0\1"


class BitReader:
    """Reads fields from the front of some bytes; ``what`` names them in errors."""

    def __init__(self, data: bytes, what: str) -> None:
        self._bits = f"{int.from_bytes(data):0{8 * len(data)}b}" if data else ""
        self._at = 0
        self._what = what

    def u(self, count: int) -> int:
        """The next ``count`` bits as an unsigned number."""
        field = self._bits[self._at : self._at + count]
        if len(field) < count:
            raise BitstreamError(f"BPG: {self._what} ends too early")
        self._at += count
        return int(field, 2) if field else 0

    def flag(self) -> bool:
        """The next bit."""
        return self.u(1) == 1

    def ue(self) -> int:
        """An unsigned exp-Golomb code, of 32 bits at most."""
        one = self._bits.find("1", self._at)
        zeros = one - self._at
        if one < 0 or zeros > 32:
            raise BitstreamError(f"BPG: {self._what} holds no number where one is due")
        self._at = one
        return self.u(zeros + 1) - 1

    def se(self) -> int:
        """A signed exp-Golomb code."""
        code = self.ue()
        return (code + 1) // 2 if code & 1 else -(code // 2)

    @property
    def left(self) -> str:
        """The bits not yet read, as text."""
        return self._bits[self._at :]


class BitWriter:
    """Gathers fields into bytes."""

    def __init__(self) -> None:
        self._bits: list[str] = []

    def u(self, value: int, count: int = 1) -> None:
        """Append an unsigned number of ``count`` bits."""
        self._bits.append(f"{value:0{count}b}")

    def ue(self, *values: int) -> None:
        """Append unsigned exp-Golomb codes."""
        for value in values:
            self._bits.append("0" * ((value + 1).bit_length() - 1) + f"{value + 1:b}")

    def se(self, value: int) -> None:
        """Append a signed exp-Golomb code."""
        self.ue(2 * value - 1 if value > 0 else -2 * value)

    def padded(self, stop_bit: bool) -> bytes:
        """The bytes, filled up with zero bits, behind a one bit if wanted (as RBSP trailing bits are)."""
        bits = "".join(self._bits) + "1" * stop_bit
        bits += "0" * (-len(bits) % 8)
        return int(bits, 2).to_bytes(len(bits) // 8)


def escape(payload: bytes) -> bytes:
    """Insert emulation prevention bytes, so that no start code appears inside (H.265, 7.4.2)."""
    out = bytearray()
    zeros = 0
    for byte in payload:
        if zeros >= 2 and byte <= 3:
            out.append(3)
            zeros = 0
        out.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(out)


def unescape(data: bytes) -> bytes:
    """Take emulation prevention bytes out again."""
    parts = data.split(b"\0\0\3")
    return b"\0\0".join(parts)


def split_units(stream: bytes) -> list[bytes]:
    """Split at start codes, of three or four bytes; a NAL unit never ends in a zero byte (7.4.2)."""
    return [unit for part in stream.split(START_CODE) if (unit := part.rstrip(b"\0"))]


def join_units(units: Iterable[bytes]) -> bytes:
    """Join NAL units with start codes between them, none before the first: BPG's form."""
    return START_CODE.join(units)
