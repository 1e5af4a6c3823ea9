"""The codecs of imagecodecs: sizes, contents, rates, options, and refusal of what they can't decode."""

import numpy as np
import pytest
from benchcomp_imagecodecs import benchcomp_codecs
from benchcomp_imagecodecs import codec as codecs

from benchcomp import BenchcompError, BitstreamError
from benchcomp.registry import Registry

REGISTRY = Registry()
REGISTRY.add(__import__("benchcomp_imagecodecs"), "imagecodecs")
VARIANTS = [*(entry.name for entry in benchcomp_codecs()), "htj2k:lossless=true", "avif:subsampling=420"]


def photo(height=128, width=192, seed=7):
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    waves = [np.sin(x / a + y / b) for a, b in ((9.0, 14.0), (5.0, -11.0), (-13.0, 6.0))]
    values = 128 + 80 * np.stack(waves, axis=2) + generator.normal(0, 8, (height, width, 3))
    return values.clip(0, 255).astype(np.uint8)


def flat(height, width):
    return np.full((height, width, 3), (200, 90, 15), np.uint8)


def noise(height, width):
    return np.random.default_rng(3).integers(0, 256, (height, width, 3), dtype=np.uint8)


def qualities(codec, width=64):
    if codec.name == "jxr" and width < 17:
        return [50, codec.knob.high]
    return [None] if codec.knob is None else [codec.knob.low, codec.knob.ladder[3], codec.knob.high]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("shape", [(1, 1), (7, 5), (64, 48)])
@pytest.mark.parametrize("content", [flat, noise, photo])
def test_every_size_and_content(variant, shape, content):
    codec, pixels = REGISTRY.codec(variant), content(*shape)
    before = pixels.copy()
    for quality in qualities(codec, shape[1]):
        decoded = codec.decode(codec.encode(pixels, quality))
        assert decoded.shape == pixels.shape
        assert decoded.dtype == np.uint8
        assert decoded.flags.c_contiguous
        if codec.lossless:
            assert np.array_equal(decoded, pixels)
    assert np.array_equal(pixels, before)


@pytest.mark.parametrize("variant", VARIANTS)
def test_rates_and_quality_rise_along_the_ladder(variant):
    codec, pixels = REGISTRY.codec(variant), photo()
    if codec.knob is None:
        assert codec.lossless
        return
    ladder = codec.knob.ladder
    assert len(ladder) == 8
    assert all(codec.knob.check(quality) == quality for quality in ladder)
    bitstreams = [codec.encode(pixels, quality) for quality in ladder]
    sizes = [len(stream) for stream in bitstreams]
    assert sizes == sorted(sizes)
    errors = [((codec.decode(stream).astype(int) - pixels) ** 2).mean() for stream in bitstreams]
    assert all(errors[low] > errors[low + 3] for low in range(5))
    assert not codec.lossless


@pytest.mark.parametrize("variant", VARIANTS)
def test_other_bytes_are_refused(variant):
    codec, pixels = REGISTRY.codec(variant), photo(40, 60)
    bitstream = codec.encode(pixels, qualities(codec)[0])
    for broken in (b"", b"nonsense", np.random.default_rng(1).bytes(400), bitstream[: len(bitstream) // 4]):
        with pytest.raises(BitstreamError):
            codec.decode(broken)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_same_input_gives_the_same_bytes(variant):
    codec, pixels = REGISTRY.codec(variant), photo(40, 60)
    quality = qualities(codec)[-1]
    assert codec.encode(pixels, quality) == codec.encode(pixels, quality)


@pytest.mark.parametrize("variant", VARIANTS)
def test_versions_name_the_library_and_imagecodecs(variant):
    version = REGISTRY.codec(variant).version()
    assert "imagecodecs 20" in version
    assert version.startswith(("lib", "jxrlib", "openj", "charls"))
    assert type(REGISTRY.codec(variant)).unavailable() is None


@pytest.mark.parametrize(
    ("slow", "fast"),
    [
        ("webp:method=6", "webp:method=0"),
        ("avif:speed=4", "avif:speed=10"),
        ("jxl-lossless:effort=7", "jxl-lossless:effort=1"),
        ("png:level=9", "png:level=1"),
    ],
)
def test_effort_is_an_option(slow, fast):
    sizes = []
    for variant in (slow, fast):
        codec = REGISTRY.codec(variant)
        sizes.append(len(codec.encode(photo(), None if codec.knob is None else codec.knob.ladder[4])))
    assert sizes[0] < sizes[1]


@pytest.mark.parametrize("variant", ["webp:method=7", "avif:speed=-1", "jxl:effort=0", "png:level=10"])
def test_options_out_of_range_are_named(variant):
    with pytest.raises(BenchcompError, match=r"is from \d+ to \d+, not"):
        REGISTRY.codec(variant)


def test_a_format_that_was_left_out_is_said(monkeypatch):
    import imagecodecs

    monkeypatch.setattr(imagecodecs.JPEGXR, "available", False)
    assert "built without JPEG XR" in codecs.JpegXr.unavailable()
    with pytest.raises(BenchcompError, match="pip install imagecodecs"):
        REGISTRY.codec("jxr")


def test_htj2k_clips_samples():
    """Bright and dark edges overshoot; samples beyond 0 to 255 must not wrap around."""
    pixels = np.where(np.indices((64, 64)).sum(axis=0)[..., None] // 8 % 2, 255, 0).repeat(3, axis=2)
    codec = REGISTRY.codec("htj2k")
    for step in codec.knob.ladder[3:]:
        decoded = codec.decode(codec.encode(pixels.astype(np.uint8), step))
        assert np.abs(decoded.astype(int) - pixels).max() < 160


def test_jxr_says_which_images_it_cannot_encode(capfd):
    with pytest.raises(BenchcompError, match="at least 17 pixels wide"):
        REGISTRY.codec("jxr").encode(photo(40, 16), 49)
    assert capfd.readouterr().out == ""
    REGISTRY.codec("jxr").encode(photo(3, 17), 2)
