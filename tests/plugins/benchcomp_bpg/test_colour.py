import itertools

import numpy as np
import pytest
from benchcomp_bpg import colour
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

LUMA = {"ycbcr": (0.299, 0.587, 0.114), "bt709": (0.2126, 0.7152, 0.0722), "bt2020": (0.2627, 0.678, 0.0593)}
images = hnp.arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20), st.just(3)))


def cube(step: int) -> np.ndarray:
    """All combinations of three values in steps, as an image."""
    levels = np.unique([*range(0, 256, step), 255])
    return np.array(list(itertools.product(levels, repeat=3)), np.uint8)[None]


@pytest.mark.parametrize("color", LUMA)
@pytest.mark.parametrize("bit_depth", [8, 10, 12])
def test_planes_are_the_formula_rounded(color: str, bit_depth: int) -> None:
    pixels = cube(15)
    red, green, blue = np.moveaxis(pixels / 255, 2, 0)
    kr, kg, kb = LUMA[color]
    luma = kr * red + kg * green + kb * blue
    exact = [luma, (blue - luma) / (2 - 2 * kb) + 0.5, (red - luma) / (2 - 2 * kr) + 0.5]
    top = (1 << bit_depth) - 1
    for index, (plane, values) in enumerate(
        zip(colour.to_planes(pixels, "444", bit_depth, color), exact, strict=True)
    ):
        # Chroma's zero is half of 2**bits, not half of the largest value.
        scaled = values * top + (0.5 if index else 0)
        assert np.abs(plane - np.clip(scaled, 0, top)).max() < 0.501


@pytest.mark.parametrize("color", LUMA)
@pytest.mark.parametrize("bit_depth", [8, 10, 12])
@pytest.mark.parametrize("limited_range", [False, True])
def test_pixels_are_the_formula_rounded(color: str, bit_depth: int, limited_range: bool) -> None:
    coded = cube(15)[0].astype(np.int64) << (bit_depth - 8)
    planes = [coded[None, :, index].astype(np.uint8 if bit_depth == 8 else np.uint16) for index in range(3)]
    unit = 1 << (bit_depth - 8)
    if limited_range:
        luma, scale = (planes[0] - 16.0 * unit) / (219 * unit), 224 * unit
    else:
        luma, scale = planes[0] / (256 * unit - 1), 256 * unit - 1
    cb, cr = ((plane - 128.0 * unit) / scale for plane in planes[1:])
    kr, kg, kb = LUMA[color]
    red, blue = luma + (2 - 2 * kr) * cr, luma + (2 - 2 * kb) * cb
    green = (luma - kr * red - kb * blue) / kg
    exact = np.clip(255 * np.stack((red, green, blue), -1), 0, 255)
    pixels = colour.to_pixels(planes, "444", bit_depth, color, limited_range)
    assert np.abs(pixels - exact).max() < 0.501


@pytest.mark.parametrize("bit_depth", [8, 10, 12])
@pytest.mark.parametrize("color", ["ycbcr", "bt709", "bt2020", "ycgco"])
@pytest.mark.parametrize("chroma", ["444", "422", "420"])
def test_gray_stays_gray(bit_depth: int, color: str, chroma: str) -> None:
    pixels = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, 2)
    planes = colour.to_planes(pixels, chroma, bit_depth, color)
    assert all((plane == 1 << (bit_depth - 1)).all() for plane in planes[1:])
    np.testing.assert_array_equal(colour.to_pixels(planes, chroma, bit_depth, color), pixels)


@given(images, st.sampled_from([8, 10, 12]))
def test_rgb_comes_back(pixels: np.ndarray, bit_depth: int) -> None:
    planes = colour.to_planes(pixels, "444", bit_depth, "rgb")
    np.testing.assert_array_equal(colour.to_pixels(planes, "444", bit_depth, "rgb"), pixels)


