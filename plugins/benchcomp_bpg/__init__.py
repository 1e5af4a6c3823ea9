"""BPG: a standard .bpg encoder and decoder on PyAV, as a library and as a codec plugin."""

from benchcomp import Entry, hookimpl


@hookimpl
def benchcomp_codecs() -> list[Entry]:
    """Register the codec ``bpg``."""
    return [Entry("bpg", "BPG (x265 and FFmpeg's HEVC decoder through PyAV)", "benchcomp_bpg.codec:BpgCodec")]
