"""The metric contract: a score for a reconstruction, given its reference.

Work that depends on the reference alone is done once per image in :meth:`Metric.prepare` and shared by
every codec and rate. Rates (bpp, bpc) are not metrics: the harness takes them from the bytes.
Importing the module has to be cheap: import heavy libraries inside :meth:`Metric.prepare`.
"""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import Any, ClassVar

from benchcomp.errors import BenchcompError
from benchcomp.pixels import Pixels

__all__ = ["Metric", "NotApplicable"]


class NotApplicable(BenchcompError):
    """Raised by :meth:`Metric.prepare` when the metric has no value for this image; says why."""


class Metric(abc.ABC):
    """Base class of all metrics.

    Class attributes:
        name: column name, lower_snake, with the variant in it (``ssim_rgb``).
        title: the name in print (``SSIM (RGB)``).
        unit: ``dB`` or ``""`` when dimensionless.
        higher_is_better: the direction.
        range: smallest and largest possible value (``inf`` where there is none).
        definition: changes whenever the same pixels would get another value; scores with different
            definitions are never mixed. Names the formula's source.
        decibels: whether BD-rates are taken on -10 log10(1 - x), as for SSIM and MS-SSIM.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    unit: ClassVar[str] = ""
    higher_is_better: ClassVar[bool]
    range: ClassVar[tuple[float, float]]
    definition: ClassVar[str]
    decibels: ClassVar[bool] = False

    @abc.abstractmethod
    def prepare(self, reference: Pixels) -> Any:
        """Do the work that depends on the reference alone; the result goes to :meth:`score`.

        Raises:
            NotApplicable: the metric has no value for this image (too small, say).
        """

    @abc.abstractmethod
    def score(self, prepared: Any, reconstruction: Pixels) -> float | None:
        """Score one reconstruction (uint8, same shape as the reference).

        ``None`` where the value isn't a finite number, such as the PSNR of identical images.
        """

    def score_many(self, prepared: Any, reconstructions: Sequence[Pixels]) -> list[float | None]:
        """Score several reconstructions of one reference; override where a batch is faster."""
        return [self.score(prepared, reconstruction) for reconstruction in reconstructions]

    @classmethod
    def unavailable(cls) -> str | None:
        """Why the metric can't run on this machine, with the remedy; ``None`` when it can."""
        return None
