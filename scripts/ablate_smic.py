"""What SMIC's parts contribute, at equal total rate: map, its source, the thumbnail's codec, the losses.

    python scripts/ablate_smic.py --data $BENCHCOMP_DATA/facades/val --images 1-20 --out ablation.csv
        [--trained several=a.safetensors --trained single=b.safetensors ...]

For every image and target rate each variant searches its own ladder for the nearest rate, so that a map
that is left out pays for a finer thumbnail. FLIF thumbnails have few rates: their own rates are the
targets there, and BPG is searched for the same. Each of the ``--trained`` weights decodes the same
bitstreams, those with the predicted map of ``--weights``. LPIPS is AlexNet's.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from benchcomp_smic import coding, ladder, model
from benchcomp_smic.ladder import Point
from benchcomp_smic.pairs import Pair
from smic_scores import Judge, chosen_pairs, ladder_points, make_parser, write_rows

from benchcomp import Pixels


@dataclass(frozen=True)
class Variant:
    """The codec with a map from somewhere else, or none."""

    points: tuple[Point, ...]
    semantic: Pixels | None

    def nearest(self, pixels: Pixels, bpp: float, seen: dict[int, bytes]) -> bytes:
        """The bitstream whose rate is nearest, by bisection; ``seen`` has the image's, by position."""

        def rate(position: int) -> float:
            if position not in seen:
                seen[position] = coding.encode_parts(pixels, self.semantic, self.points[position])
            return 8 * len(seen[position]) / (pixels.shape[0] * pixels.shape[1])

        low, high = 0, len(self.points) - 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if rate(middle) < bpp else (low, middle)
        return seen[min({low, high, *seen}, key=lambda position: abs(rate(position) - bpp))]


def variants(pair: Pair, drawn: Pixels) -> dict[str, Variant]:
    with_map = ladder_points(ladder.DEFAULT_MAP_QP)
    return {
        "predicted map": Variant(with_map, drawn),
        "true map": Variant(with_map, pair.truth),
        "no map": Variant(ladder_points(None), None),
    }


def main() -> None:
    parser = make_parser(__doc__, "1-20")
    parser.add_argument("--targets", default="0.06,0.10,0.15,0.21,0.30")
    parser.add_argument("--lossless", default="16,8", help="sampling factors with FLIF")
    parser.add_argument("--trained", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    _, pairs = chosen_pairs(arguments)
    targets = [float(text) for text in arguments.targets.split(",")]
    networks = model.load(arguments.weights)
    trained = {
        name: model.load(Path(path)) for name, _, path in (t.partition("=") for t in arguments.trained)
    }
    rows: list[dict] = []
    for pair in pairs:
        judge = Judge(pair.image)

        def add(
            group: str,
            name: str,
            data: bytes,
            networks: model.Model = networks,
            pair: Pair = pair,
            judge: Judge = judge,
        ) -> None:
            row = judge.row(data, coding.decode(data, networks))
            rows.append({"image": pair.name, "group": group, "variant": name, **row})

        drawn = networks.draw_map(pair.image) if pair.predicted is None else pair.predicted
        some = variants(pair, drawn)
        for name, variant in some.items():
            seen: dict[int, bytes] = {}
            for target in targets:
                data = variant.nearest(pair.image, target, seen)
                add(f"{target:.2f} bpp", name, data)
                if name == "predicted map":
                    for other, others in trained.items():
                        add(f"{target:.2f} bpp", other, data, others)
        seen = {}
        for factor in map(int, filter(None, arguments.lossless.split(","))):
            lossless = coding.encode_parts(pair.image, drawn, Point(factor, "flif", 0))
            rate = 8 * len(lossless) / (pair.image.shape[0] * pair.image.shape[1])
            add(f"FLIF 1/{factor}", "FLIF", lossless)
            add(f"FLIF 1/{factor}", "BPG", some["predicted map"].nearest(pair.image, rate, seen))
    write_rows(arguments.out, rows)
    for group, name in dict.fromkeys((row["group"], row["variant"]) for row in rows):
        mine = [row for row in rows if (row["group"], row["variant"]) == (group, name)]
        means = {key: np.mean([row[key] for row in mine]) for key in ("bpp", "lpips_alex", "psnr_rgb")}
        print(
            f"{group:10} {name:14} {means['bpp']:.4f} bpp  LPIPS {means['lpips_alex']:.4f}"
            f"  PSNR {means['psnr_rgb']:.2f}  n {len(mine)}"
        )


if __name__ == "__main__":
    main()
