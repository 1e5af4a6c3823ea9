"""The pictures that the page carries: decoded, encoded as lossless WebP, each once, within a budget.

Which images is decided in :mod:`benchcomp_reports.selection`. Pictures that would go over the budget are
left out, the last chosen first, and the page says so.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchcomp import BenchcompError, Pixels
from benchcomp_reports import equal_rate
from benchcomp_reports.common import cell
from benchcomp_reports.evidence import Evidence
from benchcomp_reports.selection import Focus

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Gallery", "make_gallery"]

THREADS = 2


@dataclass
class Gallery:
    """The pictures of a page.

    Attributes:
        files: WebP data by picture id.
        images: by image name: ``cases`` (texts such as ``worst case of jpeg``), ``source`` (picture id)
            and ``rates`` (a list as long as the page's rates: picture ids by series name).
        notes: what was left out and why.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    images: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def make_gallery(
    evidence: Evidence, chosen: Focus, images: Mapping[str, Sequence[str]], budget: int
) -> Gallery:
    """Decode and encode the pictures of the images, in their order, until ``budget`` bytes are used."""
    gallery = Gallery()
    problems: dict[str, list[str]] = {}
    rows = [equal_rate.rows_at(evidence, rate).set_index("image") for rate in chosen.rates]
    used = 0
    with ThreadPoolExecutor(THREADS) as pool:
        for image, cases in images.items():
            pictures: dict[str, Pixels] = {}
            try:
                entry = _load(evidence, image, rows, pictures, problems, str(len(gallery.images)))
            except BenchcompError as error:
                problems.setdefault(str(error), []).append(image)
                continue
            files = dict(zip(pictures, pool.map(_webp, pictures.values()), strict=True))
            size = sum(map(len, files.values()))
            if used + size > budget:
                left = len(images) - len(gallery.images)
                gallery.notes.append(
                    f"Pictures of {left} of {len(images)} images chosen are left out to keep the page small."
                )
                break
            used += size
            gallery.files.update(files)
            gallery.images[image] = {"cases": list(cases), **entry}
    for problem, names in problems.items():
        several = f" and {len(names) - 1} more" if len(names) > 1 else ""
        gallery.notes.append(f"No picture of {names[0]}{several}: {problem}.")
    return gallery


def _load(
    evidence: Evidence,
    image: str,
    rows: Sequence[pd.DataFrame],
    pictures: dict[str, Pixels],
    problems: dict[str, list[str]],
    number: str,
) -> dict[str, Any]:
    """Decode one image's pictures into ``pictures``.

    The source has to be there; what else can't be had goes to ``problems``.
    """
    pictures[f"{number}-s"] = evidence.source(image)
    ids: dict[tuple[str, Any], str] = {}
    rates: list[dict[str, str]] = []
    for table in rows:
        shown: dict[str, str] = {}
        for name, quality in _points(table, image):
            key = (name, quality)
            if key not in ids:
                try:
                    picture = evidence.reconstruction(image, name, quality)
                except BenchcompError as error:
                    problems.setdefault(str(error), []).append(f"{image} by {name}")
                    continue
                ids[key] = f"{number}-{len(ids)}"
                pictures[ids[key]] = picture
            shown[name] = ids[key]
        rates.append(shown)
    return {"source": f"{number}-s", "rates": rates}


def _points(table: pd.DataFrame, image: str) -> Iterator[tuple[str, Any]]:
    if image not in table.index:
        return
    for row in table.loc[[image]].itertuples():
        if cell(row.bpp) is not None:
            yield str(row.variant), cell(row.quality)


def _webp(pixels: Pixels) -> bytes:
    """Lossless; an effort that takes 30 ms for 256 x 256 and is within a few per cent of the smallest."""
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "WEBP", lossless=True, method=2, quality=40)
    return stream.getvalue()
