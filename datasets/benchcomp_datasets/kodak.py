"""Kodak's 24 photographs (the Kodak lossless true colour image suite), 768x512 or 512x768."""

from __future__ import annotations

from collections.abc import Iterator

from benchcomp import BenchcompError, Dataset, Pixels
from benchcomp.pixels import read
from benchcomp_datasets import places

__all__ = ["Kodak"]

_NAMES = tuple(f"kodim{number:02}" for number in range(1, 25))


class Kodak(Dataset):
    """All 24 images; ids are ``kodim01`` to ``kodim24``."""

    name = "kodak"
    title = "Kodak lossless true colour image suite"
    licence = "released by Eastman Kodak for unrestricted use"
    citation = "Kodak lossless true color image suite, http://r0k.us/graphics/kodak/"

    def __init__(self, argument: str = "") -> None:
        """Make the data set; it takes no argument."""
        if argument:
            raise BenchcompError(f"kodak has no splits; leave {argument!r} away")
        super().__init__(argument)

    def images(self) -> Iterator[str]:
        """Yield the ids of the images that are there, in order."""
        folder = places.find(self.name)
        names = [name for name in _NAMES if (folder / f"{name}.png").is_file()]
        if not names:
            raise BenchcompError(f"there are no images kodim01.png to kodim24.png in {folder}")
        yield from names

    def load(self, image: str) -> Pixels:
        """Load one image: uint8, (512, 768, 3) or (768, 512, 3)."""
        return read(places.find(self.name) / f"{image}.png")
