"""Prints how JPEG on Kodak, measured here, compares with the two public anchors.

    BENCHCOMP_DATA=... python scripts/verify_kodak.py

Exits with 1 when it agrees with neither, within the tolerance that each states.
"""

import sys
import time

from benchcomp_jpeg.anchor import ANCHORS, compare, measure
from benchcomp_jpeg.codec import JpegCodec

from benchcomp.registry import default


def main() -> int:
    registry = default()
    kodak = registry.dataset("kodak")
    images = list(kodak.images())
    started, cpu = time.perf_counter(), time.process_time()
    points = measure(
        (kodak.load(image) for image in images), registry.metric("psnr_rgb"), registry.metric("ms_ssim_rgb")
    )
    wall, cpu = time.perf_counter() - started, time.process_time() - cpu
    print(f"{JpegCodec().version()}; {len(images)} images, {len(points)} qualities")
    print(f"{wall:.1f} s, {cpu:.1f} s of CPU\n")
    print("quality       bpp  psnr_rgb  ms_ssim_rgb")
    for point in points:
        print(f"{point.quality:7d}  {point.bpp:8.6f}  {point.psnr_rgb:8.4f}  {point.ms_ssim_rgb:11.5f}")
    comparisons = [compare(points, anchor) for anchor in ANCHORS]
    for comparison in comparisons:
        anchor = comparison.anchor
        print(f"\n{anchor.name}: {anchor.source}: {'agrees' if comparison.agrees else 'DISAGREES'}")
        print(f"  bpp         {100 * comparison.bpp:.4f} % of {100 * anchor.bpp:g} % allowed")
        print(f"  psnr_rgb    {comparison.psnr_rgb:.4f} dB of {anchor.psnr_rgb:g} dB allowed")
        print(f"  ms_ssim_rgb {comparison.ms_ssim_rgb:.6f} of {anchor.ms_ssim_rgb:g} allowed")
    return 0 if any(comparison.agrees for comparison in comparisons) else 1


if __name__ == "__main__":
    sys.exit(main())
