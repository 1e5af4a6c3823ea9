"""What drawing is done with: reproducible dice, boxes, and a canvas of samples and classes.

The canvas holds colours from 0 to 1 as they look (not linear light), and one class index a pixel.
Shapes have soft or anti-aliased edges in the picture and hard ones in the classes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["SIZE", "Array", "Box", "Canvas", "Colour", "Cut", "Dice", "noise", "ramp", "shade"]

SIZE = 256
"""Height and width of everything drawn, in pixels."""

Array = npt.NDArray[np.float64]
Colour = tuple[float, float, float]
"""Red, green, blue from 0 to 1."""

Cut = Callable[[Array, Array], Array]
"""A shape: from x (1, columns) and y (rows, 1) of pixel centres to a mask (rows, columns) from 0 to 1."""

T = TypeVar("T")

_CENTRES: Array = np.arange(SIZE, dtype=np.float64) + 0.5


class Dice:
    """Random numbers that are the same everywhere and for good."""

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def many(self, *shape: int) -> Array:
        """Uniform numbers in [0, 1) of a shape."""
        count = int(np.prod(shape))
        whole = (self._bits.random_raw(count) >> np.uint64(11)).astype(np.float64)
        return (whole * 2.0**-53).reshape(shape)

    def between(self, low: float, high: float) -> float:
        """One uniform number."""
        return low + (high - low) * (int(self._bits.random_raw()) >> 11) * 2.0**-53

    def whole(self, low: int, high: int) -> int:
        """One whole number, both ends included."""
        return low + int(self.between(0, 1) * (high - low + 1))

    def chance(self, probability: float) -> bool:
        """Whether something of this probability happens."""
        return self.between(0, 1) < probability

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices."""
        return choices[self.whole(0, len(choices) - 1)]

    def vary(self, colour: Colour, amount: float) -> Colour:
        """A colour near another: brightness varies by ``amount``, each channel by a third of it."""
        light = self.between(-amount, amount)
        red, green, blue = (value + light + self.between(-amount, amount) / 3 for value in colour)
        return red, green, blue


class Box(NamedTuple):
    """A rectangle in pixels; x to the right, y down."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Width in pixels."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Height in pixels."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """The x of the centre."""
        return (self.left + self.right) / 2

    def grown(self, x: float, y: float | None = None) -> Box:
        """Larger by ``x`` on the left and right, and ``y`` (else ``x``) at top and bottom."""
        y = x if y is None else y
        return Box(self.left - x, self.top - y, self.right + x, self.bottom + y)

    def moved(self, x: float, y: float) -> Box:
        """Shifted."""
        return Box(self.left + x, self.top + y, self.right + x, self.bottom + y)

    def part(self, left: float, top: float, right: float, bottom: float) -> Box:
        """The rectangle at these fractions of the width and height."""
        return Box(
            self.left + left * self.width,
            self.top + top * self.height,
            self.left + right * self.width,
            self.top + bottom * self.height,
        )


class Canvas:
    """A picture under way: ``image`` float (SIZE, SIZE, 3), ``classes`` uint8 (SIZE, SIZE)."""

    def __init__(self) -> None:
        self.image: Array = np.zeros((SIZE, SIZE, 3))
        self.classes: npt.NDArray[np.uint8] = np.zeros((SIZE, SIZE), np.uint8)

    def fill(
        self,
        box: Box,
        paint: Colour | Array,
        opacity: float = 1.0,
        soft: float = 1.0,
        cut: Cut | None = None,
        at: tuple[int, int] | None = None,
    ) -> None:
        """Paint a rectangle.

        Args:
            box: where.
            paint: a colour, or a texture (SIZE, SIZE, 3) of which the same place is taken.
            opacity: 1 covers what is there.
            soft: width of the edges' ramp in pixels; 1 is plain anti-aliasing.
            cut: a shape that is cut out of the rectangle.
            at: the row and column of the texture to start from, instead of the same place.
        """
        region = _region(box, soft)
        if region is None:
            return
        rows, columns, cover = region
        if cut is not None:
            cover = cover * cut(_CENTRES[None, columns], _CENTRES[rows, None])
        if isinstance(paint, tuple):
            colour: Array = np.array(paint)
        elif at is None:
            colour = paint[rows, columns]
        else:
            top = min(at[0], SIZE - (rows.stop - rows.start))
            left = min(at[1], SIZE - (columns.stop - columns.start))
            colour = paint[top : top + rows.stop - rows.start, left : left + columns.stop - columns.start]
        target = self.image[rows, columns]
        target += (cover * opacity)[..., None] * (colour - target)

    def darken(self, box: Box, factor: float, soft: float = 1.0, cut: Cut | None = None) -> None:
        """Multiply a rectangle by ``factor`` (above 1: lighten); shadows keep a bluish rest."""
        region = _region(box, soft)
        if region is None:
            return
        rows, columns, cover = region
        if cut is not None:
            cover = cover * cut(_CENTRES[None, columns], _CENTRES[rows, None])
        change = (factor - 1) * cover
        blue = 0.88 if factor < 1 else 1.0
        self.image[rows, columns] *= np.stack([1 + change, 1 + change * (1 + blue) / 2, 1 + change * blue], 2)

    def mark(self, box: Box, index: int) -> None:
        """Give a rectangle's pixels a class."""
        left, top, right, bottom = (min(max(int(value + 0.5), 0), SIZE) for value in box)
        self.classes[top:bottom, left:right] = index


def _region(box: Box, soft: float) -> tuple[slice, slice, Array] | None:
    """The rows, columns and coverage (0 to 1) of a rectangle with ramps of width ``soft``."""
    rows, vertical = _cover(box.top, box.bottom, soft)
    columns, horizontal = _cover(box.left, box.right, soft)
    if rows.stop <= rows.start or columns.stop <= columns.start:
        return None
    return rows, columns, vertical[:, None] * horizontal


def _cover(low: float, high: float, soft: float) -> tuple[slice, Array]:
    start = min(max(int(low - soft / 2), 0), SIZE)
    stop = min(max(int(high + soft / 2 + 1), 0), SIZE)
    centres = _CENTRES[start:stop]
    return slice(start, stop), ramp((centres - low) / soft + 0.5) * ramp((high - centres) / soft + 0.5)


def noise(dice: Dice, across: float, down: float | None = None) -> Array:
    """Smooth random values of mean 0 in -1 to 1, (SIZE, SIZE), with cells of the given size in pixels."""
    down = across if down is None else down
    rows, columns = int(SIZE / down) + 3, int(SIZE / across) + 3
    grid = dice.many(rows, columns) * 2 - 1
    top, y = _cells(down, dice.between(0, 1))
    left, x = _cells(across, dice.between(0, 1))
    wide = grid[:, left] * (1 - x) + grid[:, left + 1] * x
    return wide[top] * (1 - y)[:, None] + wide[top + 1] * y[:, None]


def _cells(size: float, shift: float) -> tuple[npt.NDArray[np.intp], Array]:
    place = _CENTRES / size + shift
    cell = place.astype(np.intp)
    rest = place - cell
    return cell, rest * rest * (3 - 2 * rest)


def ramp(values: Array) -> Array:
    """Values clipped to 0 and 1."""
    return np.minimum(np.maximum(values, 0), 1)


def shade(colour: Colour, factor: float) -> Colour:
    """A darker (below 1) or lighter colour."""
    return colour[0] * factor, colour[1] * factor, colour[2] * factor
