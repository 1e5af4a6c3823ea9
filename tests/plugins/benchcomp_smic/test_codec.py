"""The codec through its contract: sizes, knob, options, damage."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from benchcomp_smic import coding, ladder, model
from benchcomp_smic.bitstream import parse
from benchcomp_smic.codec import SmicCodec, SmicOptions

from benchcomp import BenchcompError, BitstreamError

SIZES = [(1, 1), (1, 2), (7, 5), (8, 9), (16, 16), (17, 33), (1, 300), (65, 64), (120, 200), (1000, 700)]
shipped_weights = pytest.mark.skipif(not model.shipped().is_file(), reason="no weights in the package")


@pytest.fixture(scope="session")
def codec(tiny_weights):
    def make(**options):
        return SmicCodec(SmicOptions(weights=str(tiny_weights), **options))

    return make


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("factor", [1, 2, 16])
def test_any_size_comes_back(codec, picture, width, height, factor):
    pixels = picture(height, width)
    variant = codec(factor=factor)
    decoded = variant.decode(variant.encode(pixels, 10))
    assert decoded.shape == pixels.shape
    assert decoded.dtype == np.uint8
    assert decoded.flags.c_contiguous


def test_rate_rises_along_the_ladder(codec, picture):
    variant = codec()
    ends = variant.knob.low, variant.knob.high
    low, high = (len(variant.encode(picture(128, 128), quality)) for quality in ends)
    assert low < high


def test_bytes_and_pixels_are_the_same_every_time(codec, picture):
    variant = codec(factor=2)
    first, second = (variant.encode(picture(40, 50), 20) for _ in range(2))
    assert first == second
    assert (variant.decode(first) == codec(factor=2).decode(second)).all()


def test_the_input_is_left_alone(codec, picture):
    pixels = picture(30, 30)
    pixels.flags.writeable = False
    codec(factor=2).encode(pixels, 3)


class TestOptions:
    def test_map_off_leaves_it_out(self, codec, picture):
        on, off = (codec(factor=2, map=m).encode(picture(64, 64), 5) for m in (True, False))
        assert parse(on).map
        assert parse(off).map is None
        assert parse(on).thumbnail == parse(off).thumbnail
        assert codec().decode(off).shape == (64, 64, 3)

    def test_without_the_option_the_ladder_decides_about_the_map(self, codec):
        for position, point in enumerate(ladder.shipped()):
            assert codec().point(position) == point
            assert codec(map=False).point(position).map_qp is None
            assert codec(map=True).point(position).map_qp == (point.map_qp or ladder.DEFAULT_MAP_QP)

    def test_a_forced_factor_runs_the_knob_over_its_qp(self, codec, picture):
        variant = codec(factor=4)
        streams = [parse(variant.encode(picture(64, 64), q)) for q in (variant.knob.low, variant.knob.high)]
        assert [(s.factor, s.qp) for s in streams] == [(4, 50), (4, 10)]

    def test_a_single_point_has_no_knob(self, codec):
        assert codec(factor=8, thumbnail="flif").knob is None
        assert codec(thumbnail="flif").knob.high == 4

    def test_any_variant_decodes_any_bitstream(self, codec, picture):
        bitstream = codec(factor=8, map=False).encode(picture(50, 40), 9)
        assert (codec().decode(bitstream) == codec(factor=1).decode(bitstream)).all()

    def test_a_wrong_factor_is_refused(self):
        with pytest.raises(ValueError, match="factor"):
            SmicOptions(factor=3)

    def test_a_position_outside_the_ladder_is_refused(self, codec, picture):
        with pytest.raises(BenchcompError, match="position"):
            codec().encode(picture(8, 8), 1000)

    def test_missing_weights_are_named(self, picture):
        with pytest.raises(BenchcompError, match="nowhere"):
            SmicCodec(SmicOptions(weights="nowhere.safetensors")).encode(picture(8, 8), 0)

    def test_a_file_that_isnt_weights_is_named(self, picture, tmp_path):
        path = tmp_path / "other.safetensors"
        path.write_bytes(b"something else")
        with pytest.raises(BenchcompError, match="other"):
            SmicCodec(SmicOptions(weights=str(path))).encode(picture(8, 8), 0)

    def test_it_can_be_sent_to_another_process(self, codec):
        variant = codec(factor=2)
        assert pickle.loads(pickle.dumps(variant)).options == variant.options


def test_the_version_names_the_weights(codec, tiny_weights):
    assert model.weights_digest(tiny_weights) in codec().version()


def test_thumbnails_reach_rec_net_as_they_were_decoded(codec, picture):
    variant = codec(factor=2)
    bitstream = variant.encode(picture(64, 48), 25)
    parts = coding.decode_parts(bitstream)
    assert parts.thumbnail.shape == (32, 24, 3)
    assert parts.upsampled.shape == parts.semantic.shape == (64, 48, 3)
    networks = model.load(variant._weights)
    again = networks.reconstruct(parts.upsampled, parts.semantic, 2, parts.stream.qp)
    assert (again == variant.decode(bitstream)).all()


class TestDamage:
    def test_mutated_bitstreams_raise_or_decode(self, codec, picture):
        variant = codec(factor=2)
        good = variant.encode(picture(40, 56), 25)
        rng = np.random.default_rng(11)
        refused = 0
        for _ in range(300):
            bad = mutate(good, rng)
            try:
                assert variant.decode(bad).ndim == 3
            except BitstreamError:
                refused += 1
        assert refused > 50

    @pytest.mark.parametrize("data", [b"", b"\0", b"\x10\0\0\0\0\0", bytes(100)])
    def test_no_bitstream(self, codec, data):
        with pytest.raises(BitstreamError):
            codec().decode(data)


def mutate(data: bytes, rng: np.random.Generator) -> bytes:
    """Change, cut, insert or repeat a few bytes."""
    changed = bytearray(data)
    for _ in range(int(rng.integers(1, 4))):
        at = int(rng.integers(len(changed)))
        kind = int(rng.integers(4))
        if kind == 0:
            changed[at] = int(rng.integers(256))
        elif kind == 1:
            changed[at] ^= 1 << int(rng.integers(8))
        elif kind == 2:
            del changed[at:]
        else:
            changed[at:at] = rng.bytes(int(rng.integers(1, 9)))
        changed = changed or bytearray(b"\x10")
    return bytes(changed)


@shipped_weights
class TestShipped:
    def test_weights_fit_and_are_small(self, picture):
        assert model.shipped().stat().st_size < 40e6
        codec = SmicCodec()
        pixels = picture(64, 64)
        decoded = codec.decode(codec.encode(pixels, codec.knob.high))
        assert np.abs(decoded.astype(int) - pixels).mean() < 20

    def test_the_ladder_is_in_the_format(self):
        points = ladder.shipped()
        assert len(points) == len(set(points)) >= 2
        assert all(p.factor in (1, 2, 4, 8, 16) and 0 <= p.qp <= 51 for p in points)


def test_importing_the_codec_is_cheap():
    code = (
        "import sys, benchcomp_smic.codec, benchcomp_smic.command; "
        "print([m for m in ('torch', 'av', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ}
    )
    assert done.stdout.strip() == "[]"


def test_the_model_card_beside_the_weights_is_the_one_in_the_docs():
    docs = Path(__file__).parents[3] / "docs" / "smic-model-card.md"
    assert model.shipped().with_name("README.md").read_text() == docs.read_text()
