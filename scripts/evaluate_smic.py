"""Measure SMIC's rate points on pairs of Facades: one CSV row an image and point, means on standard output.

    python scripts/evaluate_smic.py --data $BENCHCOMP_DATA/facades/val --images 1-20 \
        --points 2:42,2:36,1:40 --out points.csv

Points are FACTOR:QP, FACTOR:flif, or `ladder` for the shipped ladder. LPIPS is AlexNet's. The map is SS-Net's
(`predicted`), the true one (`truth`) or left out (`off`). The bits are all of the bitstream's.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from benchcomp_smic import coding, ladder, model
from benchcomp_smic.pairs import Pair
from smic_scores import Judge, chosen_pairs, ladder_points, make_parser, write_rows


def parse_points(text: str, map_qp: int | None) -> list[ladder.Point]:
    if text == "ladder":
        return list(ladder_points(map_qp))
    points = []
    for item in text.split(","):
        factor, qp = item.split(":")
        if qp == "flif":
            points.append(ladder.Point(int(factor), "flif", 0, map_qp))
        else:
            points.append(ladder.Point(int(factor), "bpg", int(qp), map_qp))
    return points


def measure(pair: Pair, points: list[ladder.Point], networks: model.Model, map_kind: str) -> list[dict]:
    semantic = {"predicted": pair.predicted, "truth": pair.truth, "off": None}[map_kind]
    if map_kind == "predicted" and semantic is None:
        semantic = networks.draw_map(pair.image)
    judge = Judge(pair.image)
    rows = []
    for point in points:
        data = coding.encode_parts(pair.image, semantic, point)
        parts = coding.decode_parts(data)
        made = networks.reconstruct(parts.upsampled, parts.semantic, point.factor, point.qp)
        rows.append(
            {
                "factor": point.factor,
                "codec": point.codec,
                "qp": point.qp,
                "map": map_kind,
                "map_qp": "" if point.map_qp is None else point.map_qp,
                "bytes": len(data),
                "map_bytes": len(parts.stream.map or b""),
                "lpips_alex_upsampled": judge.scores(parts.upsampled)["lpips_alex"],
                **judge.row(data, made),
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
    parser = make_parser(__doc__, "1-20")
    parser.add_argument("--points", default="ladder")
    parser.add_argument("--map", choices=("predicted", "truth", "off"), default="predicted")
    parser.add_argument("--map-qp", type=int, default=ladder.DEFAULT_MAP_QP)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    first, pairs = chosen_pairs(arguments)
    points = parse_points(arguments.points, None if arguments.map == "off" else arguments.map_qp)
    networks = model.load(arguments.weights)
    rows = []
    for number, pair in enumerate(pairs, first):
        rows += [{"image": number, **row} for row in measure(pair, points, networks, arguments.map)]
    if arguments.out:
        write_rows(arguments.out, rows)
    show(rows)


if __name__ == "__main__":
    main()
