"""Makes realistic results for the report tests: pictures drawn by formula, encoded by Pillow, scored.

Every number is measured on the spot, nothing is invented; only the harness around it (store, runner) is
left out, so that a report test needs neither data sets nor codec plugins.
"""

from __future__ import annotations

import functools
import io
import math
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image
from PIL import __version__ as PILLOW
from skimage.metrics import structural_similarity

from benchcomp import BenchcompError, MetricInfo, Pixels, Results, __version__
from benchcomp.pixels import content_hash
from benchcomp.rows import columns

METRICS = {
    "psnr_rgb": MetricInfo("psnr_rgb", "PSNR (RGB)", "dB", True, "psnr-rgb-1"),
    "ssim_rgb": MetricInfo("ssim_rgb", "SSIM (RGB)", "", True, "ssim-rgb-wang2004-1", decibels=True),
    "mae_rgb": MetricInfo("mae_rgb", "Mean absolute error", "levels", False, "mae-rgb-1"),
}

Key = tuple[str, str, str, float | None]


@dataclass(frozen=True)
class PillowVariant:
    """One of Pillow's formats with fixed options, as the factory encodes with it."""

    codec: str
    options: str
    format: str
    save: Mapping[str, Any] = field(default_factory=dict)
    qualities: tuple[float, ...] = (5, 15, 35, 60, 80, 92)
    lossless: bool = False

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        stream = io.BytesIO()
        settings = dict(self.save) if quality is None else {**self.save, "quality": int(quality)}
        Image.fromarray(pixels).save(stream, self.format, **settings)
        return stream.getvalue()

    @property
    def version(self) -> str:
        return f"Pillow {PILLOW}"


JPEG = PillowVariant("jpeg", "", "JPEG")
JPEG_444 = PillowVariant("jpeg", "subsampling=444", "JPEG", {"subsampling": 0})
WEBP = PillowVariant("webp", "", "WEBP", {"method": 0})
WEBP_LOSSLESS = PillowVariant("webp", "lossless=true", "WEBP", {"lossless": True}, (), lossless=True)


