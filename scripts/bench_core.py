"""Measure what `benchcomp run` costs over the codecs' calls and the metrics' kernels alone.

Runs the sweep (Facades val x jpeg, webp, avif x 8 rates, PSNR, SSIM and LPIPS) with 1 and 2 jobs, then
makes the same calls in a plain loop. The overhead is the run's CPU seconds, driver and workers together,
over the loop's; wall times tell it only on an idle machine and are printed beside it.

    python scripts/bench_core.py --dataset facades:val [--images 10] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CODECS = ("jpeg", "webp", "avif")
METRICS = ("psnr_rgb", "ssim_rgb", "lpips_alex")
RATES = (10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 75.0, 90.0)
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def bare(dataset: str, images: int) -> dict[str, float]:
    """The same calls without the harness: seconds of codecs and metrics, loading and warming up apart."""
    import itertools

    import torch

    from benchcomp.registry import default

    torch.set_num_threads(1)
    registry = default()
    source = registry.dataset(dataset)
    codecs, metrics = [registry.codec(name) for name in CODECS], [registry.metric(name) for name in METRICS]
    names = list(itertools.islice(source.images(), images))
    wall = cpu = 0.0
    for number, name in enumerate([names[0], *names]):
        pixels = source.load(name)
        begun, begun_cpu = time.perf_counter(), time.process_time()
        prepared = [metric.prepare(pixels) for metric in metrics]
        for codec in codecs:
            for rate in RATES:
                reconstruction = codec.decode(codec.encode(pixels, rate))
                for metric, reference in zip(metrics, prepared, strict=True):
                    metric.score(reference, reconstruction)
        if number:  # the first image warms up
            wall += time.perf_counter() - begun
            cpu += time.process_time() - begun_cpu
    return {"wall_s": wall, "cpu_s": cpu}


def timed(command: list[str]) -> dict[str, float]:
    """Wall and CPU seconds of a program and all that it started."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **ONE_THREAD})
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stderr[-2000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall_s": wall, "cpu_s": cpu}


def swept(dataset: str, images: int, jobs: int) -> dict[str, float]:
    """`benchcomp run` as a user starts it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable, "-m", "benchcomp", "run", "--codecs", ",".join(CODECS),
            "--metrics", ",".join(METRICS),
            "--rates", ",".join(f"{rate:g}" for rate in RATES), "--dataset", dataset, "--limit", str(images),
            "--jobs", str(jobs), "--quiet", "--out", str(Path(folder) / "run.sqlite"),
        ]  # fmt: skip
        return timed(command)


def measure(dataset: str, images: int) -> dict[str, Any]:
    code = (
        "import json, runpy, sys; m = runpy.run_path(sys.argv[1]); "
        "print(json.dumps(m['bare'](sys.argv[2], int(sys.argv[3]))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, __file__, dataset, str(images)],
        check=True, capture_output=True, text=True, env={**os.environ, **ONE_THREAD},
    )  # fmt: skip
    kernels = json.loads(done.stdout.splitlines()[-1])
    # A run of one image is start-up and warm-up; the rest grows with the images.
    start = swept(dataset, 1, 1)
    one, two = swept(dataset, images, 1), swept(dataset, images, 2)
    helped = timed([sys.executable, "-m", "benchcomp", "--help"])
    return {
        "images": images,
        "points": images * len(CODECS) * len(RATES),
        "bare": kernels,
        "start": start,
        "one_job": one,
        "two_jobs": two,
        "cpu_overhead": one["cpu_s"] / kernels["cpu_s"],
        "cpu_overhead_without_start": (one["cpu_s"] - start["cpu_s"])
        / (kernels["cpu_s"] * (images - 1) / images),
        "wall_overhead_one_job": one["wall_s"] / kernels["wall_s"],
        "wall_overhead_two_jobs": two["wall_s"] / (kernels["wall_s"] / 2),
        "two_against_one": one["wall_s"] / two["wall_s"],
        "help_cpu_s": helped["cpu_s"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", default="facades:val")
    parser.add_argument("--images", type=int, default=100)
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    options = parser.parse_args()
    figures = measure(options.dataset, options.images)
    text = json.dumps(figures, indent=1)
    print(text)
    if options.json:
        options.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
