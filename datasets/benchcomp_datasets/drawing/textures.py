"""Surfaces: plaster, brick, ashlar, roof tiles, paving, sky, foliage, and what glass reflects.

Each function returns a whole texture (SIZE, SIZE, 3), from which parts are painted.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchcomp_datasets.drawing.canvas import SIZE, Array, Colour, Dice, noise

__all__ = ["brick", "foliage", "glass", "paving", "plaster", "sky", "stone", "tiles"]

_CENTRES: Array = np.arange(SIZE, dtype=np.float64) + 0.5
_ROWS, _COLUMNS = _CENTRES[:, None], _CENTRES[None, :]


def plaster(dice: Dice, colour: Colour, rough: float = 1.0) -> Array:
    """Painted render: cloudy, with stains that run down and a fine grain."""
    light = (
        0.030 * noise(dice, 60)
        + 0.022 * noise(dice, 17)
        + 0.016 * noise(dice, 5)
        + 0.022 * noise(dice, 3, 45)
        + 0.025 * (dice.many(SIZE, SIZE) - 0.5)
    )
    warmth = 0.012 * noise(dice, 40)
    return _coloured(colour, 1 + rough * light, rough * warmth)


def brick(dice: Dice, colour: Colour) -> Array:
    """Running bond: bricks of 3 by 8 pixels or so, each of its own shade, in mortar."""
    high, wide = dice.between(2.6, 3.6), dice.between(6.5, 9.0)
    course, y = _split(_ROWS / high)
    index, x = _split(_COLUMNS / wide + 0.5 * (course % 2))
    shades = dice.many(int(SIZE / high) + 2, int(SIZE / wide) + 3)
    tints = dice.many(int(SIZE / high) + 2, int(SIZE / wide) + 3)
    own = shades[course, index] - 0.5
    joint = np.minimum(_edge(y, 0.62 / high) * np.ones_like(x), _edge(x, 0.6 / wide))
    bricks = _coloured(colour, 1 + 0.28 * own + 0.03 * noise(dice, 30), 0.09 * (tints[course, index] - 0.5))
    mortar = np.array([0.62, 0.58, 0.52]) * (1 + 0.05 * noise(dice, 9))[..., None]
    strength = (0.65 * (1 - joint))[..., None]
    return bricks * (1 - strength) + mortar * strength + 0.03 * (dice.many(SIZE, SIZE, 1) - 0.5)


def stone(dice: Dice, colour: Colour, high: float, wide: float, deep: float = 0.22) -> Array:
    """Ashlar: blocks with a lit upper and a dark lower edge, and dark joints."""
    course, y = _split(_ROWS / high)
    index, x = _split(_COLUMNS / wide + 0.5 * (course % 2))
    own = dice.many(int(SIZE / high) + 2, int(SIZE / wide) + 3)[course, index] - 0.5
    joint = np.minimum(_edge(y, 0.9 / high) * np.ones_like(x), _edge(x, 0.8 / wide))
    bevel = 0.10 * np.maximum(1 - y * high / 2.5, 0) - 0.10 * np.maximum(1 - (1 - y) * high / 2.5, 0)
    light = 1 + 0.10 * own + bevel - deep * (1 - joint)
    light = light + 0.03 * noise(dice, 23) + 0.03 * noise(dice, 3) + 0.05 * (dice.many(SIZE, SIZE) - 0.5)
    return _coloured(colour, light, 0.015 * noise(dice, 30))


def tiles(dice: Dice, colour: Colour) -> Array:
    """Roof tiles: overlapping rows, each tile of its own shade, with weathered patches."""
    high, wide = dice.between(2.8, 4.0), dice.between(3.0, 4.6)
    course, y = _split(_ROWS / high)
    index, x = _split(_COLUMNS / wide + 0.5 * (course % 2))
    own = dice.many(int(SIZE / high) + 2, int(SIZE / wide) + 3)[course, index] - 0.5
    light = 1.08 - 0.30 * y + 0.22 * own - 0.12 * (1 - _edge(x, 0.8 / wide))
    return _coloured(colour, light + 0.10 * noise(dice, 35) + 0.05 * noise(dice, 9), 0.03 * noise(dice, 12))


def paving(dice: Dice, colour: Colour) -> Array:
    """Pavement or asphalt: nearer (lower) is coarser."""
    light = 1 + 0.05 * noise(dice, 50, 6) + 0.05 * noise(dice, 9, 2) + 0.09 * (dice.many(SIZE, SIZE) - 0.5)
    return _coloured(colour, light, 0.01 * noise(dice, 40))


def sky(dice: Dice) -> Array:
    """A sky from overcast white to blue, with clouds; brighter towards the horizon."""
    blue = dice.between(0, 1) * dice.between(0, 1)
    top = np.array([0.93 - 0.48 * blue, 0.94 - 0.30 * blue, 0.96 - 0.07 * blue])
    low = np.array([0.97 - 0.17 * blue, 0.97 - 0.10 * blue, 0.98 - 0.02 * blue])
    down = np.minimum(_ROWS / 120, 1)[..., None]
    clouds = 0.5 * noise(dice, 90, 40) + 0.3 * noise(dice, 35, 18) + 0.2 * noise(dice, 12, 8)
    cover = np.minimum(np.maximum(clouds * 1.6 + 0.15, 0), 1)[..., None] * (0.25 + 0.6 * blue)
    clear = top * (1 - down) + low * down
    mixed: Array = clear * (1 - cover) + 0.97 * cover
    return mixed


def foliage(dice: Dice, colour: Colour) -> tuple[Array, Array]:
    """Leaves: a texture, and a field of mean 0 whose level sets are ragged outlines (SIZE, SIZE)."""
    coarse, fine = noise(dice, 14), noise(dice, 3.5)
    speckle = dice.many(SIZE, SIZE) - 0.5
    light = 0.75 + 0.35 * coarse + 0.35 * fine + 0.30 * speckle
    return _coloured(colour, light, 0.05 * noise(dice, 6)), 0.5 * coarse + 0.35 * fine + 0.15 * speckle


def glass(dice: Dice) -> Array:
    """What panes show: dark rooms, the sky's reflection and blurred houses opposite."""
    tone = np.array([0.20, 0.235, 0.27]) * dice.between(0.6, 1.25)
    bright = np.array([0.62, 0.70, 0.78])
    patches = 0.6 * noise(dice, 26, 20) + 0.4 * noise(dice, 9, 11) + 0.2 * noise(dice, 4)
    mirror = np.minimum(np.maximum(patches * 1.5 + 0.05, 0), 1)[..., None]
    warm = 0.05 * noise(dice, 18)[..., None] * np.array([1.2, 0.4, -0.8])
    panes: Array = tone + (bright - tone) * mirror * dice.between(0.35, 0.8) + warm
    return panes


def _coloured(colour: Colour, light: Array, warmth: Array) -> Array:
    """A colour times light, a little redder where ``warmth`` is positive and bluer where negative."""
    red, green, blue = colour
    return np.stack([red * (light + warmth), green * light, blue * (light - warmth)], axis=2)


def _split(place: Array) -> tuple[npt.NDArray[np.intp], Array]:
    """Whole parts and fractions of non-negative values."""
    whole = place.astype(np.intp)
    return whole, place - whole


def _edge(fraction: Array, width: float) -> Array:
    """0 in the joint at both ends of a cell, 1 inside, with a ramp as wide as the joint."""
    distance = np.minimum(fraction, 1 - fraction)
    return np.minimum(np.maximum(distance / width - 0.15, 0), 1)
