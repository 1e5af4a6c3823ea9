"""Time the store, the analysis and the reports on a run of a million rows.

Fills a run file with simulated rows (every image with the same ladder of two codecs and four metrics, as
the driver would add them, in batches), then loads it and makes everything that a user would ask of it.
Each step after the filling is a process of its own, so that its peak memory is its own. The values are
made up and mean nothing; only their number and shape matter.

    python scripts/perf_rows.py [--images 125000] [--rates 4] [--bitstream-bytes 0] [--out FILE]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchcomp.store import ImageRecord, Point, Score, Store

CODECS = ("jpeg", "webp")
METRICS = (
    ("psnr_rgb", "PSNR (RGB)", "dB", True, False),
    ("ssim_rgb", "SSIM (RGB)", "", True, True),
    ("ms_ssim_rgb", "MS-SSIM (RGB)", "", True, True),
    ("lpips_alex", "LPIPS (AlexNet)", "", False, False),
)
LADDER = (10.0, 30.0, 50.0, 70.0, 80.0, 90.0, 95.0, 98.0)
STEPS = ("load", "analysis", "csv", "html")
BATCH = 64
"""Points in one transaction: what comes in between two commits of the driver in a fast run."""


def manifest(images: int, rates: int) -> dict[str, Any]:
    return {
        "created": "2026-01-01T00:00:00+00:00",
        "benchcomp": "0",
        "command": ["scripts/perf_rows.py"],
        "dataset": {"id": "simulated", "title": "simulated rows", "licence": "", "citation": ""},
        "images": images,
        "codecs": [
            {"codec": name, "options": "", "version": "1", "rates": list(LADDER[:rates])} for name in CODECS
        ],
        "unavailable": {},
        "metrics": [
            {
                "name": name,
                "title": title,
                "unit": unit,
                "higher_is_better": higher,
                "definition": f"{name}-1",
                "decibels": decibels,
            }
            for name, title, unit, higher, decibels in METRICS
        ],
        "environment": {"cpu": "", "cores": 0, "packages": {}},
        "settings": {"jobs": 1, "timing": "parallel", "targets": [], "repeats": 1},
        "experiment": 'codecs = ["jpeg", "webp"]\n',
    }


def batches(images: int, rates: int, payload: int) -> Iterator[tuple[list[ImageRecord], list[Point]]]:
    """Simulated results in the order in which workers send them, image by image."""
    random_ = random.Random(1)
    blob = random_.randbytes(payload) if payload else None
    records: list[ImageRecord] = []
    points: list[Point] = []
    for number in range(images):
        sha256 = hashlib.sha256(str(number).encode()).hexdigest()
        name = f"{number // 1000:03d}/image{number:06d}.png"
        busy = random_.lognormvariate(0.0, 0.4)
        for codec, gain in zip(CODECS, (1.0, 0.8), strict=True):
            records.append(ImageRecord(name, sha256, 256, 256))
            for place in range(rates):
                points.append(point(random_, sha256, codec, place, busy * gain, blob))
            if len(points) >= BATCH:
                yield records, points
                records, points = [], []
    yield records, points


def point(
    random_: random.Random, sha256: str, codec: str, place: int, busy: float, blob: bytes | None
) -> Point:
    bpp = 0.25 * 1.7**place * busy * random_.uniform(0.95, 1.05)
    psnr = 26.0 + 2.5 * place + random_.gauss(0, 0.4)
    values = (psnr, 1 - 0.2 / 1.6**place, 1 - 0.1 / 1.7**place, 0.5 / 1.5**place)
    return Point(
        sha256,
        codec,
        "",
        LADDER[place],
        "1",
        "ok",
        bytes=int(bpp * 8192),
        lossless=False,
        encode_wall_s=(random_.uniform(0.001, 0.01),),
        decode_wall_s=(random_.uniform(0.001, 0.01),),
        encode_cpu_s=(random_.uniform(0.001, 0.01),),
        decode_cpu_s=(random_.uniform(0.001, 0.01),),
        peak_rss_bytes=random_.randrange(200, 300) << 20,
        measured_at="2026-01-01T00:00:01+00:00",
        benchcomp_version="0",
        bitstream=blob,
        scores=tuple(
            Score(name, f"{name}-1", value) for (name, *_), value in zip(METRICS, values, strict=True)
        ),
    )


def fill(path: Path, images: int, rates: int, payload: int) -> dict[str, float]:
    """Fill a new run file; seconds are those of the store alone, without making the rows up."""
    rows = 0
    wall = cpu = 0.0
    with Store.create(path, manifest(images, rates)) as store:
        for records, points in batches(images, rates, payload):
            begun, begun_cpu = time.perf_counter(), time.process_time()
            store.add(records, points)
            wall += time.perf_counter() - begun
            cpu += time.process_time() - begun_cpu
            rows += len(points)
    return {
        "rows": rows,
        "wall_s": round(wall, 2),
        "cpu_s": round(cpu, 2),
        "rows_per_s": round(rows / wall),
        "rows_per_cpu_s": round(rows / cpu),
        "peak_mib": peak_mib(),
        "file_mib": round(path.stat().st_size / 2**20),
    }


def step(name: str, path: Path) -> dict[str, float]:
    """Do one step on the run in this process, and say what it took."""
    from benchcomp.registry import default
    from benchcomp.results import load

    times: dict[str, float] = {}

    def timed(label: str, call: Any) -> Any:
        begun, begun_cpu = time.perf_counter(), time.process_time()
        result = call()
        times[f"{label}_s"] = round(time.perf_counter() - begun, 2)
        times[f"{label}_cpu_s"] = round(time.process_time() - begun_cpu, 2)
        return result

    results = timed("load", lambda: load(path, default()))
    times["rows"] = len(results.frame)
    if name == "analysis":
        from benchcomp import analysis

        metrics = list(results.metrics.values())
        frame = results.frame
        timed("rd_curves", lambda: [analysis.rd_curves(frame, m.name) for m in metrics])
        timed("rate_points", lambda: analysis.rate_points(frame, list(results.metrics)))
        timed("bd_per_image", lambda: analysis.bd_per_image(frame, metrics[0], *CODECS))
        timed("overview", lambda: analysis.overview(frame, metrics, 0.5))
        timed("compare_all", lambda: analysis.compare_all(frame, metrics, CODECS[0]))
    elif name in ("csv", "html"):
        out = path.with_suffix(f".{name}")
        timed(name, lambda: default().report(name).write([results], out))
        times["out_mib"] = round(out.stat().st_size / 2**20, 1)
        out.unlink()
    times["wall_s"] = round(sum(v for k, v in times.items() if k.endswith("_s") and "cpu" not in k), 2)
    times["cpu_s"] = round(sum(v for k, v in times.items() if k.endswith("_cpu_s")), 2)
    times["peak_mib"] = peak_mib()
    return times


def peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def measure(images: int, rates: int, payload: int, out: Path | None, steps: tuple[str, ...] = STEPS) -> Any:
    """Fill a run file (unless ``out`` is there already) and do every step on it."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = out or Path(folder) / "rows.sqlite"
        if not path.exists():
            command = ["--fill", str(path), "--images", str(images), "--rates", str(rates)]
            found["fill"] = _process([*command, "--bitstream-bytes", str(payload)])
            print("fill", found["fill"], flush=True)
        for name in steps:
            found[name] = _process(["--step", name, "--out", str(path)])
            print(name, found[name], flush=True)
    return found


def _process(arguments: list[str]) -> Any:
    done = subprocess.run(
        [sys.executable, __file__, *arguments], check=True, capture_output=True, text=True, timeout=3600
    )
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--images", type=int, default=125_000)
    parser.add_argument("--rates", type=int, default=4, help="rates of each of the two codecs")
    parser.add_argument("--bitstream-bytes", type=int, default=0)
    parser.add_argument("--out", type=Path, help="the run file; one that is there is used as it is")
    parser.add_argument("--steps", default=",".join(STEPS))
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--fill", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fill:
        print(json.dumps(fill(options.fill, options.images, options.rates, options.bitstream_bytes)))
    elif options.step:
        print(json.dumps(step(options.step, options.out)))
    else:
        steps = tuple(options.steps.split(","))
        measure(options.images, options.rates, options.bitstream_bytes, options.out, steps)


if __name__ == "__main__":
    main()
