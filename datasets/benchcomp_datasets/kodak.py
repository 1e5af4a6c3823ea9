"""Kodak's 24 photographs (the Kodak lossless true colour image suite), 768x512 or 512x768."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from benchcomp import BenchcompError, Dataset, Pixels, Progress
from benchcomp.pixels import read
from benchcomp_datasets import fetching, manifest, places

__all__ = ["Kodak"]

_NAMES = tuple(f"kodim{number:02}" for number in range(1, 25))


class Kodak(Dataset):
    """All 24 images; ids are ``kodim01`` to ``kodim24``."""

    name = "kodak"
    title = "Kodak lossless true colour image suite"
    licence = "released by Eastman Kodak for unrestricted use"
    citation = "Kodak lossless true color image suite, http://r0k.us/graphics/kodak/"

    url: ClassVar[str] = "https://r0k.us/graphics/kodak/kodak"

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

    def fetch(self, progress: Progress | None = None) -> None:
        """Download what isn't there yet; each image is checked by its pixels. Progress is in images."""
        target = places.target(self.name)
        with fetching.workplace(target) as folder:
            for done, name in enumerate(_NAMES):
                if not self._is_right(target / f"{name}.png"):
                    file = folder / f"{name}.png"
                    fetching.download(f"{self.url}/{name}.png", file)
                    manifest.verify(self.name, name, file)
                    file.replace(target / f"{name}.png")
                if progress is not None:
                    progress(done + 1, len(_NAMES))

    def _is_right(self, path: Path) -> bool:
        try:
            manifest.verify(self.name, path.stem, path)
        except (BenchcompError, OSError):
            return False
        return True
