"""The codec ``jp2k``: rates are hit, any size decodes, damage is refused, pip alone is enough."""

import contextlib
import os
import subprocess
import sys

import numpy as np
import pytest
from benchcomp_jp2k import library
from benchcomp_jp2k.codec import Jp2kCodec, Jp2kOptions

from benchcomp import BitstreamError

LOSSLESS = Jp2kCodec(Jp2kOptions(lossless=True))


def photo(height=128, width=192, seed=7):
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    waves = [np.sin(x / a + y / b) for a, b in ((9.0, 14.0), (5.0, -11.0), (-13.0, 6.0))]
    values = 128 + 60 * np.stack(waves, axis=2) + generator.normal(0, 12, (height, width, 3))
    return values.clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("bpp", [0.0625, 0.11, 0.25, 0.5, 1.0, 2.0, 4.7])
def test_the_knob_is_the_rate_in_bpp(bpp):
    pixels = photo()
    size = len(Jp2kCodec().encode(pixels, bpp))
    target = bpp / 8 * pixels.shape[0] * pixels.shape[1]
    assert abs(size - target) <= max(16, 0.03 * target)


def test_quality_rises_with_the_rate():
    codec, pixels = Jp2kCodec(), photo()
    bitstreams = [codec.encode(pixels, bpp) for bpp in codec.knob.ladder]
    errors = [((codec.decode(stream).astype(int) - pixels) ** 2).mean() for stream in bitstreams]
    assert [len(stream) for stream in bitstreams] == sorted(len(stream) for stream in bitstreams)
    assert errors == sorted(errors, reverse=True)


def test_coding_is_irreversible_with_colour_transform():
    lossy, lossless = Jp2kCodec().encode(photo(), 1), LOSSLESS.encode(photo(), None)
    for stream, wavelet in ((lossy, 0), (lossless, 1)):
        cod = stream.index(b"\xff\x52")  # ISO 15444-1 A.6.1: SGcod ends with the component transform,
        assert stream[cod + 8] == 1  # SPcod with the wavelet (0: 9/7 irreversible, 1: 5/3 reversible)
        assert stream[cod + 13] == wavelet


def test_wavelet_and_colour_transform_are_options():
    other = Jp2kCodec(Jp2kOptions(wavelet="5/3", mct=False))
    stream = other.encode(photo(), 1)
    cod = stream.index(b"\xff\x52")
    assert (stream[cod + 8], stream[cod + 13]) == (0, 1)
    assert len(stream) <= photo().size / 24 + 16
    assert ((other.decode(stream).astype(int) - photo()) ** 2).mean() < 400


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (7, 5), (64, 48), (33, 3)])
def test_sizes_and_contents_survive(shape):
    flat = np.full((*shape, 3), 200, np.uint8)
    noise = np.random.default_rng(5).integers(0, 256, (*shape, 3), dtype=np.uint8)
    for pixels in (flat, noise, photo(*shape)):
        for bpp in (0.01, 1, 24):
            decoded = Jp2kCodec().decode(Jp2kCodec().encode(pixels, bpp))
            assert decoded.shape == pixels.shape
            assert decoded.dtype == np.uint8
            assert decoded.flags.c_contiguous
        assert np.array_equal(LOSSLESS.decode(LOSSLESS.encode(pixels, None)), pixels)


def test_lossless_has_no_knob():
    assert LOSSLESS.knob is None
    assert LOSSLESS.lossless
    assert not Jp2kCodec().lossless


def test_damage_is_refused():
    bitstream = Jp2kCodec().encode(photo(), 1)
    garbage = np.random.default_rng(2).bytes(500)
    broken = (b"", b"nonsense", bitstream[:-500], bitstream[:80] + garbage + b"\xff\xd9", garbage)
    for stream in (*broken, b"\xff\x4f\xff\x51" + garbage + b"\xff\xd9"):
        with pytest.raises(BitstreamError) as caught:
            Jp2kCodec().decode(stream)
        assert "\n" not in str(caught.value)


def test_flipped_bytes_decode_or_are_refused():
    bitstream = Jp2kCodec().encode(photo(32, 32), 2)
    generator = np.random.default_rng(4)
    for _ in range(40):
        damaged = bytearray(bitstream)
        damaged[generator.integers(4, len(damaged) - 2)] = generator.integers(256)
        with contextlib.suppress(BitstreamError):
            assert Jp2kCodec().decode(bytes(damaged)).ndim == 3


def test_a_wheel_brings_the_library_where_the_system_has_none(tmp_path):
    assert library.bundled() is not None
    program = """
import ctypes.util, os
found = ctypes.util.find_library
ctypes.util.find_library = lambda name: None if name == "openjp2" else found(name)
import numpy as np
from benchcomp_jp2k.codec import Jp2kCodec
assert Jp2kCodec.unavailable() is None
from glymur.lib import openjp2
assert str(openjp2.OPENJP2._name).endswith(os.environ["EXPECTED"]), openjp2.OPENJP2._name
pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
bitstream = Jp2kCodec().encode(pixels, 2)
assert abs(len(bitstream) - 1024) < 30, len(bitstream)
assert Jp2kCodec().decode(bitstream).shape == pixels.shape
assert "XDG_CONFIG_HOME" not in os.environ
print(Jp2kCodec().version())
"""
    environment = {**os.environ, "HOME": str(tmp_path), "EXPECTED": library.bundled().name}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    environment.pop("XDG_CONFIG_HOME", None)
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "OpenJPEG 2." in done.stdout
    assert not list(tmp_path.iterdir())
