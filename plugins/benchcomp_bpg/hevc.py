"""The HEVC intra picture inside a BPG file: planes to NAL units and back, through PyAV.

The encoder is x265, the decoder FFmpeg's own; both run in the calling thread without the GIL. Colour,
cropping and the container are others' business.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import av
import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame

from benchcomp import BenchcompError, BitstreamError
from benchcomp_bpg.container import Chroma
from benchcomp_bpg.parameter_sets import CodingTools, make_sps, make_vps, read_sps, transquant_bypass

__all__ = ["CodedPicture", "Plane", "Preset", "decode", "encode", "nal_units", "versions"]

Plane = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
"""One plane of samples, (height, width): uint8 for 8 bits, uint16 for more."""

Preset = Literal[
    "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "placebo"
]

_START = b"\0\0\1"
_PPS, _SPS = 34, 33
_SLICES = range(16, 22)  # intra random access pictures: BLA, IDR, CRA
_TUNING = (
    "keyint=1:info=0:repeat-headers=1:aud=0:hrd=0:rc-lookahead=0:bframes=0:frame-threads=1:pools=none:wpp=0:"
    "log-level=none:tskip=1:ipratio=1"
)
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
    parameters = f"{'lossless=1' if lossless else f'qp={qp}'}:{_TUNING}:min-cu-size={block}"
    if preset == "placebo":  # its transform depth of 4 doesn't fit small coding blocks
        parameters += ":tu-intra-depth=3:tu-inter-depth=3"
    options = {"preset": preset, "tune": "ssim", "x265-params": parameters}
    frame = _frame(planes, coded_width, coded_height, format_name, 1 if bit_depth == 8 else 2)
    try:
        context = _encoder(coded_width, coded_height, format_name, options)
        packets = [*context.encode(frame), *context.encode(None)]
    except av.error.FFmpegError as error:
        raise BenchcompError(f"BPG: x265 can't encode {width}x{height} as {format_name}: {error}") from error
    return _coded_picture(b"".join(bytes(packet) for packet in packets), (coded_width, coded_height))


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
    units = {nal[0] >> 1: nal for nal in nal_units(stream)}
    slices = [nal for kind, nal in units.items() if kind in _SLICES]
    if _SPS not in units or _PPS not in units or len(slices) != 1:
        raise BenchcompError(f"BPG: x265 gave NAL units {sorted(units)}, not one picture")
    tools, coded_size = read_sps(units[_SPS])
    if coded_size != size:
        raise BenchcompError(f"BPG: x265 coded {coded_size} samples instead of {size}")
    return CodedPicture(tools, units[_PPS], slices[0])


def nal_units(stream: bytes) -> list[bytes]:
    """Split at start codes, of three or four bytes; a NAL unit never ends in a zero byte."""
    return [unit for part in stream.split(_START) if (unit := part.rstrip(b"\0"))]


def decode(
    tools: CodingTools, units: Sequence[bytes], chroma: Chroma, bit_depth: int, width: int, height: int
) -> list[Plane]:
    """Decode one picture.

    Args:
        tools: the fields of BPG's HEVC header.
        units: PPS and slices, as NAL units of layer 0 without start codes.
        chroma: the chroma format.
        bit_depth: 8, 9, 10 or 12 bits a sample.
        width: of the picture; the decoded planes are cropped to it.
        height: the same.

    Returns:
        One plane (gray) or three, of the picture's size, chroma with rounded-up sides.

    Raises:
        BitstreamError: the data is damaged, or not one still picture, or FFmpeg is known to decode it
            wrongly (lossless blocks with implicit residual prediction, as HM makes them).
    """
    _check_units(tools, units)
    coded_width, coded_height = tools.coded_size(width, height)
    headers = [make_vps(), make_sps(tools, chroma, bit_depth, coded_width, coded_height)]
    frame = _decode_frame(b"".join(_START + unit for unit in (*headers, *units)))
    format_name = pixel_format(chroma, bit_depth)
    if (frame.width, frame.height, frame.format.name) != (coded_width, coded_height, format_name):
        raise BitstreamError(
            f"BPG: the HEVC data holds {frame.width}x{frame.height} {frame.format.name}, "
            f"not {coded_width}x{coded_height} {format_name} as the header says"
        )
    half_width = chroma in ("420", "422")
    half_height = chroma == "420"
    planes = []
    for index, plane in enumerate(frame.planes):
        rows = (height + 1) // 2 if index and half_height else height
        columns = (width + 1) // 2 if index and half_width else width
        planes.append(_samples(plane, 1 if bit_depth == 8 else 2)[:rows, :columns])
    return planes


def _check_units(tools: CodingTools, units: Sequence[bytes]) -> None:
    kinds = [unit[0] >> 1 for unit in units]
    if _PPS not in kinds or not any(kind in _SLICES for kind in kinds):
        raise BitstreamError("BPG: the HEVC data holds no picture")
    for kind, unit in zip(kinds, units, strict=True):
        if kind == _PPS and tools.implicit_rdpcm and transquant_bypass(unit):
            raise BitstreamError(
                "BPG: lossless coding with implicit residual prediction is not supported, "
                "because FFmpeg decodes it wrongly; use bpgdec (backend=libbpg)"
            )


def _decode_frame(stream: bytes) -> VideoFrame:
    context: Any = av.CodecContext.create("hevc", "r")
    context.thread_count = 1
    try:
        frames = [*context.decode(av.Packet(stream)), *context.decode(None)]
    except av.error.FFmpegError as error:
        raise BitstreamError(f"BPG: the HEVC data is damaged: {error}") from error
    if len(frames) != 1:
        raise BitstreamError(f"BPG: the HEVC data holds {len(frames)} pictures instead of one")
    frame: VideoFrame = frames[0]
    if frame.is_corrupt:
        raise BitstreamError("BPG: the HEVC data is damaged")
    return frame
