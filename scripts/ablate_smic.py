"""What SMIC's parts contribute, at equal total rate: map, its source, the thumbnail's codec, the losses.

    python scripts/ablate_smic.py --data $BENCHCOMP_DATA/facades/val --images 1-20 --out ablation.csv
        [--trained several=a.safetensors --trained single=b.safetensors ...]

For every image and target rate each variant searches its own ladder for the nearest rate, so that a map
that is left out pays for a finer thumbnail. FLIF thumbnails have few rates: their own rates are the
targets there, and BPG is searched for the same. Each of the ``--trained`` weights decodes the same
bitstreams, those with the predicted map of ``--weights``. LPIPS is AlexNet's.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from benchcomp_smic import coding, ladder, model, scaling
from benchcomp_smic.ladder import Point
from benchcomp_smic.pairs import Pair, read_pairs
from compare_smic import nearest
from evaluate_smic import WEIGHTS, alex_lpips, psnr

from benchcomp import Knob, Pixels


@dataclass(frozen=True)
class Variant:
    """The codec with a map from somewhere else, or none; enough of a codec for the rate search."""

    points: tuple[Point, ...]
    semantic: Pixels | None

    @property
    def knob(self) -> Knob:
        """The position on the ladder."""
        return Knob("position", 0, len(self.points) - 1, (0.0,))

    def encode(self, pixels: Pixels, quality: float) -> bytes:
        """Code with this variant's map."""
        return coding.encode_parts(pixels, self.semantic, self.points[int(quality)])


def variants(pair: Pair, drawn: Pixels) -> dict[str, Variant]:
    points = ladder.shipped()
    return {
        "predicted map": Variant(points, drawn),
        "true map": Variant(points, pair.truth),
        "no map": Variant(tuple(dataclasses.replace(p, map_qp=None) for p in points), None),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--images", default="1-20")
    parser.add_argument("--targets", default="0.06,0.10,0.15,0.21,0.30")
    parser.add_argument("--lossless", default="16,8", help="sampling factors with FLIF")
    parser.add_argument("--weights", type=Path, default=model.shipped())
    parser.add_argument("--trained", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("--alex", type=Path, default=WEIGHTS / "alexnet_imagenet_features.safetensors")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    first, last = map(int, arguments.images.split("-"))
    targets = [float(text) for text in arguments.targets.split(",")]
    networks, metric = model.load(arguments.weights), alex_lpips(arguments.alex)
    trained = {
        name: model.load(Path(path)) for name, _, path in (t.partition("=") for t in arguments.trained)
    }
    rows: list[dict] = []
    for pair in read_pairs(arguments.data)[first - 1 : last]:
        truth = scaling.to_tensor(pair.image)[None]

        def add(
            group: str,
            name: str,
            data: bytes,
            networks: model.Model = networks,
            pair: Pair = pair,
            truth: torch.Tensor = truth,
        ) -> None:
            made = coding.decode(data, networks)
            with torch.inference_mode():
                distance = metric(scaling.to_tensor(made)[None], truth).item()
            bpp = 8 * len(data) / (pair.image.shape[0] * pair.image.shape[1])
            rows.append(
                {
                    "image": pair.name,
                    "group": group,
                    "variant": name,
                    "bpp": bpp,
                    "lpips_alex": distance,
                    "psnr_rgb": psnr(made, pair.image),
                }
            )

        drawn = networks.draw_map(pair.image)
        some = variants(pair, drawn)
        for name, variant in some.items():
            seen: dict[int, bytes] = {}
            for target in targets:
                data = nearest(variant, pair.image, target, seen)[1]  # type: ignore[arg-type]
                add(f"{target:.2f} bpp", name, data)
                if name == "predicted map":
                    for other, others in trained.items():
                        add(f"{target:.2f} bpp", other, data, others)
        seen = {}
        for factor in map(int, filter(None, arguments.lossless.split(","))):
            lossless = coding.encode_parts(pair.image, drawn, Point(factor, "flif", 0))
            rate = 8 * len(lossless) / (pair.image.shape[0] * pair.image.shape[1])
            add(f"FLIF 1/{factor}", "FLIF", lossless)
            add(f"FLIF 1/{factor}", "BPG", nearest(some["predicted map"], pair.image, rate, seen)[1])  # type: ignore[arg-type]
    with arguments.out.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    for group, name in dict.fromkeys((row["group"], row["variant"]) for row in rows):
        mine = [row for row in rows if (row["group"], row["variant"]) == (group, name)]
        means = {key: np.mean([row[key] for row in mine]) for key in ("bpp", "lpips_alex", "psnr_rgb")}
        print(
            f"{group:10} {name:14} {means['bpp']:.4f} bpp  LPIPS {means['lpips_alex']:.4f}"
            f"  PSNR {means['psnr_rgb']:.2f}  n {len(mine)}"
        )


if __name__ == "__main__":
    main()
