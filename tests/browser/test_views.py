"""Tabs, plots, tables, downloads, the address, and what a page must not do."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchcomp_reports.equal_rate import paired, values_at
from benchcomp_reports.evidence import gather
from benchcomp_reports.html import HtmlReport

from benchcomp import Results
from benchcomp.analysis import compare_all, rd_curves
from tests.reports.factory import JPEG, WEBP, make_results

TABS = ["overview", "curves", "bdrate", "pictures", "images", "statistics", "cost"]


def test_tabs_by_mouse_keys_and_back_button(report: Any) -> None:
    report.go()
    page = report.page
    for tab in TABS:
        page.click(f"#tab-{tab}")
        assert page.locator("[role=tabpanel]:visible").evaluate_all("all => all.map((one) => one.id)") == [
            f"panel-{tab}"
        ]
        assert page.locator("[role=tab][aria-selected=true]").get_attribute("data-tab") == tab
    page.keyboard.press("ArrowRight")
    assert page.locator("#panel-overview").is_visible()
    page.keyboard.press("End")
    assert page.locator("#panel-cost").is_visible()
    page.go_back()
    page.wait_for_selector("#panel-overview", state="visible")


def test_the_headline_is_a_sentence_with_its_interval(report: Any, run: Results) -> None:
    report.go()
    info = run.metrics["mae_rgb"]
    evidence = gather([run])
    (pair,) = (
        pair for pair in paired(values_at(evidence, info, 1.5), info, 1.5, "jpeg") if pair.test == "webp"
    )
    low, high = pair.interval.low or 0, pair.interval.high or 0
    expected = (
        f"At 1.5 bpp, webp’s Mean absolute error is {-100 * (pair.interval.mean or 0):.0f} % lower than jpeg’s "
        f"[{-100 * high:.0f}, {-100 * low:.0f}], better on {pair.outcome.wins} of 6 images."
    )
    assert report.texts(".headline")[0].replace("\xa0", " ") == expected
    caveats = " ".join(report.texts(".caveats li"))
    assert "1 rate points failed, on 1 images (1 crash)" in caveats
    assert "jpeg doesn’t reach 0.75 bpp on 6 of 6 images" in caveats
    assert "the encoder died with signal 11" in report.page.locator(".failures").text_content()


def chart(report: Any, name: str) -> dict[str, Any]:
    """What Plotly has drawn: traces and axes."""
    report.page.wait_for_selector(f"#chart-{name} .main-svg")
    found: dict[str, Any] = report.page.evaluate(
        f"""() => {{ const box = document.getElementById('chart-{name}'); return {{
            traces: box.data.map((trace) => ({{x: [...trace.x], y: [...trace.y], mode: trace.mode, fill: trace.fill || '',
                dash: (trace.line || {{}}).dash || '', symbol: (trace.marker || {{}}).symbol || ''}})),
            xType: box.layout.xaxis.type || 'linear', x: box.layout.xaxis.title.text, y: box.layout.yaxis.title.text,
            label: box.getAttribute('aria-label')}}; }}"""
    )
    return found


def test_curves_are_those_of_the_analysis(report: Any, run: Results) -> None:
    report.go(tab="curves", metric="psnr_rgb", band=0)
    drawn = chart(report, "curves")
    lines = [trace for trace in drawn["traces"] if trace["mode"] == "lines+markers"]
    assert len(lines) == 4
    assert [line["dash"] for line in lines] == ["dot", "solid", "solid", "solid"]
    curve = rd_curves(run.frame, "psnr_rgb").query("variant == 'webp'")
    assert lines[2]["x"] == pytest.approx(list(curve["bpp"]), rel=1e-5)
    assert lines[2]["y"] == pytest.approx(list(curve["value"]), rel=1e-5)
    assert drawn["x"] == "Rate, bits per pixel"
    assert "PSNR (RGB)" in drawn["y"]
    assert "webp" in drawn["label"]


def test_the_controls_of_the_curves(report: Any) -> None:
    report.go(tab="curves", metric="psnr_rgb")
    page = report.page
    before = chart(report, "curves")
    assert before["xType"] == "log"
    page.get_by_label("Logarithmic rate").uncheck()
    assert chart(report, "curves")["xType"] == "linear"
    page.get_by_label("Intervals").uncheck()
    assert not [trace for trace in chart(report, "curves")["traces"] if trace["fill"]]
    page.get_by_label("Every image").check()
    clouds = [trace for trace in chart(report, "curves")["traces"] if trace["mode"] == "markers"]
    assert sum(len(trace["x"]) for trace in clouds) > 200
    page.locator("#panel-curves [data-key=unit] [data-value=bpc]").click()
    after = chart(report, "curves")
    assert after["x"] == "Rate, bits per pixel and channel"
    line = next(trace for trace in after["traces"] if trace["mode"] == "lines+markers")
    first = next(trace for trace in before["traces"] if trace["mode"] == "lines+markers")
    assert [3 * x for x in line["x"]] == pytest.approx(first["x"])
    page.locator("#panel-curves [data-key=unit] [data-value=bytes]").click()
    assert chart(report, "curves")["x"] == "Size, bytes per image"
    page.locator("#panel-curves [data-series=webp]").click()
    assert page.locator("#panel-curves [data-series=webp]").get_attribute("aria-pressed") == "false"
    assert "webp" not in page.locator("#table-curves").inner_text().replace("webp (", "")
    page.select_option("#panel-curves [data-key=metric]", "ssim_rgb")
    assert "SSIM" in chart(report, "curves")["y"]


def test_the_matrix_states_both_aggregates_and_explains_what_is_missing(report: Any, run: Results) -> None:
    report.go(tab="bdrate", metric="psnr_rgb")
    page = report.page
    (item,) = (
        item for item in compare_all(run.frame, [run.metrics["psnr_rgb"]], "jpeg") if item.test == "webp"
    )
    cell = page.locator("td[data-anchor=jpeg][data-test=webp]")
    assert f"{abs(item.per_image.mean or 0):.1f} %" in cell.inner_text()
    page.locator("[data-key=aggregate] [data-value=curve]").click()
    assert f"{abs(item.curve.value or 0):.1f} %" in cell.inner_text()
    cell.focus()
    tip = page.locator("#tip")
    assert "pchip" in tip.inner_text()
    assert "akima" in tip.inner_text()
    page.keyboard.press("Escape")
    assert not tip.is_visible()
    page.locator("[data-key=aggregate] [data-value=images]").click()
    page.locator("td[data-anchor='jpeg (published)'][data-test=webp]").hover()
    assert "averages only" in tip.inner_text()


def test_images_sort_filter_and_open(report: Any, run: Results) -> None:
    report.go(tab="images", metric="psnr_rgb", rate=1.5)
    page = report.page
    names = "#table-images tbody th"
    assert report.texts(names) == [f"picture{number:02d}" for number in range(6)]
    values = values_at(gather([run]), run.metrics["psnr_rgb"], 1.5).query("variant == 'jpeg'")
    rising = list(values.sort_values("value")["image"])
    page.locator("[data-sort='codec jpeg']").click()
    assert report.texts(names) == rising
    assert page.locator("th[aria-sort=ascending]").count() == 1
    page.locator("[data-sort='codec jpeg']").click()
    assert report.texts(names) == rising[::-1]
    page.fill("[data-key=find]", "E04")
    assert report.texts(names) == ["picture04"]
    page.fill("[data-key=find]", "")
    page.select_option("[data-key=winner]", "jpeg")
    assert report.texts(names) == []
    page.select_option("[data-key=winner]", "webp")
    assert len(report.texts(names)) == 6
    page.locator("tr[data-image=picture02] td").first.click()
    assert page.locator("#panel-pictures").is_visible()
    assert page.locator("[data-key=image]").input_value() == "picture02"
    page.go_back()
    page.wait_for_selector("#panel-images", state="visible")


def test_statistics_are_those_of_the_analysis(report: Any, run: Results) -> None:
    report.go(tab="statistics", metric="psnr_rgb", rate=1.5)
    info = run.metrics["psnr_rgb"]
    page = report.page
    page.select_option("[data-key=anchor]", "webp")
    rows = report.texts("#table-statistics tbody tr")
    expected = paired(values_at(gather([run]), info, 1.5), info, 1.5, "webp")
    assert len(rows) == len(expected) == 2
    for row, pair in zip(rows, expected, strict=True):
        assert pair.test in row
        assert f"{abs(pair.interval.mean or 0):.2f}" in row
        assert f"{pair.p:.3f}" in row
        assert f"{pair.p_adjusted:.3f}" in row
    bar = page.locator("#table-statistics .bar").first.get_attribute("aria-label")
    assert bar == "better on 0, equal on 0, worse on 6"
    assert len(report.texts("#table-quality tbody tr")) == 2


def test_cost_is_drawn_and_listed(report: Any) -> None:
    report.go(tab="cost", metric="psnr_rgb")
    assert "Encoding time" in chart(report, "cost")["x"]
    report.page.select_option("[data-key=cost]", "peak_rss_bytes")
    drawn = chart(report, "cost")
    assert "Peak memory" in drawn["x"]
    assert min(min(trace["x"]) for trace in drawn["traces"] if trace["x"]) > 1e6
    assert " MiB" in report.page.locator("#table-cost").inner_text()


def test_what_is_shown_can_be_saved(report: Any) -> None:
    columns = {
        "curves": "psnr_rgb",
        "bdrate": "bd_rate_curve_pct",
        "images": "psnr_rgb",
        "statistics": "p_holm",
        "cost": "encode_wall_s_median",
    }
    for tab, column in columns.items():
        report.go(tab=tab, metric="psnr_rgb")
        with report.page.expect_download() as download:
            report.page.locator(f"#panel-{tab} .csv").click()
        text = Path(download.value.path()).read_bytes().decode("utf-8")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        assert len(rows) > 1
        assert column in rows[0]
        assert text.count("\r\n") == text.count("\n") == len(rows) + 1


STATE = {
    "tab": "pictures",
    "metric": "psnr_rgb",
    "rate": "2.5",
    "image": "picture04",
    "mode": "flicker",
    "show": "webp",
    "codecs": ["webp", "jpeg"],
    "zoom": "3",
    "x": "0.25",
    "y": "0.75",
    "gain": "16",
    "hidden": ["jpeg:subsampling=444"],
}


def test_a_view_can_be_sent(report: Any, open_report: Any) -> None:
    report.go(**STATE)
    report.page.locator("#panel-pictures [data-key=mode] [data-value=side]").click()
    sent = report.state()
    expected = {key: value if isinstance(value, list) else [value] for key, value in STATE.items()}
    assert sent == {**expected, "mode": ["side"]}
    other = open_report(report.file).go(**sent)
    assert other.state() == sent
    assert other.texts("figcaption .name") == ["Source", "webp", "jpeg"]
    assert other.page.locator(".joined output").inner_text() == "3×"
    other.page.click("#tab-curves")
    assert other.page.locator("#panel-curves [aria-pressed=false][data-series]").count() == 1


def test_an_address_that_is_wrong_shows_the_defaults(report: Any) -> None:
    report.go(
        tab="nowhere", metric="vmaf", rate="7", zoom="-3", x="left", image="none", codecs=["a"], sort="?"
    )
    assert report.page.locator("#panel-overview").is_visible()
    for tab in TABS:
        report.page.click(f"#tab-{tab}")


def test_nothing_is_wider_than_a_phone(open_report: Any, page_file: Path) -> None:
    view = open_report(page_file, viewport={"width": 390, "height": 800})
    for tab in [*TABS, "pictures&mode=flicker", "pictures&mode=side", "pictures&mode=difference"]:
        view.go(**dict(part.split("=") for part in f"tab={tab}".split("&")))
        assert view.page.evaluate("document.documentElement.scrollWidth") <= 390, tab


def test_dark_light_and_the_button_between(open_report: Any, page_file: Path) -> None:
    view = open_report(page_file, color_scheme="dark").go(tab="curves")
    dark = view.page.evaluate("getComputedStyle(document.body).backgroundColor")
    lines = view.page.evaluate("document.getElementById('chart-curves').data.at(-1).marker.color")
    view.page.click("#theme")
    light = view.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert sum(json.loads(f"[{dark[4:-1]}]")) < 120 < 600 < sum(json.loads(f"[{light[4:-1]}]"))
    assert view.page.evaluate("document.getElementById('chart-curves').data.at(-1).marker.color") != lines


def test_on_paper_all_views_are_there(report: Any) -> None:
    report.go()
    report.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert report.page.locator("[role=tabpanel]:visible").count() == len(TABS)
    assert report.page.locator(".main-svg").count() >= 2
    assert report.page.pdf()[:5] == b"%PDF-"
    report.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert report.page.locator("[role=tabpanel]:visible").count() == 1


def test_everything_has_a_name_for_who_cannot_see_it(report: Any) -> None:
    for tab in ["curves", "pictures", "images", "cost"]:
        report.go(tab=tab)
        nameless = report.page.evaluate(
            """() => [...document.querySelectorAll('[role=img], select, input, button, .scroll')]
                .filter((node) => node.checkVisibility() && !node.closest('.js-plotly-plot .modebar'))
                .filter((node) => !(node.getAttribute('aria-label') || node.textContent.trim() || node.labels?.length
                    || node.closest('.joined')))
                .map((node) => node.outerHTML.slice(0, 120))"""
        )
        assert nameless == []


EVIL = [
    "<img src=x onerror=window.hacked=1>",
    "</script><script>window.hacked=1</script>",
    "\"><svg onload='window.hacked=1'>",
    "<a href='javascript:window.hacked=1'>x</a>",
    "{{ 7*7 }}${window.hacked=1}",
]


def test_names_and_reasons_cannot_inject(open_report: Any, tmp_path: Path) -> None:
    evil = replace(JPEG, codec=EVIL[0], options=f"o={EVIL[3]}")
    other = replace(WEBP, codec=EVIL[3], options=EVIL[1])
    run = make_results(
        name=EVIL[1],
        images=5,
        variants=(evil, other),
        targets=(1.5,),
        dataset=EVIL[2],
        image_name=EVIL.__getitem__,
        failures=[(1, "error", EVIL[1] + EVIL[0])],
    )
    run.manifest["dataset"]["title"] = EVIL[0]  # type: ignore[index]
    run.manifest["codecs"][0]["version"] = EVIL[1]
    run.manifest["settings"][EVIL[1]] = EVIL[0]  # type: ignore[index]
    out = tmp_path / "evil.html"
    HtmlReport().write([run], out)
    view = open_report(out)
    for tab in TABS:
        view.go(tab=tab, cloud=1)
        assert view.page.evaluate("window.hacked") is None
        assert view.page.locator("[onerror], [onload], a[href^=javascript], img[src=x]").count() == 0
    view.go(tab="curves", cloud=1)
    chart(view, "curves")
    box = view.page.locator("#chart-curves .nsewdrag").bounding_box()
    for share in range(1, 20):
        view.page.mouse.move(box["x"] + box["width"] * share / 20, box["y"] + box["height"] * share / 20)
    assert view.page.locator("#chart-curves .hoverlayer a").count() == 0
    view.go(tab="images")
    assert set(view.texts("#table-images tbody th")) == set(EVIL)
    view.go()
    assert EVIL[1] in view.page.locator("h1").inner_text()
    assert EVIL[1] + EVIL[0] in view.page.locator(".failures").text_content()


def test_pictures_may_lie_beside_the_page(open_report: Any, tmp_path: Path, run: Results) -> None:
    out = tmp_path / "report with space.html"
    HtmlReport().write([run], out, assets=tmp_path / "some pictures")
    assert out.stat().st_size < 5.5e6
    assert list((tmp_path / "some pictures").glob("*.webp"))
    view = open_report(out).go(tab="pictures", image="picture01", mode="side", zoom=1)
    loaded = (
        "[...document.querySelectorAll('.stage img')].every((img) => img.complete && img.naturalWidth > 0)"
    )
    view.until(lambda: view.page.evaluate(loaded))
    assert run.pictures is not None
    assert np.array_equal(view.picture(), run.pictures.source("picture01"))
