import re
from dataclasses import replace

import benchcomp_bpg
import numpy as np
import pytest
from benchcomp_bpg import colour, hevc, picture
from benchcomp_bpg.container import BpgFile, parse, write
from benchcomp_bpg.nal import join_units, split_units
from benchcomp_bpg.parameter_sets import CodingTools, make_sps
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from benchcomp import BenchcompError, BitstreamError

from . import drawings

SIZES = [(1, 1), (1, 9), (7, 8), (8, 8), (9, 200), (16, 16), (17, 15), (31, 33), (40, 64), (67, 33)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("subsampling", ["444", "422", "420"])
@pytest.mark.parametrize("bit_depth", [8, 10])
def test_pixels_come_back_close(size: tuple[int, int], subsampling: str, bit_depth: int) -> None:
    pixels = drawings.picture(*size)
    options = {"subsampling": subsampling, "bit_depth": bit_depth, "preset": "medium"}
    bitstream = benchcomp_bpg.encode(pixels, 10, **options)
    assert benchcomp_bpg.encode(pixels.copy(), 10, **options) == bitstream
    back = benchcomp_bpg.decode(bitstream)
    assert back.dtype == np.uint8
    assert back.shape == pixels.shape
    planes = colour.to_planes(pixels, subsampling, bit_depth, "ycbcr")
    uncoded = colour.to_pixels(planes, subsampling, bit_depth, "ycbcr")
    assert drawings.psnr(uncoded, back) > 42


@pytest.mark.parametrize("subsampling", ["444", "422", "420"])
@pytest.mark.parametrize("bit_depth", [8, 10])
def test_256x256(subsampling: str, bit_depth: int) -> None:
    pixels = drawings.picture(256, 256)
    bitstream = benchcomp_bpg.encode(pixels, 20, subsampling=subsampling, bit_depth=bit_depth, preset="fast")
    planes = colour.to_planes(pixels, subsampling, bit_depth, "ycbcr")
    uncoded = colour.to_pixels(planes, subsampling, bit_depth, "ycbcr")
    assert drawings.psnr(uncoded, benchcomp_bpg.decode(bitstream)) > 38


@pytest.mark.parametrize("subsampling", ["444", "420"])
def test_256_with_the_default_settings(subsampling: str) -> None:
    pixels = drawings.picture(256, 256)
    bitstream = benchcomp_bpg.encode(pixels, 30, subsampling=subsampling)
    assert benchcomp_bpg.encode(pixels, 30, subsampling=subsampling) == bitstream
    assert drawings.psnr(pixels, benchcomp_bpg.decode(bitstream)) > 33
    coded = 3 + len(split_units(parse(bitstream).data)[1])
    assert len(bitstream) - coded <= 24


@given(
    hnp.arrays(
        np.uint8,
        st.one_of(
            st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3)),
            st.tuples(st.integers(1, 40), st.integers(1, 40)),
        ),
    ),
    st.sampled_from([8, 10, 12]),
)
@settings(max_examples=40, deadline=None)
def test_lossless_is(pixels: np.ndarray, bit_depth: int) -> None:
    bitstream = benchcomp_bpg.encode(pixels, None, lossless=True, bit_depth=bit_depth, preset="ultrafast")
    back = benchcomp_bpg.decode(bitstream)
    np.testing.assert_array_equal(back, pixels if pixels.ndim == 3 else np.dstack([pixels] * 3))


@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 51))
@settings(max_examples=30, deadline=None)
def test_gray_pictures_give_equal_channels(height: int, width: int, qp: int) -> None:
    gray = drawings.picture(height, width)[..., 1]
    bitstream = benchcomp_bpg.encode(gray, qp, preset="ultrafast")
    assert parse(bitstream).header.chroma == "400"
    back = benchcomp_bpg.decode(bitstream)
    assert back.shape == (height, width, 3)
    assert (back == back[..., :1]).all()


@pytest.mark.parametrize("color", ["ycbcr", "rgb", "ycgco", "bt709", "bt2020"])
def test_every_colour_space(color: str) -> None:
    pixels = drawings.picture(40, 48)
    bitstream = benchcomp_bpg.encode(pixels, 10, color=color, preset="medium")
    assert parse(bitstream).header.color == color
    assert drawings.psnr(pixels, benchcomp_bpg.decode(bitstream)) > 40


@pytest.mark.parametrize("preset", ["ultrafast", "placebo"])
@pytest.mark.parametrize("size", [(1, 1), (16, 16), (64, 72)])
def test_the_ends_of_the_presets(preset: str, size: tuple[int, int]) -> None:
    pixels = drawings.picture(*size)
    assert drawings.psnr(pixels, benchcomp_bpg.decode(benchcomp_bpg.encode(pixels, 10, preset=preset))) > 40


def test_slice_qp_is_what_was_asked_for() -> None:
    sizes = [
        len(benchcomp_bpg.encode(drawings.picture(64, 64), qp, preset="medium")) for qp in (0, 20, 35, 51)
    ]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 4


@pytest.mark.parametrize("size", [(3, 20000), (9000, 20)])
def test_long_pictures(size: tuple[int, int]) -> None:
    pixels = np.broadcast_to(drawings.picture(20, 20)[7, :1], (*size, 3))
    back = benchcomp_bpg.decode(benchcomp_bpg.encode(pixels, 10, preset="ultrafast"))
    assert back.shape == pixels.shape
    assert drawings.psnr(pixels, back) > 40


def test_views_of_other_images_are_taken() -> None:
    large = drawings.picture(80, 90)
    view = large[3:51:2, 40:5:-1]
    assert benchcomp_bpg.encode(view, 30, preset="medium") == benchcomp_bpg.encode(
        view.copy(), 30, preset="medium"
    )


