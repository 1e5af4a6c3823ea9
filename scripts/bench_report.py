"""Measures the interactive page at full size: how large it is, how long it takes to build and to open.

Makes a run of drawn or real images with Pillow's codecs (real encodings, real scores), writes the page,
and opens it in Chromium where there is one. Run it from the repository's root:

    python scripts/bench_report.py --images 100 [--folder DIRECTORY] [--out report.html]
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchcomp_reports.html import HtmlReport

from benchcomp import Pixels, Results
from tests.reports import factory

QUALITIES = (5, 10, 20, 35, 50, 65, 80, 92)
VARIANTS = (
    factory.PillowVariant("jpeg", "", "JPEG", {}, QUALITIES),
    factory.PillowVariant("jpeg", "subsampling=422", "JPEG", {"subsampling": 1}, QUALITIES),
    factory.PillowVariant("jpeg", "subsampling=444", "JPEG", {"subsampling": 0}, QUALITIES),
    factory.PillowVariant("webp", "", "WEBP", {"method": 0}, QUALITIES),
    factory.PillowVariant("webp", "method=4", "WEBP", {"method": 4}, QUALITIES),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=100)
    parser.add_argument("--folder", type=Path, help="take these images' left upper 256 x 256 pixels")
    parser.add_argument("--out", type=Path, default=Path("bench-report.html"))
    arguments = parser.parse_args()
    run = make_run(arguments.images, arguments.folder)
    print(f"{len(run.frame)} rows, {arguments.images} images, {len(VARIANTS)} codecs")
    wall, cpu = time.perf_counter(), time.process_time()
    HtmlReport().write([run], arguments.out)
    print(f"built in {time.perf_counter() - wall:.1f} s ({time.process_time() - cpu:.1f} s of CPU)")
    print(f"size {arguments.out.stat().st_size / 1e6:.1f} MB")
    opened = open_in_chromium(arguments.out)
    print("no Chromium here" if opened is None else f"opened in {opened:.2f} s")


def make_run(images: int, folder: Path | None) -> Results:
    files = sorted(folder.iterdir())[:images] if folder else []

    def draw(index: int, width: int, height: int) -> Pixels:
        if not files:
            return drawn(index, width, height)
        with Image.open(files[index]) as picture:
            return np.ascontiguousarray(np.asarray(picture.convert("RGB"))[:height, :width])

    drawn, factory.draw = factory.draw, draw
    try:
        return factory.make_results(images=images, size=(256, 256), variants=VARIANTS, targets=())
    finally:
        factory.draw = drawn


def open_in_chromium(file: Path) -> float | None:
    """Seconds from asking for the page until its scripts have drawn it."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.goto("about:blank")
        start = time.perf_counter()
        page.goto(f"{file.resolve().as_uri()}#tab=curves")
        page.wait_for_selector("html[data-ready] #chart-curves .main-svg")
        seconds = time.perf_counter() - start
        browser.close()
    return seconds


if __name__ == "__main__":
    main()
