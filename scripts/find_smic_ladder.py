"""Find SMIC's ladder: the rate points on the LPIPS-rate front over images of Facades train.

    python scripts/find_smic_ladder.py --data $BENCHCOMP_DATA/facades/train --images 1-6

Measures a grid of sampling factors, QPs and map QPs (0 for no map), prints each mean, keeps the points
that no other beats in both, fills in the QPs between two that differ in nothing else, and writes
``ladder.json`` into the package. (The strictly convex hull leaves gaps where it passes from one sampling
factor to the next; a rate search needs points there.) LPIPS is AlexNet's, never the loss that was trained on.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
from pathlib import Path

import numpy as np
from benchcomp_smic import ladder, model
from benchcomp_smic.ladder import Point
from evaluate_smic import measure
from smic_scores import chosen_pairs, make_parser, write_rows

GRID = {
    1: (22, 26, 32, 38, 44, 48, 50),
    2: (34, 38, 42, 44, 46, 48),
    4: (26, 30, 34, 38, 42),
    8: (22, 28, 34),
}
LOSSLESS = (16, 8)
SPAN = (0.03, 1.2)
"""Bits a pixel between which the ladder lies."""


def candidates(map_qps: list[int]) -> list[Point]:
    points = [
        Point(factor, "bpg", qp, m or None) for m in map_qps for factor, qps in GRID.items() for qp in qps
    ]
    return points + [Point(factor, "flif", 0, m or None) for m in map_qps for factor in LOSSLESS]


def front(means: dict[Point, tuple[float, float]]) -> list[Point]:
    """The points that no other beats in rate and distance, by rising rate, within :data:`SPAN`."""
    kept: list[Point] = []
    for point in sorted(means, key=lambda p: means[p]):
        if not kept or means[point][1] < means[kept[-1]][1]:
            kept.append(point)
    return [point for point in kept if SPAN[0] <= means[point][0] <= SPAN[1]]


def filled(points: list[Point]) -> list[Point]:
    """The front with every QP between two neighbours that differ in QP alone."""
    result = points[:1]
    for before, after in itertools.pairwise(points):
        if dataclasses.replace(before, qp=after.qp) == after:
            result += [dataclasses.replace(before, qp=qp) for qp in range(before.qp - 1, after.qp, -1)]
        result.append(after)
    return result


def main() -> None:
    parser = make_parser(__doc__, "1-6")
    parser.add_argument("--map-qps", default=str(ladder.DEFAULT_MAP_QP), help="map QPs to try; 0 is no map")
    parser.add_argument("--out", type=Path, default=Path(ladder.__file__).with_name("ladder.json"))
    parser.add_argument("--csv", type=Path, help="every image's measurements")
    arguments = parser.parse_args()
    first, pairs = chosen_pairs(arguments)
    points = candidates([int(qp) for qp in arguments.map_qps.split(",")])
    networks = model.load(arguments.weights)
    rows: list[dict] = []
    scores: dict[Point, list[tuple[float, float]]] = {point: [] for point in points}
    for number, pair in enumerate(pairs, first):
        for kind, some in (
            ("predicted", [p for p in points if p.map_qp is not None]),
            ("off", [p for p in points if p.map_qp is None]),
        ):
            measured = measure(pair, some, networks, kind) if some else []
            for point, row in zip(some, measured, strict=True):
                scores[point].append((row["bpp"], row["lpips_alex"]))
                rows.append({"image": number, **row})
    means = {p: tuple(float(m) for m in np.mean(values, axis=0)) for p, values in scores.items()}
    chosen = front(means)
    for point in sorted(means, key=lambda p: means[p]):
        mark = "*" if point in chosen else " "
        print(f"{mark} {means[point][0]:.4f} bpp  LPIPS {means[point][1]:.4f}  {point}")
    entries = [dataclasses.asdict(point) for point in filled(chosen)]
    about = f"{len(pairs)} images of Facades train, weights {model.weights_digest(arguments.weights)}"
    text = ",\n  ".join(json.dumps(entry) for entry in entries)
    arguments.out.write_text(f'{{"found_on": {json.dumps(about)}, "points": [\n  {text}\n]}}\n')
    if arguments.csv:
        write_rows(arguments.csv, rows)


if __name__ == "__main__":
    main()
