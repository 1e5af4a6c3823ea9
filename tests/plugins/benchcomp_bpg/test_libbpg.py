"""The reference programs' backend: with the programs where they are, with stand-ins everywhere.

The stand-ins take the same command lines and use the package's own encoder and decoder.
"""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from benchcomp_bpg import libbpg
from benchcomp_bpg.codec import BpgCodec, BpgOptions
from benchcomp_bpg.container import parse

from benchcomp import BenchcompError, BitstreamError

from . import drawings

BPGENC = """
import argparse, sys
import numpy as np
from PIL import Image
import benchcomp_bpg
if "-h" in sys.argv:
    print("BPG Image Encoder version 0.9.8")
    sys.exit(1)
parser = argparse.ArgumentParser()
for name in ("-e", "-o", "-f", "-c"):
    parser.add_argument(name)
for name in ("-m", "-b", "-q"):
    parser.add_argument(name, type=int)
parser.add_argument("-lossless", action="store_true")
parser.add_argument("image")
given = parser.parse_args()
assert given.e == "x265" and 1 <= given.m <= 9
pixels = np.asarray(Image.open(given.image))
with open(given.o, "wb") as file:
    file.write(benchcomp_bpg.encode(
        pixels, given.q, subsampling=given.f, bit_depth=given.b, preset="ultrafast", lossless=given.lossless
    ))
"""
BPGDEC = """
import sys
from PIL import Image
import benchcomp_bpg
dash_o, target, source = sys.argv[1:]
assert dash_o == "-o"
Image.fromarray(benchcomp_bpg.decode(open(source, "rb").read())).save(target)
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs that is the whole PATH, and is empty at first."""
    monkeypatch.setenv("PATH", str(tmp_path))
    libbpg.version.cache_clear()
    return tmp_path


def install(folder: Path, name: str, source: str) -> None:
    program = folder / name
    path = f"import sys; sys.path[:0] = {sys.path!r}\n"
    program.write_text(f"#!{sys.executable}\n{path}{source}")
    program.chmod(0o755)


def test_codec_uses_the_programs(programs: Path) -> None:
    install(programs, "bpgenc", BPGENC)
    install(programs, "bpgdec", BPGDEC)
    codec = BpgCodec(BpgOptions(backend="libbpg", subsampling="420", bit_depth=10))
    pixels = drawings.picture(30, 41)
    bitstream = codec.encode(pixels, 20)
    assert (parse(bitstream).header.chroma, parse(bitstream).header.bit_depth) == ("420", 10)
    assert drawings.psnr(codec.decode(bitstream), pixels) > 25
    assert codec.version() == "libbpg 0.9.8"


def test_lossless(programs: Path) -> None:
    install(programs, "bpgenc", BPGENC)
    install(programs, "bpgdec", BPGDEC)
    codec = BpgCodec(BpgOptions(backend="libbpg", lossless=True))
    pixels = drawings.picture(9, 14)
    np.testing.assert_array_equal(codec.decode(codec.encode(pixels, None)), pixels)


def test_missing_programs_are_named(programs: Path) -> None:
    codec = BpgCodec(BpgOptions(backend="libbpg"))
    with pytest.raises(BenchcompError, match="bpgenc is not on the PATH"):
        codec.encode(drawings.picture(8, 8), 30)
    with pytest.raises(BenchcompError, match="bpgdec is not on the PATH"):
        codec.decode(BpgCodec().encode(drawings.picture(8, 8), 30))
    with pytest.raises(BenchcompError, match="bpgenc is not on the PATH"):
        codec.version()


def test_failures_carry_the_programs_message(programs: Path) -> None:
    for name in ("bpgenc", "bpgdec"):
        install(programs, name, "print('it is broken', file=sys.stderr); sys.exit(3)")
    with pytest.raises(BenchcompError, match=r"bpgenc failed \(3\): it is broken"):
        libbpg.encode(drawings.picture(8, 8), 30)
    with pytest.raises(BitstreamError, match=r"bpgdec failed \(3\): it is broken"):
        libbpg.decode(BpgCodec().encode(drawings.picture(8, 8), 30))


def test_programs_that_write_nothing_are_noticed(programs: Path) -> None:
    for name in ("bpgenc", "bpgdec"):
        install(programs, name, "")
    with pytest.raises(BenchcompError, match="bpgenc wrote no file"):
        libbpg.encode(drawings.picture(8, 8), 30)
    with pytest.raises(BitstreamError, match="bpgdec wrote no file"):
        libbpg.decode(BpgCodec().encode(drawings.picture(8, 8), 30))


def test_endless_programs_are_ended(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(programs, "bpgenc", "import time; time.sleep(60)")
    monkeypatch.setattr(libbpg, "TIME_LIMIT_S", 0.5)
    with pytest.raises(BenchcompError, match=r"bpgenc was ended after 0\.5 s"):
        libbpg.encode(drawings.picture(8, 8), 30)


def test_bad_files_never_reach_the_program(programs: Path) -> None:
    with pytest.raises(BitstreamError, match="not a BPG file"):
        libbpg.decode(b"GIF89a")


@pytest.mark.skipif(not shutil.which("bpgdec"), reason="bpgenc and bpgdec are not on the PATH")
def test_reference_programs_agree_with_us() -> None:
    ours, theirs = BpgCodec(), BpgCodec(BpgOptions(backend="libbpg"))
    for size in ((1, 1), (33, 20), (64, 64)):
        pixels = drawings.picture(*size)
        for bitstream in (ours.encode(pixels, 30), theirs.encode(pixels, 30)):
            np.testing.assert_array_equal(theirs.decode(bitstream), ours.decode(bitstream))
