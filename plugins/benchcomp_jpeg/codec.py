"""JPEG through Pillow, which is libjpeg-turbo in its wheels.

With the default options the bytes are those of ``image.save(file, "JPEG", quality=q)``: 4:2:0,
standard Huffman tables, sequential, JFIF header. Nothing is stripped: what Pillow writes is counted.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from benchcomp import BitstreamError, Codec, Knob, Pixels

__all__ = ["JpegCodec", "JpegOptions"]


@dataclass(frozen=True, slots=True)
class JpegOptions:
    """Options of :class:`JpegCodec`."""

    subsampling: Literal["420", "422", "444"] = field(
        default="420", metadata={"help": "Chroma subsampling; 420 is Pillow's default at every quality."}
    )
    optimize: bool = field(
        default=False, metadata={"help": "Huffman tables made for the image: smaller, same pixels."}
    )
    progressive: bool = field(default=False, metadata={"help": "Progressive scans: smaller, same pixels."})


class JpegCodec(Codec):
    """JPEG; the knob is libjpeg's quality."""

    name = "jpeg"
    Options = JpegOptions

    @property
    def knob(self) -> Knob:
        """The quality of libjpeg, 1 to 100; it scales the tables of the standard's Annex K."""
        return Knob("quality", 1, 100, (2, 5, 10, 20, 40, 60, 80, 90))

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        """Encode one image; see :meth:`benchcomp.Codec.encode`."""
        from PIL import Image

        assert quality is not None
        options: JpegOptions = self.options
        stream = io.BytesIO()
        Image.fromarray(pixels).save(
            stream,
            "JPEG",
            quality=int(quality),
            subsampling=f"{options.subsampling[0]}:{options.subsampling[1]}:{options.subsampling[2]}",
            optimize=options.optimize,
            progressive=options.progressive,
        )
        return stream.getvalue()

    def decode(self, bitstream: bytes) -> Pixels:
        """Decode to pixels; see :meth:`benchcomp.Codec.decode`."""
        from PIL import Image

        try:
            with Image.open(io.BytesIO(bitstream), formats=["JPEG"]) as image:
                if image.mode != "RGB":
                    raise BitstreamError(f"a JPEG of mode {image.mode}, not RGB")
                return np.array(image)
        except BitstreamError:
            raise
        except Exception as error:  # Pillow's parsers raise many types on broken input
            raise BitstreamError(f"not a readable JPEG: {error}") from error

    def version(self) -> str:
        """Versions of Pillow and of the JPEG library in it."""
        import PIL
        from PIL import features

        turbo = features.version("libjpeg_turbo")
        library = f"libjpeg-turbo {turbo}" if turbo else f"libjpeg {features.version('jpg')}"
        return f"{library} (Pillow {PIL.__version__})"
