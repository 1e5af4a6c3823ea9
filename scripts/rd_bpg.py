"""Show what BPG's encoder settings are worth: BD-rate of other settings against the default ones.

Photos of a Facades folder (the left halves, 256x256), a ladder of quantisers, 4:4:4, 8 bits. BD-rate is
that of the averaged curve, PCHIP over log rate, against psnr_rgb and against SSIM in dB; negative means
fewer bits than the default settings. Where bpgenc is on the PATH, the reference encoder is measured, too.

    python scripts/rd_bpg.py FOLDER [--limit 10]
"""

from __future__ import annotations

import argparse
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import benchcomp_bpg
import numpy as np
from benchcomp_bpg import hevc
from PIL import Image
from scipy.interpolate import PchipInterpolator
from skimage.metrics import structural_similarity

from benchcomp import Pixels

QPS = (47, 42, 37, 32, 27, 22)
Options = dict[str, str]
default_options = hevc.encoder_options


def without_tune(options: Options) -> Options:
    return {key: value for key, value in options.items() if key != "tune"}


def parameter(text: str, instead: str) -> Callable[[Options], Options]:
    """Options with a part of x265's parameters replaced."""

    def change(options: Options) -> Options:
        assert text in options["x265-params"], text
        return options | {"x265-params": options["x265-params"].replace(text, instead)}

    return change


VARIANTS: dict[str, Callable[[Options], Options]] = {
    "default: veryslow, tune ssim, tskip": lambda options: options,
    "no tune": without_tune,
    "tune psnr": lambda options: options | {"tune": "psnr"},
    "no tskip": parameter("tskip=1", "tskip=0"),
    "smallest coding block 16": parameter("min-cu-size=8", "min-cu-size=16"),
    "preset placebo": lambda options: options | {"preset": "placebo"},
    "preset slower": lambda options: options | {"preset": "slower"},
    "preset slow": lambda options: options | {"preset": "slow"},
    "preset medium": lambda options: options | {"preset": "medium"},
    "preset ultrafast": lambda options: options | {"preset": "ultrafast"},
}


def photos(folder: Path, limit: int) -> list[Pixels]:
    """The photos of ``limit`` files, spread over the folder."""
    paths = sorted(folder.glob("*.jpg"), key=lambda path: int(path.stem))
    chosen = paths[:: max(1, len(paths) // limit)][:limit]
    return [np.ascontiguousarray(np.asarray(Image.open(path).convert("RGB"))[:, :256]) for path in chosen]


def quality(pixels: Pixels, back: Pixels) -> tuple[float, float]:
    """psnr_rgb and SSIM in dB."""
    error = np.mean((pixels.astype(float) - back) ** 2)
    ssim = structural_similarity(
        pixels,
        back,
        channel_axis=-1,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=255,
    )
    return 10 * np.log10(255**2 / error), -10 * np.log10(1 - ssim)


def curve(images: list[Pixels], encode: Callable[[Pixels, int], bytes]) -> tuple[np.ndarray, float]:
    """Rows of mean bpp, psnr_rgb and SSIM in dB by quantiser; CPU milliseconds an image."""
    rows = []
    spent = 0.0
    for qp in QPS:
        points = []
        for pixels in images:
            started = time.process_time()
            bitstream = encode(pixels, qp)
            spent += time.process_time() - started
            bpp = 8 * len(bitstream) / (pixels.shape[0] * pixels.shape[1])
            points.append((bpp, *quality(pixels, benchcomp_bpg.decode(bitstream))))
        rows.append(np.mean(points, axis=0))
    return np.array(rows), 1000 * spent / len(QPS) / len(images)


def bd_rate(anchor: np.ndarray, test: np.ndarray, column: int) -> float:
    """Per cent of rate more than the anchor, over the common quality range."""
    low = max(anchor[0, column], test[0, column])
    high = min(anchor[-1, column], test[-1, column])
    areas = [
        PchipInterpolator(rows[:, column], np.log10(rows[:, 0])).integrate(low, high)
        for rows in (anchor, test)
    ]
    return 100 * (10 ** ((areas[1] - areas[0]) / (high - low)) - 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int, default=10)
    arguments = parser.parse_args()
    images = photos(arguments.folder, arguments.limit)
    print(f"{hevc.versions()}; {len(images)} photos, qp {', '.join(map(str, QPS))}")
    print(f"{'settings':40s} {'BD psnr_rgb':>12s} {'BD ssim_rgb':>12s} {'CPU ms':>8s}")
    anchor: np.ndarray | None = None
    for name, change in VARIANTS.items():
        hevc.encoder_options = lambda *given, change=change, **named: change(default_options(*given, **named))
        test, milliseconds = curve(images, benchcomp_bpg.encode)
        anchor = test if anchor is None else anchor
        show(name, anchor, test, milliseconds)
    hevc.encoder_options = default_options
    if anchor is not None and shutil.which("bpgenc"):
        from benchcomp_bpg import libbpg

        test, milliseconds = curve(images, lambda pixels, qp: libbpg.encode(pixels, min(51, qp + 3)))
        show(f"{libbpg.version()} at level 8", anchor, test, milliseconds)
    else:
        print("bpgenc is not on the PATH: the reference encoder was not measured")


def show(name: str, anchor: np.ndarray, test: np.ndarray, milliseconds: float) -> None:
    psnr, ssim = (bd_rate(anchor, test, column) for column in (1, 2))
    print(f"{name:40s} {psnr:+11.2f}% {ssim:+11.2f}% {milliseconds:8.1f}", flush=True)


if __name__ == "__main__":
    main()
