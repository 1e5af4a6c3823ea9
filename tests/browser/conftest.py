"""A real Chromium, and report pages made from real encodings."""

from __future__ import annotations

import dataclasses
import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import numpy as np
import pytest
from benchcomp_reports import importers
from benchcomp_reports.compressai import CompressaiReport
from benchcomp_reports.html import HtmlReport
from PIL import Image

from benchcomp import Pixels, Results
from tests.reports.factory import sample, sweep

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser; tests are skipped where there is none."""
    sync = pytest.importorskip("playwright.sync_api", reason="Playwright's Python package isn't installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed (Debian: apt install chromium)")
    with sync.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*ARGUMENTS, "--force-color-profile=srgb"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def run() -> Results:
    """The run that the page is about."""
    return sample()


@pytest.fixture(scope="session")
def page_file(run: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of that run, beside a published curve."""
    folder = tmp_path_factory.mktemp("page")
    CompressaiReport().write([sweep()], folder / "curve.json", codec="jpeg")
    published = dataclasses.replace(importers.read(folder / "curve.json"), name="elsewhere")
    out = folder / "report.html"
    HtmlReport().write([published, run], out, title="A sample", metric="mae_rgb", anchor="jpeg")
    return out


@dataclass
class View:
    """An open report, with what it logged and asked the network for."""

    page: Any
    file: Path
    logged: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)

    def go(self, **values: Any) -> View:
        """Show the report at a state: opened like a link that was sent, or by changing the address."""
        address = f"{self.file.as_uri()}#{urlencode(values, doseq=True)}"
        if self.page.url.startswith(self.file.as_uri()):
            self.page.evaluate("address => location.replace(address)", address)
            self.page.wait_for_timeout(50)
        else:
            self.page.goto(address)
            self.page.wait_for_selector("html[data-ready]")
        return self

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds (the page's own policy forbids the browser's way to wait)."""
        for _ in range(200):
            if holds():
                return
            self.page.wait_for_timeout(50)
        pytest.fail("waited for 10 s in vain")

    def state(self) -> dict[str, list[str]]:
        """The state that the address holds now (it is written with a short delay)."""
        self.page.wait_for_timeout(180)
        return parse_qs(self.page.evaluate("location.hash").lstrip("#"))

    def texts(self, selector: str) -> list[str]:
        return [text.strip() for text in self.page.locator(selector).all_inner_texts()]

    def picture(self, stage: int = 0) -> Pixels:
        """What is on the screen where a stage's picture is (its part inside the stage and the window)."""
        node = self.page.locator(".stage").nth(stage)
        node.scroll_into_view_if_needed()
        left, top, right, bottom = node.evaluate(
            """(stage) => {
                const box = stage.getBoundingClientRect();
                const picture = stage.querySelector('img').getBoundingClientRect();
                return [Math.max(box.left, picture.left), Math.max(box.top, picture.top),
                    Math.min(box.right, picture.right), Math.min(box.bottom, picture.bottom)].map(Math.round);
            }"""
        )
        screen = np.asarray(Image.open(io.BytesIO(self.page.screenshot())).convert("RGB"))
        return screen[top:bottom, left:right]


@pytest.fixture
def open_report(chromium: Any) -> Iterator[Any]:
    """Opens reports; afterwards nothing may have been logged, and nothing but files asked for."""
    views: list[View] = []

    def opened(file: Path, **context: Any) -> View:
        settings = {"viewport": {"width": 1280, "height": 900}, "device_scale_factor": 1, **context}
        page = chromium.new_context(**settings).new_page()
        view = View(page, file)
        page.on("console", lambda message: view.logged.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: view.logged.append(str(error)))
        page.on("request", lambda request: view.requested.append(request.url))
        page.set_default_timeout(15_000)
        views.append(view)
        return view

    yield opened
    for view in views:
        view.page.context.close()
    for view in views:
        assert view.logged == []
        assert {url.partition(":")[0] for url in view.requested} <= {"file", "data", "blob", "about"}


@pytest.fixture
def report(open_report: Any, page_file: Path) -> View:
    """The report, not yet gone to."""
    view: View = open_report(page_file)
    return view
