"""BPG: a standard .bpg encoder and decoder on PyAV, as a library and as a codec plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchcomp import Entry, hookimpl

if TYPE_CHECKING:
    from benchcomp_bpg.picture import decode, encode

__all__ = ["decode", "encode"]


def __getattr__(name: str) -> Any:
    """Import the codec when it is first used; importing the plugin costs nothing."""
    if name in __all__:
        from benchcomp_bpg import picture

        return getattr(picture, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@hookimpl
def benchcomp_codecs() -> list[Entry]:
    """Register the codec ``bpg``."""
    return [Entry("bpg", "BPG (x265 and FFmpeg's HEVC decoder through PyAV)", "benchcomp_bpg.codec:BpgCodec")]
