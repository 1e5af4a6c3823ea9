"""Images in the one in-memory form that everything else works on.

:data:`Pixels` is ``numpy.uint8`` of shape (height, width, 3), RGB, C-contiguous. :func:`read` brings
any image file into it or says why it won't, :func:`check` refuses arrays that aren't it, and
:func:`content_hash` names a picture by its samples. Nothing here resizes or manages colour.
"""

from __future__ import annotations

import hashlib
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from benchcomp.errors import BenchcompError

if TYPE_CHECKING:
    from PIL import ImageFile

__all__ = ["MAX_PIXELS", "SUFFIXES", "Colour", "Pixels", "check", "content_hash", "read"]

Pixels = npt.NDArray[np.uint8]
"""uint8, shape (height, width, 3), RGB, C-contiguous."""

Colour = tuple[int, int, int]
"""Red, green, blue, each 0 to 255."""

MAX_PIXELS = 178_956_970
"""Images of more pixels are refused (Pillow's own limit against decompression bombs)."""

_IMAGECODECS = {
    ".jxl": "jpegxl_decode",
    ".jxr": "jpegxr_decode",
    ".wdp": "jpegxr_decode",
    ".hdp": "jpegxr_decode",
    ".jls": "jpegls_decode",
    ".jph": "jpeg2k_decode",  # imagecodecs' htj2k_decode lets samples wrap around
    ".jhc": "jpeg2k_decode",
}
"""Formats that Pillow can't read, by suffix, and imagecodecs' decoders of them."""

_PILLOW = (
    "apng avif avifs bmp bw cur dcx dds dib flc fli gif icns ico im j2c j2k jfif jp2 jpc jpe jpeg jpf jpg "
    "jpx msp pbm pcx pgm png pnm ppm psd qoi ras rgb rgba sgi tga tif tiff webp xbm xpm"
)

SUFFIXES = frozenset(f".{name}" for name in _PILLOW.split()) | frozenset(_IMAGECODECS)
"""Lower-case suffixes of the files that :func:`read` takes for images."""

_EIGHT_BIT_MODES = {"1", "L", "P", "RGB", "RGBX", "YCbCr"}
_ALPHA_MODES = {"LA", "La", "PA", "RGBA", "RGBa"}


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


def read(path: str | os.PathLike[str], background: Colour | None = None) -> Pixels:
    """Read an image file with Pillow, or with imagecodecs where Pillow doesn't know the format.

    Gray, bilevel and palette images become RGB, the EXIF orientation is applied, of an animation the
    first frame is taken, and ICC profiles are ignored: samples stay as they are stored. Images of
    more than 8 bits a sample, CMYK and Lab are refused, because every conversion to 8-bit RGB is a
    choice that changes the results.

    Args:
        path: the image file.
        background: the colour that transparent pixels are composited on; without it, an image with
            any pixel that isn't opaque is refused.

    Returns:
        uint8, shape (height, width, 3), RGB, C-contiguous, writable.

    Raises:
        BenchcompError: no such file, not an image, broken or truncated, larger than
            :data:`MAX_PIXELS`, or refused as above; the message names the file.
    """
    path = Path(path)
    if not path.is_file():
        raise BenchcompError(f"{path}: {'not a file' if path.exists() else 'no such file'}")
    decoder = _IMAGECODECS.get(path.suffix.lower())
    try:
        samples = _read_imagecodecs(path, decoder) if decoder else _read_pillow(path)
    except BenchcompError as error:
        raise BenchcompError(f"{path}: {error}") from None
    except MemoryError:
        raise BenchcompError(f"{path}: there is not enough memory to read it") from None
    except Exception as error:  # decoders meet broken files with whatever type happens to come up
        reason = " ".join(str(error).replace(f" {str(path)!r}", "").split()) or type(error).__name__
        raise BenchcompError(f"{path}: can't be read as an image: {reason}") from error
    if samples.shape[2] == 4:
        samples = _composite(samples, background, path)
    return check(samples, str(path))


