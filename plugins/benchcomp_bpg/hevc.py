"""The HEVC intra picture inside a BPG file: planes to NAL units and back, through PyAV.

The encoder is x265, the decoder FFmpeg's own; both run in the calling thread without the GIL. Colour,
cropping and the container are others' business.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame

from benchcomp import BenchcompError, BitstreamError
from benchcomp_bpg.container import Chroma, Preset
from benchcomp_bpg.nal import START_CODE, split_units
from benchcomp_bpg.parameter_sets import CodingTools, make_sps, make_vps, read_sps, transquant_bypass

__all__ = ["CodedPicture", "Plane", "decode", "encode", "versions"]

Plane = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
"""One plane of samples, (height, width): uint8 for 8 bits, uint16 for more."""

# Types of NAL units (H.265, table 7-1).
_SLICES = range(16, 22)  # of pictures that need no other: BLA, IDR, CRA
_SPS, _PPS = 33, 34
_DROPPED = (35, 38, 39, 40)  # access unit delimiter, filler, supplemental information
_TUNING = (
    "keyint=1:info=0:repeat-headers=1:aud=0:hrd=0:rc-lookahead=0:bframes=0:frame-threads=1:pools=none:wpp=0:"
    "log-level=none:tskip=1:ipratio=1:allow-non-conformance=1"
)
"""x265's parameters that all files share.

``ipratio=1`` makes the slice's QP the one asked for, ``wpp=0`` and the single thread make the bytes the
same everywhere, and what levels of HEVC forbid (long pictures in small coding tree blocks) BPG doesn't.
"""
_PADDING = bytes(64)
"""FFmpeg reads so far behind the end of its input, and PyAV hands it our bytes without copying them."""
_TAIL = b"\xa5\x5a" * 32
"""What stands behind the data in the second decoding of possibly truncated data."""
_CHROMA_NAMES: dict[Chroma, str] = {"400": "gray", "420": "yuv420p", "422": "yuv422p", "444": "yuv444p"}


@dataclass(frozen=True, slots=True)
class CodedPicture:
    """What the encoder gives: the coding tools of its SPS, its PPS and its slice as NAL units.

    The NAL units have their two bytes of header and no start code.
    """

    tools: CodingTools
    pps: bytes
    slice: bytes


def versions() -> str:
    """The libraries that decide about bytes and pixels, such as ``x265 4.1, libavcodec 62.28.102``."""
    avcodec = ".".join(map(str, av.library_versions["libavcodec"]))
    return f"x265 {_x265_version()}, libavcodec {avcodec}"


@functools.cache
def _x265_version() -> str:
    """x265 says its version only in the message (SEI) that it puts into a stream."""
    context = _encoder(16, 16, "gray", {"preset": "ultrafast", "x265-params": "log-level=none:pools=none"})
    frame = _frame([np.zeros((16, 16), np.uint8)], 16, 16, "gray", 1)
    stream = b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)])
    _, found, text = stream.partition(b"x265 (build ")
    return text.partition(b" - ")[2].partition(b":")[0].decode("ascii", "replace") if found else "unknown"


def pixel_format(chroma: Chroma, bit_depth: int) -> str:
    """FFmpeg's name of a planar format."""
    return _CHROMA_NAMES[chroma] + (f"{bit_depth}le" if bit_depth > 8 else "")


def min_coding_block(width: int, height: int) -> int:
    """The smallest coding block for a picture: 8, or 16 where a side would be coded in 8 samples only.

    The encoder refuses pictures that small.
    """
    return 16 if min(width, height) <= 8 else 8


