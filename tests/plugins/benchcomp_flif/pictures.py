"""Images of every kind that the format treats differently, drawn at any size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.uint8]


def _noise(height: int, width: int, *channels: int) -> Array:
    return np.random.default_rng(height * 1000 + width).integers(0, 256, (height, width, *channels), np.uint8)


def gray(height: int, width: int) -> Array:
    y, x = np.mgrid[:height, :width]
    wave = 128 + 90 * np.sin(x / 7) * np.cos(y / 5)
    return (wave + _noise(height, width) % 6).astype(np.uint8)


def photo(height: int, width: int) -> Array:
    """Smooth shades with edges and a little noise, its channels alike but not equal."""
    base = gray(height, width).astype(int)
    y, x = np.mgrid[:height, :width]
    base = np.where((x // 9 + y // 13) % 3 == 0, base // 2, base)
    channels = [base, base * 9 // 10 + x % 16, base // 2 + y % 32]
    return np.clip(np.stack(channels, axis=2) + _noise(height, width, 3) % 4, 0, 255).astype(np.uint8)


def random(height: int, width: int) -> Array:
    return _noise(height, width, 3)


def flat(height: int, width: int) -> Array:
    return np.full((height, width, 3), (9, 200, 31), np.uint8)


def palette(height: int, width: int) -> Array:
    colors = np.random.default_rng(5).integers(0, 256, (11, 3), np.uint8)
    y, x = np.mgrid[:height, :width]
    return colors[(x // 3 * 7 + y // 4 * 5) % 11]


def posterised(height: int, width: int) -> Array:
    return photo(height, width) // 64 * 64


def without_red(height: int, width: int) -> Array:
    return photo(height, width) * np.array([0, 1, 1], np.uint8)


def alpha(height: int, width: int) -> Array:
    """A photo with soft alpha, nowhere 0."""
    y, x = np.mgrid[:height, :width]
    return np.dstack([photo(height, width), (1 + (x * 5 + y * 3) % 255).astype(np.uint8)])


def cut_out(height: int, width: int) -> Array:
    """A photo with holes; black under them, as decoders give it back."""
    y, x = np.mgrid[:height, :width]
    seen = (x // 6 + y // 5) % 3 != 0
    return np.dstack([photo(height, width) * seen[:, :, None], seen * gray(height, width)]).astype(np.uint8)


def invisible(height: int, width: int) -> Array:
    return np.zeros((height, width, 4), np.uint8)


KINDS: dict[str, Callable[[int, int], Array]] = {
    kind.__name__: kind
    for kind in (gray, photo, random, flat, palette, posterised, without_red, alpha, cut_out, invisible)
}
