"""LaTeX tables: well-formed, escaped, and with the analysis's numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from benchcomp_reports.latex import LatexReport, escape
from hypothesis import given
from hypothesis import strategies as st

from benchcomp import BenchcompError
from benchcomp.analysis import compare_all
from tests.reports.factory import JPEG, WEBP, make_results, sample


def tables(folder: Path, **settings: object) -> str:
    LatexReport().write([sample()], folder / "out.tex", **settings)
    return (folder / "out.tex").read_text("utf-8")


def check(text: str) -> None:
    """Environments nest, braces pair, and rows have as many cells as their table has columns."""
    opened: list[str] = []
    columns = 0
    for line in text.splitlines():
        if line.startswith("%"):
            continue
        bare = re.sub(r"\\[\\{}&%#_$]", "", line)
        assert bare.count("{") == bare.count("}")
        for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", line):
            opened.append(name) if kind == "begin" else None
            assert kind == "begin" or opened.pop() == name
        if spec := re.search(r"\\begin\{tabular\}\{([lr]+)\}", line):
            columns = len(spec[1])
        if line.endswith(r"\\"):
            assert re.sub(r"\\&", "", line).count("&") == columns - 1
    assert not opened


def test_tables_are_well_formed_and_set_with_booktabs(tmp_path: Path) -> None:
    text = tables(tmp_path)
    check(text)
    assert text.count(r"\toprule") == text.count(r"\midrule") == text.count(r"\bottomrule") == 4
    assert "% run sample: drawn, 6 images" in text


def test_bd_rates_are_the_analysis_s(tmp_path: Path) -> None:
    text = tables(tmp_path, anchor="webp", metrics="psnr_rgb", codecs=["webp", "jpeg"])
    frame = sample().frame
    (item,) = (
        item
        for item in compare_all(frame, [sample().metrics["psnr_rgb"]], "webp")
        if (item.test, item.metric) == ("jpeg", "psnr_rgb")
    )
    interval = item.per_image
    assert f"jpeg & ${interval.mean:+.1f}$" in text
    assert f"[${interval.low:+.1f}$, ${interval.high:+.1f}$]" in text
    assert "relative to webp" in text
    assert "SSIM" not in text


def test_settings_are_checked(tmp_path: Path) -> None:
    with pytest.raises(BenchcompError, match="no metric 'vmaf'"):
        tables(tmp_path, metrics="vmaf")
    with pytest.raises(BenchcompError, match="no codec 'avif'"):
        tables(tmp_path, anchor="avif")
    with pytest.raises(BenchcompError, match="option rates is a number"):
        tables(tmp_path, rates="low")


def test_names_cannot_break_out(tmp_path: Path) -> None:
    evil = replace(JPEG, codec="a_b&c%d{e}\\input{x}$^~#", options="")
    run = make_results(name="100%\n\\evil", images=3, variants=(evil, WEBP), targets=(1.5,))
    LatexReport().write([run], tmp_path / "out.tex")
    text = (tmp_path / "out.tex").read_text("utf-8")
    check(text)
    assert r"\input" not in re.sub(r"^%.*$", "", text, flags=re.M)
    assert not any(line.startswith(r"\evil") for line in text.splitlines())


@given(st.text())
def test_escaped_text_has_no_active_character(text: str) -> None:
    escaped = escape(text)
    for name in ("textbackslash", "textasciicircum", "textasciitilde", "textless", "textgreater"):
        escaped = escaped.replace(f"\\{name}{{}}", "")
    escaped = escaped.replace(r"\textbar{}", "").replace(r"\textquotedbl{}", "")
    assert not re.search(r'[\\{}$&#%_^~<>|"\n\r\0]', re.sub(r"\\[{}$&#%_]", "", escaped))
