"""WebP, AVIF, JPEG XL, JPEG XR, HTJ2K, PNG and JPEG-LS through imagecodecs.

Everything runs in one thread, so that times compare. Bitstreams are the formats' own files as
imagecodecs writes them; nothing is added or stripped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from benchcomp import BenchcompError, BitstreamError, Codec, Knob, Pixels

if TYPE_CHECKING:
    from types import ModuleType

__all__ = [
    "Avif",
    "Htj2k",
    "JpegLs",
    "JpegXl",
    "JpegXlLossless",
    "JpegXr",
    "Png",
    "Webp",
    "WebpLossless",
]


def _check_range(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ValueError(f"{name} is from {low} to {high}, not {value}")


class _ImagecodecsCodec(Codec):
    """What the codecs share: how imagecodecs is called, and how its refusals are reported.

    Class attributes:
        part: imagecodecs' name of the format.
        decoder: imagecodecs' name of the decoder, where it isn't the part's own.
        title: the format's name in messages.
    """

    part: ClassVar[str]
    decoder: ClassVar[str] = ""
    title: ClassVar[str]

    def settings(self, quality: float | None) -> dict[str, Any]:
        """Keyword arguments of imagecodecs' encoder."""
        raise NotImplementedError

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        """Encode one image; see :meth:`benchcomp.Codec.encode`."""
        return bytes(getattr(_imagecodecs(), f"{self.part}_encode")(pixels, **self.settings(quality)))

    def decode(self, bitstream: bytes) -> Pixels:
        """Decode to pixels; see :meth:`benchcomp.Codec.decode`."""
        try:
            pixels = np.asarray(getattr(_imagecodecs(), f"{self.decoder or self.part}_decode")(bitstream))
        except Exception as error:  # each format has an error type of its own
            raise BitstreamError(f"not a readable {self.title} bitstream: {error}") from error
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
            raise BitstreamError(f"a {self.title} image of {pixels.dtype} {pixels.shape}, not 8-bit RGB")
        return np.ascontiguousarray(pixels)

    def version(self) -> str:
        """Versions of the format's library and of imagecodecs, which fixes what that was built with."""
        imagecodecs = _imagecodecs()
        return f"{getattr(imagecodecs, f'{self.part}_version')()} (imagecodecs {imagecodecs.__version__})"

    @classmethod
    def unavailable(cls) -> str | None:
        """Whether this imagecodecs was built without the format."""
        if getattr(_imagecodecs(), cls.part.upper()).available:
            return None
        return f"this imagecodecs was built without {cls.title}; install its wheel: pip install imagecodecs"


class _LosslessCodec(_ImagecodecsCodec):
    """A codec without a knob that gives back what it got."""

    @property
    def lossless(self) -> bool:
        """Always."""
        return True


@dataclass(frozen=True, slots=True)
class WebpOptions:
    """Options of :class:`Webp` and :class:`WebpLossless`."""

    method: int = field(default=4, metadata={"help": "Effort from 0 (fast) to 6; 4 is libwebp's default."})

    def __post_init__(self) -> None:
        _check_range("method", self.method, 0, 6)


class Webp(_ImagecodecsCodec):
    """Lossy WebP, which is always 4:2:0; the knob is libwebp's quality."""

    name = "webp"
    part = "webp"
    title = "WebP"
    Options = WebpOptions

    @property
    def knob(self) -> Knob:
        """Quality 0 to 100 of libwebp."""
        return Knob("quality", 0, 100, (0, 2, 8, 20, 40, 60, 78, 90))

    def settings(self, quality: float | None) -> dict[str, Any]:
        """Keyword arguments of imagecodecs' encoder."""
        return {"level": quality, "lossless": False, "method": self.options.method, "numthreads": 1}


class WebpLossless(_LosslessCodec):
    """Lossless WebP."""

    name = "webp-lossless"
    part = "webp"
    title = "WebP"
    Options = WebpOptions

    def settings(self, quality: float | None) -> dict[str, Any]:
        """Keyword arguments of imagecodecs' encoder; 75 is libwebp's default effort."""
        return {"level": 75, "lossless": True, "method": self.options.method, "numthreads": 1}


@dataclass(frozen=True, slots=True)
class AvifOptions:
    """Options of :class:`Avif`."""

    speed: int = field(default=4, metadata={"help": "Effort from 0 (slowest) to 10 (fastest)."})
    subsampling: Literal["444", "422", "420"] = field(default="444", metadata={"help": "Chroma subsampling."})

    def __post_init__(self) -> None:
        _check_range("speed", self.speed, 0, 10)


class Avif(_ImagecodecsCodec):
    """AVIF by libaom, 8 bits, 4:4:4 unless told otherwise; the knob is libavif's quality."""

    name = "avif"
    part = "avif"
    title = "AVIF"
    Options = AvifOptions

    @property
    def knob(self) -> Knob:
        """Quality 0 to 99 of libavif; 100 would be another, lossless mode."""
        return Knob("quality", 0, 99, (1, 10, 20, 32, 44, 56, 68, 80))

    def settings(self, quality: float | None) -> dict[str, Any]:
        """Keyword arguments of imagecodecs' encoder."""
        return {
            "level": quality,
            "speed": self.options.speed,
            "pixelformat": f"yuv{self.options.subsampling}",
            "codec": "aom",
            "numthreads": 1,
        }


@dataclass(frozen=True, slots=True)
class JpegXlOptions:
    """Options of :class:`JpegXl` and :class:`JpegXlLossless`."""

    effort: int = field(default=7, metadata={"help": "Effort from 1 (fast) to 10; 7 is libjxl's default."})

    def __post_init__(self) -> None:
        _check_range("effort", self.effort, 1, 10)


