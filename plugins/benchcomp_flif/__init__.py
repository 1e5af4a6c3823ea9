"""FLIF: an interoperable FLIF16 encoder and decoder, as a library and as a codec plugin."""

from benchcomp import Entry, hookimpl


@hookimpl
def benchcomp_codecs() -> list[Entry]:
    """Register the codec ``flif``."""
    return [Entry("flif", "FLIF, lossless", "benchcomp_flif.codec:FlifCodec")]
