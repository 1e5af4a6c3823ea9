"""The page as a file: self-contained, policed, escaped, within its budget. How it behaves: tests/browser."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import importlib.resources
import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchcomp_reports.html import HtmlReport
from benchcomp_reports.html.page import SCRIPTS
from PIL import Image

from benchcomp import BenchcompError, Results
from tests.reports.factory import WEBP, WEBP_LOSSLESS, make_results, sample, sweep

SCRIPT = re.compile(r"<script([^>]*)>(.*?)</script>", re.S)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(sample(), tmp_path_factory.mktemp("html"))


def written(run: Results, folder: Path, **settings: Any) -> str:
    HtmlReport().write([run], folder / "page.html", **settings)
    return (folder / "page.html").read_text("utf-8")


def data(page: str) -> dict[str, Any]:
    (text,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    parsed: dict[str, Any] = json.loads(text, parse_constant=pytest.fail)
    return parsed


def test_only_our_two_scripts_may_run_and_nothing_may_be_fetched(page: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    allowed = set(re.findall(r"&#39;sha256-([^&]*)&#39;|'sha256-([^']*)'", policy[1]))
    allowed_hashes = {one or other for one, other in allowed}
    ours = ("", ' type="text/plain" id="plotly"')
    bodies = [body for attributes, body in SCRIPT.findall(page) if attributes in ours]
    hashes = {base64.b64encode(hashlib.sha256(body.encode()).digest()).decode() for body in bodies}
    assert len(hashes) == 2
    assert hashes == {value.replace("&#43;", "+") for value in allowed_hashes}
    assert policy[1].startswith("default-src")
    assert "connect-src" not in policy[1]
    assert "unsafe-eval" not in policy[1]


def test_nothing_refers_to_the_network(page: str) -> None:
    outside = SCRIPT.sub("", page)
    assert "http:" not in outside
    assert "https:" not in outside
    assert not re.search(r"<(link|iframe|object|embed|base)\b", outside)
    files = importlib.resources.files("benchcomp_reports.html") / "static"
    for name in SCRIPTS:
        text = (files / name).read_text("utf-8")
        assert "innerHTML" not in text
        assert "eval(" not in text
        assert "fetch(" not in text


def test_pictures_are_lossless_and_each_is_there_once(page: str) -> None:
    found = dict(re.findall(r'<script type="text/plain" id="picture-([^"]+)">([^<]*)</script>', page))
    gallery = data(page)["gallery"]
    used = {entry["source"] for entry in gallery.values()}
    used |= {picture for entry in gallery.values() for rate in entry["rates"] for picture in rate.values()}
    assert used == set(found)
    pictures = sample().pictures
    assert pictures is not None
    for image, entry in gallery.items():
        decoded = np.asarray(Image.open(io.BytesIO(base64.b64decode(found[entry["source"]]))).convert("RGB"))
        assert np.array_equal(decoded, pictures.source(image))


def test_the_budget_and_the_number_of_images_hold(tmp_path: Path) -> None:
    assert len(data(written(sweep(), tmp_path, max_images=2))["gallery"]) == 2
    small = written(sweep(), tmp_path, picture_mb=0.1)
    assert 0 < len(data(small)["gallery"]) < 5
    assert "left out to keep the page small" in small
    chosen = written(sweep(), tmp_path, images="picture03,picture01")
    assert list(data(chosen)["gallery"]) == ["picture03", "picture01"]


def test_a_page_of_a_run_without_pictures_says_so(tmp_path: Path) -> None:
    page = written(dataclasses.replace(sweep(), pictures=None), tmp_path)
    assert data(page)["gallery"] == {}
    assert "no run holds pictures of" in page


def test_a_lossless_run_is_compared_by_size(tmp_path: Path) -> None:
    other = dataclasses.replace(
        WEBP_LOSSLESS, options="lossless=true:method=0", save={"lossless": True, "method": 0}
    )
    page = written(make_results(images=3, variants=(WEBP_LOSSLESS, other), targets=()), tmp_path)
    assert "Lossless, webp:lossless=true’s size is" in page


def test_one_codec_alone_and_one_image_alone(tmp_path: Path) -> None:
    run = make_results(images=1, variants=(WEBP,), targets=())
    assert "fewer than two codecs can be compared" in written(run, tmp_path)


def test_outside_text_is_escaped(tmp_path: Path) -> None:
    evil = "</script><script>alert(1)</script><!--"
    page = written(
        make_results(name=evil, images=2, targets=(), image_name=[evil, "b"].__getitem__), tmp_path
    )
    assert evil not in page
    assert "<!--" not in SCRIPT.sub("", page)
    assert data(page)["images"][0]["name"] == evil


def test_titles_codecs_and_unknown_names(tmp_path: Path) -> None:
    page = written(sample(), tmp_path, title="Façades", codecs="webp,jpeg", rates="1.5", metric="ssim_rgb")
    assert "<h1>Façades</h1>" in page
    assert [series["name"] for series in data(page)["series"]] == ["webp", "jpeg"]
    assert data(page)["focus"] == {"metric": "ssim_rgb", "rate": 1.5, "anchor": ""}
    for wrong in ({"codecs": "avif"}, {"metric": "vmaf"}, {"anchor": "avif"}, {"colour": "red"}):
        with pytest.raises(BenchcompError):
            written(sample(), tmp_path, **wrong)


def test_importing_the_report_is_cheap() -> None:
    import subprocess
    import sys

    code = (
        "import sys, benchcomp_reports.html, benchcomp_reports.figure, benchcomp_reports.latex;"
        "print([name for name in ('pandas', 'matplotlib', 'plotly', 'scipy', 'jinja2') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_points_without_any_value_are_no_points_of_a_curve(tmp_path: Path) -> None:
    frame = sweep().frame.copy()
    frame.loc[frame["quality"] == 92, "psnr_rgb"] = float("nan")
    page = written(dataclasses.replace(sweep(), frame=frame), tmp_path)
    curves = data(page)["curves"]
    assert 92 not in curves["psnr_rgb"]["jpeg"]["quality"]
    assert 92 in curves["ssim_rgb"]["jpeg"]["quality"]


def test_lossy_and_lossless_codecs_share_a_page(tmp_path: Path) -> None:
    page = written(make_results(images=3, variants=(WEBP, WEBP_LOSSLESS), targets=()), tmp_path)
    assert data(page)["curves"]["psnr_rgb"]["webp:lossless=true"]["value"] == []
    assert len(data(page)["curves"]["ssim_rgb"]["webp:lossless=true"]["value"]) == 1
