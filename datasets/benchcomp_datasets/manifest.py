"""The known hashes of published images, kept as package data, and the check against them.

A Kodak image is known by its decoded pixels (:func:`benchcomp.pixels.content_hash`), because the PNG
files differ between public copies. A Facades pair is known by its file and by its decoded pixels, and
either will do: JPEG decoders may differ by a level, and copies may differ in the file.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.resources
import json
from collections.abc import Mapping
from pathlib import Path

from benchcomp import BenchcompError
from benchcomp.pixels import content_hash, read

__all__ = ["hashes", "known", "verify"]


def hashes(path: Path, with_file: bool) -> list[str]:
    """The SHA-256 hashes that an image is known by: of its pixels, and of its file if asked for."""
    found = [content_hash(read(path))]
    return [*found, hashlib.sha256(path.read_bytes()).hexdigest()] if with_file else found


@functools.cache
def known(name: str) -> Mapping[str, list[str]]:
    """The known hashes of data set ``name`` by the images' paths, without suffix, in its folder."""
    file = importlib.resources.files("benchcomp_datasets") / "manifests" / f"{name}.json"
    table: dict[str, list[str]] = json.loads(file.read_text())
    return table


def verify(name: str, image: str, path: Path) -> None:
    """Check one file of data set ``name`` against what is known of ``image``; unknown images pass.

    Raises:
        BenchcompError: it is another picture, or none that can be read.
        OSError: there is no such file.
    """
    expected = known(name).get(image)
    if expected is None or hashlib.sha256(path.read_bytes()).hexdigest() in expected:
        return
    try:
        same = content_hash(read(path)) in expected
    except BenchcompError:
        same = False
    if not same:
        raise BenchcompError(f"{path.name}: is not the published image {name}/{image} (its hash differs)")
