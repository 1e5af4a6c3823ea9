"""Figures for papers: their size, what is in them, and their refusals."""

from __future__ import annotations

import dataclasses
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from benchcomp_reports.figure import PngReport, SvgReport
from PIL import Image

from benchcomp import BenchcompError
from tests.reports.factory import WEBP_LOSSLESS, make_results, sample, sweep


def svg_texts(file: Path) -> list[str]:
    root = ElementTree.parse(file).getroot()
    return ["".join(node.itertext()).strip() for node in root.iter("{http://www.w3.org/2000/svg}text")]


def test_the_comparison_states_the_measured_numbers(tmp_path: Path) -> None:
    run = sample()
    SvgReport().write([run], tmp_path / "out.svg", images=["picture02"], codecs="webp,jpeg", rate=1.5)
    texts = svg_texts(tmp_path / "out.svg")
    assert {"Original", "webp", "jpeg", "picture02"} <= set(texts)
    frame, targets = run.frame, run.targets
    for codec in ("webp", "jpeg"):
        searched = targets[(targets["image"] == "picture02") & (targets["codec"] == codec)]
        quality = searched[(searched["options"] == "") & (searched["target"] == 1.5)]["quality"].iloc[0]
        own = frame[(frame["image"] == "picture02") & (frame["codec"] == codec) & (frame["options"] == "")]
        row = own[own["quality"] == quality].iloc[0]
        assert f"{row.bpp:.3f} ({row.bpc:.3f})" in texts
        assert f"{row.psnr_rgb:.2f}" in texts
        assert f"{row.ssim_rgb:.4f}" in texts


def test_the_pictures_are_those_of_the_run_pixel_by_pixel(tmp_path: Path) -> None:
    # Three columns with two gaps of 0.06 inches; as wide as makes a pixel of the picture one of the PNG.
    across = 96 / 300
    width_mm = (3 * across + 2 * 0.06) * 25.4
    PngReport().write(
        [sample()], tmp_path / "out.png", images="picture02", codecs="webp,jpeg", rate=1.5, width_mm=width_mm
    )
    shown = np.asarray(Image.open(tmp_path / "out.png").convert("RGB"))
    pictures = sample().pictures
    assert pictures is not None
    source = pictures.source("picture02")
    windows = np.lib.stride_tricks.sliding_window_view(shown[:, :98], (62, 92, 3))[..., 0, :, :, :]
    inner = source[1:63, 2:94]
    assert (np.abs(windows.astype(int) - inner).max(axis=(-1, -2, -3)) == 0).any()


def test_a_png_is_as_wide_as_asked(tmp_path: Path) -> None:
    PngReport().write([sweep()], tmp_path / "out.png", kind="curves", width_mm=84, dpi=200)
    with Image.open(tmp_path / "out.png") as picture:
        assert picture.width == pytest.approx(84 / 25.4 * 200, abs=1)
    assert PngReport.binary


def test_curves_of_a_run_without_pictures(tmp_path: Path) -> None:
    SvgReport().write([dataclasses.replace(sweep(), pictures=None)], tmp_path / "out.svg")
    texts = svg_texts(tmp_path / "out.svg")
    assert {"jpeg", "webp", "bits per pixel", "PSNR (RGB), dB ↑"} <= set(texts)


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.svg", "two.svg"):
        SvgReport().write([sweep()], tmp_path / name, kind="curves", metrics="psnr_rgb")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_names_are_text_not_markup(tmp_path: Path) -> None:
    run = make_results(images=2, targets=(1.5,), image_name=["<b>$\\frac{", "x&y"].__getitem__)
    SvgReport().write([run], tmp_path / "out.svg")
    assert {"<b>$\\frac{", "x&y"} <= set(svg_texts(tmp_path / "out.svg"))


def test_what_cannot_be_drawn_is_said(tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    with pytest.raises(BenchcompError, match="no metric 'vmaf'"):
        PngReport().write([sweep()], out, metrics="vmaf")
    with pytest.raises(BenchcompError, match="option kind is one of auto, comparison, curves"):
        PngReport().write([sweep()], out, kind="pie")
    with pytest.raises(BenchcompError, match="share no rate"):
        PngReport().write([make_results(images=1, variants=(WEBP_LOSSLESS,), targets=())], out)