class JpegXl(_ImagecodecsCodec):
    """Lossy JPEG XL (VarDCT in XYB, 4:4:4); the knob is libjxl's Butteraugli distance."""

    name = "jxl"
    part = "jpegxl"
    title = "JPEG XL"
    Options = JpegXlOptions

    @property
    def knob(self) -> Knob:
        """Distance 0.01 to 25; 1 is visually lossless, and the rate falls as it grows."""
        return Knob("distance", 0.01, 25, (25, 14, 9, 6, 4, 2.7, 1.8, 1.2), integer=False)

    def settings(self, quality: float | None) -> dict[str, Any]:
        """Keyword arguments of imagecodecs' encoder."""
        return {"distance": quality, "lossless": False, "effort": self.options.effort, "numthreads": 1}


class JpegXlLossless(_LosslessCodec):
    """Lossless (modular) JPEG XL."""

    name = "jxl-lossless"
    part = "jpegxl"
    title = "JPEG XL"
    Options = JpegXlOptions

    def settings(self, quality: float | None) -> dict[str, Any]:
        """Keyword arguments of imagecodecs' encoder."""
        return {"lossless": True, "effort": self.options.effort, "numthreads": 1}


class JpegXr(_ImagecodecsCodec):
    """JPEG XR; the knob is jxrlib's image quality, which also chooses chroma format and overlap.

    Below 50, where jxrlib subsamples chroma and overlaps twice, it can't encode images narrower than 17.
    """

    name = "jxr"
    part = "jpegxr"
    title = "JPEG XR"

    @property
    def knob(self) -> Knob:
        """Quality 1 to 99 in hundredths of jxrlib's; its lowest is far from low rates."""
        return Knob("quality", 2, 99, (2, 6, 12, 20, 28, 36, 44, 52))

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        """Encode one image; see :meth:`benchcomp.Codec.encode`."""
        if pixels.shape[1] < 17 and quality is not None and quality < 50:  # jxrlib would also print
            raise BenchcompError("JPEG XR at a quality below 50 needs images at least 17 pixels wide")
        return super().encode(pixels, quality)

    def settings(self, quality: float | None) -> dict[str, Any]:
        """Keyword arguments of imagecodecs' encoder, which takes values above 1 as per cent."""
        return {"level": quality}


@dataclass(frozen=True, slots=True)
class Htj2kOptions:
    """Options of :class:`Htj2k`."""

    lossless: bool = field(default=False, metadata={"help": "Reversible 5/3 wavelet, all bits kept."})


class Htj2k(_ImagecodecsCodec):
    """High-throughput JPEG 2000 by OpenJPH, 9/7 wavelet; the knob is the base quantisation step.

    Decoded by OpenJPEG: imagecodecs' binding of OpenJPH wraps samples beyond 0 and 255 around.
    """

    name = "htj2k"
    part = "htj2k"
    decoder = "jpeg2k"
    title = "HTJ2K"
    Options = Htj2kOptions

    @property
    def knob(self) -> Knob | None:
        """Step 0.0005 to 1, as a fraction of the range of samples; the rate falls as it grows."""
        if self.lossless:
            return None
        return Knob("step", 0.0005, 1, (0.5, 0.3, 0.2, 0.14, 0.1, 0.07, 0.05, 0.033), integer=False)

    @property
    def lossless(self) -> bool:
        """Whether this is the lossless variant."""
        return bool(self.options.lossless)

    def settings(self, quality: float | None) -> dict[str, Any]:
        """Keyword arguments of imagecodecs' encoder."""
        return {"reversible": True} if quality is None else {"reversible": False, "level": quality}

    def version(self) -> str:
        """Versions of the encoder's and the decoder's libraries."""
        imagecodecs = _imagecodecs()
        return f"{imagecodecs.jpeg2k_version()}, {super().version()}"


@dataclass(frozen=True, slots=True)
class PngOptions:
    """Options of :class:`Png`."""

    level: int = field(default=9, metadata={"help": "zlib's effort from 0 (none) to 9."})

    def __post_init__(self) -> None:
        _check_range("level", self.level, 0, 9)


class Png(_LosslessCodec):
    """PNG by libpng with adaptive filters."""

    name = "png"
    part = "png"
    title = "PNG"
    Options = PngOptions

    def settings(self, quality: float | None) -> dict[str, Any]:
        """Keyword arguments of imagecodecs' encoder."""
        return {"level": self.options.level}


class JpegLs(_LosslessCodec):
    """JPEG-LS by CharLS, sample-interleaved, without a colour transform."""

    name = "jpegls"
    part = "jpegls"
    title = "JPEG-LS"

    def settings(self, quality: float | None) -> dict[str, Any]:
        """Keyword arguments of imagecodecs' encoder."""
        return {}

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        """Encode one image; see :meth:`benchcomp.Codec.encode`."""
        room = 2 * pixels.nbytes + 1024  # noise grows, and imagecodecs allots no more than the input
        return bytes(_imagecodecs().jpegls_encode(pixels, out=room))

    def decode(self, bitstream: bytes) -> Pixels:
        """Decode to pixels; see :meth:`benchcomp.Codec.decode`."""
        if not bitstream.endswith(b"\xff\xd9"):  # CharLS takes seconds to find that out
            raise BitstreamError("not a JPEG-LS bitstream, or one that is cut off")
        return super().decode(bitstream)


def _imagecodecs() -> ModuleType:
    import imagecodecs

    module: ModuleType = imagecodecs
    return module
