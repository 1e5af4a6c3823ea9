"""FLIF: an interoperable FLIF16 encoder and decoder, as a library and as the codec plugin ``flif``.

:func:`encode` turns 8-bit gray, RGB or RGBA pixels into the bytes of a ``.flif`` file, :func:`decode` turns
them back. The work is done by a native extension; where it couldn't be built, importing this package
still works and the functions say what is missing.
"""

from benchcomp import Entry, hookimpl
from benchcomp_flif.files import decode, encode

__all__ = ["decode", "encode"]


@hookimpl
def benchcomp_codecs() -> list[Entry]:
    """Register the codec ``flif``."""
    return [Entry("flif", "FLIF, lossless", "benchcomp_flif.codec:FlifCodec")]
