"""The extension points: what a plugin may implement.

A plugin is an importable module named by an entry point in group ``benchcomp``. It implements any of
the hooks below with :data:`benchcomp.hookimpl`; each returns a list of :class:`Entry`, which names
things and says where they are, without importing them. A whole plugin::

    from benchcomp import Entry, hookimpl

    @hookimpl
    def benchcomp_codecs():
        return [Entry("qoi", "Quite OK Image, lossless", "benchcomp_qoi.codec:QoiCodec")]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pluggy

__all__ = [
    "Entry",
    "benchcomp_checks",
    "benchcomp_codecs",
    "benchcomp_commands",
    "benchcomp_datasets",
    "benchcomp_importers",
    "benchcomp_metrics",
    "benchcomp_reports",
    "hookimpl",
    "hookspec",
]

hookspec = pluggy.HookspecMarker("benchcomp")
hookimpl = pluggy.HookimplMarker("benchcomp")
"""Marks a function of a plugin as the implementation of the hook of the same name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a plugin brings.

    Attributes:
        name: what users type: lower case, no ``:``, ``,`` or white space.
        summary: one line for lists.
        load: ``module:attribute`` of the class (or Typer app), imported on first use.
        hint: what to do when importing it fails, such as ``pip install benchcomp[compressai]``.
    """

    name: str
    summary: str
    load: str
    hint: str = ""


@hookspec
def benchcomp_codecs() -> Sequence[Entry]:
    """Name the plugin's codecs; each entry loads a :class:`benchcomp.Codec` subclass."""
    return []


@hookspec
def benchcomp_metrics() -> Sequence[Entry]:
    """Name the plugin's metrics; each entry loads a :class:`benchcomp.Metric` subclass."""
    return []


@hookspec
def benchcomp_datasets() -> Sequence[Entry]:
    """Name the plugin's data sets; each entry loads a :class:`benchcomp.Dataset` subclass."""
    return []


@hookspec
def benchcomp_reports() -> Sequence[Entry]:
    """Name the plugin's reports; each entry loads a :class:`benchcomp.Report` subclass."""
    return []


@hookspec
def benchcomp_importers() -> Sequence[Entry]:
    """Name the plugin's readers of results made elsewhere.

    Each entry loads a function ``read(path: Path) -> Results`` that raises
    :class:`benchcomp.BenchcompError` for a file that isn't in its format.
    """
    return []


@hookspec
def benchcomp_checks() -> Sequence[Entry]:
    """Name the plugin's checks for ``benchcomp doctor --verify``.

    Each entry loads a function ``check(registry, echo) -> bool`` that prints what it compares through
    ``echo(line)`` and returns whether the figures are right; it raises
    :class:`benchcomp.BenchcompError` where it can't be made (no data, say).
    """
    return []


@hookspec
def benchcomp_commands() -> Sequence[Entry]:
    """Name the plugin's command groups; each entry loads a ``typer.Typer`` app."""
    return []
