"""The formats that imagecodecs' wheel carries, as codec plugins."""

from benchcomp import Entry, hookimpl

_CODECS = {
    "webp": ("WebP, lossy (libwebp)", "Webp"),
    "avif": ("AVIF by AV1 (libavif with libaom), 4:4:4", "Avif"),
    "jxl": ("JPEG XL, lossy (libjxl)", "JpegXl"),
    "jxr": ("JPEG XR, lossy (jxrlib)", "JpegXr"),
    "htj2k": ("High-throughput JPEG 2000, lossy or lossless (OpenJPH)", "Htj2k"),
    "png": ("PNG, lossless (libpng)", "Png"),
    "jpegls": ("JPEG-LS, lossless (CharLS)", "JpegLs"),
    "webp-lossless": ("WebP, lossless (libwebp)", "WebpLossless"),
    "jxl-lossless": ("JPEG XL, lossless (libjxl)", "JpegXlLossless"),
}


@hookimpl
def benchcomp_codecs() -> list[Entry]:
    """Register the codecs of this plugin."""
    return [
        Entry(name, summary, f"benchcomp_imagecodecs.codec:{attribute}", "pip install imagecodecs")
        for name, (summary, attribute) in _CODECS.items()
    ]
