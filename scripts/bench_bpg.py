"""Time BPG's encode and decode against the bare PyAV calls plus the colour conversion.

CPU milliseconds of one thread, on a 256x256 cut of an image: the median of interleaved repeats, so that
other load on the machine falls on both sides of each ratio, and in brackets the least.

    python scripts/bench_bpg.py IMAGE [--repeats 15] [--qp 30]
"""

from __future__ import annotations

import argparse
import functools
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import benchcomp_bpg
import numpy as np
from av.video.frame import VideoFrame
from benchcomp_bpg import colour, hevc
from benchcomp_bpg.container import Chroma, Preset, parse
from benchcomp_bpg.nal import START_CODE, split_units
from benchcomp_bpg.parameter_sets import CodingTools, make_sps, make_vps
from PIL import Image

from benchcomp import Pixels

Step = Callable[[], Any]


@dataclass(frozen=True)
class Times:
    """CPU milliseconds."""

    median: float
    least: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.least:.2f})"


def bare_encode(planes: list[Any], chroma: Chroma, qp: int, preset: str) -> None:
    """What nobody can do without: a frame, x265, its packets."""
    height, width = planes[0].shape
    frame = VideoFrame(width, height, hevc.pixel_format(chroma, 8))
    frame.pts = 0
    for plane, samples in zip(frame.planes, planes, strict=True):
        lines = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
        lines[:, : plane.width] = samples
    context: Any = av.CodecContext.create("libx265", "w")
    context.width, context.height, context.pix_fmt = width, height, hevc.pixel_format(chroma, 8)
    context.time_base, context.thread_count = Fraction(1, 25), 1
    context.options = hevc.encoder_options(8, qp, preset, lossless=False)
    _ = [bytes(packet) for packet in (*context.encode(frame), *context.encode(None))]


def bare_decode(stream: bytes) -> list[Any]:
    """FFmpeg's decoder and its planes as arrays."""
    context: Any = av.CodecContext.create("hevc", "r")
    context.thread_count = 1
    (frame,) = [*context.decode(av.Packet(stream)), *context.decode(None)]
    return [
        np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
        for plane in frame.planes
    ]


def annex_b(bitstream: bytes) -> bytes:
    file = parse(bitstream)
    tools = CodingTools.from_bytes(file.hevc_header)
    size = tools.coded_size(file.header.width, file.header.height)
    sets = (make_vps(), make_sps(tools, file.header.chroma, file.header.bit_depth, *size))
    return b"".join(START_CODE + unit for unit in (*sets, *split_units(file.data)))


def times(steps: dict[str, Step], repeats: int) -> dict[str, Times]:
    readings: dict[str, list[float]] = {name: [] for name in steps}
    for step in steps.values():
        step()
    for _ in range(repeats):
        for name, step in steps.items():
            started = time.process_time()
            step()
            readings[name].append(1000 * (time.process_time() - started))
    return {name: Times(statistics.median(values), min(values)) for name, values in readings.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("image", type=Path)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--qp", type=int, default=30)
    arguments = parser.parse_args()
    with Image.open(arguments.image) as image:
        pixels = np.ascontiguousarray(np.asarray(image.convert("RGB"))[:256, :256])
    size = f"{pixels.shape[1]}x{pixels.shape[0]}"
    print(f"{arguments.image.name}, {size}, qp {arguments.qp}; CPU ms, median (least)")
    chromas: tuple[Chroma, ...] = ("444", "422", "420")
    for chroma in chromas:
        bench(pixels, chroma, arguments.qp, arguments.repeats)


def bench(pixels: Pixels, chroma: Chroma, qp: int, repeats: int) -> None:
    planes: list[Any] = colour.to_planes(pixels, chroma, 8, "ycbcr")
    bitstream = benchcomp_bpg.encode(pixels, qp, subsampling=chroma)
    stream = annex_b(bitstream)
    quick = times(
        {
            "to_planes": lambda: colour.to_planes(pixels, chroma, 8, "ycbcr"),
            "to_pixels": lambda: colour.to_pixels(planes, chroma, 8, "ycbcr"),
            "parts": lambda: colour.to_pixels(bare_decode(stream), chroma, 8, "ycbcr"),
            "whole": lambda: benchcomp_bpg.decode(bitstream),
        },
        20 * repeats,
    )
    print(f"{chroma}: colour alone: to planes {quick['to_planes']}, to pixels {quick['to_pixels']}")
    report("decode", quick)
    presets: tuple[Preset, ...] = ("veryslow", "medium")
    for preset in presets:
        slow: dict[str, Step] = {
            "parts": functools.partial(convert_and_encode, pixels, chroma, qp, preset),
            "whole": functools.partial(benchcomp_bpg.encode, pixels, qp, subsampling=chroma, preset=preset),
        }
        report(f"encode {preset}", times(slow, repeats))


def convert_and_encode(pixels: Pixels, chroma: Chroma, qp: int, preset: Preset) -> None:
    bare_encode(colour.to_planes(pixels, chroma, 8, "ycbcr"), chroma, qp, preset)


def report(what: str, both: dict[str, Times]) -> None:
    ratio = both["whole"].median / both["parts"].median
    print(
        f"  {what}: PyAV and colour {both['parts']}, whole call {both['whole']}, ratio of medians {ratio:.3f}"
    )


if __name__ == "__main__":
    main()
