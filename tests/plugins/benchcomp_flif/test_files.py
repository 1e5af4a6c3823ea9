import hashlib
import json
import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from benchcomp_flif import _native, decode, encode
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from benchcomp import BenchcompError, BitstreamError

from . import pictures

Array = npt.NDArray[np.uint8]
SIZES = [(1, 1), (1, 2), (2, 1), (2, 2), (3, 5), (5, 3), (1, 33), (33, 1), (17, 13), (64, 64), (101, 103)]


@pytest.fixture
def fixtures(data: Path) -> list[tuple[dict[str, str], bytes, Array]]:
    """Files of the reference encoder: what made them, their bytes and their pixels."""
    folder = data.parent / "fixtures" / "flif"
    manifest = json.loads((folder / "manifest.json").read_text())
    names = [made["name"] for made in manifest]
    files = [(folder / f"{name}.flif").read_bytes() for name in names]
    pixels = [np.load(folder / f"{name}.npy") for name in names]  # gray ones with a channel axis of 1
    images = [image[:, :, 0] if image.shape[2] == 1 else image for image in pixels]
    return list(zip(manifest, files, images, strict=True))


def test_reference_files_decode_to_their_pixels(fixtures: list[tuple[dict[str, str], bytes, Array]]) -> None:
    assert len(fixtures) > 30
    for made, file, pixels in fixtures:
        decoded = decode(file)
        np.testing.assert_array_equal(decoded, pixels, err_msg=made["name"])
        assert hashlib.sha256(decoded.tobytes()).hexdigest() == made["sha256_pixels"]


# What the options of the reference encoder are called here. -GX, a predictor chosen for every zoom level
# anew, is understood by the decoder but not offered by the encoder.
OPTIONS = {
    "-N": {"interlaced": False},
    "-I": {"interlaced": True},
    "-C": {"channel_compact": False},
    "-W": {"ycocg": False},
    "-P0": {"max_palette": 0},
    "-A": {"color_buckets": True},
    "-G2": {"predictor": 2},
    "-H0": {"invisible_predictor": 0},
}


def test_same_choices_give_the_same_bytes_as_the_reference(
    fixtures: list[tuple[dict[str, str], bytes, Array]],
) -> None:
    public = 0
    for made, file, pixels in fixtures:
        options: dict[str, object] = {"interlaced": pixels.shape[0] * pixels.shape[1] >= 10_000}
        for option in made["options"].split():
            effort = re.fullmatch(r"-E(\d+)", option)
            options |= {"effort": int(effort[1])} if effort else OPTIONS.get(option, {"unknown": option})
        if "unknown" in options:
            continue
        channels = 1 if pixels.ndim == 2 else pixels.shape[2]
        ours = _native.encode(pixels, *pixels.shape[:2], channels, **options)  # type: ignore[arg-type]
        assert ours == file, made["name"]
        if set(options) <= {"interlaced", "effort"}:
            public += 1
            given_options = [option for option in made["options"].split() if option in ("-N", "-I")]
            interlaced = {"-N": False, "-I": True}[given_options[0]] if given_options else None
            assert encode(pixels, interlaced=interlaced, effort=int(options.get("effort", 60))) == file  # type: ignore[call-overload]
    assert public > 20


@pytest.mark.parametrize("kind", pictures.KINDS)
def test_round_trip_is_exact_for_every_kind_and_size(kind: str) -> None:
    for height, width in SIZES:
        pixels = pictures.KINDS[kind](height, width)
        for interlaced in (False, True):
            decoded = decode(encode(pixels, interlaced=interlaced))
            np.testing.assert_array_equal(restored(decoded, pixels.shape), pixels)


@pytest.mark.parametrize("kind", ["photo", "palette", "cut_out"])
def test_round_trip_is_exact_for_large_images(kind: str) -> None:
    pixels = pictures.KINDS[kind](512, 512)
    np.testing.assert_array_equal(decode(encode(pixels, effort=20)), pixels)


