"""The Quite OK Image format for RGB, after its specification (version 1.0, January 2022).

Pixels are coded one by one: as a run of the one before, as one of 64 seen lately, as a small difference,
or in full. This is made to be read; a codec to be timed would do it in C.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

HEADER = struct.Struct(">4sIIBB")
END = bytes(7) + b"\1"
INDEX, DIFF, LUMA, RUN, RGB = 0x00, 0x40, 0x80, 0xC0, 0xFE
LARGEST = 400_000_000  # pixels, as in the reference decoder

Pixel = tuple[int, int, int]
OPAQUE_BLACK: Pixel = (0, 0, 0)


def slot(pixel: Pixel) -> int:
    """Where a pixel is kept among those seen lately; alpha counts as 255."""
    red, green, blue = pixel
    return (red * 3 + green * 5 + blue * 7 + 255 * 11) % 64


def encode(width: int, height: int, samples: bytes) -> bytes:
    """Encode width x height RGB pixels."""
    out = bytearray(HEADER.pack(b"qoif", width, height, 3, 0))
    seen: list[Pixel | None] = [None] * 64
    last, run = OPAQUE_BLACK, 0
    for pixel in zip(samples[0::3], samples[1::3], samples[2::3], strict=True):
        if pixel == last:
            run += 1
            if run == 62:
                out.append(RUN | 61)
                run = 0
            continue
        if run:
            out.append(RUN | run - 1)
            run = 0
        place = slot(pixel)
        if seen[place] == pixel:
            out.append(INDEX | place)
        else:
            seen[place] = pixel
            out += difference(pixel, last)
        last = pixel
    if run:
        out.append(RUN | run - 1)
    return bytes(out + END)


def difference(pixel: Pixel, last: Pixel) -> bytes:
    """A pixel as its difference to the last one where that is small, in full elsewhere."""
    red, green, blue = ((new - old + 128) % 256 - 128 for new, old in zip(pixel, last, strict=True))
    if all(-2 <= value <= 1 for value in (red, green, blue)):
        return bytes([DIFF | red + 2 << 4 | green + 2 << 2 | blue + 2])
    if -32 <= green <= 31 and -8 <= red - green <= 7 and -8 <= blue - green <= 7:
        return bytes([LUMA | green + 32, red - green + 8 << 4 | blue - green + 8])
    return bytes([RGB, *pixel])


def decode(data: bytes) -> tuple[int, int, bytes]:
    """Decode to width, height and RGB samples.

    Raises:
        ValueError: not a QOI image, one with alpha, or a damaged one.
    """
    if len(data) < HEADER.size + len(END) or not data.startswith(b"qoif"):
        raise ValueError("the header is missing")
    _, width, height, channels, _ = HEADER.unpack_from(data)
    if channels != 3 or not 0 < width * height <= LARGEST:
        raise ValueError(f"{width}x{height} pixels of {channels} channels")
    size = 3 * width * height
    chunks = iter(data[HEADER.size : -len(END)])
    samples = bytearray()
    seen: list[Pixel] = [OPAQUE_BLACK] * 64
    last = OPAQUE_BLACK
    try:
        while len(samples) < size:
            tag = next(chunks)
            if RUN <= tag < RGB:
                samples += bytes(last) * ((tag & 63) + 1)
                continue
            last = read_pixel(tag, chunks, last, seen)
            seen[slot(last)] = last
            samples += bytes(last)
    except StopIteration:
        raise ValueError("it ends too early") from None
    if len(samples) > size or any(True for _ in chunks) or not data.endswith(END):
        raise ValueError("it doesn't end where it should")
    return width, height, bytes(samples)


def read_pixel(tag: int, chunks: Iterator[int], last: Pixel, seen: list[Pixel]) -> Pixel:
    """The pixel that a tag and the bytes after it stand for."""
    if tag >= RGB:
        if tag > RGB:
            raise ValueError("it has alpha")
        return next(chunks), next(chunks), next(chunks)
    if tag < DIFF:
        return seen[tag]
    if tag < LUMA:
        red, green, blue = (tag >> 4 & 3) - 2, (tag >> 2 & 3) - 2, (tag & 3) - 2
    else:
        both, green = next(chunks), (tag & 63) - 32
        red, blue = green + (both >> 4) - 8, green + (both & 15) - 8
    return (last[0] + red) % 256, (last[1] + green) % 256, (last[2] + blue) % 256
