"""Takes screenshots of a report's views in light, dark and narrow windows, to look at or to publish.

    python scripts/report_screenshots.py report.html FOLDER [view ...]

A view is what stands behind ``#`` in the page's address, such as ``tab=pictures&mode=side&zoom=4``; all tabs
by default.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from urllib.parse import parse_qs

from playwright.sync_api import sync_playwright

TABS = ("overview", "curves", "bdrate", "pictures", "images", "statistics", "cost")
WINDOWS = {"light": ("light", 1280, 900), "dark": ("dark", 1280, 900), "narrow": ("light", 390, 844)}


def main(report: Path, folder: Path, views: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        for window, (scheme, width, height) in WINDOWS.items():
            size = {"width": width, "height": height}
            page = browser.new_context(viewport=size, color_scheme=scheme, device_scale_factor=2).new_page()
            for view in views or [f"tab={tab}" for tab in TABS]:
                page.goto("about:blank")
                page.goto(f"{report.resolve().as_uri()}#{view}")
                page.wait_for_selector("html[data-ready]")
                page.wait_for_timeout(500)
                tab, mode = (parse_qs(view).get(key, [""])[0] for key in ("tab", "mode"))
                name = "-".join(filter(None, (tab, mode, window)))
                page.screenshot(path=folder / f"{name}.png")
                print(folder / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
