"""Time SMIC's encode and decode against the networks' forward passes alone, and take the peak memory.

    python scripts/bench_smic.py --size 256x256 --repeats 7 --threads 1

Every repeat times the bare forward pass and then the codec's whole call; medians of CPU seconds, and
the ratio of the medians, are printed. Encoding draws the map, as the paper does; where the ladder sends
none, SS-Net has nothing to do. Stop other load first.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from benchcomp_smic import coding, model, scaling
from benchcomp_smic.codec import SmicCodec, SmicOptions
from PIL import Image


def seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def padded(picture: torch.Tensor) -> torch.Tensor:
    return picture[None].contiguous(memory_format=torch.channels_last)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("image", type=Path, nargs="?", help="a picture; noise and stripes without")
    parser.add_argument("--size", default="256x256")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--factor", type=int, default=1)
    parser.add_argument("--qp", type=int, default=38)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    width, height = map(int, arguments.size.split("x"))
    if arguments.image:
        with Image.open(arguments.image) as opened:
            left = opened.convert("RGB").crop((0, 0, opened.height, opened.height))
            pixels = np.asarray(left.resize((width, height), Image.Resampling.LANCZOS))
    else:
        pixels = np.kron(
            np.random.default_rng(0).integers(0, 256, (-(-height // 8), -(-width // 8), 3), np.uint8),
            np.ones((8, 8, 1), np.uint8),
        )[:height, :width]
    codec = SmicCodec(SmicOptions(factor=arguments.factor))
    mapless = SmicCodec(SmicOptions(factor=arguments.factor, map=False))
    networks = codec.networks()
    quality = 50 - arguments.qp
    bitstream = codec.encode(pixels, quality)
    parts = coding.decode_parts(bitstream)
    photograph = padded(scaling.to_tensor(scaling.pad(pixels, networks.ss_net.multiple, 16)))
    inputs = padded(
        model.rec_inputs(networks.rec_net, parts.upsampled, parts.semantic, arguments.factor, arguments.qp)
    )

    def bare(network: torch.nn.Module, tensor: torch.Tensor) -> None:
        with torch.inference_mode():
            network(tensor)

    works: dict[str, Callable[[], object]] = {
        "SS-Net alone": lambda: bare(networks.ss_net, photograph),
        "encode": lambda: codec.encode(pixels, quality),
        "encode, no map": lambda: mapless.encode(pixels, quality),
        "Rec-Net alone": lambda: bare(networks.rec_net, inputs),
        "decode": lambda: codec.decode(bitstream),
    }
    for work in works.values():
        work()
    readings: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(arguments.repeats):
        for name, work in works.items():
            readings[name].append(seconds(work))
    medians = {name: statistics.median(values) for name, values in readings.items()}
    for name, value in medians.items():
        print(f"{name:14} {value:7.3f} CPU s (least {min(readings[name]):.3f})")
    print(f"encode / SS-Net alone: {medians['encode'] / medians['SS-Net alone']:.3f}")
    print(f"decode / Rec-Net alone: {medians['decode'] / medians['Rec-Net alone']:.3f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{width}x{height}, {len(bitstream)} bytes, {arguments.threads} threads, peak memory {peak:.0f} MiB"
    )


if __name__ == "__main__":
    main()
