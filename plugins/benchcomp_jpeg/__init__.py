"""JPEG by the libjpeg-turbo in Pillow, as a codec plugin."""

from benchcomp import Entry, hookimpl


@hookimpl
def benchcomp_codecs() -> list[Entry]:
    """Register the codec ``jpeg``."""
    return [Entry("jpeg", "JPEG (libjpeg-turbo through Pillow)", "benchcomp_jpeg.codec:JpegCodec")]
