"""The public anchor of JPEG on Kodak, and the comparison of what this machine measures with it.

Both curves are CompressAI's: means of per-image values of Pillow's default JPEG (4:2:0) over Kodak's 24
images at the qualities 5, 10, ... 95. One is published with the project, one was made with its bench on a
current Pillow, whose libjpeg-turbo treats chroma differently. Agreement says that the whole chain (reading,
codec, rate, metrics) measures what others measure.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchcomp import Metric, Pixels
from benchcomp_jpeg.codec import JpegCodec

if TYPE_CHECKING:
    from benchcomp.registry import Registry

__all__ = ["ANCHORS", "QUALITIES", "Anchor", "Comparison", "Point", "check", "compare", "measure"]

QUALITIES = tuple(range(5, 100, 5))


@dataclass(frozen=True, slots=True)
class Point:
    """Means over the images at one quality; ``ms_ssim_rgb`` is linear, ``psnr_rgb`` in dB."""

    quality: int
    bpp: float
    psnr_rgb: float
    ms_ssim_rgb: float


@dataclass(frozen=True, slots=True)
class Anchor:
    """A curve to agree with, and how far each value may be from it.

    Attributes:
        name: what to call it.
        source: who measured it, with what.
        points: one a quality of :data:`QUALITIES`.
        bpp: the tolerance, as a fraction of the anchor's value.
        psnr_rgb: the tolerance in dB.
        ms_ssim_rgb: the tolerance.
    """

    name: str
    source: str
    points: tuple[Point, ...]
    bpp: float
    psnr_rgb: float
    ms_ssim_rgb: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The largest deviations from an anchor, in the units of its tolerances."""

    anchor: Anchor
    bpp: float
    psnr_rgb: float
    ms_ssim_rgb: float

    @property
    def agrees(self) -> bool:
        """Whether every deviation is within the anchor's tolerance."""
        return (
            self.bpp <= self.anchor.bpp
            and self.psnr_rgb <= self.anchor.psnr_rgb
            and self.ms_ssim_rgb <= self.anchor.ms_ssim_rgb
        )


def _points(bpp: str, psnr_rgb: str, ms_ssim_rgb: str) -> tuple[Point, ...]:
    columns = [[float(value) for value in column.split()] for column in (bpp, psnr_rgb, ms_ssim_rgb)]
    return tuple(Point(*values) for values in zip(QUALITIES, *columns, strict=True))


ANCHORS = (
    Anchor(
        "published",
        "CompressAI, results/image/kodak/jpeg.json (Pillow 7.1.2)",
        _points(
            "0.221153 0.326614 0.423126 0.508386 0.587866 0.660127 0.728946 0.786027 0.849719 0.906001 "
            "0.964380 1.037212 1.127396 1.239846 1.368827 1.571807 1.858816 2.350199 3.401340",
            "23.7799 26.5772 28.0422 29.0418 29.7847 30.3783 30.9032 31.3078 31.7048 32.0587 "
            "32.3993 32.7899 33.2347 33.7926 34.3943 35.2390 36.3289 37.9121 40.5567",
            "0.80307 0.88986 0.92358 0.94271 0.95335 0.96062 0.96614 0.96969 0.97265 0.97525 "
            "0.97727 0.97928 0.98136 0.98371 0.98575 0.98819 0.99055 0.99298 0.99564",
        ),
        bpp=0.005,
        psnr_rgb=0.15,
        ms_ssim_rgb=0.005,
    ),
    Anchor(
        "measured again",
        "CompressAI 1.2.8's bench in November 2026 (libjpeg-turbo 3.1)",
        _points(
            "0.221154 0.326589 0.423098 0.508269 0.587676 0.659793 0.728572 0.785572 0.849211 0.905521 "
            "0.963647 1.036585 1.126478 1.238758 1.367600 1.570243 1.856519 2.346323 3.391917",
            "23.8522 26.6718 28.1448 29.1445 29.8926 30.4915 31.0130 31.4220 31.8221 32.1738 "
            "32.5154 32.9076 33.3596 33.9167 34.5221 35.3700 36.4615 38.0340 40.5604",
            "0.80708 0.89424 0.92756 0.94567 0.95608 0.96315 0.96828 0.97169 0.97449 0.97688 "
            "0.97874 0.98063 0.98267 0.98472 0.98664 0.98886 0.99104 0.99329 0.99567",
        ),
        bpp=0.001,
        psnr_rgb=0.01,
        ms_ssim_rgb=0.0002,
    ),
)
"""The loose one holds for every version of the library, the tight one for current ones."""


