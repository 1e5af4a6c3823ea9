"""Times the data sets: listing a folder of many files, and drawing façades. CPU seconds and peak memory.

    python scripts/bench_datasets.py [FILES]

Makes FILES (default 1,000,000) empty files in a temporary folder, half of them in one directory.
"""

import resource
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

from benchcomp_datasets.folder import Folder
from benchcomp_datasets.sample import draw


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for number in range(count):
            folder = root / "one" if number % 2 else root / f"many/{number // 1000:04}"
            if number % 1000 < 2:
                folder.mkdir(parents=True, exist_ok=True)
            (folder / f"image-{number:07}.png").touch()
        started, first = time.process_time(), 0.0
        listed = 0
        for _ in Folder(name).images():
            listed += 1
            first = first or time.process_time() - started
        total = time.process_time() - started
        tracemalloc.start()
        for _ in Folder(name).images():
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    print(f"folder: {listed} files listed in {total:.2f} s of CPU, the first after {first:.3f} s")
    print(f"folder: at most {peak / 1e6:.1f} MB held while listing")
    draw(0)
    started = time.process_time()
    for seed in range(20):
        draw(seed)
    print(f"drawing: {(time.process_time() - started) / 20:.3f} s of CPU a façade")
    print(f"process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB at most")


if __name__ == "__main__":
    main()
