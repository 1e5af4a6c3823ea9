"""Images in the one in-memory form that everything else works on.

:data:`Pixels` is ``numpy.uint8`` of shape (height, width, 3), RGB, C-contiguous. :func:`read` brings
any image file into it, :func:`check` refuses what isn't it, and the luma here is the one that every
metric uses.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

from benchcomp.errors import BenchcompError

__all__ = ["Pixels", "check", "content_hash"]

Pixels = npt.NDArray[np.uint8]
"""uint8, shape (height, width, 3), RGB, C-contiguous."""


def check(pixels: object, what: str = "image") -> Pixels:
    """Return ``pixels`` as contiguous :data:`Pixels`; raise :class:`BenchcompError` if it isn't that."""
    if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8:
        kind = f"{pixels.dtype} array" if isinstance(pixels, np.ndarray) else type(pixels).__name__
        raise BenchcompError(f"{what} is a {kind}, not a uint8 array")
    if pixels.ndim != 3 or pixels.shape[2] != 3 or 0 in pixels.shape:
        raise BenchcompError(f"{what} has shape {pixels.shape}, not (height, width, 3)")
    return np.ascontiguousarray(pixels)


def content_hash(pixels: Pixels) -> str:
    """SHA-256 over size and samples, in hexadecimal: equal exactly for equal pictures.

    The same picture in another file format has the same hash.
    """
    digest = hashlib.sha256(f"{pixels.shape[1]}x{pixels.shape[0]}:".encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()
