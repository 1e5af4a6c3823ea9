"""The report contract: a writer of files from a run's results.

A report gets :class:`Results`, plain data that the analysis made from a store, and writes one file or
stream. It never opens a store and never runs a sweep; pictures are decoded on demand from the stored
bitstreams through :class:`Pictures`.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from benchcomp.pixels import Pixels

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MetricInfo", "Pictures", "Report", "Results"]


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """What analysis and reports need to know of a metric; see :class:`benchcomp.Metric`."""

    name: str
    title: str
    unit: str
    higher_is_better: bool
    definition: str
    decibels: bool = False


class Pictures(Protocol):
    """Gives the pictures behind rows. Both raise :class:`BenchcompError` where one can't be had."""

    def source(self, image: str) -> Pixels:
        """The source image."""

    def reconstruction(self, image: str, codec: str, options: str, quality: float | None) -> Pixels:
        """The decoded picture of one row (decoded from the stored bitstream)."""


@dataclass(frozen=True)
class Results:
    """One run as the analysis and the reports see it.

    Attributes:
        name: the run's name (its file's stem).
        manifest: provenance as JSON-compatible data: ``created`` (ISO 8601), ``dataset`` (id,
            title, licence, citation), ``images`` (count), ``codecs`` (list of ``codec``,
            ``options``, ``version``), ``metrics``, ``environment`` (versions, CPU, threads),
            ``settings`` (jobs, targets, timing mode), ``command``.
        frame: one row per rate point; columns as :data:`benchcomp.rows.columns` says.
        targets: one row per equal-rate or equal-quality search: ``image, codec, options, measure,
            target, quality, achieved, reached, reason``.
        metrics: what is known of each metric column, by name, in column order.
        pictures: the pictures behind the rows; ``None`` for imported runs without any.
        published: whether this is an imported reference run with averages only (no images).
    """

    name: str
    manifest: Mapping[str, Any]
    frame: pd.DataFrame
    targets: pd.DataFrame
    metrics: Mapping[str, MetricInfo]
    pictures: Pictures | None = None
    published: bool = False


class Report(abc.ABC):
    """Base class of all reports and exports.

    Class attributes:
        name: what users type after ``--format``.
        suffix: the file name's ending, with the dot.
        binary: whether the output is bytes that don't belong on a terminal.
    """

    name: ClassVar[str]
    suffix: ClassVar[str]
    binary: ClassVar[bool] = False

    @abc.abstractmethod
    def write(self, runs: Sequence[Results], out: Path, **settings: Any) -> None:
        """Write the runs to the file ``out``.

        Args:
            runs: one or more runs, the newest last.
            out: the file to write; companions (an assets folder) go beside it.
            settings: the report's own settings, by keyword, as Python values or texts;
                :func:`benchcomp.make_options` makes a dataclass of them and checks it.

        Raises:
            BenchcompError: the runs lack what the format needs; the message says what.
        """
