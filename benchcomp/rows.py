"""The one tabular form of results: which columns there are, in which order, and what they mean.

The terminal table, CSV, JSON and the data frames of the analysis are all views of it. The order is
fixed by :data:`SCHEMA`; a change of meaning or order raises it.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["COST", "IDENTITY", "PROVENANCE", "SCHEMA", "STATUSES", "columns"]

SCHEMA = 1

IDENTITY = (
    "dataset",
    "image",
    "codec",
    "options",
    "quality",
    "target_bpp",
    "status",
    "reason",
    "width",
    "height",
    "bytes",
    "bpp",
    "bpc",
)
"""``options`` is the canonical text of the options that differ from the defaults (``subsampling=444``),
empty for none; ``quality`` is the knob's value, empty for a single rate point; ``bpp`` is 8 x bytes /
(width x height), ``bpc`` a third of it."""

COST = ("encode_wall_s", "decode_wall_s", "encode_cpu_s", "decode_cpu_s", "peak_rss_bytes")
"""Seconds of the codec's calls alone (the median where they were repeated), and the largest resident
set of the process that made them."""

PROVENANCE = ("lossless", "repeats", "codec_version", "benchcomp_version", "image_sha256", "measured_at")
"""``lossless`` says that the reconstruction equals the source; ``measured_at`` is ISO 8601, UTC."""

STATUSES = ("ok", "error", "timeout", "crash", "memory", "unreachable")
"""``ok``: measured. ``error``: the codec raised or returned something wrong. ``timeout``, ``crash``,
``memory``: its process was stopped, died, or outgrew its limit. ``unreachable``: a target outside what
the codec can do."""


def columns(metrics: Sequence[str]) -> list[str]:
    """All columns in order, given the names of the metrics in theirs."""
    return [*IDENTITY, *metrics, *COST, *PROVENANCE]
