"""The reference programs bpgenc and bpgdec as a backend, where they are on the PATH.

Images go through PNG files in a temporary folder. Same functions as in :mod:`benchcomp_bpg.picture`.
"""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import get_args

import numpy as np
from PIL import Image

from benchcomp import BenchcompError, BitstreamError, Pixels
from benchcomp_bpg.container import MAX_PIXELS, Preset, parse

__all__ = ["decode", "encode", "version"]

TIME_LIMIT_S = 300
"""A program that runs longer is ended."""


def encode(
    pixels: Pixels,
    qp: int | None,
    *,
    subsampling: str = "444",
    bit_depth: int = 8,
    preset: Preset = "veryslow",
    lossless: bool = False,
) -> bytes:
    """Encode with ``bpgenc -e x265``.

    Args:
        pixels: uint8, (height, width, 3), RGB.
        qp: bpgenc's ``-q``, 0 to 51; ``None`` with ``lossless``.
        subsampling: ``444``, ``422`` or ``420``.
        bit_depth: 8, 10 or 12.
        preset: x265's preset, whose place in the list of presets is bpgenc's level ``-m`` (1 to 9; the
            first, ultrafast, gets level 1, too).
        lossless: whether to code RGB without loss.

    Returns:
        The .bpg file.

    Raises:
        BenchcompError: bpgenc is missing, fails, or takes too long.
    """
    level = max(1, get_args(Preset).index(preset))
    options = ["-e", "x265", "-m", str(level), "-b", str(bit_depth), "-f", subsampling]
    options += ["-lossless", "-c", "rgb"] if lossless else ["-q", str(qp)]
    with tempfile.TemporaryDirectory(prefix="benchcomp-bpg-") as folder:
        source, target = Path(folder, "image.png"), Path(folder, "image.bpg")
        Image.fromarray(pixels).save(source, compress_level=0)
        _run("bpgenc", [*options, "-o", str(target), str(source)])
        if not target.is_file():
            raise BenchcompError("bpgenc wrote no file")
        return target.read_bytes()


def decode(bitstream: bytes, *, max_pixels: int = MAX_PIXELS) -> Pixels:
    """Decode with ``bpgdec``, to uint8 pixels (height, width, 3), or (height, width, 4) with alpha.

    Raises:
        BitstreamError: the file isn't a BPG file, is truncated or too large, or bpgdec refuses it.
        BenchcompError: bpgdec is missing or takes too long.
    """
    header = parse(bitstream, max_pixels).header
    with tempfile.TemporaryDirectory(prefix="benchcomp-bpg-") as folder:
        source, target = Path(folder, "image.bpg"), Path(folder, "image.png")
        source.write_bytes(bitstream)
        try:
            _run("bpgdec", ["-o", str(target), str(source)])
        except _FailedError as error:
            raise BitstreamError(str(error)) from error
        if not target.is_file():
            raise BitstreamError("bpgdec wrote no file")
        with Image.open(target) as image:
            pixels = np.asarray(image.convert("RGBA" if header.alpha else "RGB"))
    if pixels.shape[:2] != (header.height, header.width):
        raise BitstreamError(f"bpgdec gave {pixels.shape[:2]}, the header {(header.height, header.width)}")
    return np.ascontiguousarray(pixels)


@functools.cache
def version() -> str:
    """The programs' version as bpgenc's help states it, such as ``libbpg 0.9.8``.

    Raises:
        BenchcompError: bpgenc is missing.
    """
    result = _start("bpgenc", ["-h"])
    found = re.search(r"version\s+(\S+)", result.stdout + result.stderr)
    return f"libbpg {found[1] if found else 'of unknown version'}"


class _FailedError(BenchcompError):
    """A program ended with an error."""


def _run(program: str, arguments: list[str]) -> None:
    result = _start(program, arguments)
    if result.returncode:
        lines = (result.stderr or result.stdout).strip().splitlines()
        raise _FailedError(f"{program} failed ({result.returncode}): {lines[-1] if lines else 'no message'}")


def _start(program: str, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    path = shutil.which(program)
    if path is None:
        raise BenchcompError(f"{program} is not on the PATH; install libbpg, or use backend=pyav")
    try:
        return subprocess.run(
            [path, *arguments],
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=TIME_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BenchcompError(f"{program} was ended after {TIME_LIMIT_S} s") from None
