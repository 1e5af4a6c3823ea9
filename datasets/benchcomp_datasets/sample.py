"""``facades-sample``: 12 drawn façades with label maps, always there, no download.

They are drawn when loaded (a fraction of a second each), by :func:`draw`, which draws any number of
others from other seeds.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchcomp import BenchcompError, Dataset, Pixels
from benchcomp_datasets.drawing import draw

__all__ = ["SEEDS", "FacadesSample", "draw"]

SEEDS = tuple(range(1, 13))
"""The seed of each image; ids are the seeds with leading zeros (``drawn01``)."""


class FacadesSample(Dataset):
    """Drawn façades, 256x256, with exact label maps in CMP Facades' classes."""

    name = "facades-sample"
    title = "Drawn façades"
    licence = "BSD-3-Clause, as benchcomp itself"
    citation = ""

    def __init__(self, argument: str = "") -> None:
        """Make the data set; it takes no argument."""
        if argument:
            raise BenchcompError(f"facades-sample has no splits; leave {argument!r} away")
        super().__init__(argument)

    def images(self) -> Iterator[str]:
        """Yield the ids ``drawn01`` to ``drawn12``."""
        for seed in SEEDS:
            yield f"drawn{seed:02}"

    def load(self, image: str) -> Pixels:
        """Draw the photograph: uint8, (256, 256, 3)."""
        return draw(_seed(image))[0]

    def labels(self, image: str) -> Pixels:
        """Draw the label map in exact class colours: uint8, (256, 256, 3)."""
        return draw(_seed(image))[1]


def _seed(image: str) -> int:
    for seed in SEEDS:
        if image == f"drawn{seed:02}":
            return seed
    raise BenchcompError(f"facades-sample has the images drawn01 to drawn{len(SEEDS):02}, not {image!r}")
