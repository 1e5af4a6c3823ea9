"""JPEG 2000 by OpenJPEG through glymur, as a codec plugin."""

from benchcomp import Entry, hookimpl


@hookimpl
def benchcomp_codecs() -> list[Entry]:
    """Register the codec ``jp2k``."""
    return [
        Entry(
            "jp2k", "JPEG 2000, irreversible 9/7 (OpenJPEG through glymur)", "benchcomp_jp2k.codec:Jp2kCodec"
        )
    ]