@pytest.mark.parametrize(
    ("pixels", "qp", "options", "reason"),
    [
        (np.zeros((4, 4, 3)), 30, {}, "uint8"),
        ([[0]], 30, {}, "numpy array"),
        (np.zeros((4, 4, 4), np.uint8), 30, {}, "not \\(4, 4, 4\\)"),
        (np.zeros((0, 4, 3), np.uint8), 30, {}, "\\(0, 4, 3\\)"),
        (np.zeros((4, 4, 3), np.uint8), 52, {}, "qp"),
        (np.zeros((4, 4, 3), np.uint8), -1, {}, "qp"),
        (np.zeros((4, 4, 3), np.uint8), 30.5, {}, "qp"),
        (np.zeros((4, 4, 3), np.uint8), None, {}, "qp"),
        (np.zeros((4, 4, 3), np.uint8), 30, {"subsampling": "411"}, "subsampling"),
        (np.zeros((4, 4, 3), np.uint8), 30, {"bit_depth": 9}, "bit_depth"),
        (np.zeros((4, 4, 3), np.uint8), 30, {"preset": "best"}, "preset"),
        (np.zeros((4, 4, 3), np.uint8), 30, {"color": "cmyk"}, "color"),
        (np.zeros((4, 4, 3), np.uint8), 30, {"color": "rgb", "subsampling": "420"}, "444"),
        (np.zeros((4, 4, 3), np.uint8), None, {"lossless": True, "color": "ycbcr"}, "rgb"),
        (np.broadcast_to(np.uint8(0), (8193, 8193, 3)), 30, {}, "larger"),
    ],
)
def test_wrong_use_is_refused(pixels: object, qp: object, options: dict[str, object], reason: str) -> None:
    with pytest.raises(BenchcompError, match=reason):
        benchcomp_bpg.encode(pixels, qp, **options)


def test_every_truncation_is_refused() -> None:
    bitstream = benchcomp_bpg.encode(drawings.picture(20, 30), 40, preset="medium")
    for cut in range(len(bitstream)):
        with pytest.raises(BitstreamError):
            benchcomp_bpg.decode(bitstream[:cut])


def test_truncation_shows_without_a_length() -> None:
    """As in files of the reference encoder: never another picture without an error."""
    pixels = drawings.picture(40, 48)
    bitstream = bytearray(benchcomp_bpg.encode(pixels, 30, preset="medium"))
    assert bitstream[8] & 0x80
    bitstream[8:10] = b"\0"
    whole = benchcomp_bpg.decode(bytes(bitstream))
    refused = 0
    for cut in range(30, len(bitstream)):
        try:
            back = benchcomp_bpg.decode(bytes(bitstream[:cut]))
        except BitstreamError:
            refused += 1
        else:
            np.testing.assert_array_equal(back, whole)
    assert refused >= len(bitstream) - 32


def test_large_sizes_are_refused_before_anything_is_allocated() -> None:
    bitstream = bytearray(benchcomp_bpg.encode(drawings.picture(200, 200), 45, preset="medium"))
    assert bitstream[6:10] == b"\x81\x48\x81\x48"
    bitstream[6:10] = b"\xff\x7f\xbf\x7f"  # 16383 x 8191
    with pytest.raises(BitstreamError, match="larger than the limit"):
        benchcomp_bpg.decode(bytes(bitstream))
    with pytest.raises(BitstreamError, match="bytes can't hold a picture"):
        benchcomp_bpg.decode(bytes(bitstream), max_pixels=1 << 30)


def test_hostile_sizes_in_the_data_have_no_say() -> None:
    """An SPS among the NAL units could announce another size than the header."""
    file = parse(benchcomp_bpg.encode(drawings.picture(16, 16), 30, preset="ultrafast"))
    sps = make_sps(CodingTools.from_bytes(file.hevc_header), "444", 8, 16384, 16384)
    data = join_units((sps, *split_units(file.data)))
    with pytest.raises(BitstreamError, match="no part of a still picture"):
        benchcomp_bpg.decode(write(BpgFile(file.header, file.hevc_header, data)))


def test_unknown_bit_depths_are_refused() -> None:
    bitstream = bytearray(benchcomp_bpg.encode(drawings.picture(8, 8), 30, preset="ultrafast"))
    bitstream[4] |= 6
    with pytest.raises(BitstreamError, match="14 bits a sample are not supported"):
        benchcomp_bpg.decode(bytes(bitstream))


def test_two_pictures_are_refused() -> None:
    file = parse(benchcomp_bpg.encode(drawings.picture(16, 16), 30, preset="ultrafast"))
    pps, one = split_units(file.data)
    with pytest.raises(BitstreamError, match="exactly one picture"):
        benchcomp_bpg.decode(write(BpgFile(file.header, file.hevc_header, join_units((pps, one, one)))))


def test_the_lossless_corner_that_ffmpeg_decodes_wrongly_is_refused() -> None:
    """Residual prediction (a range extension flag) together with blocks that bypass the transform."""
    file = parse(benchcomp_bpg.encode(drawings.picture(16, 16), None, lossless=True, preset="ultrafast"))
    flags = tuple(index == 2 for index in range(9))
    tools = replace(CodingTools.from_bytes(file.hevc_header), range_flags=flags)
    with pytest.raises(BitstreamError, match="backend=libbpg"):
        benchcomp_bpg.decode(write(replace(file, hevc_header=tools.to_bytes())))


def test_version_names_what_decides_about_bytes() -> None:
    assert re.fullmatch(r"benchcomp_bpg \d+, x265 \d+\.\d+\S*, libavcodec [\d.]+", picture.version())
    assert hevc.versions() in picture.version()
