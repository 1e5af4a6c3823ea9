"""Build the FLIF decoder with sanitizers and fuzz it: ``python scripts/fuzz_flif.py [--seconds 600]``.

Seeds are files that the encoder makes here, plus any given with ``--seeds FOLDER``. Prints what became of
the inputs; exits with an error, and leaves ``fuzz_decoder.last`` in the build folder, on any finding.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import numpy as np
from benchcomp_flif import encode

PLUGIN = Path(__file__).parents[1] / "plugins" / "benchcomp_flif"


def build(folder: Path) -> Path:
    for command in (["cmake", "-S", PLUGIN, "-B", folder, "-DSANITIZE=ON"], ["cmake", "--build", folder]):
        try:
            subprocess.run(command, check=True, capture_output=True, text=True)
        except OSError as error:
            sys.exit(f"can't build: {error}")
        except subprocess.CalledProcessError as error:
            sys.exit(f"can't build: {error.stderr or error.stdout}")
    return folder / "fuzz_decoder"


def make_seeds(folder: Path) -> list[Path]:
    random = np.random.default_rng(0)
    ramp = np.add.outer(np.arange(40) * 3, np.arange(50) * 2).astype(np.uint8)
    color = np.stack([ramp, ramp[::-1], ramp // 2], axis=2)
    alpha = np.where(random.random(ramp.shape) < 0.5, 0, ramp).astype(np.uint8)
    images = {
        "gray": ramp,
        "color": color,
        "noise": random.integers(0, 256, (17, 23, 3), dtype=np.uint8),
        "palette": random.integers(0, 256, (9, 3), dtype=np.uint8)[random.integers(0, 9, (30, 20))],
        "alpha": np.dstack([color, alpha]),
        "posterised": color // 32 * 32,
        "one-constant": color * np.array([0, 1, 1], np.uint8),
    }
    files = []
    for name, pixels in images.items():
        for interlaced in (False, True):
            files.append(folder / f"seed-{name}-{'interlaced' if interlaced else 'scanlines'}.flif")
            files[-1].write_bytes(encode(pixels, interlaced=interlaced))
    return files


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=Path, help="folder with more .flif files to start from")
    parser.add_argument("--build", type=Path, default=Path("build/fuzz-flif"))
    options = parser.parse_args()
    options.build.mkdir(parents=True, exist_ok=True)
    program = build(options.build.resolve())
    seeds = make_seeds(options.build.resolve())
    if options.seeds:
        seeds += sorted(options.seeds.resolve().glob("*.flif"))
    command = [str(program), str(options.seconds), str(options.seed), *map(str, seeds)]
    return subprocess.run(command, cwd=options.build, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
