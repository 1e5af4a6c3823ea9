"""Reading images: what is converted, what is refused, and that every refusal names the file."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from benchcomp import BenchcompError, pixels
from benchcomp.pixels import check, content_hash, read


@pytest.fixture
def picture():
    return np.random.default_rng(11).integers(0, 256, (12, 9, 3), dtype=np.uint8)


def save(path, array, mode=None, **options):
    image = Image.fromarray(array)
    (image.convert(mode) if mode else image).save(path, **options)
    return path


@pytest.mark.parametrize("suffix", ["png", "bmp", "tif", "ppm", "tga", "webp", "jp2", "gif"])
def test_lossless_formats_give_the_samples(tmp_path, picture, suffix):
    picture[..., :] = picture[..., :1] // 64 * 64 if suffix == "gif" else picture
    options = {"webp": {"lossless": True}}.get(suffix, {})
    result = read(save(tmp_path / f"a.{suffix}", picture, **options))
    assert np.array_equal(result, picture)
    assert result.flags.c_contiguous
    assert result.flags.writeable


@pytest.mark.parametrize(
    ("suffix", "encoder", "options"),
    [
        ("jxl", "jpegxl_encode", {"lossless": True}),
        ("jxr", "jpegxr_encode", {"level": 100}),
        ("jls", "jpegls_encode", {"out": 4096}),
        ("jph", "htj2k_encode", {"reversible": True}),
    ],
)
def test_what_pillow_cannot_read_imagecodecs_does(tmp_path, picture, suffix, encoder, options):
    import imagecodecs

    path = tmp_path / f"a.{suffix}"
    path.write_bytes(getattr(imagecodecs, encoder)(picture, **options))
    assert np.array_equal(read(path), picture)
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(BenchcompError, match=f"a.{suffix}: can't be read"):
        read(path)


def test_gray_and_bilevel_and_palette_become_rgb(tmp_path, picture):
    gray = picture[..., 0]
    assert np.array_equal(read(save(tmp_path / "g.png", gray)), gray[..., None].repeat(3, axis=2))
    bilevel = read(save(tmp_path / "b.png", gray > 99))
    assert np.array_equal(bilevel[..., 1], np.where(gray > 99, 255, 0))
    few = picture // 128 * 255
    indexed = Image.fromarray(few).quantize(8)
    indexed.save(tmp_path / "p.png")
    assert Image.open(tmp_path / "p.png").mode == "P"
    assert np.array_equal(read(tmp_path / "p.png"), np.asarray(indexed.convert("RGB")))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(tmp_path, picture, orientation):
    stored = {
        1: picture,
        2: picture[:, ::-1],
        3: picture[::-1, ::-1],
        4: picture[::-1],
        5: picture.transpose(1, 0, 2),
        6: np.rot90(picture, 1),
        7: np.rot90(picture, 2).transpose(1, 0, 2),
        8: np.rot90(picture, -1),
    }[orientation]
    image = Image.fromarray(np.ascontiguousarray(stored))
    exif = image.getexif()
    exif[0x0112] = orientation
    image.save(tmp_path / "a.png", exif=exif)
    assert np.array_equal(read(tmp_path / "a.png"), picture)


def test_opaque_alpha_is_dropped(tmp_path, picture):
    opaque = np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])
    assert np.array_equal(read(save(tmp_path / "a.png", opaque)), picture)


def test_transparency_needs_a_background(tmp_path, picture):
    clear = np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])
    clear[3, 4, 3], clear[5, 6, 3] = 0, 51
    path = save(tmp_path / "a.png", clear)
    with pytest.raises(BenchcompError, match=r"a\.png: has transparent pixels"):
        read(path)
    result = read(path, background=(10, 20, 30))
    assert result[3, 4].tolist() == [10, 20, 30]
    expected = 0.2 * picture[5, 6] + 0.8 * np.array([10, 20, 30])
    assert np.abs(result[5, 6] - expected).max() <= 0.5 + 1e-9
    rest = np.ones(picture.shape[:2], bool)
    rest[3, 4] = rest[5, 6] = False
    assert np.array_equal(result[rest], picture[rest])


def test_transparency_by_colour_and_of_gray_is_seen(tmp_path):
    gray = np.uint8([[7, 8], [9, 7]])
    Image.fromarray(gray).save(tmp_path / "t.png", transparency=7)
    with pytest.raises(BenchcompError, match="transparent"):
        read(tmp_path / "t.png")
    assert read(tmp_path / "t.png", (1, 2, 3))[:, :, 2].tolist() == [[3, 8], [9, 3]]


def test_deep_images_are_refused(tmp_path):
    import imagecodecs

    deep = np.full((4, 5), 40000, np.uint16)
    rgb = deep[..., None].repeat(3, axis=2)
    Image.fromarray(deep).save(tmp_path / "gray.png")
    Image.fromarray(deep).save(tmp_path / "gray.tif")
    (tmp_path / "rgb.png").write_bytes(imagecodecs.png_encode(rgb))
    (tmp_path / "rgb.ppm").write_bytes(b"P6 5 4 65535\n" + rgb.astype(">u2").tobytes())
    (tmp_path / "gray.pgm").write_bytes(b"P5 5 4 4095\n" + deep.tobytes())
    (tmp_path / "rgb.jp2").write_bytes(imagecodecs.jpeg2k_encode(rgb))
    (tmp_path / "rgb.jxl").write_bytes(imagecodecs.jpegxl_encode(rgb, lossless=True))
    avif = imagecodecs.avif_encode(rgb >> 6, bitspersample=10, speed=10)
    (tmp_path / "rgb.avif").write_bytes(avif)
    Image.fromarray(np.zeros((4, 5), np.float32)).save(tmp_path / "float.tif")
    files = sorted(tmp_path.iterdir())
    assert len(files) == 9
    for path in files:
        with pytest.raises(BenchcompError, match="convert it to 8-bit RGB") as caught:
            read(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["a.tif", "a.jpg"])
def test_cmyk_is_refused(tmp_path, picture, name):
    with pytest.raises(BenchcompError, match="is a CMYK image; convert"):
        read(save(tmp_path / name, picture, "CMYK"))


def test_broken_files_are_named(tmp_path, picture):
    whole = save(tmp_path / "a.png", picture).read_bytes()
    jpeg = save(tmp_path / "a.jpg", picture.repeat(9, 0).repeat(9, 1)).read_bytes()
    contents = {
        "empty.png": b"",
        "text.png": b"not an image at all",
        "half.png": whole[: len(whole) // 2],
        "head.png": whole[:20],
        "half.jpg": jpeg[: len(jpeg) // 2],
        "flipped.png": whole[:60] + b"\0\1\2\3" + whole[64:],
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BenchcompError) as caught:
            read(tmp_path / name)
        message = str(caught.value)
        assert message.startswith(f"{tmp_path / name}: ")
        assert message.count(name) == 1
        assert "\n" not in message


def png_header_only(width, height):
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(30000, 30000), (13378, 13378)])
def test_bombs_are_refused_before_they_unfold(tmp_path, size):
    path = tmp_path / "bomb.png"
    path.write_bytes(png_header_only(*size))
    with pytest.raises(BenchcompError, match=r"bomb\.png: has more than 179 megapixels"):
        read(path)


def test_missing_files_and_folders_are_named(tmp_path):
    with pytest.raises(BenchcompError, match=r"x\.png: no such file"):
        read(tmp_path / "x.png")
    with pytest.raises(BenchcompError, match="not a file"):
        read(tmp_path)


def test_suffixes_are_those_of_readable_formats():
    assert {".png", ".jpg", ".jxl", ".avif", ".tif", ".webp"} <= pixels.SUFFIXES
    assert not {".pdf", ".txt", ".json", ".npy"} & pixels.SUFFIXES


def test_check_names_what_is_wrong():
    good = np.zeros((2, 3, 3), np.uint8)
    assert check(good) is good
    assert check(good[:, ::-1]).flags.c_contiguous
    for wrong in (good.astype(float), good[..., 0], good[..., :2], good[:0], [1]):
        with pytest.raises(BenchcompError, match="picture"):
            check(wrong, "picture")


def test_content_hash_is_of_the_picture_not_the_file(tmp_path, picture):
    hashes = {content_hash(read(save(tmp_path / name, picture))) for name in ("a.png", "b.bmp", "c.tif")}
    assert len(hashes) == 1
    assert content_hash(picture.reshape(9, 12, 3)) not in hashes
