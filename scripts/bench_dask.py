"""Measure a sweep's rows a second with the local pool and with Dask workers on the same machine, in one run.

The same sweep (drawn images x jpeg, webp x 8 rates, PSNR: cheap points, so that scheduling shows) runs with
``--jobs`` and with ``--scheduler local:N`` for every N, and once more on a fraction of the images. What the
larger run takes longer, over what it has more rows, is the throughput without start-up. Wall times: wants an
idle machine.

    python scripts/bench_dask.py [--images 400] [--workers 1,2] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CODECS = ("jpeg", "webp")
RATES = "10,20,30,40,50,60,75,90"
FRACTION = 8


def make_images(folder: Path, count: int) -> None:
    """Different pictures of 256 x 256, drawn by the sample data set."""
    from benchcomp_datasets.sample import draw
    from PIL import Image

    folder.mkdir()
    for number in range(count):
        Image.fromarray(draw(number)[0]).save(folder / f"{number:05}.png", compress_level=1)


RUN = """
import atexit, os, runpy, time
atexit.register(lambda: print("driver", time.process_time(), flush=True))
runpy.run_module("benchcomp", run_name="__main__")
"""


def sweep(images: Path, limit: int, out: Path, *how: str) -> tuple[int, float, float]:
    """Rows, wall seconds, and the driver's own CPU seconds, Dask's local scheduler included, of one run."""
    command = [
        sys.executable, "-c", RUN, "run", "--codecs", ",".join(CODECS), "--rates", RATES, "--metrics",
        "psnr_rgb", "--dataset", f"folder:{images}", "--limit", str(limit), "--quiet", "--out",
        str(out), *how,
    ]  # fmt: skip
    begun = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    wall = time.perf_counter() - begun
    driver = float(done.stdout.split("driver ")[1])
    with sqlite3.connect(out) as connection:
        (rows,) = connection.execute("SELECT count(*) FROM points WHERE status = 'ok'").fetchone()
    connection.close()
    return rows, wall, driver


def measure(images: int, workers: list[int]) -> list[dict[str, Any]]:
    """Every number of workers, the local pool first; ``over_local`` is Dask's throughput over the pool's."""
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_images(folder / "images", images)
        for number in workers:
            local = 0.0
            for kind, how in (
                ("local", ("--jobs", str(number))),
                ("dask", ("--scheduler", f"local:{number}")),
            ):
                few, short, little = sweep(
                    folder / "images", images // FRACTION, folder / f"{kind}{number}a.sqlite", *how
                )
                many, long, much = sweep(folder / "images", images, folder / f"{kind}{number}b.sqlite", *how)
                throughput = (many - few) / (long - short)
                local = local or throughput
                found.append(
                    {
                        "executor": kind,
                        "workers": number,
                        "rows": many,
                        "wall_s": round(long, 2),
                        "rows_per_s": round(many / long, 1),
                        "rows_per_s_without_start": round(throughput, 1),
                        "driver_cpu_ms_per_row": round(1000 * (much - little) / (many - few), 3),
                        "over_local": round(throughput / local, 3),
                    }
                )
                print(found[-1], flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--images", type=int, default=400)
    parser.add_argument("--workers", default="1,2", help="numbers of workers, comma-separated")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.images < FRACTION:
        parser.error(f"--images is {FRACTION} at least")
    found = measure(options.images, [int(number) for number in options.workers.split(",")])
    if options.json:
        options.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
