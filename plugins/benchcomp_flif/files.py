"""Pixels to and from the bytes of ``.flif`` files.

Arrays are checked here and handed to the native extension, which does the rest without the interpreter
lock. Reading and writing files, and other kinds of pixels than 8-bit ones, are not its business.
"""

from __future__ import annotations

from types import ModuleType

import numpy as np
import numpy.typing as npt

from benchcomp import BenchcompError, BitstreamError

__all__ = ["MAX_PIXELS", "decode", "encode", "missing"]

MAX_PIXELS = 1 << 26
"""Images of more pixels are neither written nor read."""

_native: ModuleType | None
try:
    from benchcomp_flif import _native
except ImportError:
    _native = None

_MISSING = "its native extension isn't built; install a C++17 compiler and reinstall benchcomp from source"


def missing() -> str | None:
    """Why :func:`encode` and :func:`decode` can't work here; ``None`` when they can."""
    return _MISSING if _native is None else None


def _extension() -> ModuleType:
    if _native is None:
        raise BenchcompError(f"FLIF is unavailable: {_MISSING}")
    return _native


def encode(
    pixels: npt.NDArray[np.uint8],
    interlaced: bool | None = None,
    effort: int = 60,
    smallest: bool = False,
    keep_invisible: bool = False,
) -> bytes:
    """Encode one image as a FLIF16 file.

    The same choices as the program ``flif`` 0.4 makes give the same bytes. An alpha channel that is 255
    everywhere, and colour where red, green and blue are equal everywhere, are not stored.

    Args:
        pixels: uint8, shape (height, width) for gray, (height, width, 3) RGB or (height, width, 4) RGBA.
        interlaced: whether the file can be shown progressively; ``None``: from 10 000 pixels on. An image
            of one row is never interlaced, since ``flif`` misreads such files.
        effort: 0 (fast) to 100 (small); 60 is what ``flif`` does.
        smallest: try other choices too, ones that make small images smaller, and keep the shortest file:
            never longer than without, and many times slower. Not interlaced; without a checksum.
        keep_invisible: keep the colours of pixels with alpha 0, which are stored as black otherwise.

    Returns:
        The whole file.

    Raises:
        BenchcompError: not such pixels, an effort outside 0 to 100, or the extension isn't built.
    """
    extension = _extension()
    if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8:
        kind = f"{pixels.dtype} array" if isinstance(pixels, np.ndarray) else type(pixels).__name__
        raise BenchcompError(f"FLIF encodes uint8 arrays here, not a {kind}")
    known_shape = pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] in (3, 4))
    if not known_shape or 0 in pixels.shape:
        raise BenchcompError(f"FLIF encodes shapes (height, width[, 3 or 4]), not {pixels.shape}")
    if not 0 <= effort <= 100:
        raise BenchcompError(f"effort {effort} is outside 0 to 100")
    if smallest and interlaced:
        raise BenchcompError("smallest files are not interlaced: give one of the two options")
    height, width = pixels.shape[:2]
    if interlaced is None:
        interlaced = not smallest and height * width >= 10_000
    try:
        bitstream: bytes = extension.encode(
            np.ascontiguousarray(pixels),
            height,
            width,
            1 if pixels.ndim == 2 else pixels.shape[2],
            interlaced=interlaced and height > 1,
            effort=effort,
            smallest=smallest,
            keep_invisible=keep_invisible,
        )
    except ValueError as error:
        raise BenchcompError(str(error)) from error
    return bitstream


def decode(bitstream: bytes, max_pixels: int = MAX_PIXELS) -> npt.NDArray[np.uint8]:
    """Decode an 8-bit still FLIF16 file; its checksum, if it has one, is verified.

    Args:
        bitstream: the whole file.
        max_pixels: refuse larger images, up to :data:`MAX_PIXELS`.

    Returns:
        uint8, shape (height, width), (height, width, 3) or (height, width, 4), as stored.

    Raises:
        BitstreamError: not a FLIF file, of an unsupported kind, damaged, or too large.
        BenchcompError: the extension isn't built.
    """
    try:
        pixels, height, width, channels = _extension().decode(bitstream, min(max_pixels, MAX_PIXELS))
    except ValueError as error:
        raise BitstreamError(f"FLIF: {error}") from error
    shape = (height, width) if channels == 1 else (height, width, channels)
    return np.frombuffer(pixels, np.uint8).reshape(shape)
