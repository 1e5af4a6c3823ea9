"""Decode mutated SMIC bitstreams: each must give a picture or a BitstreamError, in bounded time.

    python scripts/fuzz_smic.py --count 20000

Runs in this process, so that a crash ends the script, and prints how many decoded, how many were
refused and the longest time one took. Small untrained networks stand in for the trained ones: they see
only pixels, whatever the bytes were.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from benchcomp_smic import model
from benchcomp_smic.codec import SmicCodec, SmicOptions
from benchcomp_smic.rec_net import RecNet
from benchcomp_smic.ss_net import SSNet

from benchcomp import BitstreamError

BUILD = {"channels": 2, "widths": (4, 4, 4), "hints": True}


def mutate(data: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(data)
    for _ in range(int(rng.integers(1, 5))):
        at = (
            int(rng.integers(len(changed)))
            if rng.random() < 0.7
            else int(rng.integers(min(12, len(changed))))
        )
        kind = int(rng.integers(5))
        if kind == 0:
            changed[at] = int(rng.integers(256))
        elif kind == 1:
            changed[at] ^= 1 << int(rng.integers(8))
        elif kind == 2:
            del changed[at:]
        elif kind == 3:
            changed[at:at] = rng.bytes(int(rng.integers(1, 9)))
        else:
            del changed[at : at + int(rng.integers(1, 5))]
        changed = changed or bytearray(b"\x10")
    return bytes(changed)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    rng = np.random.default_rng(arguments.seed)
    weights = Path(tempfile.mkdtemp()) / "tiny.safetensors"
    model.save(weights, SSNet(2), RecNet(BUILD["widths"], True), BUILD, {})
    pixels = rng.integers(0, 256, (40, 56, 3), np.uint8)
    pixels[8:30, 10:40] = 90
    seeds = []
    for options in (
        {"factor": 1},
        {"factor": 2},
        {"factor": 4, "map": False},
        {"factor": 4, "thumbnail": "flif"},
    ):
        codec = SmicCodec(SmicOptions(weights=str(weights), **options))
        seeds.append(codec.encode(pixels, 15 if codec.knob else None))
    counts, longest = {"picture": 0, "refused": 0}, 0.0
    for _ in range(arguments.count):
        bad = mutate(seeds[int(rng.integers(len(seeds)))], rng)
        started = time.process_time()
        try:
            codec.decode(bad)
            counts["picture"] += 1
        except BitstreamError:
            counts["refused"] += 1
        longest = max(longest, time.process_time() - started)
    print(f"{arguments.count} mutated bitstreams: {counts}, longest {longest:.2f} CPU s")


if __name__ == "__main__":
    main()
