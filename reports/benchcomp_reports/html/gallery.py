"""Which pictures the page carries, and carrying them: lossless WebP, each once, within a budget.

The images are chosen to show the spread, not the prettiest: for every codec the image on which it does
best against the others, worst, and in the middle. Pictures that would go over the budget are left out,
the last chosen first, and the page says so.
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
from benchcomp_reports.html.content import Focus

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CASES", "Gallery", "choose", "make_gallery"]

CASES = ("median", "worst", "best")
"""In order of importance, should the budget not hold all."""

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


def choose(evidence: Evidence, chosen: Focus, most: int) -> dict[str, list[str]]:
    """The images to show and the cases that each stands for, the most important first.

    A codec's advantage on an image is how much better it scores by the headline metric at the headline
    rate than the best of the others. Images that are no case fill up to ``most``.
    """
    images = list(dict.fromkeys(evidence.frame.loc[evidence.frame["codec"].isin(evidence.own), "image"]))
    found: dict[str, list[str]] = {}
    if chosen.rate is not None and chosen.metric:
        info = evidence.metrics[chosen.metric]
        values = equal_rate.values_at(evidence, info, chosen.rate)
        table = values.pivot(index="image", columns="variant", values="value").astype(float)
        table = table if info.higher_is_better else -table
        ranked = {name: _by_advantage(table, name) for name in evidence.own if name in table}
        for case in CASES:
            for name, order in ranked.items():
                if order:
                    place = {"worst": 0, "median": len(order) // 2, "best": len(order) - 1}[case]
                    found.setdefault(order[place], []).append(f"{case} case of {name}")
    for image in images:
        if len(found) >= most:
            break
        found.setdefault(str(image), [])
    return dict(list(found.items())[:most])


def _by_advantage(table: pd.DataFrame, name: str) -> list[str]:
    """The images in order of rising advantage of one series over the best of the others."""
    others = table.drop(columns=name)
    advantage = table[name] - others.max(axis=1) if others.shape[1] else table[name]
    return [str(image) for image in advantage.dropna().sort_values(kind="stable").index]


def make_gallery(
    evidence: Evidence, chosen: Focus, images: Mapping[str, Sequence[str]], budget: int
) -> Gallery:
    """Decode and encode the pictures of the images, in their order, until ``budget`` bytes are used."""
    gallery = Gallery()
    rows = [equal_rate.rows_at(evidence, rate).set_index("image") for rate in chosen.rates]
    used = 0
    with ThreadPoolExecutor(THREADS) as pool:
        for image, cases in images.items():
            pictures: dict[str, Pixels] = {}
            try:
                entry = _load(evidence, image, rows, pictures, gallery.notes, str(len(gallery.images)))
            except BenchcompError as error:
                gallery.notes.append(f"No pictures of {image}: {error}")
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
    gallery.notes = list(dict.fromkeys(gallery.notes))
    return gallery


def _load(
    evidence: Evidence,
    image: str,
    rows: Sequence[pd.DataFrame],
    pictures: dict[str, Pixels],
    notes: list[str],
    number: str,
) -> dict[str, Any]:
    """Decode one image's pictures into ``pictures``; the source has to be there, the rest is noted."""
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
                    notes.append(f"No picture of {image} by {name}: {error}")
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
