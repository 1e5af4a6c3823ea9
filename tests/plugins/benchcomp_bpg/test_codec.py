import pickle
import subprocess
import sys

import benchcomp_bpg
import numpy as np
import pytest
from benchcomp_bpg.codec import BpgCodec, BpgOptions
from benchcomp_bpg.container import BpgFile, Header, parse, write

from benchcomp import BenchcompError, BitstreamError
from benchcomp.registry import Registry

from . import drawings


def codec(text: str) -> BpgCodec:
    registry = Registry()
    registry.add(benchcomp_bpg, "bpg")
    made = registry.codec(text)
    assert isinstance(made, BpgCodec)
    return made


def test_default_ladder_rises_in_rate_inside_the_domain() -> None:
    bpg = codec("bpg:preset=ultrafast")
    knob = bpg.knob
    assert knob is not None
    assert not bpg.lossless
    pixels = drawings.picture(64, 64)
    sizes = [len(bpg.encode(pixels, knob.check(quality))) for quality in knob.ladder]
    assert sizes == sorted(sizes)
    assert len(set(sizes)) == len(sizes)


def test_lossless_is_one_rate_point() -> None:
    bpg = codec("bpg:lossless=true:preset=ultrafast")
    assert bpg.knob is None
    assert bpg.lossless
    pixels = drawings.picture(20, 30)
    np.testing.assert_array_equal(bpg.decode(bpg.encode(pixels, None)), pixels)


def test_options_reach_the_file() -> None:
    header = parse(codec("bpg:subsampling=420:bit_depth=10").encode(drawings.picture(20, 30), 40)).header
    assert header == Header(30, 20, "420", 10)


def test_options_that_do_not_fit_are_refused() -> None:
    with pytest.raises(BenchcompError, match="subsampling=444, not 420"):
        codec("bpg:lossless=true:subsampling=420")
    with pytest.raises(BenchcompError, match="one of 8, 10, 12"):
        codec("bpg:bit_depth=9")


def test_qualities_outside_are_refused() -> None:
    for quality in (52, -1, 30.5, None):
        with pytest.raises(BenchcompError, match="qp"):
            BpgCodec().encode(drawings.picture(8, 8), quality)


def test_alpha_is_refused() -> None:
    bitstream = write(BpgFile(Header(8, 8, alpha=True), b"\x92\x47\x40", b"", b"\x92\x47\x40"))
    with pytest.raises(BitstreamError, match="alpha"):
        BpgCodec().decode(bitstream)


def test_pickles() -> None:
    bpg = pickle.loads(pickle.dumps(BpgCodec(BpgOptions(subsampling="420"))))
    assert bpg.options == BpgOptions(subsampling="420")


def test_is_available_and_says_what_it_is() -> None:
    assert BpgCodec.unavailable() is None
    assert "x265" in BpgCodec().version()


def test_importing_is_cheap() -> None:
    check = "import sys, benchcomp_bpg.codec; print([m for m in ('av', 'PIL', 'torch') if m in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", check],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert result.stdout.strip() == "[]"


def test_unknown_names_of_the_package_are_refused() -> None:
    with pytest.raises(AttributeError):
        benchcomp_bpg.transmogrify  # noqa: B018
