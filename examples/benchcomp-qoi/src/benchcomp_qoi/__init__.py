"""QOI, the "Quite OK Image" format, as a benchcomp plugin."""

from benchcomp import Entry, hookimpl


@hookimpl
def benchcomp_codecs() -> list[Entry]:
    """Register the codec; its module is imported when it is first used."""
    return [Entry("qoi", "Quite OK Image, lossless, written by hand", "benchcomp_qoi.codec:QoiCodec")]
