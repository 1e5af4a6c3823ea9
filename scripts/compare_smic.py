"""SMIC against other codecs at equal rates: mean LPIPS (AlexNet) at target bpp, image by image.

    python scripts/compare_smic.py --data $BENCHCOMP_DATA/facades/val --images 1-100 \
        --codecs smic,bpg,jpeg,jp2k --targets 0.10,0.15,0.21,0.30 --out equal_rate.csv

For every image, codec and target, the knob's value whose rate is nearest to the target is found by
bisection over whole numbers (real knobs: to a hundredth of a unit). A target that is missed by more than
10 % is left out of the codec's mean. Prints means, and in how many images SMIC wins.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from benchcomp_smic import scaling
from benchcomp_smic.pairs import read_pairs
from evaluate_smic import WEIGHTS, alex_lpips, psnr

from benchcomp import Codec, Pixels
from benchcomp.registry import default


def nearest(
    codec: Codec, pixels: Pixels, target: float, seen: dict[int, bytes]
) -> tuple[float | None, bytes]:
    """The knob's value and bitstream whose rate is nearest to ``target`` bits a pixel.

    ``seen`` remembers the image's bitstreams from one target to the next.
    """
    knob = codec.knob
    if knob is None:
        return None, codec.encode(pixels, None)
    step = 1.0 if knob.integer else 0.01

    def rate(index: int) -> float:
        if index not in seen:
            seen[index] = codec.encode(pixels, knob.low + index * step)
        return 8 * len(seen[index]) / (pixels.shape[0] * pixels.shape[1])

    low, high = 0, round((knob.high - knob.low) / step)
    rising = rate(high) > rate(low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if (rate(middle) < target) == rising else (low, middle)
    best = min(seen, key=lambda index: abs(rate(index) - target))
    return knob.low + best * step, seen[best]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--images", default="1-100")
    parser.add_argument("--codecs", default="smic,bpg")
    parser.add_argument("--targets", default="0.10,0.15,0.21,0.30")
    parser.add_argument("--alex", type=Path, default=WEIGHTS / "alexnet_imagenet_features.safetensors")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--also", type=Path, nargs="*", default=[], help="CSV files of earlier runs to compare with"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    first, last = map(int, arguments.images.split("-"))
    targets = [float(text) for text in arguments.targets.split(",")]
    metric = alex_lpips(arguments.alex)
    rows: list[dict] = []
    pairs = read_pairs(arguments.data)[first - 1 : last]
    codecs = {name: default().codec(name) for name in arguments.codecs.split(",")}
    for pair in pairs:
        truth = scaling.to_tensor(pair.image)[None]
        for name, codec in codecs.items():
            remember_map(codec)
            seen: dict[int, bytes] = {}
            for target in targets:
                quality, bitstream = nearest(codec, pair.image, target, seen)
                made = codec.decode(bitstream)
                with torch.inference_mode():
                    distance = metric(scaling.to_tensor(made)[None], truth).item()
                bpp = 8 * len(bitstream) / (pair.image.shape[0] * pair.image.shape[1])
                rows.append(
                    {
                        "image": pair.name,
                        "codec": name,
                        "target_bpp": target,
                        "quality": quality,
                        "bpp": bpp,
                        "reached": abs(bpp / target - 1) <= 0.1,
                        "lpips_alex": distance,
                        "psnr_rgb": psnr(made, pair.image),
                    }
                )
    with arguments.out.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    for path in arguments.also:
        rows += read(path)
    show(rows, list(dict.fromkeys(row["codec"] for row in rows)), targets)


def read(path: Path) -> list[dict]:
    """Rows of an earlier run."""
    with path.open(newline="") as file:
        rows: list[dict] = list(csv.DictReader(file))
    for row in rows:
        row |= {name: float(row[name]) for name in ("target_bpp", "bpp", "lpips_alex", "psnr_rgb")}
        row["reached"] = row["reached"] == "True"
    return rows


def remember_map(codec: Codec) -> None:
    """Let SMIC draw the map of one image once for all its rate points; bytes are the same."""
    if codec.name != "smic":
        return
    networks = codec.networks()  # type: ignore[attr-defined]
    draw: Callable[[Pixels], Pixels] = type(networks).draw_map.__get__(networks)
    drawn: dict[bytes, Pixels] = {}

    class Remembering:
        def draw_map(self, pixels: Pixels) -> Pixels:
            key = pixels.tobytes()
            if key not in drawn:
                drawn[key] = draw(pixels)
            return drawn[key]

        def reconstruct(self, *arguments: object) -> Pixels:
            return networks.reconstruct(*arguments)

    codec.networks = Remembering  # type: ignore[attr-defined]


def show(rows: list[dict], codecs: list[str], targets: list[float]) -> None:
    for target in targets:
        table = {
            name: {
                r["image"]: r
                for r in rows
                if r["codec"] == name and r["target_bpp"] == target and r["reached"]
            }
            for name in codecs
        }
        for name, mine in table.items():
            if not mine:
                print(f"{target:.2f}  {name:5} can't reach it")
                continue
            mean = {n: np.mean([r[n] for r in mine.values()]) for n in ("bpp", "lpips_alex", "psnr_rgb")}
            smic = table.get("smic", {})
            both = [image for image in mine if image in smic]
            won = sum(smic[i]["lpips_alex"] < mine[i]["lpips_alex"] for i in both)
            print(
                f"{target:.2f}  {name:5} {mean['bpp']:.4f} bpp  LPIPS {mean['lpips_alex']:.4f}"
                f"  PSNR {mean['psnr_rgb']:.2f}  n {len(mine)}"
                + ("" if name == "smic" else f"  SMIC wins {won} of {len(both)}")
            )


if __name__ == "__main__":
    main()
