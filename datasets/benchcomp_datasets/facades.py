"""CMP Facades in pix2pix's version: pairs of 512x256, the photo left, its label map right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchcomp import BenchcompError, Dataset, Pixels
from benchcomp.pixels import read
from benchcomp_datasets import classes, places

__all__ = ["Facades"]

_PAIR = (256, 512, 3)


class Facades(Dataset):
    """The photos of one split; ids are the file names' numbers.

    Label maps were stored as JPEG, so :meth:`labels` gives each pixel the class colour nearest to it.
    """

    name = "facades"
    title = "CMP Facades (pix2pix)"
    licence = "CC BY-SA as commonly stated (version not known); research use"
    citation = (
        "R. Tyleček and R. Šára, Spatial pattern templates for recognition of objects with regular "
        "structure, GCPR 2013"
    )
    splits = ("train", "val", "test")

    def __init__(self, argument: str = "") -> None:
        """Make the data set of a split; ``val`` when ``argument`` is empty."""
        if argument not in ("", *self.splits):
            raise BenchcompError(f"facades has the splits {', '.join(self.splits)}, not {argument!r}")
        super().__init__(argument)

    @property
    def split(self) -> str:
        """The split's name."""
        return self.argument or "val"

    def images(self) -> Iterator[str]:
        """Yield the ids in numeric order."""
        folder = places.find(self.name, self.split)
        numbers = sorted(int(file.stem) for file in folder.glob("*.jpg") if file.stem.isdecimal())
        if not numbers:
            raise BenchcompError(f"there are no images N.jpg in {folder}")
        yield from map(str, numbers)

    def load(self, image: str) -> Pixels:
        """Load the photo: uint8, (256, 256, 3)."""
        return np.ascontiguousarray(self._pair(image)[:, :256])

    def labels(self, image: str) -> Pixels:
        """The label map in exact class colours: uint8, (256, 256, 3)."""
        return classes.paint(classes.nearest(self._pair(image)[:, 256:]))

    def _pair(self, image: str) -> Pixels:
        path = self._path(image)
        pair = read(path)
        if pair.shape != _PAIR:
            raise BenchcompError(f"{path}: is {pair.shape[1]}x{pair.shape[0]}, not a pair of 512x256")
        return pair

    def _path(self, image: str) -> Path:
        return places.find(self.name, self.split) / f"{image}.jpg"
