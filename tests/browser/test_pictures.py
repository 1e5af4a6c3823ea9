"""The picture comparison, pixel by pixel as the browser shows it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchcomp import Pixels, Results

RATE = 1.5
IMAGE = "picture03"


def chosen(run: Results, name: str, rate: float = RATE, image: str = IMAGE) -> Any:
    """What the search for the rate found."""
    codec, _, options = name.partition(":")
    targets = run.targets
    of = (targets["image"] == image) & (targets["codec"] == codec) & (targets["options"] == options)
    return targets[of & (targets["target"] == rate)].iloc[0]


def reconstruction(run: Results, name: str) -> Pixels:
    """The picture that the search for the rate chose."""
    found = chosen(run, name)
    assert run.pictures is not None
    return run.pictures.reconstruction(IMAGE, found.codec, found.options, float(found.quality))


def source(run: Results, image: str = IMAGE) -> Pixels:
    assert run.pictures is not None
    return run.pictures.source(image)


def test_the_slider_shows_one_picture_left_and_the_other_right(report: Any, run: Results) -> None:
    report.go(tab="pictures", image=IMAGE, rate=RATE, zoom=1, left="jpeg", right="webp", split=50)
    left, right = reconstruction(run, "jpeg"), reconstruction(run, "webp")
    shown = report.picture()
    middle = shown.shape[1] // 2
    assert np.array_equal(shown[:, : middle - 2], left[:, : middle - 2])
    assert np.array_equal(shown[:, middle + 2 :], right[:, middle + 2 :])


def test_the_divider_stands_where_the_pictures_are_split(report: Any) -> None:
    report.go(tab="pictures", image=IMAGE, rate=RATE, zoom=1, left="jpeg", right="webp", split=50)
    stage = report.page.locator(".split .stage").bounding_box()
    divider = report.page.locator(".divider").bounding_box()
    middle = divider["x"] + divider["width"] / 2
    assert abs(middle - (stage["x"] + stage["width"] / 2)) <= 1


def test_the_divider_moves_by_key_and_by_mouse(report: Any, run: Results) -> None:
    report.go(tab="pictures", image=IMAGE, rate=RATE, zoom=1, left="jpeg", right="webp")
    divider = report.page.locator(".split input")
    divider.focus()
    report.page.keyboard.press("End")
    assert np.array_equal(report.picture(), reconstruction(run, "jpeg"))
    report.page.keyboard.press("Home")
    assert np.array_equal(report.picture(), reconstruction(run, "webp"))
    box = divider.bounding_box()
    report.page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + box["height"] / 2)
    assert 70 < float(report.state()["split"][0]) < 80


def test_the_sides_are_chosen_and_the_source_is_one(report: Any, run: Results) -> None:
    report.go(tab="pictures", image=IMAGE, rate=RATE, zoom=1, split=100)
    report.page.select_option("[data-side=left]", "Source")
    assert np.array_equal(report.picture(), source(run))
    assert report.texts("figcaption .name") == ["Source", "webp"]


def test_flicker_shows_each_picture_by_its_key(report: Any, run: Results) -> None:
    report.go(tab="pictures", image=IMAGE, rate=RATE, zoom=1, mode="flicker", codecs=["webp", "jpeg"])
    names = ["webp", "jpeg", "Source"]
    expected = [reconstruction(run, "webp"), reconstruction(run, "jpeg"), source(run)]
    for name, picture in zip(names, expected, strict=True):
        assert report.texts("figcaption .name") == [name]
        assert np.array_equal(report.picture(), picture)
        report.page.keyboard.press("Space")
    assert report.texts("figcaption .name") == ["webp"]
    for key, picture in zip("210", [expected[1], expected[0], expected[2]], strict=True):
        report.page.keyboard.press(key)
        assert np.array_equal(report.picture(), picture)


def test_flicker_plays_and_pauses(report: Any) -> None:
    report.go(tab="pictures", image=IMAGE, mode="flicker")
    play = report.page.get_by_role("button", name="Play")
    play.click()
    report.until(lambda: report.texts("figcaption .name") != ["jpeg"])
    report.page.get_by_role("button", name="Pause").click()
    assert play.is_visible()


def test_side_by_side_pictures_zoom_and_pan_together_in_whole_pixels(report: Any, run: Results) -> None:
    report.go(
        tab="pictures", image=IMAGE, rate=RATE, mode="side", codecs=["jpeg", "webp"], zoom=8, x=0.3, y=0.6
    )
    names = ["Source", "jpeg", "webp"]
    assert report.texts("figcaption .name") == names
    pictures = [source(run), reconstruction(run, "jpeg"), reconstruction(run, "webp")]
    before = offsets(report)
    assert len(set(before)) == 1
    left, top = before[0]
    for number, picture in enumerate(pictures):
        shown = report.picture(number)
        enlarged = np.kron(picture, np.ones((8, 8, 1), dtype=np.uint8))
        height, width = shown.shape[:2]
        assert np.array_equal(shown, enlarged[-top : height - top, -left : width - left])
    drag(report, stage=1, by=(-37, 21))
    after = offsets(report)
    assert len(set(after)) == 1
    assert (after[0][0] - left, after[0][1] - top) == pytest.approx((-37, 21), abs=1)


def offsets(report: Any) -> list[tuple[int, int]]:
    found = report.page.eval_on_selector_all(
        ".stage img", "all => all.map((img) => [parseFloat(img.style.left), parseFloat(img.style.top)])"
    )
    return [(round(left), round(top)) for left, top in found]


def drag(report: Any, stage: int, by: tuple[int, int]) -> None:
    box = report.page.locator(".stage").nth(stage).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    report.page.mouse.move(x, y)
    report.page.mouse.down()
    report.page.mouse.move(x + by[0], y + by[1], steps=3)
    report.page.mouse.up()


def test_the_difference_is_the_absolute_one_times_the_gain(report: Any, run: Results) -> None:
    report.go(tab="pictures", image=IMAGE, rate=RATE, mode="difference", codecs=["webp", "jpeg"], zoom=1)
    assert report.texts("figcaption .name")[0].startswith("|webp − source|")
    for gain in (1, 8):
        report.page.select_option("[data-key=gain]", str(gain))
        for number, name in enumerate(["webp", "jpeg"]):
            difference = np.abs(reconstruction(run, name).astype(int) - source(run)) * gain
            assert np.array_equal(report.picture(number), np.clip(difference, 0, 255))


def test_zoom_buttons_keys_wheel_and_double_click(report: Any) -> None:
    report.go(tab="pictures", image=IMAGE, mode="side")
    zoom = report.page.locator(".joined output")
    report.page.get_by_role("button", name="1:1").click()
    assert zoom.inner_text() == "1×"
    report.page.get_by_role("button", name="Zoom in").click()
    assert zoom.inner_text() == "2×"
    report.page.keyboard.press("-")
    assert zoom.inner_text() == "1×"
    stage = report.page.locator(".stage").first
    stage.hover()
    report.page.keyboard.down("Control")
    report.page.mouse.wheel(0, -100)
    report.page.keyboard.up("Control")
    report.until(lambda: zoom.inner_text() == "2×")
    report.page.get_by_role("button", name="Fit").click()
    assert "zoom" not in report.state()
    stage.dblclick()
    assert float(report.state()["zoom"][0]) >= 4
    stage.focus()
    before = offsets(report)
    report.page.keyboard.press("ArrowRight")
    assert offsets(report)[0][0] == before[0][0] - 40


def test_captions_state_the_measured_row(report: Any, run: Results) -> None:
    report.go(tab="pictures", image=IMAGE, rate=RATE, mode="side", codecs=["jpeg", "webp"])
    for number, name in enumerate(["jpeg", "webp"], 1):
        target = chosen(run, name)
        row = run.frame[
            (run.frame["image"] == IMAGE)
            & (run.frame["codec"] == name)
            & (run.frame["options"] == "")
            & (run.frame["quality"] == target.quality)
        ].iloc[0]
        caption = report.page.locator("figcaption").nth(number).inner_text()
        for text in (
            f"{row.bpp:.4f}",
            f"{row.bpc:.4f}",
            f"{row.psnr_rgb:.2f} dB",
            f"{row.ssim_rgb:.4f}",
            f"{row.mae_rgb:.2f}",
            f"setting {target.quality:g}",
        ):
            assert text in caption
    webp = report.page.locator("figcaption").nth(2)
    assert "best" in str(webp.locator("dd").nth(2).get_attribute("class"))


def test_a_rate_that_is_not_reached_says_so(report: Any) -> None:
    report.go(tab="pictures", image=IMAGE, rate=0.75, mode="side", codecs=["jpeg", "webp"])
    assert "jpeg gives" in report.page.locator("figcaption").nth(1).inner_text()


def test_two_to_four_codecs_are_compared(report: Any) -> None:
    report.go(tab="pictures", image=IMAGE, rate=RATE, mode="side")
    chips = report.page.locator("#panel-pictures [data-series]")
    assert chips.count() == 3
    chips.nth(0).click()
    assert report.texts("figcaption .name") == ["Source", "webp", "jpeg:subsampling=444"]
    chips.nth(1).click()
    assert report.texts("figcaption .name") == ["Source", "webp", "jpeg:subsampling=444"]
    assert "At least two" in report.page.locator("#status").text_content()
    chips.nth(0).click()
    assert report.texts("figcaption .name")[-1] == "jpeg"


def test_images_change_by_list_button_and_key(report: Any, run: Results) -> None:
    report.go(tab="pictures", zoom=1, mode="side")
    select = report.page.locator("[data-key=image]")
    assert "median case of" in report.page.locator("[data-key=image] option").first.inner_text()
    select.select_option("picture01")
    assert np.array_equal(report.picture(), source(run, "picture01"))
    report.page.get_by_role("button", name="Next image").click()
    after = select.input_value()
    assert after != "picture01"
    report.page.locator(".stage").first.focus()
    report.page.keyboard.press("[")
    assert select.input_value() == "picture01"
    assert np.array_equal(report.picture(), source(run, "picture01"))
