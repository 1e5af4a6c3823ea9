"""The codec ``jpeg``: Pillow's default JPEG, its options, and refusal of what isn't JPEG."""

import io

import numpy as np
import pytest
from benchcomp_jpeg.codec import JpegCodec, JpegOptions
from PIL import Image

from benchcomp import BitstreamError


def photo(height=64, width=48, seed=7):
    """Smooth shapes with some noise: content whose rate rises with the quality."""
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    waves = [np.sin(x / a + y / b) for a, b in ((9.0, 14.0), (5.0, -11.0), (-13.0, 6.0))]
    values = 128 + 60 * np.stack(waves, axis=2) + generator.normal(0, 6, (height, width, 3))
    return values.clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("quality", [1, 5, 50, 75, 95, 100])
def test_defaults_are_pillows_own(quality):
    pixels = photo()
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=quality)
    assert JpegCodec().encode(pixels, quality) == stream.getvalue()


@pytest.mark.parametrize("shape", [(1, 1), (7, 5), (64, 48), (5, 200)])
@pytest.mark.parametrize("subsampling", ["420", "422", "444"])
def test_sizes_survive(shape, subsampling):
    codec = JpegCodec(JpegOptions(subsampling=subsampling))
    for quality in (1, 50, 100):
        decoded = codec.decode(codec.encode(photo(*shape), quality))
        assert decoded.shape == (*shape, 3)
        assert decoded.dtype == np.uint8
        assert decoded.flags.c_contiguous


def test_rates_rise_along_the_ladder():
    codec = JpegCodec()
    sizes = [len(codec.encode(photo(), quality)) for quality in codec.knob.ladder]
    assert sizes == sorted(sizes)
    assert len(set(sizes)) == len(sizes)


def test_subsampling_decides_chroma():
    pixels = photo()
    errors = []
    for subsampling in ("420", "422", "444"):
        codec = JpegCodec(JpegOptions(subsampling=subsampling))
        difference = codec.decode(codec.encode(pixels, 95)).astype(int) - pixels
        errors.append((difference**2).mean())
    assert errors[0] > errors[1] > errors[2]


@pytest.mark.parametrize("options", [JpegOptions(optimize=True), JpegOptions(progressive=True)])
def test_entropy_coding_options_change_the_bytes_only(options):
    pixels = photo()
    plain, other = JpegCodec().encode(pixels, 60), JpegCodec(options).encode(pixels, 60)
    assert len(other) < len(plain)
    assert np.array_equal(JpegCodec().decode(plain), JpegCodec().decode(other))


def test_flat_and_noise():
    codec = JpegCodec()
    flat = np.full((33, 17, 3), 200, np.uint8)
    assert np.abs(codec.decode(codec.encode(flat, 75)).astype(int) - flat).max() <= 2
    noise = np.random.default_rng(1).integers(0, 256, (33, 17, 3), dtype=np.uint8)
    assert codec.decode(codec.encode(noise, 75)).shape == noise.shape


def test_input_is_not_modified():
    pixels = photo()
    pixels.setflags(write=False)
    JpegCodec().encode(pixels, 50)


def test_other_bytes_are_refused():
    bitstream = JpegCodec().encode(photo(), 50)
    gray = io.BytesIO()
    Image.new("L", (8, 8)).save(gray, "JPEG")
    png = io.BytesIO()
    Image.new("RGB", (8, 8)).save(png, "PNG")
    for broken in (b"", b"nonsense", bitstream[:100], bitstream[:-40], gray.getvalue(), png.getvalue()):
        with pytest.raises(BitstreamError):
            JpegCodec().decode(broken)


def test_version_names_library_and_binding():
    assert "Pillow" in JpegCodec().version()
    assert "libjpeg" in JpegCodec().version()
