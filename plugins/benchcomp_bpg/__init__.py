"""BPG: a standard .bpg encoder and decoder on PyAV, as a library and as a codec plugin.

:func:`encode` and :func:`decode` are the library; :func:`compact` and :func:`expand` are for formats that
embed a BPG picture. All four are imported when they are first used, so that importing the plugin costs
nothing. The parts are modules of their own:

- ``container``: what stands around the coded picture in a file, taken apart and put together;
- ``nal``, ``parameter_sets``: HEVC's headers, as far as BPG needs them;
- ``colour``: RGB to planes and back;
- ``hevc``: planes to HEVC and back, by PyAV;
- ``picture``: pixels to a file and back, out of these;
- ``implied``: a file without what its reader knows anyway;
- ``codec``, ``libbpg``: the plugin, and the reference programs as its other backend.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from benchcomp import Entry, hookimpl

if TYPE_CHECKING:
    from benchcomp_bpg.implied import compact, expand
    from benchcomp_bpg.picture import decode, encode

__all__ = ["compact", "decode", "encode", "expand"]

_HOMES = {"encode": "picture", "decode": "picture", "compact": "implied", "expand": "implied"}


def __getattr__(name: str) -> Any:
    """Import a public function when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    function = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = function
    return function


@hookimpl
def benchcomp_codecs() -> list[Entry]:
    """Register the codec ``bpg``."""
    return [Entry("bpg", "BPG (x265 and FFmpeg's HEVC decoder through PyAV)", "benchcomp_bpg.codec:BpgCodec")]
