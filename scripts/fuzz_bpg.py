"""Decode damaged .bpg files: bit flips, truncations, splices, insertions; one process, seeded.

Every input has to end in pixels of the announced size or in BitstreamError, within the time limit and
without the process growing. The process runs with its address space limited, so that a blow-up shows.

    python scripts/fuzz_bpg.py --count 20000 [--seed 0] [--fixtures FOLDER]
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import random
import resource
import signal
import time
from pathlib import Path

import benchcomp_bpg
import numpy as np
from benchcomp_bpg.container import parse, write

from benchcomp import BitstreamError

MAX_PIXELS = 1 << 22
TIME_LIMIT_S = 10
HEADER_BYTES = 40


def own_files() -> list[bytes]:
    """Small files of every kind that the encoder writes."""
    rng = np.random.default_rng(0)
    files = []
    for height, width in ((1, 1), (17, 33), (48, 40)):
        coarse = rng.integers(0, 256, (height // 8 + 1, width // 8 + 1, 3))
        pixels = np.kron(coarse, np.ones((8, 8, 1)))[:height, :width].astype(np.uint8)
        for subsampling in ("444", "422", "420"):
            for bit_depth in (8, 10):
                files.append(
                    benchcomp_bpg.encode(
                        pixels, 30, subsampling=subsampling, bit_depth=bit_depth, preset="medium"
                    )
                )
        files.append(benchcomp_bpg.encode(pixels, None, lossless=True, preset="medium"))
        files.append(benchcomp_bpg.encode(pixels[..., 0], 20, preset="medium"))
    return files


def mutate(rng: random.Random, files: list[bytes]) -> bytes:
    """One damaged file.

    Half of them are damaged in the coded picture only and put together anew, so that lengths agree and the
    damage reaches the decoder.
    """
    data = rng.choice(files)
    if rng.random() < 0.5:
        return damage(rng, data, rng.choice(files))
    file, other = parse(data), parse(rng.choice(files))
    if rng.random() < 0.2:
        file = dataclasses.replace(file, hevc_header=damage(rng, file.hevc_header, other.hevc_header))
    else:
        file = dataclasses.replace(file, data=damage(rng, file.data, other.data))
    return write(file)


def damage(rng: random.Random, data: bytes, other: bytes) -> bytes:
    """Bytes damaged in one to four ways, half of the time near their beginning."""
    damaged = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        end = min(len(damaged), HEADER_BYTES) if rng.random() < 0.5 else len(damaged)
        at = rng.randrange(end) if end else 0
        match rng.randrange(6):
            case 0 | 1 if damaged:
                damaged[at] ^= 1 << rng.randrange(8)
            case 2 if damaged:
                damaged[at] = rng.choice((0, 1, 3, 127, 128, 255, rng.randrange(256)))
            case 3:
                del damaged[at:]
            case 4:
                damaged[at:at] = rng.randbytes(rng.randrange(1, 9))
            case 5:
                damaged[at:] = other[rng.randrange(len(other)) :]
    return bytes(damaged)


def outcome(data: bytes) -> str:
    """Decode; ``pixels``, or why not."""
    try:
        pixels = benchcomp_bpg.decode(data, max_pixels=MAX_PIXELS)
    except BitstreamError as error:
        return "".join(letter for letter in str(error) if not letter.isdigit())[:70]
    header = parse(data).header
    if pixels.shape != (header.height, header.width, 4 if header.alpha else 3) or pixels.dtype != np.uint8:
        raise AssertionError(f"pixels of shape {pixels.shape} for {header}")
    return "pixels"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fixtures", type=Path, help="folder with further .bpg files to damage")
    arguments = parser.parse_args()
    files = own_files()
    if arguments.fixtures:
        files += [path.read_bytes() for path in sorted(arguments.fixtures.glob("*.bpg"))]
    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
    rng = random.Random(arguments.seed)
    outcomes: collections.Counter[str] = collections.Counter()
    slowest = 0.0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for index in range(arguments.count):
        if index % 2000 == 0:
            print(f"{index} of {arguments.count}", flush=True)
        data = mutate(rng, files)
        signal.alarm(TIME_LIMIT_S)
        started = time.process_time()
        try:
            outcomes[outcome(data)] += 1
        except BaseException:
            Path(f"fuzz-bpg-{arguments.seed}-{index}.bpg").write_bytes(data)
            raise
        slowest = max(slowest, time.process_time() - started)
    signal.alarm(0)
    print()
    growth = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    for reason, count in outcomes.most_common():
        print(f"{count:7d}  {reason}")
    print(f"{arguments.count} inputs from {len(files)} files, seed {arguments.seed}: no crash, no hang;")
    print(f"slowest {1000 * slowest:.0f} ms of CPU, peak memory {growth} MiB above the start")


if __name__ == "__main__":
    main()
