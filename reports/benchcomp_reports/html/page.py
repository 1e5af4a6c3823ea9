"""Puts the page together: content into the template, scripts and styles inlined, pictures beside or inside.

All text from outside goes through the template's escaping or into a JSON block that can't end early; a
content security policy lets no other script run than those written here, and no request leave the page.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.resources
import json
import os
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchcomp import Results, __version__
from benchcomp_reports.common import write_bytes, write_text
from benchcomp_reports.evidence import gather
from benchcomp_reports.html.content import Content, make_content
from benchcomp_reports.html.gallery import Gallery, make_gallery
from benchcomp_reports.selection import choose, focus

__all__ = ["PageSettings", "write_page"]

SCRIPTS = (
    "core.js",
    "state.js",
    "controls.js",
    "charts.js",
    "curves.js",
    "bdrate.js",
    "viewer.js",
    "pictures.js",
    "images.js",
    "statistics.js",
    "cost.js",
    "main.js",
)
"""In the order in which they build on each other; together they are one script."""


@dataclass(frozen=True)
class PageSettings:
    """What can be set.

    Attributes:
        title: the page's title; the runs' names by default.
        codecs: names of the codecs to show, in this order; all by default.
        metric: the headline metric; LPIPS by default, where it was measured.
        rates: the rates to compare at, in bpp; those searched for by default, else chosen.
        anchor: the codec that the headline compares with; the runner-up by default.
        images: the images whose pictures are shown, by name; chosen to show the spread by default.
        max_images: how many images have pictures at most.
        picture_mb: how many MiB the pictures may take (before base64, which adds a third).
        assets: a folder for the pictures, so that they aren't in the page; the page links to them.
    """

    title: str = ""
    codecs: tuple[str, ...] = ()
    metric: str = ""
    rates: tuple[float, ...] = ()
    anchor: str = ""
    images: tuple[str, ...] = ()
    max_images: int = 16
    picture_mb: float = 20.0
    assets: str = ""


def write_page(runs: Sequence[Results], out: Path, settings: PageSettings) -> None:
    """Write the page to ``out``.

    Raises:
        BenchcompError: nothing to report, an unknown name in the settings, or ``out`` can't be written.
    """
    evidence = gather(runs, settings.codecs)
    chosen = focus(evidence, settings.metric, settings.rates, settings.anchor)
    images = {image: ["asked for"] for image in settings.images} or choose(
        evidence, chosen, settings.max_images
    )
    content = make_content(evidence, chosen, list(images))
    gallery = Gallery()
    if chosen.rates:
        gallery = make_gallery(evidence, chosen, images, int(settings.picture_mb * 2**20))
    title = settings.title or ", ".join(run.name for run in evidence.runs)
    folder = Path(settings.assets) if settings.assets else None
    write_text(out, _render(content, gallery, title, _link(folder, out) if folder else ""))
    if folder:
        for name, data in gallery.files.items():
            write_bytes(folder / f"{name}.webp", data)


def _link(folder: Path, out: Path) -> str:
    """The folder as the page links to it: relative, percent-encoded."""
    relative = Path(os.path.relpath(folder, out.parent)).as_posix()
    return urllib.parse.quote(relative)


def _render(content: Content, gallery: Gallery, title: str, folder: str) -> str:
    import jinja2

    files = importlib.resources.files(__package__)
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: (files / "templates" / name).read_text("utf-8")),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["number"] = format_number
    static = files / "static"
    plotly = (importlib.resources.files("plotly") / "package_data" / "plotly.min.js").read_text("utf-8")
    script = "\n".join((static / name).read_text("utf-8") for name in SCRIPTS)
    script = f"(() => {{\n'use strict';\n{script}\n}})();\n"
    embedded = [] if folder else [(name, _base64(data)) for name, data in gallery.files.items()]
    data = content.data | {"gallery": gallery.images, "assets": folder}
    return environment.get_template("page.html.jinja").render(
        title=title,
        version=__version__,
        overview=content.overview,
        notes=gallery.notes,
        assets=folder,
        data=_json(data),
        pictures=embedded,
        style=_raw((static / "page.css").read_text("utf-8")),
        plotly=_raw(plotly),
        script=_raw(script),
        policy=_policy([plotly, script], folder),
    )


def _policy(scripts: Sequence[str], folder: str) -> str:
    hashes = " ".join(f"'sha256-{_base64(hashlib.sha256(text.encode()).digest())}'" for text in scripts)
    pictures = "data: blob: 'self' file:" if folder else "data: blob:"
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src {pictures}; "
        "base-uri 'none'; form-action 'none'"
    )


def _json(data: Any) -> Any:
    """JSON that is safe inside a script element: nothing in it can end the element or start a comment."""
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return _raw(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def _raw(text: str) -> Any:
    """Our own files and encoded data, which must not be escaped again."""
    import markupsafe

    return markupsafe.Markup(text)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def format_number(value: float | None, digits: int) -> str:
    """A number with so many decimals and a true minus sign; a dash for none."""
    return "–" if value is None else f"{value:.{digits}f}".replace("-", "−")
