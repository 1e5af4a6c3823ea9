"""Figures for a paper: pictures at equal rate with their scores beneath, or rate-distortion curves.

The comparison has a row per image: the source, then every codec, under each the rate, PSNR, SSIM and
LPIPS, as figures of subjective quality are usually set. Drawn with matplotlib, without a display.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from benchcomp import BenchcompError, MetricInfo, Pixels, Report, Results, make_options
from benchcomp_reports import equal_rate
from benchcomp_reports.common import cell, write_bytes
from benchcomp_reports.evidence import Evidence, gather
from benchcomp_reports.selection import choose, focus

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FigureSettings", "PngReport", "SvgReport"]

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#4a4ab8", "#3c3c3a")
MARKERS = "osD^Xv*P"
SCORES = ("psnr_rgb", "ssim_rgb", "lpips_alex")
"""What stands under a picture, where it was measured; the run's first three metrics otherwise."""


LINE = 0.146
"""Height of a caption's line in inches."""


@dataclass(frozen=True)
class FigureSettings:
    """What can be set.

    Attributes:
        kind: ``comparison`` (pictures) or ``curves``; pictures by default, where there are any.
        codecs: names of the codecs, in this order; all by default (the first four for pictures).
        metrics: names of the metrics to state or plot, in this order.
        images: names of the images; three that show the spread by default.
        rate: the rate in bpp; the lowest that all reach on most images by default.
        width_mm: the figure's width; 174 mm is two columns of most journals.
        dpi: resolution of a PNG, and of the pictures' frames.
    """

    kind: Literal["auto", "comparison", "curves"] = "auto"
    codecs: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    rate: float | None = None
    width_mm: float = 174.0
    dpi: int = 300


class _FigureReport(Report):
    """Draws the figure; subclasses say in which format it is saved."""

    def write(self, runs: Sequence[Results], out: Path, **settings: Any) -> None:
        """Draw and save; see :meth:`benchcomp.Report.write`."""
        import io

        import matplotlib

        chosen = make_options(FigureSettings, settings, f"format {self.name}")
        evidence = gather(runs, chosen.codecs)
        for name in chosen.metrics:
            if name not in evidence.metrics:
                raise BenchcompError(f"no metric {name!r} in these runs (has: {', '.join(evidence.metrics)})")
        kind = chosen.kind
        if kind == "auto":
            kind = "comparison" if any(run.pictures for run in evidence.runs) else "curves"
        style: Any = {
            "font.size": 7,
            "font.family": "sans-serif",
            "svg.fonttype": "none",
            "svg.hashsalt": "benchcomp",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.linewidth": 0.6,
            "mathtext.default": "regular",
            "text.parse_math": False,
        }
        stream = io.BytesIO()
        with matplotlib.rc_context(style):
            figure = _comparison(evidence, chosen) if kind == "comparison" else _curves(evidence, chosen)
            metadata = {"Date": None} if self.name == "svg" else {}
            figure.savefig(stream, format=self.name, dpi=chosen.dpi, metadata=metadata)
        write_bytes(out, stream.getvalue())


class PngReport(_FigureReport):
    """The figure as PNG."""

    name: ClassVar[str] = "png"
    suffix: ClassVar[str] = ".png"
    binary: ClassVar[bool] = True


class SvgReport(_FigureReport):
    """The figure as SVG: text and lines scale, pictures are embedded pixel by pixel."""

    name: ClassVar[str] = "svg"
    suffix: ClassVar[str] = ".svg"


