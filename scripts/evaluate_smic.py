"""Measure SMIC's rate points on pairs of Facades: one CSV row an image and point, means on standard output.

    python scripts/evaluate_smic.py --data $BENCHCOMP_DATA/facades/val --images 1-20 \
        --points 2:42,2:36,1:40 --out points.csv

Points are FACTOR:QP, FACTOR:flif, or `ladder` for the shipped ladder. LPIPS is AlexNet's. The map is SS-Net's
(`predicted`), the true one (`truth`) or left out (`off`). The bits are all of the bitstream's.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from pathlib import Path

import numpy as np
import torch
from benchcomp_smic import coding, ladder, model, scaling
from benchcomp_smic.pairs import Pair, read_pairs

WEIGHTS = Path(os.environ.get("BENCHCOMP_DATA", ".")).parent / "weights"


def alex_lpips(path: Path) -> torch.nn.Module:
    """LPIPS on AlexNet with ImageNet weights from a safetensors file."""
    import lpips
    from safetensors.torch import load_file

    metric = lpips.LPIPS(net="alex", pnet_rand=True, verbose=False)
    state = load_file(path)
    names = metric.net.state_dict()
    metric.net.load_state_dict({name: state["features." + name.split(".", 1)[1]].float() for name in names})
    return metric.eval().requires_grad_(False)


def parse_points(text: str, map_qp: int | None) -> list[ladder.Point]:
    if text == "ladder":
        return list(ladder.shipped())
    points = []
    for item in text.split(","):
        factor, qp = item.split(":")
        if qp == "flif":
            points.append(ladder.Point(int(factor), "flif", 0, map_qp))
        else:
            points.append(ladder.Point(int(factor), "bpg", int(qp), map_qp))
    return points


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.mean((a.astype(float) - b) ** 2)))


def measure(
    pair: Pair, points: list[ladder.Point], networks: model.Model, map_kind: str, metric: torch.nn.Module
) -> list[dict]:
    semantic = {"predicted": pair.predicted, "truth": pair.truth, "off": None}[map_kind]
    if map_kind == "predicted" and semantic is None:
        semantic = networks.draw_map(pair.image)
    rows = []
    truth = scaling.to_tensor(pair.image)[None]
    for point in points:
        data = coding.encode_parts(pair.image, semantic, point)
        parts = coding.decode_parts(data)
        made = networks.reconstruct(parts.upsampled, parts.semantic, point.factor, point.qp)
        with torch.inference_mode():
            distances = [metric(scaling.to_tensor(p)[None], truth).item() for p in (made, parts.upsampled)]
        pixels = pair.image.shape[0] * pair.image.shape[1]
        rows.append(
            {
                "factor": point.factor,
                "codec": point.codec,
                "qp": point.qp,
                "map": map_kind,
                "map_qp": "" if point.map_qp is None else point.map_qp,
                "bytes": len(data),
                "map_bytes": len(parts.stream.map or b""),
                "bpp": 8 * len(data) / pixels,
                "lpips_alex": distances[0],
                "lpips_alex_upsampled": distances[1],
                "psnr_rgb": psnr(made, pair.image),
            }
        )
    return rows


def show(rows: list[dict]) -> None:
    keys = sorted({(r["codec"], r["factor"], r["qp"], str(r["map_qp"])) for r in rows}, key=str)
    means = []
    for key in keys:
        mine = [r for r in rows if (r["codec"], r["factor"], r["qp"], str(r["map_qp"])) == key]
        mean = {
            n: np.mean([r[n] for r in mine])
            for n in ("bpp", "map_bytes", "lpips_alex", "lpips_alex_upsampled", "psnr_rgb")
        }
        means.append((mean["bpp"], key, mean, len(mine)))
    for bpp, key, mean, count in sorted(means):
        print(
            f"{key[0]} /{key[1]} qp {key[2]} map {key[3]}: {bpp:.4f} bpp (map {mean['map_bytes']:.0f} B)  "
            f"LPIPS {mean['lpips_alex']:.4f} (up-sampled {mean['lpips_alex_upsampled']:.4f})  "
            f"PSNR {mean['psnr_rgb']:.2f}  n {count}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--images", default="1-20", help="first and last, counted from 1")
    parser.add_argument("--maps", type=Path, help="folder of SS-Net's maps, to save its time")
    parser.add_argument("--weights", type=Path, default=model.shipped())
    parser.add_argument("--alex", type=Path, default=WEIGHTS / "alexnet_imagenet_features.safetensors")
    parser.add_argument("--points", default="ladder")
    parser.add_argument("--map", choices=("predicted", "truth", "off"), default="predicted")
    parser.add_argument("--map-qp", type=int, default=ladder.DEFAULT_MAP_QP)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    first, last = map(int, arguments.images.split("-"))
    pairs = read_pairs(arguments.data, arguments.maps)[first - 1 : last]
    points = parse_points(arguments.points, None if arguments.map == "off" else arguments.map_qp)
    networks, metric = model.load(arguments.weights), alex_lpips(arguments.alex)
    rows = []
    for number, pair in enumerate(pairs, first):
        rows += [{"image": number, **row} for row in measure(pair, points, networks, arguments.map, metric)]
    if arguments.out:
        with arguments.out.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    show(rows)


if __name__ == "__main__":
    sys.exit(main())