@given(
    pixels=arrays.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.sampled_from([3, 4]))),
    interlaced=st.booleans(),
    effort=st.integers(0, 100),
    keep=st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_round_trip_is_exact_but_for_invisible_colours(
    pixels: Array, interlaced: bool, effort: int, keep: bool
) -> None:
    decoded = decode(encode(pixels, interlaced=interlaced, effort=effort, keep_invisible=keep))
    expected = pixels.copy()
    if pixels.shape[2] == 4 and not keep:
        expected[pixels[:, :, 3] == 0, :3] = 0
    np.testing.assert_array_equal(restored(decoded, pixels.shape), expected)


def restored(decoded: Array, shape: tuple[int, ...]) -> Array:
    """The decoded pixels with the channels that a file leaves out when they say nothing."""
    if len(shape) == 3 and decoded.ndim == 2:
        decoded = np.repeat(decoded[:, :, None], 3, axis=2)
    if len(shape) == 3 and shape[2] == 4 and decoded.shape[2] == 3:
        decoded = np.dstack([decoded, np.full(shape[:2], 255, np.uint8)])
    return decoded


def test_channels_that_say_nothing_are_left_out() -> None:
    shades = pictures.gray(20, 30)
    gray_as_color = np.repeat(shades[:, :, None], 3, axis=2)
    assert encode(gray_as_color) == encode(shades)
    opaque = np.dstack([pictures.photo(20, 30), np.full((20, 30), 255, np.uint8)])
    assert encode(opaque) == encode(pictures.photo(20, 30))


def test_interlaced_from_ten_thousand_pixels_on_but_never_a_single_row() -> None:
    kinds = {1: ord("1"), 2: ord("A")}
    assert encode(pictures.gray(99, 101))[4] == kinds[1]
    assert encode(pictures.gray(100, 100))[4] == kinds[2]
    assert encode(pictures.gray(100, 100), interlaced=False)[4] == kinds[1]
    assert encode(pictures.gray(1, 50), interlaced=True)[4] == kinds[1]


def test_arrays_need_not_be_contiguous() -> None:
    pixels = pictures.photo(30, 40)
    assert encode(pixels[::-1, ::2]) == encode(np.ascontiguousarray(pixels[::-1, ::2]))


def test_more_effort_is_smaller_on_a_photo() -> None:
    pixels = pictures.photo(128, 128)
    fast, usual = (len(encode(pixels, effort=effort, interlaced=False)) for effort in (0, 60))
    assert usual < fast


@pytest.mark.parametrize("kind", pictures.KINDS)
def test_smallest_is_exact_and_never_larger(kind: str) -> None:
    for height, width in [(1, 1), (2, 3), (16, 16), (31, 40)]:
        pixels = pictures.KINDS[kind](height, width)
        smallest = encode(pixels, smallest=True)
        assert len(smallest) <= len(encode(pixels, interlaced=False))
        np.testing.assert_array_equal(restored(decode(smallest), pixels.shape), pixels)


