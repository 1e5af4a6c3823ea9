"""FLIF: an interoperable FLIF16 encoder and decoder, as a library and as the codec plugin ``flif``.

:func:`encode` turns 8-bit gray, RGB or RGBA pixels into the bytes of a ``.flif`` file, :func:`decode` turns
them back. The work is done by a native extension; where it couldn't be built, importing this package
still works and the functions say what is missing. Both are imported when they are first used, so that
registering the plugin costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from benchcomp import Entry, hookimpl

if TYPE_CHECKING:
    from benchcomp_flif.files import decode, encode

__all__ = ["decode", "encode"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.files"), name)


@hookimpl
def benchcomp_codecs() -> list[Entry]:
    """Register the codec ``flif``."""
    return [Entry("flif", "FLIF, lossless", "benchcomp_flif.codec:FlifCodec")]
