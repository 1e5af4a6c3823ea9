"""Compare the metrics' speed and values with their reference implementations, on one thread.

    OPENBLAS_NUM_THREADS=1 python scripts/bench_metrics.py [IMAGE]

Without IMAGE, a made picture of 768x512. Each pair of implementations runs alternately, so that other
load meets both; the ratio is that of the medians of CPU seconds. Both start from the same two uint8
arrays. The reference's preparation is shown apart: it is done once per image, for all codecs and rates.
"""

from __future__ import annotations

import io
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import lpips
import numpy as np
import pytorch_msssim
import torch
from PIL import Image
from safetensors.torch import load_file
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from benchcomp import Metric, Pixels
from benchcomp.metrics.lpips import LpipsAlex
from benchcomp.metrics.luma import WEIGHTS
from benchcomp.metrics.psnr import PsnrRgb, PsnrY
from benchcomp.metrics.ssim import MsSsimRgb, SsimRgb, SsimY

Reference = Callable[[Pixels, Pixels], float]

WANG = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 255}


def picture() -> Pixels:
    if len(sys.argv) > 1:
        return np.asarray(Image.open(sys.argv[1]).convert("RGB"))
    y, x = np.mgrid[0:512, 0:768] / 64
    noise = np.random.default_rng(0).normal(0, 4, (512, 768, 3))
    planes = [128 + 90 * np.sin(x * (1 + c) + y * c) + 40 * (np.sin(3 * y) > 0.3) for c in range(3)]
    return np.clip(np.rint(np.stack(planes, axis=2) + noise), 0, 255).astype(np.uint8)


def jpeg(pixels: Pixels, quality: int) -> Pixels:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def tensor(pixels: Pixels) -> torch.Tensor:
    return torch.from_numpy(pixels.astype(np.float32)).permute(2, 0, 1)[None].contiguous()


def ms_ssim(x: Pixels, y: Pixels) -> float:
    return float(pytorch_msssim.ms_ssim(tensor(x), tensor(y), data_range=255))


def plain_lpips() -> Reference:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network = lpips.LPIPS(net="alex", pnet_rand=True, verbose=False)
    weights = load_file(str(LpipsAlex.weights()))
    names = network.net.state_dict()
    network.net.load_state_dict({name: weights["features." + name.partition(".")[2]] for name in names})

    def score(x: Pixels, y: Pixels) -> float:
        with torch.no_grad():
            return float(network(tensor(x) / 127.5 - 1, tensor(y) / 127.5 - 1))

    return score


def luma(pixels: Pixels) -> np.ndarray:
    return pixels.astype(float) @ np.array(WEIGHTS)


def cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def compare(metric: Metric, name: str, reference: Reference, x: Pixels, y: Pixels, repeats: int) -> str:
    prepared = metric.prepare(x)
    ours, theirs = metric.score(prepared, y), reference(x, y)
    times: list[list[float]] = [[], [], []]
    for _ in range(repeats):
        times[0].append(cpu(lambda: metric.score(prepared, y)))
        times[1].append(cpu(lambda: reference(x, y)))
        times[2].append(cpu(lambda: metric.prepare(x)))
    score, plain, prepare = (statistics.median(values) * 1000 for values in times)
    difference = abs((ours if ours is not None else float("nan")) - theirs)
    return (
        f"{metric.name:12} {name:22} {score:8.1f} {prepare:8.1f} {plain:8.1f} {plain / score:7.1f}x "
        f"{plain * 8 / (score * 8 + prepare):7.1f}x {difference:10.1e}"
    )


def main() -> None:
    torch.set_num_threads(1)
    x = picture()
    y = jpeg(x, 30)
    print(f"{x.shape[1]}x{x.shape[0]} pixels, one thread, median CPU ms; {Path(sys.argv[0]).name}")
    print(
        f"{'metric':12} {'against':22} {'score':>8} {'prepare':>8} {'theirs':>8} {'ratio':>8} "
        f"{'8 rates':>8} {'difference':>10}"
    )
    rows: list[tuple[Metric, str, Reference, int]] = [
        (PsnrRgb(), "scikit-image", lambda a, b: peak_signal_noise_ratio(a, b, data_range=255), 15),
        (PsnrY(), "scikit-image", lambda a, b: peak_signal_noise_ratio(luma(a), luma(b), data_range=255), 15),
        (SsimRgb(), "scikit-image", lambda a, b: structural_similarity(a, b, channel_axis=-1, **WANG), 9),
        (SsimY(), "scikit-image", lambda a, b: structural_similarity(luma(a), luma(b), **WANG), 9),
        (MsSsimRgb(), "pytorch-msssim", ms_ssim, 15),
        (LpipsAlex(), "lpips", plain_lpips(), 5),
    ]
    for metric, name, reference, repeats in rows:
        print(compare(metric, name, reference, x, y, repeats))


if __name__ == "__main__":
    main()
