"""Training data: photographs with their semantic maps, and what is drawn from them.

Reads folders of pix2pix pairs (photograph left, label map right) into memory, draws procedural façades,
and cuts crops. Knows nothing of coding or of networks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from benchcomp import BenchcompError, Pixels

__all__ = ["Pair", "draw", "draw_procedural", "read_pairs"]


@dataclass(frozen=True, slots=True)
class Pair:
    """A photograph and its semantic map, both pixels of one size.

    Attributes:
        name: the file's name without its ending, or what stands for it.
        image: the photograph.
        truth: its true map, in the data set's colours.
        predicted: the map that SS-Net draws, where that's known already.
    """

    name: str
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
        side = both.shape[0]
        if both.shape[1] != 2 * side:
            raise BenchcompError(f"{path} is {both.shape[1]}x{side}, not a pair side by side")
        predicted = None if maps is None else _read_map(maps / f"{path.stem}.png", side)
        image, truth = (np.ascontiguousarray(half) for half in (both[:, :side], both[:, side:]))
        pairs.append(Pair(path.stem, image, truth, predicted))
    return pairs


def _read_map(path: Path, side: int) -> Pixels:
    if not path.is_file():
        raise BenchcompError(f"no map {path}; draw them with `benchcomp smic maps`")
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    if pixels.shape != (side, side, 3):
        raise BenchcompError(f"{path} is {pixels.shape[1]}x{pixels.shape[0]}, its photograph {side}x{side}")
    return pixels


def draw_procedural(count: int) -> list[Pair]:
    """Draw façades with the generator of the data set ``facades-sample``, from seeds it doesn't use.

    Where SS-Net's maps are used, these keep their true maps, which the generator knows exactly.
    """
    from benchcomp_datasets.sample import SEEDS
    from benchcomp_datasets.sample import draw as draw_facade

    seeds = range(max(SEEDS) + 1000, max(SEEDS) + 1000 + count)
    return [Pair(f"drawn{seed}", *draw_facade(seed)) for seed in seeds]


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
    semantic = pair.truth if pair.predicted is None else pair.predicted
    cut = [picture[top : top + side, left : left + side] for picture in (pair.image, semantic)]
    image, part = (np.ascontiguousarray(c[:, ::-1] if mirrored else c) for c in cut)
    return image, part
