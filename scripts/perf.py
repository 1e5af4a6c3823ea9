"""Print this project's figures against what a user would use instead, in one run on one machine.

Each section measures both sides here and now and gives their ratio; one that can't be measured says why.
CompressAI is installed into an environment of its own below ``build/perf``. See docs/performance.md.

    python scripts/perf.py [--quick] [--only sweep,core,...] [--json build/perf/perf.json]
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchcomp import environment
from benchcomp.registry import default

HERE = Path(__file__).parent
WORK = HERE.parent / "build" / "perf"
QUALITIES = (10, 30, 50, 70, 90)
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

Section = Callable[[argparse.Namespace], dict[str, Any]]


class Unavailable(Exception):
    """A section can't be measured here; the message says why."""


def run(command: list[str], **variables: str) -> tuple[str, float]:
    """Standard output and wall seconds of a program.

    Raises:
        Unavailable: it isn't there or failed; the message is the end of what it said.
    """
    begun = time.perf_counter()
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **ONE_THREAD, **variables}
    )
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()[-1]
        raise Unavailable(f"{' '.join(command[:4])} ended with {done.returncode}: {last}")
    return done.stdout, time.perf_counter() - begun


def compressai() -> str:
    """The Python of an environment that has CompressAI, made where it isn't there yet."""
    folder = WORK / "compressai"
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        # PyTorch is taken from this environment: the same build on both sides.
        import torch

        (site,) = folder.glob("lib/python*/site-packages")
        (site / "beside.pth").write_text(f"{Path(torch.__file__).parents[1]}\n")
    with contextlib.suppress(Unavailable):
        run([str(python), "-c", "import compressai"])
        return str(python)
    run([str(python), "-m", "pip", "install", "--quiet", "compressai"])
    run([str(python), "-c", "import compressai.utils.bench"])
    return str(python)


def images(dataset: str, count: int) -> list[Path]:
    """The files of a data set's first images."""
    from benchcomp import BenchcompError

    try:
        source = default().dataset(dataset)
        names = list(source.images())[:count]
        folder = Path(os.environ["BENCHCOMP_DATA"]) / dataset.partition(":")[0]
    except (BenchcompError, KeyError) as error:
        raise Unavailable(f"{dataset}: {error} (set BENCHCOMP_DATA)") from error
    found = [path for name in names for path in folder.rglob(f"{name}*") if path.suffix in (".png", ".jpg")]
    if not found:
        raise Unavailable(f"no files of {dataset} in {folder}")
    return found


def sweep(options: argparse.Namespace) -> dict[str, Any]:
    """JPEG and WebP on Kodak with PSNR and MS-SSIM: ours against CompressAI's bench."""
    python = compressai()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "images"
        folder.mkdir()
        for path in images("kodak", options.images):
            (folder / path.name).symlink_to(path)
        qualities = ",".join(map(str, QUALITIES))
        theirs = 0.0
        for codec in ("jpeg", "webp"):
            command = [python, "-m", "compressai.utils.bench", codec, str(folder), "-q", qualities]
            theirs += run([*command, "-j", str(options.jobs)])[1]
        command = [
            sys.executable, "-m", "benchcomp", "run", "--codecs", "jpeg,webp", "--rates", qualities,
            "--metrics",
            "psnr_rgb,ms_ssim_rgb", "--dataset", f"folder:{folder}", "--jobs", str(options.jobs), "--quiet",
            "--out", str(Path(scratch) / "run.sqlite"),
        ]  # fmt: skip
        ours = run(command)[1]
    return {
        "images": options.images,
        "jobs": options.jobs,
        "points": 2 * len(QUALITIES) * options.images,
        "ours_wall_s": ours,
        "compressai_wall_s": theirs,
        "ours_over_compressai": ours / theirs,
    }


def core(options: argparse.Namespace) -> dict[str, Any]:
    """What the harness costs over bare calls, and what a second job gains."""
    sys.path.insert(0, str(HERE))
    import bench_core

    return bench_core.measure("facades:val", options.images)


def printed(script: str, *arguments: str) -> dict[str, Any]:
    """The figures that another script prints, as lines."""
    output, _ = run([sys.executable, str(HERE / script), *arguments])
    return {"command": " ".join([f"scripts/{script}", *arguments]), "output": output.splitlines()}


def metrics(options: argparse.Namespace) -> dict[str, Any]:
    """Metrics against scikit-image, pytorch-msssim and lpips."""
    return printed("bench_metrics.py")


def bpg(options: argparse.Namespace) -> dict[str, Any]:
    """BPG against bare x265 and HEVC calls."""
    return printed("bench_bpg.py", str(images("kodak", 1)[0]), "--repeats", str(5 if options.quick else 15))


def flif(options: argparse.Namespace) -> dict[str, Any]:
    """FLIF's encode and decode."""
    return printed("bench_flif.py", "--images", str(2 if options.quick else 10))


def smic(options: argparse.Namespace) -> dict[str, Any]:
    """SMIC against its bare networks."""
    return printed("bench_smic.py", "--repeats", str(3 if options.quick else 7))


def rows(options: argparse.Namespace) -> dict[str, Any]:
    """The store, the analysis and the reports on a million rows."""
    count = 2_000 if options.quick else 125_000
    output, _ = run([sys.executable, str(HERE / "perf_rows.py"), "--images", str(count)])
    steps = [line.partition(" ") for line in output.splitlines()]
    return {name: json.loads(figures.replace("'", '"')) for name, _, figures in steps}


SECTIONS: dict[str, Section] = {
    "sweep": sweep,
    "core": core,
    "metrics": metrics,
    "bpg": bpg,
    "flif": flif,
    "smic": smic,
    "rows": rows,
}


def show(name: str, figures: dict[str, Any]) -> None:
    print(f"\n{name}: {SECTIONS[name].__doc__}")
    for key, value in figures.items():
        if isinstance(value, list):
            print("\n".join(f"  {re.sub(chr(9), ' ', line)}" for line in value))
        else:
            print(f"  {key:28} {value:.3f}" if isinstance(value, float) else f"  {key:28} {value}")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few images and rows: for a look, not for print")
    parser.add_argument("--only", default=",".join(SECTIONS), help="sections, comma-separated")
    parser.add_argument("--images", type=int, help="images of Kodak and of Facades [24; 4 with --quick]")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--json", type=Path, default=WORK / "perf.json")
    options = parser.parse_args()
    options.images = options.images or (4 if options.quick else 24)
    figures: dict[str, Any] = {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "environment": environment.describe(),
        "load_before": os.getloadavg()[0],
    }
    print(f"{figures['environment']['cpu']}, load {figures['load_before']:.1f}")
    WORK.mkdir(parents=True, exist_ok=True)
    for name in options.only.split(","):
        try:
            figures[name] = SECTIONS[name](options)
        except Unavailable as reason:
            figures[name] = {"left out": str(reason)}
        show(name, figures[name])
    figures["load_after"] = os.getloadavg()[0]
    options.json.write_text(json.dumps(figures, indent=1) + "\n")
    print(f"\nwrote {options.json}")


if __name__ == "__main__":
    main()