def draw(index: int, width: int = 96, height: int = 64) -> Pixels:
    """A picture with edges, texture and gradients, other ones for each index."""
    rng = np.random.default_rng(index)
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    picture = np.empty((height, width, 3))
    for channel in range(3):
        fx, fy, phase = (*rng.uniform(0.01, 0.25, 2), rng.uniform(0, math.tau))
        picture[..., channel] = 120 + 70 * np.sin(fx * x + fy * y + phase) + 30 * (x / width - y / height)
    for _ in range(3 + index % 5):
        left, top = rng.integers(0, width - 12), rng.integers(0, height - 12)
        w, h = rng.integers(6, width // 2), rng.integers(6, height // 2)
        picture[top : top + h, left : left + w] = rng.uniform(0, 255, 3)
    picture += rng.normal(0, 1 + 3 * (index % 4), picture.shape)
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def score(source: Pixels, reconstruction: Pixels) -> dict[str, float | None]:
    difference = source.astype(np.float64) - reconstruction
    mse = float(np.mean(difference**2))
    ssim = structural_similarity(
        source,
        reconstruction,
        channel_axis=-1,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=255,
    )
    return {
        "psnr_rgb": 10 * math.log10(255**2 / mse) if mse else None,
        "ssim_rgb": float(ssim),
        "mae_rgb": float(np.mean(np.abs(difference))),
    }


class StoredPictures:
    """Sources and bitstreams in memory; decodes on demand and counts how often."""

    def __init__(self, sources: Mapping[str, Pixels], bitstreams: Mapping[Key, bytes]) -> None:
        self.sources = sources
        self.bitstreams = bitstreams
        self.decoded = 0

    def source(self, image: str) -> Pixels:
        return self.sources[image]

    def reconstruction(self, image: str, codec: str, options: str, quality: float | None) -> Pixels:
        if quality is not None and math.isnan(quality):
            raise AssertionError("an absent quality is None, not NaN")
        try:
            bitstream = self.bitstreams[image, codec, options, quality]
        except KeyError:
            raise BenchcompError(f"no bitstream of {codec} for {image}") from None
        self.decoded += 1
        return decode(bitstream)


def decode(bitstream: bytes) -> Pixels:
    with Image.open(io.BytesIO(bitstream)) as picture:
        return np.ascontiguousarray(np.asarray(picture.convert("RGB")))


def make_results(
    *,
    name: str = "sample",
    images: int = 6,
    size: tuple[int, int] = (96, 64),
    variants: Sequence[PillowVariant] = (JPEG, WEBP, JPEG_444),
    targets: Sequence[float] = (0.75, 1.5, 2.5),
    dataset: str = "drawn",
    image_name: Callable[[int], str] = "picture{:02d}".format,
    failures: Sequence[tuple[int, str, str]] = (),
) -> Results:
    """Encode drawn pictures with each variant over its ladder, and search each target rate.

    ``failures`` turns rows into failed ones: (index of the image, status, reason), on the first variant's
    first quality, with nothing measured.
    """
    rows: dict[Key, dict[str, Any]] = {}
    bitstreams: dict[Key, bytes] = {}
    searches: list[dict[str, Any]] = []
    sources = {image_name(index): draw(index, *size) for index in range(images)}
    for image, source in sources.items():
        for variant in variants:

            def measure(
                quality: float | None,
                variant: PillowVariant = variant,
                image: str = image,
                source: Any = source,
            ) -> dict[str, Any]:
                key = (image, variant.codec, variant.options, quality)
                if key not in rows:
                    rows[key], bitstreams[key] = _row(dataset, image, source, variant, quality)
                return rows[key]

            for quality in variant.qualities or (None,):
                measure(quality)
            if variant.qualities:
                searches += [_search(measure, image, variant, target) for target in targets]
    for index, status, reason in failures:
        variant = variants[0]
        row = rows[image_name(index), variant.codec, variant.options, variant.qualities[0]]
        row.update(dict.fromkeys([*METRICS, "bytes", "bpp", "bpc", "encode_wall_s", "decode_wall_s"], None))
        row.update(status=status, reason=reason, lossless=False)
    for search in searches:
        if not search["reached"]:
            rows[*(search[name] for name in ("image", "codec", "options")), -search["target"]] = {
                "dataset": dataset,
                "image": search["image"],
                "codec": search["codec"],
                "options": search["options"],
                "target_bpp": search["target"],
                "status": "unreachable",
                "reason": search["reason"],
                "width": size[0],
                "height": size[1],
            }
    frame = pd.DataFrame(list(rows.values()), columns=columns(list(METRICS)))
    manifest = {
        "created": "2026-11-22T20:00:00+00:00",
        "dataset": {
            "id": dataset,
            "title": "Pictures drawn by formula",
            "licence": "BSD-3-Clause",
            "citation": "",
        },
        "images": images,
        "codecs": [
            {"codec": variant.codec, "options": variant.options, "version": variant.version}
            for variant in variants
        ],
        "metrics": [asdict(info) for info in METRICS.values()],
        "environment": {"cpu": "a test machine", "cores": 2, "packages": {"pillow": PILLOW}},
        "settings": {
            "jobs": 1,
            "targets": [{"measure": "bpp", "value": target} for target in targets],
            "timing": "serial",
        },
        "command": "benchcomp run --codecs jpeg,webp,jpeg:subsampling=444",
    }
    return Results(
        name=name,
        manifest=manifest,
        frame=frame.astype(dict.fromkeys(["quality", "target_bpp", *METRICS], "float64")),
        targets=pd.DataFrame(
            searches,
            columns=[
                "image",
                "codec",
                "options",
                "measure",
                "target",
                "quality",
                "achieved",
                "reached",
                "reason",
            ],
        ),
        metrics=METRICS,
        pictures=StoredPictures(sources, bitstreams),
    )


def _row(
    dataset: str, image: str, source: Pixels, variant: PillowVariant, quality: float | None
) -> tuple[dict[str, Any], bytes]:
    wall, cpu = time.perf_counter(), time.process_time()
    bitstream = variant.encode(source, quality)
    encode_wall, encode_cpu = time.perf_counter() - wall, time.process_time() - cpu
    wall, cpu = time.perf_counter(), time.process_time()
    reconstruction = decode(bitstream)
    decode_wall, decode_cpu = time.perf_counter() - wall, time.process_time() - cpu
    height, width = source.shape[:2]
    bpp = 8 * len(bitstream) / (width * height)
    row = {
        "dataset": dataset,
        "image": image,
        "codec": variant.codec,
        "options": variant.options,
        "quality": quality,
        "target_bpp": None,
        "status": "ok",
        "reason": "",
        "width": width,
        "height": height,
        "bytes": len(bitstream),
        "bpp": bpp,
        "bpc": bpp / 3,
        **score(source, reconstruction),
        "encode_wall_s": encode_wall,
        "decode_wall_s": decode_wall,
        "encode_cpu_s": encode_cpu,
        "decode_cpu_s": decode_cpu,
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "lossless": bool(np.array_equal(source, reconstruction)),
        "repeats": 1,
        "codec_version": variant.version,
        "benchcomp_version": __version__,
        "image_sha256": content_hash(source),
        "measured_at": "2026-11-22T20:00:00+00:00",
    }
    return row, bitstream


def _search(
    measure: Callable[[float | None], dict[str, Any]], image: str, variant: PillowVariant, target: float
) -> dict[str, Any]:
    """Bisect the quality for the target rate and mark the row that comes closest."""
    low, high = 1, 95
    visited = [measure(low), measure(high)]
    reached = visited[0]["bpp"] <= target <= visited[1]["bpp"]
    while reached and high - low > 1:
        middle = (low + high) // 2
        visited.append(measure(middle))
        low, high = (middle, high) if visited[-1]["bpp"] < target else (low, middle)
    best = min(visited, key=lambda row: abs(row["bpp"] - target))
    reason = (
        "" if reached else f"{variant.codec} gives {visited[0]['bpp']:.3f} to {visited[1]['bpp']:.3f} bpp"
    )
    if reached:
        best["target_bpp"] = target
    return {
        "image": image,
        "codec": variant.codec,
        "options": variant.options,
        "measure": "bpp",
        "target": target,
        "quality": best["quality"],
        "achieved": best["bpp"],
        "reached": reached,
        "reason": reason,
    }


@functools.cache
def sample() -> Results:
    """A run with searches, failures and rates that aren't reached; made once, not to be changed."""
    return make_results(failures=[(0, "crash", "the encoder died with signal 11")])


@functools.cache
def sweep() -> Results:
    """A run of ladders only."""
    return make_results(name="sweep", images=5, variants=(JPEG, WEBP), targets=())
