"""Training data: photographs with their semantic maps, and what is drawn from them.

Reads folders of pix2pix pairs (photograph left, label map right) into memory, and cuts crops. Knows
nothing of coding or of networks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from benchcomp import BenchcompError, Pixels

__all__ = ["Pair", "draw", "read_pairs"]


@dataclass(frozen=True, slots=True)
class Pair:
    """A photograph and its semantic map, both pixels of one size.

    ``predicted`` is the map that SS-Net draws, where that's known already.
    """

    image: Pixels
    truth: Pixels
    predicted: Pixels | None = None


def read_pairs(folder: Path, maps: Path | None = None) -> list[Pair]:
    """Read every ``N.jpg`` of a folder of pix2pix pairs, in numerical order.

    Args:
        folder: pictures of twice their height in width.
        maps: folder of SS-Net's maps, ``N.png``, or ``None``.

    Raises:
        BenchcompError: nothing there, or a file that isn't such a pair.
    """
    paths = sorted(folder.glob("*.jpg"), key=lambda path: (len(path.stem), path.stem))
    if not paths:
        raise BenchcompError(f"no training pairs (N.jpg) in {folder}; name the folder with --data")
    pairs = []
    for path in paths:
        with Image.open(path) as picture:
            both = np.asarray(picture.convert("RGB"))
        if both.shape[1] != 2 * both.shape[0]:
            raise BenchcompError(f"{path} is {both.shape[1]}x{both.shape[0]}, not a pair side by side")
        side = both.shape[0]
        predicted = None if maps is None else _read_map(maps / f"{path.stem}.png", side)
        image, truth = (np.ascontiguousarray(half) for half in (both[:, :side], both[:, side:]))
        pairs.append(Pair(image, truth, predicted))
    return pairs


def _read_map(path: Path, side: int) -> Pixels:
    if not path.is_file():
        raise BenchcompError(f"no map {path}; draw them with `benchcomp smic maps`")
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    if pixels.shape != (side, side, 3):
        raise BenchcompError(f"{path} is {pixels.shape[1]}x{pixels.shape[0]}, its photograph {side}x{side}")
    return pixels


def draw(pairs: Sequence[Pair], rng: np.random.Generator, crop: int, flip: bool) -> tuple[Pixels, Pixels]:
    """Draw a photograph and a map at random, perhaps mirrored, and cut the same crop from both.

    The map is SS-Net's where there is one, else the true one.
    """
    pair = pairs[int(rng.integers(len(pairs)))]
    height, width = pair.image.shape[:2]
    side = min(crop, height, width)
    top = int(rng.integers(height - side + 1))
    left = int(rng.integers(width - side + 1))
    mirrored = flip and bool(rng.integers(2))
    truth = pair.truth if pair.predicted is None else pair.predicted
    cut = [picture[top : top + side, left : left + side] for picture in (pair.image, truth)]
    image, semantic = (np.ascontiguousarray(c[:, ::-1] if mirrored else c) for c in cut)
    return image, semantic