@pytest.mark.parametrize(("size", "count", "saved"), [(16, 100, 0.10), (32, 40, 0.014), (64, 12, 0.007)])
def test_smallest_saves_on_thumbnails_of_facades(data: Path, size: int, count: int, saved: float) -> None:
    from PIL import Image

    files = sorted((data / "facades" / "val").iterdir())[:count]
    ratios = []
    for file in files:
        with Image.open(file) as pair:
            photo = np.asarray(pair.convert("RGB"))[:, :256]
        boxes = photo.reshape(size, 256 // size, size, 256 // size, 3).mean(axis=(1, 3))
        thumbnail = np.floor(boxes + 0.5).astype(np.uint8)
        usual, smallest = (encode(thumbnail, False, smallest=option) for option in (False, True))
        np.testing.assert_array_equal(decode(smallest), thumbnail)
        assert len(smallest) <= len(usual)
        ratios.append(len(smallest) / len(usual))
    assert len(ratios) == count
    assert np.mean(ratios) <= 1 - saved


def with_metadata(file: bytes, name: bytes) -> bytes:
    return file[:8] + name + bytes([0x80, 5]) + b"12345" + file[8:]


def test_metadata_is_skipped_and_needed_chunks_are_refused() -> None:
    pixels = pictures.photo(20, 30)
    file = encode(pixels)
    assert file[8] == 0
    np.testing.assert_array_equal(decode(with_metadata(with_metadata(file, b"eXif"), b"iCCP")), pixels)
    with pytest.raises(BitstreamError, match="unknown kind of chunk"):
        decode(with_metadata(file, b"Exif"))
    with pytest.raises(BitstreamError, match="truncated"):
        decode(file[:8] + b"eXif\x7f" + file[8:20])


def test_the_checksum_finds_damage() -> None:
    pixels = pictures.photo(40, 40)
    file = encode(pixels)
    outcomes = []
    for place in range(len(file) - 60, len(file) - 8, 3):
        damaged = bytearray(file)
        damaged[place] ^= 0x10
        try:
            # Damage that makes a decoder misread the flag "there is a checksum" stays unnoticed: the
            # format has nothing else.
            assert not np.array_equal(decode(bytes(damaged)), pixels)
        except BitstreamError as error:
            outcomes.append(str(error))
    assert outcomes.count("FLIF: damaged file: the checksum differs") >= 4


def test_every_truncated_file_is_refused() -> None:
    file = encode(pictures.palette(20, 20))
    for size in range(len(file)):
        with pytest.raises(BitstreamError):
            decode(file[:size])


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (b"", "not a FLIF file"),
        (b"\x89PNG\r\n", "not a FLIF file"),
        (b"FLIF", "truncated"),
        (b"FLIF\x51\x31\x00\x00\x00\x00", "animation"),
        (b"FLIF\x32\x31\x00\x00\x00\x00", "unknown kind of image"),
        (b"FLIF\x31\x32\x00\x00\x00\x00", "not 8 bits"),
        (b"FLIF\x31\x30\x00\x00\x00\x00", "not 8 bits"),
        (b"FLIF\x31\x31\xff\xff\xff\xff\xff\xff\x00", "too large"),
        (b"FLIF\x31\x31\x84\x80\x80\x00\x84\x80\x80\x00\x00", "larger than the limit"),
        (b"FLIF\x31\x31\x00\x00\x01", "FLIF16"),
        (b"FLIF\x31\x31\x00\x00\x00\x00", "truncated"),
    ],
)
def test_what_is_not_supported_is_said(file: bytes, reason: str) -> None:
    with pytest.raises(BitstreamError, match=reason):
        decode(file)


def test_the_callers_limit_holds() -> None:
    file = encode(pictures.flat(20, 30))
    assert decode(file, max_pixels=600).shape == (20, 30, 3)
    with pytest.raises(BitstreamError, match=r"30x20 pixels is larger than the limit of 599"):
        decode(file, max_pixels=599)


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((4, 4), np.float32),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((0, 4), np.uint8),
        np.zeros(4, np.uint8),
        [[0, 0], [0, 0]],
    ],
)
def test_what_is_not_an_image_is_refused(pixels: object) -> None:
    with pytest.raises(BenchcompError, match="FLIF encodes"):
        encode(pixels)  # type: ignore[arg-type]


def test_options_that_do_not_fit_are_refused() -> None:
    pixels = pictures.photo(4, 4)
    with pytest.raises(BenchcompError, match="effort 101 is outside 0 to 100"):
        encode(pixels, effort=101)
    with pytest.raises(BenchcompError, match="not interlaced"):
        encode(pixels, interlaced=True, smallest=True)
    with pytest.raises(ValueError, match="don't fill their shape"):
        _native.encode(pixels, 4, 5, 3)
