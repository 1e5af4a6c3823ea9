"""Rows as a run gives them, made up for the tests."""

import numpy as np
import pandas as pd

from benchcomp import MetricInfo

PSNR = MetricInfo("psnr_rgb", "PSNR (RGB)", "dB", True, "made up")
LPIPS = MetricInfo("lpips_alex", "LPIPS (AlexNet)", "", False, "made up")
SSIM = MetricInfo("ssim_rgb", "SSIM (RGB)", "", True, "made up", decibels=True)
METRICS = {metric.name: metric for metric in (PSNR, LPIPS, SSIM)}

QUALITIES = (10, 30, 50, 70, 90)
VARIANTS = {("jpeg", ""): 1.0, ("jpeg", "subsampling=444"): 1.1, ("webp", ""): 0.7}


def sweep(images=12, variants=VARIANTS, qualities=QUALITIES, seed=0):
    """A sweep in which a variant needs a fixed share of the rate, up to some noise per image."""
    random = np.random.default_rng(seed)
    hardness = random.normal(0, 0.3, images)
    rows = []
    for (codec, options), share in variants.items():
        for image in range(images):
            noise = random.normal(0, 0.03)
            for quality in qualities:
                step = quality / 50
                bpp = share * step * np.exp(hardness[image] + noise)
                rows.append(
                    {
                        "dataset": "made",
                        "image": f"image{image}",
                        "codec": codec,
                        "options": options,
                        "quality": float(quality),
                        "target_bpp": np.nan,
                        "status": "ok",
                        "reason": "",
                        "width": 64,
                        "height": 48,
                        "bytes": bpp * 64 * 48 / 8,
                        "bpp": bpp,
                        "bpc": bpp / 3,
                        "psnr_rgb": 32 + 5 * np.log2(step) - hardness[image],
                        "lpips_alex": 0.2 / (1 + step),
                        "ssim_rgb": 1 - 0.1 / (1 + step),
                        "encode_wall_s": 0.01 * share,
                        "lossless": False,
                        "image_sha256": f"hash{image}",
                    }
                )
    return pd.DataFrame(rows)


def fail(frame, where, status="timeout", reason="longer than 60 s"):
    """The frame with the rows ``where`` turned into failures."""
    frame = frame.copy()
    measured = ["bytes", "bpp", "bpc", "psnr_rgb", "lpips_alex", "ssim_rgb", "encode_wall_s"]
    frame.loc[where, measured] = np.nan
    frame.loc[where, ["status", "reason"]] = [status, reason]
    return frame
