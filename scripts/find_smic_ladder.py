"""Find SMIC's ladder: the rate points on the LPIPS-rate front over images of Facades train.

    python scripts/find_smic_ladder.py --data $BENCHCOMP_DATA/facades/train --images 1-8

Measures a grid of sampling factors, QPs and map QPs (0 for no map), prints each mean, interpolates between
the grid's QPs, keeps the points that no other beats in both, and writes ``ladder.json`` into the package.
LPIPS is AlexNet's, never the loss that was trained on.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import operator
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
STEP = 1.02
"""Least ratio of two neighbours' rates: a gain in LPIPS for less than that is chance."""


def candidates(map_qps: list[int]) -> list[Point]:
    points = [
        Point(factor, "bpg", qp, m or None) for m in map_qps for factor, qps in GRID.items() for qp in qps
    ]
    return points + [Point(factor, "flif", 0, m or None) for m in map_qps for factor in LOSSLESS]


def front(means: dict[Point, tuple[float, float]]) -> list[Point]:
    """The points that no other beats in rate and distance, by rising rate, within :data:`SPAN`."""
    kept: list[Point] = []
    for point in sorted(means, key=lambda p: means[p]):
        rate, distance = means[point]
        if not kept or (distance < means[kept[-1]][1] and rate >= STEP * means[kept[-1]][0]):
            kept.append(point)
    return [point for point in kept if SPAN[0] <= means[point][0] <= SPAN[1]]


def interpolated(means: dict[Point, tuple[float, float]]) -> dict[Point, tuple[float, float]]:
    """The means, and between those that differ in QP alone every QP: the rate's logarithm and LPIPS are
    taken as linear in it.
    """
    dense = dict(means)
    key = operator.attrgetter("factor", "map_qp")
    lossy = sorted((p for p in means if p.codec == "bpg"), key=lambda p: (p.factor, p.map_qp or 0, p.qp))
    for _, group in itertools.groupby(lossy, key):
        points = list(group)
        known = [point.qp for point in points]
        rates, distances = np.log([means[p][0] for p in points]), [means[p][1] for p in points]
        for qp in range(known[0], known[-1] + 1):
            rate, distance = np.exp(np.interp(qp, known, rates)), np.interp(qp, known, distances)
            dense.setdefault(dataclasses.replace(points[0], qp=qp), (float(rate), float(distance)))
    return dense


def main() -> None:
    parser = make_parser(__doc__, "1-8")
    parser.add_argument("--map-qps", default=f"0,{ladder.DEFAULT_MAP_QP}", help="map QPs to try; 0 is no map")
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
    chosen = front(interpolated(means))
    for point in sorted(means, key=lambda p: means[p]):
        mark = "*" if point in chosen else " "
        print(f"{mark} {means[point][0]:.4f} bpp  LPIPS {means[point][1]:.4f}  {point}")
    entries = [dataclasses.asdict(point) for point in chosen]
    about = f"{len(pairs)} images of Facades train, weights {model.weights_digest(arguments.weights)}"
    text = ",\n  ".join(json.dumps(entry) for entry in entries)
    arguments.out.write_text(f'{{"found_on": {json.dumps(about)}, "points": [\n  {text}\n]}}\n')
    if arguments.csv:
        write_rows(arguments.csv, rows)


if __name__ == "__main__":
    main()