def encode(
    planes: Sequence[Plane], chroma: Chroma, bit_depth: int, qp: int, preset: Preset, lossless: bool
) -> CodedPicture:
    """Encode one picture; each plane is padded by repeating its edge to whole smallest coding blocks.

    Args:
        planes: one (gray) or three planes, the first of the picture's size.
        chroma: their chroma format.
        bit_depth: 8, 10 or 12 bits a sample.
        qp: the slice's quantiser, 0 to 51; no meaning when lossless.
        preset: x265's preset.
        lossless: whether to bypass transform and quantiser.

    Raises:
        BenchcompError: x265 failed.
    """
    height, width = planes[0].shape
    block = min_coding_block(width, height)
    coded_width, coded_height = -(-width // block) * block, -(-height // block) * block
    format_name = pixel_format(chroma, bit_depth)
    options = encoder_options(block, qp, preset, lossless)
    frame = _frame(planes, coded_width, coded_height, format_name, 1 if bit_depth == 8 else 2)
    try:
        context = _encoder(coded_width, coded_height, format_name, options)
        packets = [*context.encode(frame), *context.encode(None)]
    except av.error.FFmpegError as error:
        raise BenchcompError(
            f"BPG: x265 can't encode {width}x{height} as {format_name}: {error.strerror}"
        ) from error
    return _coded_picture(b"".join(bytes(packet) for packet in packets), (coded_width, coded_height))


def encoder_options(block: int, qp: int, preset: str, lossless: bool) -> dict[str, str]:
    """The options of ``libx265`` in FFmpeg; ``block`` is the smallest coding block's side."""
    parameters = f"{'lossless=1' if lossless else f'qp={qp}'}:{_TUNING}:min-cu-size={block}"
    if preset == "placebo":  # its transform depth of 4 doesn't fit small coding blocks
        parameters += ":tu-intra-depth=3:tu-inter-depth=3"
    return {"preset": preset, "tune": "ssim", "x265-params": parameters}


def _encoder(width: int, height: int, format_name: str, options: dict[str, str]) -> Any:
    context: Any = av.CodecContext.create("libx265", "w")
    context.width, context.height, context.pix_fmt = width, height, format_name
    context.time_base = Fraction(1, 25)
    context.thread_count = 1
    context.options = options
    return context


def _frame(
    planes: Sequence[Plane], width: int, height: int, format_name: str, sample_bytes: int
) -> VideoFrame:
    frame = VideoFrame(width, height, format_name)
    frame.pts = 0
    for plane, samples in zip(frame.planes, planes, strict=True):
        target = _samples(plane, sample_bytes)
        rows, columns = samples.shape
        target[:rows, :columns] = samples
        target[:rows, columns:] = samples[:, -1:]
        target[rows:] = target[rows - 1]
    return frame


def _samples(plane: Any, sample_bytes: int) -> npt.NDArray[Any]:
    """A plane of a frame as an array of its samples, without the lines' padding; a view."""
    lines = np.frombuffer(plane, np.uint8 if sample_bytes == 1 else np.uint16)
    return lines.reshape(plane.height, plane.line_size // sample_bytes)[:, : plane.width]


def _coded_picture(stream: bytes, size: tuple[int, int]) -> CodedPicture:
    units = [unit for unit in split_units(stream) if unit[0] >> 1 in (_SPS, _PPS, *_SLICES)]
    kinds = [unit[0] >> 1 for unit in units]
    if kinds[:2] != [_SPS, _PPS] or len(kinds) != 3:
        raise BenchcompError(f"BPG: x265 gave NAL units of the types {kinds}, not one picture of one slice")
    sps, pps, coded_slice = units
    tools, coded_size = read_sps(sps)
    if coded_size != size:
        raise BenchcompError(f"BPG: x265 coded {coded_size} samples instead of {size}")
    return CodedPicture(tools, pps, coded_slice)


def decode(
    tools: CodingTools,
    units: Sequence[bytes],
    chroma: Chroma,
    bit_depth: int,
    size: tuple[int, int],
    complete: bool,
) -> list[Plane]:
    """Decode one picture.

    Args:
        tools: the fields of BPG's HEVC header.
        units: PPS and slices, as NAL units of layer 0.
        chroma: the chroma format.
        bit_depth: 8, 10 or 12 bits a sample.
        size: width and height of the picture; the decoded planes are cropped to it.
        complete: whether the data is known not to have been cut off. If it isn't, it is decoded twice,
            with different bytes behind its end, since FFmpeg reads on there without a word.

    Returns:
        One plane (gray) or three, of the picture's size, chroma with rounded-up sides.

    Raises:
        BitstreamError: the data is damaged, or not one still picture, or FFmpeg is known to decode it
            wrongly (lossless blocks with implicit residual prediction, as HM makes them).
    """
    width, height = tools.coded_size(*size)
    units = _checked(tools, units, width, height)
    stream = _parameter_sets(tools, chroma, bit_depth, width, height)
    stream += b"".join(START_CODE + unit for unit in units)
    planes = _decode_planes(stream, width, height, pixel_format(chroma, bit_depth), bit_depth)
    if not complete:
        other = _decode_planes(stream + _TAIL, width, height, pixel_format(chroma, bit_depth), bit_depth)
        if not all(map(np.array_equal, planes, other)):
            raise BitstreamError("BPG: the HEVC data is cut off")
    sizes = _plane_sizes(chroma, *size)
    return [plane[:rows, :columns] for plane, (columns, rows) in zip(planes, sizes, strict=True)]


def _plane_sizes(chroma: Chroma, width: int, height: int) -> list[tuple[int, int]]:
    """Width and height of each plane; halved sides are rounded up."""
    if chroma == "400":
        return [(width, height)]
    chroma_width = (width + 1) // 2 if chroma in ("420", "422") else width
    chroma_height = (height + 1) // 2 if chroma == "420" else height
    return [(width, height), (chroma_width, chroma_height), (chroma_width, chroma_height)]


@functools.lru_cache(maxsize=64)
def _parameter_sets(tools: CodingTools, chroma: Chroma, bit_depth: int, width: int, height: int) -> bytes:
    """VPS and SPS with start codes; kept, since the pictures of a data set often share them."""
    return b"".join(
        START_CODE + unit for unit in (make_vps(), make_sps(tools, chroma, bit_depth, width, height))
    )


def _checked(tools: CodingTools, units: Sequence[bytes], width: int, height: int) -> list[bytes]:
    """Refuse what can't be one picture of this size, before it is allocated; drop what is no part of it."""
    kept = [unit for unit in units if unit[0] >> 1 not in _DROPPED]
    slices = [unit for unit in kept if unit[0] >> 1 in _SLICES]
    sets = [unit for unit in kept if unit[0] >> 1 == _PPS]
    if len(slices) + len(sets) < len(kept):
        raise BitstreamError("BPG: the HEVC data holds what is no part of a still picture")
    if not slices or not sets:
        raise BitstreamError("BPG: the HEVC data holds no picture")
    if [unit[2] >> 7 for unit in slices] != [1] + [0] * (len(slices) - 1):  # first_slice_segment_in_pic_flag
        raise BitstreamError("BPG: the HEVC data doesn't hold exactly one picture")
    # Every coding tree block has an intra coded block, whose luma mode takes at least one bypass bin.
    blocks = (-width >> tools.log2_ctb) * (-height >> tools.log2_ctb)
    size = sum(map(len, slices))
    if 8 * size < blocks:
        raise BitstreamError(f"BPG: {size} bytes can't hold a picture of {width}x{height}")
    if tools.implicit_rdpcm and any(map(transquant_bypass, sets)):
        raise BitstreamError(
            "BPG: lossless coding with implicit residual prediction is not supported, "
            "because FFmpeg decodes it wrongly; use bpgdec (backend=libbpg)"
        )
    return kept


def _decode_planes(
    stream: bytes, width: int, height: int, format_name: str, bit_depth: int
) -> list[npt.NDArray[Any]]:
    context: Any = av.CodecContext.create("hevc", "r")
    context.thread_count = 1
    try:
        frames = [*context.decode(av.Packet(stream + _PADDING)), *context.decode(None)]
    except av.error.FFmpegError as error:
        raise BitstreamError(f"BPG: the HEVC data is damaged ({error.strerror})") from error
    if len(frames) != 1 or frames[0].is_corrupt:
        raise BitstreamError("BPG: the HEVC data is damaged")
    frame: VideoFrame = frames[0]
    if (frame.width, frame.height, frame.format.name) != (width, height, format_name):
        raise BitstreamError(
            f"BPG: the HEVC data holds {frame.width}x{frame.height} {frame.format.name}, "
            f"not {width}x{height} {format_name} as the header says"
        )
    return [_samples(plane, 1 if bit_depth == 8 else 2) for plane in frame.planes]