@given(images, st.sampled_from([8, 10, 12]), st.sampled_from(["ycbcr", "bt709", "bt2020", "ycgco"]))
def test_full_chroma_comes_back_within_rounding(pixels: np.ndarray, bit_depth: int, color: str) -> None:
    planes = colour.to_planes(pixels, "444", bit_depth, color)
    back = colour.to_pixels(planes, "444", bit_depth, color)
    assert np.abs(back.astype(int) - pixels).max() <= (2 if bit_depth == 8 else 1)


def halved(line: np.ndarray) -> np.ndarray:
    last = len(line) - 1
    return np.array(
        [
            sum(
                tap * (line[max(2 * at - away, 0)] + line[min(2 * at + 1 + away, last)])
                for away, tap in enumerate((57, 17, -8, -4, 2))
            )
            for at in range((len(line) + 1) // 2)
        ]
    )


def doubled(line: np.ndarray, size: int) -> np.ndarray:
    def sample(at: int) -> int:
        return int(line[min(max(at, 0), len(line) - 1)])

    taps = (-1, 4, -10, 57, 18, -6, 2)
    return np.array(
        [
            sum(tap * sample(at // 2 + (3 - k if at % 2 == 0 else k - 3)) for k, tap in enumerate(taps))
            for at in range(size)
        ]
    )


@given(
    hnp.arrays(np.int32, st.tuples(st.integers(1, 19), st.integers(1, 19)), elements=st.integers(0, 4095)),
    st.sampled_from([0, 1]),
)
@settings(max_examples=40)
def test_halving_is_the_filter(plane: np.ndarray, axis: int) -> None:
    np.testing.assert_array_equal(colour._halve(plane, axis), np.apply_along_axis(halved, axis, plane))


@given(images, st.sampled_from([8, 10]))
@settings(max_examples=40)
def test_doubling_is_the_filter(pixels: np.ndarray, bit_depth: int) -> None:
    """Vertically first, kept in 16 bits between the two, as the reference decoder does."""
    height, width = pixels.shape[:2]
    luma, *chromas = colour.to_planes(pixels, "420", bit_depth, "ycbcr")
    full = []
    for plane in chromas:
        tall = np.apply_along_axis(doubled, 0, plane, height) >> (bit_depth - 8)
        shift = 20 - bit_depth
        wide = np.apply_along_axis(doubled, 1, tall, width) + (1 << (shift - 1)) >> shift
        full.append(np.clip(wide, 0, (1 << bit_depth) - 1).astype(luma.dtype))
    np.testing.assert_array_equal(
        colour.to_pixels([luma, *chromas], "420", bit_depth, "ycbcr"),
        colour.to_pixels([luma, *full], "444", bit_depth, "ycbcr"),
    )


@given(images, st.sampled_from(["444", "422", "420"]))
@settings(max_examples=40)
def test_strips_make_no_difference(pixels: np.ndarray, chroma: str) -> None:
    whole = colour.to_planes(pixels, chroma, 8, "ycbcr")
    back = colour.to_pixels(whole, chroma, 8, "ycbcr")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(colour, "_STRIP_SAMPLES", 1)
        for one, other in zip(whole, colour.to_planes(pixels, chroma, 8, "ycbcr"), strict=True):
            np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(colour.to_pixels(whole, chroma, 8, "ycbcr"), back)


@pytest.mark.parametrize(("chroma", "shape"), [("444", (5, 7)), ("422", (5, 4)), ("420", (3, 4))])
def test_halved_sides_are_rounded_up(chroma: str, shape: tuple[int, int]) -> None:
    planes = colour.to_planes(np.zeros((5, 7, 3), np.uint8), chroma, 8, "ycbcr")
    assert [plane.shape for plane in planes] == [(5, 7), shape, shape]


def test_depths_scale_to_nearest() -> None:
    levels = np.arange(256, dtype=np.uint8)[None]
    ten = colour.scale_depth(levels, 8, 10)
    np.testing.assert_array_equal(ten, np.rint(levels / 255 * 1023).astype(np.uint16))
    np.testing.assert_array_equal(colour.scale_depth(ten, 10, 8), levels)
    np.testing.assert_array_equal(
        colour.scale_depth(np.array([[0, 16, 126, 235, 255]], np.uint8), 8, 8, True), [[0, 0, 128, 255, 255]]
    )