def _read_pillow(path: Path) -> Pixels:
    """Decode to uint8 (height, width, 3), or 4 channels with straight alpha."""
    from PIL import Image, ImageOps

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            image: ImageFile.ImageFile = Image.open(path)
        except Image.DecompressionBombError:
            raise BenchcompError(_too_large()) from None
    with image:
        if image.width * image.height > MAX_PIXELS:
            raise BenchcompError(_too_large())
        _refuse_other_than_8_bit_rgb(image, path)
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
        mode = "RGBA" if image.mode in _ALPHA_MODES or image.has_transparency_data else "RGB"
        return np.array(image.convert(mode))


def _refuse_other_than_8_bit_rgb(image: ImageFile.ImageFile, path: Path) -> None:
    """Raise for deep and CMYK images; Pillow itself drops low bits and converts without a word."""
    deep = image.mode in {"I", "F"} or image.mode.startswith("I;")
    for tile in image.tile:
        arguments = tile.args if isinstance(tile.args, tuple) else (tile.args,)
        deep |= any(isinstance(argument, str) and ";16" in argument for argument in arguments)
        if image.format == "PPM":  # the raw mode, then the largest sample value
            deep |= any(isinstance(argument, int) and argument > 255 for argument in arguments)
    if image.format in {"JPEG2000", "AVIF"}:
        deep |= _header_says_deep(path)
    if deep:
        raise BenchcompError("has more than 8 bits a sample; convert it to 8-bit RGB first")
    if image.mode not in _EIGHT_BIT_MODES | _ALPHA_MODES:
        raise BenchcompError(f"is a {image.mode} image; convert it to 8-bit RGB first")


def _header_says_deep(path: Path) -> bool:
    """Whether a JPEG 2000 or AVIF file holds more than 8 bits a sample."""
    with path.open("rb") as file:
        head = file.read(65536)
    siz = head.find(b"\xff\x4f\xff\x51")  # start of codestream, then the SIZ segment (ISO 15444-1 A.5.1)
    if siz >= 0:
        components = int.from_bytes(head[siz + 40 : siz + 42], "big")
        depths = head[siz + 42 : siz + 42 + 3 * components : 3]
        return any((depth & 0x7F) + 1 > 8 for depth in depths)
    av1c = head.find(b"av1C")  # the AV1 codec configuration's high_bitdepth flag
    return 0 <= av1c < len(head) - 6 and bool(head[av1c + 6] & 0x40)


def _read_imagecodecs(path: Path, decoder: str) -> Pixels:
    """Decode to uint8 (height, width, 3), or 4 channels with straight alpha."""
    import imagecodecs

    samples = np.asarray(getattr(imagecodecs, decoder)(path.read_bytes()))
    if samples.dtype != np.uint8:
        raise BenchcompError(f"has {samples.dtype} samples; convert it to 8-bit RGB first")
    if samples.ndim == 2:
        samples = samples[..., np.newaxis]
    if samples.ndim != 3 or samples.shape[2] > 4:
        raise BenchcompError(f"has shape {samples.shape}; only still gray and RGB images are read")
    if samples.shape[0] * samples.shape[1] > MAX_PIXELS:
        raise BenchcompError(_too_large())
    if samples.shape[2] <= 2:
        samples = np.concatenate([np.repeat(samples[..., :1], 3, axis=2), samples[..., 1:]], axis=2)
    return samples.copy()


def _too_large() -> str:
    return f"has more than {MAX_PIXELS / 1e6:.0f} megapixels; cut it into tiles first"


def _composite(samples: Pixels, background: Colour | None, path: Path) -> Pixels:
    """Composite (height, width, 4) with straight alpha on a colour; refuse where there is none."""
    alpha = samples[..., 3:].astype(np.uint16)
    if alpha.min() == 255:
        return np.ascontiguousarray(samples[..., :3])
    if background is None:
        raise BenchcompError(f"{path}: has transparent pixels; state a background colour or remove them")
    mixed = samples[..., :3] * alpha + np.array(background, np.uint16) * (255 - alpha) + 127
    return (mixed // 255).astype(np.uint8)
