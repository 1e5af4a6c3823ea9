"""CMP Facades in pix2pix's version: pairs of 512x256, the photo left, its label map right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np

from benchcomp import BenchcompError, Dataset, Pixels, Progress
from benchcomp.pixels import read
from benchcomp_datasets import classes, fetching, manifest, places

__all__ = ["Facades"]

_PAIR = (256, 512, 3)
_MEMBERS = re.compile(r"(\./)?facades/(train|val|test)/[0-9]{1,4}\.jpg")
_LARGEST_BYTES = 1 << 20


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

    url: ClassVar[str] = "http://efrosgans.eecs.berkeley.edu/pix2pix/datasets/facades.tar.gz"

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

    def fetch(self, progress: Progress | None = None) -> None:
        """Download and unpack all splits; train and val are checked by hash. Progress is in bytes."""
        target = places.target(self.name)
        with fetching.workplace(target) as folder:
            archive = folder / "facades.tar.gz"
            fetching.download(self.url, archive, progress)
            files = fetching.unpack(archive, _MEMBERS, _LARGEST_BYTES, folder / "unpacked")
            found = {f"{file.parent.name}/{file.stem}": file for file in files}
            missing = [image for image in manifest.known(self.name) if image not in found]
            if missing:
                raise BenchcompError(f"{self.url}: lacks {len(missing)} images, such as {missing[0]}")
            for image, file in found.items():
                manifest.verify(self.name, image, file)
            for image, file in found.items():
                place = target / f"{image}.jpg"
                place.parent.mkdir(exist_ok=True)
                file.replace(place)

    def _pair(self, image: str) -> Pixels:
        path = self._path(image)
        pair = read(path)
        if pair.shape != _PAIR:
            raise BenchcompError(f"{path}: is {pair.shape[1]}x{pair.shape[0]}, not a pair of 512x256")
        return pair

    def _path(self, image: str) -> Path:
        return places.find(self.name, self.split) / f"{image}.jpg"
