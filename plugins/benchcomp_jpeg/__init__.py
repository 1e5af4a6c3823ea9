"""JPEG by the libjpeg-turbo in Pillow, as a codec plugin."""

from benchcomp import Entry, hookimpl


@hookimpl
def benchcomp_codecs() -> list[Entry]:
    """Register the codec ``jpeg``."""
    return [Entry("jpeg", "JPEG (libjpeg-turbo through Pillow)", "benchcomp_jpeg.codec:JpegCodec")]


@hookimpl
def benchcomp_checks() -> list[Entry]:
    """Register the comparison with published figures."""
    return [Entry("jpeg-kodak", "JPEG on Kodak against published curves", "benchcomp_jpeg.anchor:check")]
