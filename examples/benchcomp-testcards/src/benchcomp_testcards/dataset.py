"""Test cards: pictures drawn to show one weakness of codecs each.

For image files instead of drawings, benchcomp.pixels.read(path) gives the pixels, or an error that names
the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from benchcomp import BenchcompError, Dataset, Pixels

Plane = npt.NDArray[np.float64]


def ramp(x: Plane, y: Plane) -> Plane:
    """Slow shades, in which coarse quantisers show bands."""
    return np.stack([x, (x + y) / 2, y], axis=-1)


def zone_plate(x: Plane, y: Plane) -> Plane:
    """All frequencies in all directions, which shows aliasing and ringing."""
    rings = 0.5 + 0.5 * np.cos(np.pi * 64 * ((x - 0.5) ** 2 + (y - 0.5) ** 2))
    return np.stack([rings] * 3, axis=-1)


def colour_edges(x: Plane, y: Plane) -> Plane:
    """Edges in colour at the same luma, which chroma subsampling smears."""
    red_or_green = (np.floor(x * 16) + np.floor(y * 16)) % 2
    return np.stack([red_or_green * 0.8, (1 - red_or_green) * 0.4075, np.zeros_like(x)], axis=-1)


CARDS: dict[str, Callable[[Plane, Plane], Plane]] = {
    "ramp": ramp,
    "zone-plate": zone_plate,
    "colour-edges": colour_edges,
}


class Cards(Dataset):
    """``testcards`` or ``testcards:SIZE``, in pixels a side."""

    name = "testcards"
    title = "Drawn test cards"
    licence = "CC0"

    def __init__(self, argument: str = "") -> None:
        """Take what the user typed behind the colon."""
        super().__init__(argument)
        if argument and not (argument.isdigit() and 16 <= int(argument) <= 4096):
            raise BenchcompError(f"testcards takes a size of 16 to 4096 pixels, not {argument!r}")
        self.size = int(argument or 256)

    def images(self) -> Iterator[str]:
        """Yield the cards' names."""
        yield from CARDS

    def load(self, image: str) -> Pixels:
        """Draw one card: uint8, (size, size, 3), RGB."""
        if image not in CARDS:
            raise BenchcompError(f"testcards has no image {image!r}; it has {', '.join(CARDS)}")
        y, x = np.mgrid[: self.size, : self.size] / (self.size - 1)
        pixels: Pixels = np.rint(255 * CARDS[image](x, y)).astype(np.uint8)
        return pixels
