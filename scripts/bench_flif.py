"""Time FLIF beside PNG and JPEG XL lossless: ``python scripts/bench_flif.py [--folder F] [--images N]``.

Bytes and CPU time (best of some runs, in one process) on the photos of CMP Facades val, or on the top left
256x256 of the images of any folder. All coders run in the same process, one after the other on each image,
so that a busy machine slows them alike. With ``--thumbnails``, what the option ``smallest`` saves and takes
on box averages of the same photos.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import benchcomp_flif
import imagecodecs
import numpy as np
from PIL import Image

Coder = tuple[Callable[[Any], bytes], Callable[[bytes], Any]]


def jpegxl(effort: int) -> Coder:
    return (
        lambda pixels: imagecodecs.jpegxl_encode(pixels, lossless=True, effort=effort, numthreads=1),
        lambda bitstream: imagecodecs.jpegxl_decode(bitstream, numthreads=1),
    )


def flif(**options: Any) -> Coder:
    return (lambda pixels: benchcomp_flif.encode(pixels, **options), benchcomp_flif.decode)


CODERS: dict[str, Coder] = {
    "FLIF, effort 60": flif(interlaced=False),
    "FLIF, effort 60, interlaced": flif(interlaced=True),
    "FLIF, effort 0": flif(interlaced=False, effort=0),
    "FLIF, effort 100": flif(interlaced=False, effort=100),
    "PNG, level 9": (lambda pixels: imagecodecs.png_encode(pixels, level=9), imagecodecs.png_decode),
    "JPEG XL lossless, effort 7": jpegxl(7),
    "JPEG XL lossless, effort 9": jpegxl(9),
}


def best(work: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """CPU seconds of the fastest of some runs, and the result."""
    fastest = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        result = work()
        fastest = min(fastest, time.process_time() - start)
    return fastest, result


def pictures(folder: Path, count: int) -> list[np.ndarray[Any, np.dtype[np.uint8]]]:
    images = []
    for path in sorted(folder.iterdir())[:count]:
        with Image.open(path) as image:
            images.append(np.ascontiguousarray(np.asarray(image.convert("RGB"))[:256, :256]))
    return images


def compare_coders(images: list[np.ndarray[Any, np.dtype[np.uint8]]], repeats: int) -> None:
    megabytes = sum(image.nbytes for image in images) / 1e6
    totals = {name: np.zeros(3) for name in CODERS}
    for image in images:
        for name, (encode, decode) in CODERS.items():
            encoding, bitstream = best(lambda encode=encode, image=image: encode(image), repeats)
            decoding, pixels = best(lambda decode=decode, bitstream=bitstream: decode(bitstream), repeats)
            np.testing.assert_array_equal(pixels, image)
            totals[name] += (len(bitstream), encoding, decoding)
    print(f"{len(images)} images, {megabytes:.2f} MB raw")
    print(f"{'coder':30} {'bytes':>9} {'bpp':>6} {'encode ms':>10} {'MB/s':>7} {'decode ms':>10} {'MB/s':>7}")
    for name, (size, encoding, decoding) in totals.items():
        count, pixels = len(images), megabytes * 1e6 / 3
        print(
            f"{name:30} {size / count:9.0f} {size * 8 / pixels:6.3f} {encoding / count * 1e3:10.1f}"
            f" {megabytes / encoding:7.2f} {decoding / count * 1e3:10.1f} {megabytes / decoding:7.2f}"
        )


def thumbnail(image: np.ndarray[Any, np.dtype[np.uint8]], size: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    boxes = image.reshape(size, 256 // size, size, 256 // size, 3).mean(axis=(1, 3))
    return np.floor(boxes + 0.5).astype(np.uint8)


def compare_smallest(images: list[np.ndarray[Any, np.dtype[np.uint8]]]) -> None:
    print(f"{len(images)} images")
    print(f"{'size':>7} {'-N bytes':>9} {'smallest':>9} {'saved':>7} {'encode ms':>10} {'smallest ms':>12}")
    for size in (64, 32, 16):
        rows = []
        for image in images:
            small = thumbnail(image, size)
            usual_time, usual = best(lambda small=small: benchcomp_flif.encode(small, False), 1)
            time_taken, smallest = best(lambda small=small: benchcomp_flif.encode(small, smallest=True), 1)
            rows.append((len(usual), len(smallest), 1 - len(smallest) / len(usual), usual_time, time_taken))
        usual, smallest, saved, usual_time, time_taken = np.mean(rows, axis=0)
        print(
            f"{size:4}x{size:<2} {usual:9.1f} {smallest:9.1f} {saved:7.2%} {usual_time * 1e3:10.2f}"
            f" {time_taken * 1e3:12.2f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    data = Path(os.environ.get("BENCHCOMP_DATA", "datasets"))
    parser.add_argument("--folder", type=Path, default=data / "facades" / "val")
    parser.add_argument("--images", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--thumbnails", action="store_true", help="what the option smallest saves")
    options = parser.parse_args()
    if not options.folder.is_dir():
        parser.error(f"no folder {options.folder}; set BENCHCOMP_DATA or give --folder")
    images = pictures(options.folder, options.images)
    if options.thumbnails:
        compare_smallest(images)
    else:
        compare_coders(images, options.repeats)


if __name__ == "__main__":
    main()
