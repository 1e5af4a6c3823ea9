"""Makes the data sets' manifests, package data of benchcomp_datasets, from the images on this machine.

    BENCHCOMP_DATA=... python scripts/make_datasets_manifest.py

It replaces datasets/benchcomp_datasets/manifests/{facades,kodak}.json. Run it only on copies that are
known to be the published images.
"""

import json
from pathlib import Path

from benchcomp_datasets import manifest, places

MANIFESTS = Path(manifest.__file__).parent / "manifests"


def main() -> None:
    MANIFESTS.mkdir(exist_ok=True)
    for name, pattern, with_file in (("facades", "*/*.jpg", True), ("kodak", "*.png", False)):
        folder = places.find(name)
        files = sorted(folder.glob(pattern), key=lambda file: (file.parent.name, len(file.stem), file.stem))
        table = {
            str(file.relative_to(folder).with_suffix("")): manifest.hashes(file, with_file) for file in files
        }
        lines = ",\n".join(f"{json.dumps(image)}: {json.dumps(values)}" for image, values in table.items())
        (MANIFESTS / f"{name}.json").write_text("{\n" + lines + "\n}\n")
        print(f"{name}: {len(table)} images")


if __name__ == "__main__":
    main()