def _comparison(evidence: Evidence, chosen: FigureSettings) -> Figure:
    from matplotlib.figure import Figure

    opening = focus(evidence, rates=[chosen.rate] if chosen.rate is not None else [])
    if opening.rate is None:
        raise BenchcompError("these codecs share no rate to be compared at; set kind=curves, or rate=BPP")
    images = chosen.images or tuple(choose(evidence, opening, 3))
    codecs = chosen.codecs or tuple(evidence.own[:4])
    rows = equal_rate.rows_at(evidence, opening.rate).set_index(["image", "variant"])
    names = chosen.metrics or tuple(name for name in SCORES if name in evidence.metrics)
    metrics = [evidence.metrics[name] for name in names or tuple(evidence.metrics)[:3]]

    sources = [evidence.source(image) for image in images]
    width = chosen.width_mm / 25.4
    columns = 1 + len(codecs)
    gap, caption, title = 0.06, LINE * (2 + len(metrics)) + 0.16, 0.22
    across = (width - gap * (columns - 1)) / columns
    heights = [across * source.shape[0] / source.shape[1] for source in sources]
    height = title + sum(heights) + caption * len(images)
    figure = Figure(figsize=(width, height))
    top = height - title
    for column, text in enumerate(["Original", *codecs]):
        place = (column * (across + gap) + across / 2) / width
        figure.text(place, (top + 0.06) / height, text, ha="center", va="bottom", weight="bold")
    for image, source, tall in zip(images, sources, heights, strict=True):
        for column in range(columns):
            left = column * (across + gap)
            box = (left / width, (top - tall) / height, across / width, tall / height)
            if column == 0:
                _picture(figure, box, source)
                lines = [image, "BPP (bits/pixel/channel)", *(_with_arrow(info) for info in metrics)]
            else:
                picture, lines = _reconstruction(evidence, image, codecs[column - 1], rows, metrics)
                _picture(figure, box, picture)
            place = (left + across / 2) / width
            figure.text(
                place, (top - tall - 0.05) / height, "\n".join(lines), ha="center", va="top", linespacing=1.25
            )
        top -= tall + caption
    return figure


def _with_arrow(info: MetricInfo) -> str:
    unit = f", {info.unit}" if info.unit else ""
    return f"{info.title}{unit} {'↑' if info.higher_is_better else '↓'}"


def _reconstruction(
    evidence: Evidence, image: str, codec: str, rows: Any, metrics: Sequence[MetricInfo]
) -> tuple[Pixels | None, list[str]]:
    """One picture and the lines under it."""
    if (image, codec) not in rows.index:
        return None, ["not measured"]
    row = rows.loc[(image, codec)]
    if cell(row["bpp"]) is None:
        return None, [str(row["reason"]) or "not measured"]
    lines = ["" if bool(row["reached"]) else "(nearest)", f"{row['bpp']:.3f} ({row['bpc']:.3f})"]
    for info in metrics:
        value = cell(row[info.name])
        lines.append("–" if value is None else f"{value:.{2 if info.unit == 'dB' else 4}f}")
    return evidence.reconstruction(image, codec, row["quality"]), lines


def _picture(figure: Figure, box: tuple[float, float, float, float], pixels: Pixels | None) -> None:
    axes = figure.add_axes(box)
    axes.set_axis_off()
    if pixels is not None:
        axes.imshow(pixels, interpolation="none", aspect="auto")


def _curves(evidence: Evidence, chosen: FigureSettings) -> Figure:
    from matplotlib.figure import Figure

    from benchcomp.analysis import rd_curves

    metrics = [evidence.metrics[name] for name in chosen.metrics or tuple(evidence.metrics)]
    if not metrics:
        raise BenchcompError("these runs have no metric to draw")
    width = chosen.width_mm / 25.4
    across = min(len(metrics), 3 if width > 5 else 2)
    down = -(-len(metrics) // across)
    figure = Figure(figsize=(width, 0.35 + down * width / across * 0.82), layout="constrained")
    grid = figure.subplots(down, across, squeeze=False)
    for place, axes in enumerate(grid.flat):
        if place >= len(metrics):
            axes.set_axis_off()
            continue
        info = metrics[place]
        curves = rd_curves(evidence.frame, info.name)
        for number, (name, series) in enumerate(evidence.series.items()):
            curve = curves[curves["variant"] == name]
            axes.plot(
                curve["bpp"].astype(float),
                curve["value"].astype(float),
                color=COLOURS[number % len(COLOURS)],
                marker=MARKERS[number % len(MARKERS)],
                linestyle=":" if series.published else "-",
                markersize=3,
                linewidth=1,
                label=name,
            )
        axes.set_xscale("log")
        axes.set_xlabel("bits per pixel")
        axes.set_ylabel(_with_arrow(info))
        axes.grid(color="#e0e0e0", linewidth=0.4)
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_formatter(lambda value, _: f"{value:g}" if f"{value:e}"[0] in "25" else "")
        axes.tick_params(which="both", labelsize=6)
    handles, labels = grid.flat[0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside upper center", ncols=min(4, len(labels)), frameon=False, fontsize=6.5
    )
    return figure