def measure(
    images: Iterable[Pixels],
    psnr_rgb: Metric,
    ms_ssim_rgb: Metric,
) -> list[Point]:
    """Measure the anchor's curve on images (Kodak's 24, for the comparison to mean anything).

    Args:
        images: read one after the other.
        psnr_rgb: the metric ``psnr_rgb``.
        ms_ssim_rgb: the metric ``ms_ssim_rgb``.

    Returns:
        One point a quality of :data:`QUALITIES`.
    """
    codec = JpegCodec()
    rates: list[list[float]] = [[] for _ in QUALITIES]
    scores: dict[Metric, list[list[float]]] = {
        metric: [[] for _ in QUALITIES] for metric in (psnr_rgb, ms_ssim_rgb)
    }
    for pixels in images:
        bitstreams = [codec.encode(pixels, quality) for quality in QUALITIES]
        for rate, bitstream in zip(rates, bitstreams, strict=True):
            rate.append(8 * len(bitstream) / (pixels.shape[0] * pixels.shape[1]))
        reconstructions = [codec.decode(bitstream) for bitstream in bitstreams]
        for metric, columns in scores.items():
            values = metric.score_many(metric.prepare(pixels), reconstructions)
            for column, value in zip(columns, values, strict=True):
                assert value is not None  # JPEG at quality 95 is never lossless on a photograph
                column.append(value)
    means = ([statistics.fmean(column) for column in table] for table in (rates, *scores.values()))
    return [Point(*values) for values in zip(QUALITIES, *means, strict=True)]


def compare(points: Sequence[Point], anchor: Anchor) -> Comparison:
    """The largest deviations of measured points from an anchor's, quality by quality."""
    pairs = list(zip(points, anchor.points, strict=True))
    return Comparison(
        anchor,
        max(abs(point.bpp / expected.bpp - 1) for point, expected in pairs),
        max(abs(point.psnr_rgb - expected.psnr_rgb) for point, expected in pairs),
        max(abs(point.ms_ssim_rgb - expected.ms_ssim_rgb) for point, expected in pairs),
    )


def check(registry: Registry, echo: Callable[[str], None]) -> bool:
    """The check for ``benchcomp doctor --verify``: measure JPEG on Kodak and compare with both anchors.

    Args:
        registry: where the data set and the metrics come from.
        echo: takes the lines of the table.

    Returns:
        Whether the published anchor agrees. The one measured again holds for current versions of
        libjpeg-turbo only; it is shown, and doesn't decide.

    Raises:
        BenchcompError: Kodak isn't on this machine, or a metric is missing.
    """
    kodak = registry.dataset("kodak")
    images = list(kodak.images())
    points = measure(
        (kodak.load(image) for image in images), registry.metric("psnr_rgb"), registry.metric("ms_ssim_rgb")
    )
    echo(f"{JpegCodec().version()}; {len(images)} images, {len(points)} qualities")
    echo("quality       bpp  psnr_rgb  ms_ssim_rgb")
    for point in points:
        echo(f"{point.quality:7d}  {point.bpp:8.6f}  {point.psnr_rgb:8.4f}  {point.ms_ssim_rgb:11.5f}")
    comparisons = [compare(points, anchor) for anchor in ANCHORS]
    for comparison in comparisons:
        anchor = comparison.anchor
        echo(f"{anchor.name}: {anchor.source}: {'agrees' if comparison.agrees else 'DISAGREES'}")
        echo(f"  bpp         {100 * comparison.bpp:.4f} % of {100 * anchor.bpp:g} % allowed")
        echo(f"  psnr_rgb    {comparison.psnr_rgb:.4f} dB of {anchor.psnr_rgb:g} dB allowed")
        echo(f"  ms_ssim_rgb {comparison.ms_ssim_rgb:.6f} of {anchor.ms_ssim_rgb:g} allowed")
    return comparisons[0].agrees
