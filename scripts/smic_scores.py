"""What the scripts that score SMIC share: the command line, a picture's judge, and the rows' file."""

from __future__ import annotations

import argparse
import csv
import dataclasses
from pathlib import Path

import torch
from benchcomp_smic import ladder, model
from benchcomp_smic.pairs import Pair, read_pairs

from benchcomp import Pixels
from benchcomp.registry import default

__all__ = ["Judge", "chosen_pairs", "ladder_points", "make_parser", "write_rows"]


class Judge:
    """Scores reconstructions of one picture by LPIPS on AlexNet, which no loss has seen, and by PSNR."""

    def __init__(self, original: Pixels) -> None:
        self.pixels = original.shape[0] * original.shape[1]
        metrics = [default().metric(name) for name in ("lpips_alex", "psnr_rgb")]
        self._metrics = [(metric, metric.prepare(original)) for metric in metrics]

    def scores(self, reconstruction: Pixels) -> dict[str, float | None]:
        """The metrics' values by name."""
        return {metric.name: metric.score(prepared, reconstruction) for metric, prepared in self._metrics}

    def row(self, bitstream: bytes, reconstruction: Pixels) -> dict[str, float | None]:
        """``bpp`` and the metrics' values."""
        return {"bpp": 8 * len(bitstream) / self.pixels, **self.scores(reconstruction)}


def make_parser(description: str | None, images: str) -> argparse.ArgumentParser:
    """A parser with the options that all of the scripts have."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of pairs N.jpg")
    parser.add_argument("--images", default=images, help="first and last, counted from 1")
    parser.add_argument("--maps", type=Path, help="folder of SS-Net's maps, to save its time")
    parser.add_argument("--weights", type=Path, default=model.shipped())
    return parser


def chosen_pairs(arguments: argparse.Namespace) -> tuple[int, list[Pair]]:
    """The first one's number and the pairs; the networks then work on one thread."""
    torch.set_num_threads(1)
    first, last = map(int, arguments.images.split("-"))
    return first, read_pairs(arguments.data, arguments.maps)[first - 1 : last]


def ladder_points(map_qp: int | None) -> tuple[ladder.Point, ...]:
    """The shipped ladder's points, all with the map at this QP or all without one."""
    return tuple(dataclasses.replace(point, map_qp=map_qp) for point in ladder.shipped())


def write_rows(path: Path, rows: list[dict]) -> None:
    """Write rows of one kind as CSV."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
