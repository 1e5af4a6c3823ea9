"""Pixels to a SMIC bitstream and back, given a rate point and the networks.

Also what the training shows Rec-Net: :func:`code_thumbnail` and :func:`code_map` give what a decoder
would see. The knob and the options are the codec's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from benchcomp import BenchcompError, BitstreamError, Pixels
from benchcomp_smic import bpg_part, scaling
from benchcomp_smic.bitstream import MAX_PIXELS, Bitstream, parse, write
from benchcomp_smic.ladder import Point

if TYPE_CHECKING:
    from benchcomp_smic.model import Model

__all__ = [
    "CHROMA",
    "MAP_CHROMA",
    "MAP_FACTOR",
    "Decoded",
    "decode",
    "decode_parts",
    "encode",
    "encode_parts",
]

CHROMA: Literal["444", "420"] = "444"
"""Chroma format of thumbnails."""
MAP_CHROMA: Literal["444", "420"] = "420"
"""Chroma format of maps: their colours need little."""
MAP_FACTOR = 8
"""Sampling factor of maps in format version 1."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A bitstream's parts as pixels.

    Attributes:
        stream: the parts as bytes, with the header's values.
        thumbnail: the decoded thumbnail.
        upsampled: the thumbnail at the picture's size.
        semantic: the decoded map at the picture's size; ``None`` when there is none.
    """

    stream: Bitstream
    thumbnail: Pixels
    upsampled: Pixels
    semantic: Pixels | None


def encode(pixels: Pixels, point: Point, model: Model) -> bytes:
    """Code a picture at a rate point.

    Raises:
        BenchcompError: the picture has too many pixels.
    """
    return encode_parts(pixels, None if point.map_qp is None else model.draw_map(pixels), point)


def encode_parts(pixels: Pixels, semantic: Pixels | None, point: Point) -> bytes:
    """Code a picture with the semantic map given; the map is left out where ``semantic`` is ``None``."""
    height, width = pixels.shape[:2]
    if height * width > MAX_PIXELS:
        raise BenchcompError(f"SMIC: {width}x{height} is more than {MAX_PIXELS} pixels; scale it down first")
    small = scaling.down(pixels, point.factor)
    if point.codec == "flif":
        import benchcomp_flif

        thumbnail = benchcomp_flif.encode(small, smallest=True)
    else:
        thumbnail = bpg_part.encode(small, point.qp, CHROMA)
    coded_map = None
    if semantic is not None and point.map_qp is not None:
        coded_map = bpg_part.encode(scaling.down(semantic, MAP_FACTOR), point.map_qp, MAP_CHROMA)
    stream = Bitstream(
        width=width,
        height=height,
        factor=point.factor,
        codec=point.codec,
        qp=point.qp,
        chroma=CHROMA,
        map_qp=point.map_qp if coded_map is not None and point.map_qp is not None else 0,
        map=coded_map,
        thumbnail=thumbnail,
    )
    return write(stream)


def decode(data: bytes, model: Model) -> Pixels:
    """Decode a bitstream.

    Raises:
        BitstreamError: it's none or it's damaged.
    """
    parts = decode_parts(data)
    return model.reconstruct(parts.upsampled, parts.semantic, parts.stream.factor, parts.stream.qp)


def decode_parts(data: bytes) -> Decoded:
    """Decode all that comes before Rec-Net.

    Raises:
        BitstreamError: it's no bitstream or it's damaged.
    """
    stream = parse(data)
    size = scaling.small_size(stream.height, stream.width, stream.factor)
    if stream.codec == "flif":
        thumbnail = _decode_flif(stream.thumbnail, size)
    else:
        thumbnail = bpg_part.decode(stream.thumbnail, stream.qp, *size, stream.chroma)
    upsampled = scaling.up(thumbnail, stream.factor, stream.height, stream.width)
    semantic = None
    if stream.map is not None:
        map_size = scaling.small_size(stream.height, stream.width, MAP_FACTOR)
        small = bpg_part.decode(stream.map, stream.map_qp, *map_size, MAP_CHROMA)
        semantic = scaling.up(small, MAP_FACTOR, stream.height, stream.width)
    return Decoded(stream, thumbnail, upsampled, semantic)


def _decode_flif(data: bytes, size: tuple[int, int]) -> Pixels:
    import benchcomp_flif

    pixels: Pixels = benchcomp_flif.decode(data)
    if pixels.shape != (*size, 3):
        raise BitstreamError("SMIC: the thumbnail isn't of the size that the header implies")
    return pixels
