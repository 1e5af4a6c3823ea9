"""Prints how JPEG on Kodak, measured here, compares with the two public anchors, and what it took.

    BENCHCOMP_DATA=... python scripts/verify_kodak.py

`benchcomp doctor --verify` makes the same check. Exits with 1 when the published anchor disagrees.
"""

import sys
import time

from benchcomp_jpeg.anchor import check

from benchcomp.registry import default


def main() -> int:
    started, cpu = time.perf_counter(), time.process_time()
    agrees = check(default(), print)
    print(f"{time.perf_counter() - started:.1f} s, {time.process_time() - cpu:.1f} s of CPU")
    return 0 if agrees else 1


if __name__ == "__main__":
    sys.exit(main())
