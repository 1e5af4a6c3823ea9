"""A look inside one bitstream: a sheet with every picture on the way and the bytes of each part."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from benchcomp import Pixels
from benchcomp.pixels import read
from benchcomp_smic import coding
from benchcomp_smic.codec import SmicCodec, SmicOptions

__all__ = ["inspect_file", "sheet"]

_LINE = 14
"""Height of a caption in pixels."""


def inspect_file(image: Path, out: Path, position: int | None, options: SmicOptions) -> list[str]:
    """Code a file's picture, write the sheet, and return lines that say what each part costs.

    Args:
        image: any picture that benchcomp reads.
        out: the sheet, a PNG.
        position: the codec's knob; ``None`` for the middle of the ladder.
        options: the codec's options.

    Raises:
        BenchcompError: the picture can't be read, or an option or position is wrong.
    """
    pixels = read(image)
    codec = SmicCodec(options)
    if position is None and codec.knob is not None:
        position = int(codec.knob.high) // 2
    pictures, lines = sheet(codec, pixels, position)
    pictures.save(out)
    return [*lines, f"sheet: {out}"]


def sheet(codec: SmicCodec, pixels: Pixels, quality: float | None) -> tuple[Image.Image, list[str]]:
    """The sheet of one picture at one rate point, and a line for each part's bytes."""
    bitstream = codec.encode(pixels, quality)
    parts = coding.decode_parts(bitstream)
    stream = parts.stream
    made = codec.decode(bitstream)
    map_bytes = len(stream.map or b"")
    header = len(bitstream) - map_bytes - len(stream.thumbnail)
    bpp = 8 * len(bitstream) / (stream.width * stream.height)
    coder = stream.codec.upper() + (f" QP {stream.qp}" if stream.codec == "bpg" else "")
    pictures = [("input", pixels)]
    if parts.semantic is not None:
        pictures += [
            ("SS-Net's map", codec.networks().draw_map(pixels)),
            (f"decoded map, {map_bytes} bytes", parts.semantic),
        ]
    pictures += [
        (f"thumbnail 1/{stream.factor}, {coder}, {len(stream.thumbnail)} bytes", parts.thumbnail),
        ("up-sampled", parts.upsampled),
        (f"reconstruction, {bpp:.3f} bpp", made),
    ]
    lines = [
        f"header: {header} bytes",
        f"map: {map_bytes} bytes",
        f"thumbnail (1/{stream.factor}, {coder}): {len(stream.thumbnail)} bytes",
        f"all: {len(bitstream)} bytes, {bpp:.4f} bpp, PSNR {_psnr(pixels, made)} dB",
    ]
    return _lay_out(pictures), lines


def _psnr(a: Pixels, b: Pixels) -> str:
    error = float(np.mean((a.astype(np.float64) - b) ** 2))
    return "infinite" if error == 0 else f"{10 * np.log10(255**2 / error):.2f}"


def _lay_out(pictures: list[tuple[str, Pixels]]) -> Image.Image:
    height, width = pictures[0][1].shape[:2]
    cell = max(width, 200)
    columns = 3
    rows = -(-len(pictures) // columns)
    result = Image.new("RGB", (columns * cell, rows * (height + _LINE)), "white")
    draw = ImageDraw.Draw(result)
    for index, (caption, pixels) in enumerate(pictures):
        left, top = index % columns * cell, index // columns * (height + _LINE)
        draw.text((left + 2, top + 1), caption, fill="black")
        result.paste(Image.fromarray(pixels), (left, top + _LINE))
    return result
