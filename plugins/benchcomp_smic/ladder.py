"""Rate points: what stands at each position of SMIC's quality knob.

A point says how thumbnail and map are coded. The ladder in ``ladder.json`` was found on the LPIPS-rate
front over Facades train by ``scripts/find_smic_ladder.py``; a forced factor or codec has its own.
"""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

__all__ = ["DEFAULT_MAP_QP", "Point", "digest", "forced", "shipped"]

DEFAULT_MAP_QP = 46
_FORCED_QPS = range(50, 9, -1)
_FACTORS = (16, 8, 4, 2, 1)


@dataclass(frozen=True, slots=True)
class Point:
    """One way to code a picture.

    Attributes:
        factor: the thumbnail's sampling factor.
        codec: the thumbnail's codec; FLIF is lossless.
        qp: the thumbnail's QP with BPG, 0 with FLIF.
        map_qp: the map's QP; ``None`` for no map.
    """

    factor: int
    codec: Literal["bpg", "flif"]
    qp: int
    map_qp: int | None = DEFAULT_MAP_QP


def digest() -> str:
    """Eight hexadecimal digits for the shipped ladder: another ladder gives the knob another meaning."""
    return hashlib.sha256(repr(shipped()).encode()).hexdigest()[:8]


@functools.cache
def shipped() -> tuple[Point, ...]:
    """The ladder that comes with the package, in order of rising rate."""
    entries: list[dict[str, Any]] = json.loads((files("benchcomp_smic") / "ladder.json").read_text())[
        "points"
    ]
    return tuple(Point(**entry) for entry in entries)


def forced(factor: int | None, codec: Literal["bpg", "flif"] | None) -> tuple[Point, ...]:
    """A ladder for a forced sampling factor or thumbnail codec, in order of rising rate.

    A factor alone is coded by BPG at every QP from 50 to 10, FLIF alone at every factor; BPG alone is
    the shipped ladder's points of that codec.
    """
    if codec == "flif":
        return tuple(Point(f, "flif", 0) for f in ([factor] if factor else _FACTORS))
    if factor:
        return tuple(Point(factor, "bpg", qp) for qp in _FORCED_QPS)
    return tuple(point for point in shipped() if codec in (None, point.codec))
