import pickle
import subprocess
import sys
from pathlib import Path

import benchcomp_flif
import numpy as np
import pytest
from benchcomp_flif.codec import FlifCodec

from benchcomp import BenchcompError, BitstreamError, __version__
from benchcomp.registry import Registry

from . import pictures

# Stands in for the program: the same command line and the same bytes, without being it.
PROGRAM = f"""#!{sys.executable}
import sys
from pathlib import Path
import numpy as np
from PIL import Image
from benchcomp_flif import decode, encode
flags, files = [a for a in sys.argv[1:] if a[0] == "-"], [a for a in sys.argv[1:] if a[0] != "-"]
if "--version" in flags:
    print("FLIF (Free Lossless Image Format) 0.4 [21 Nov 2021]")
elif "-e" in flags:
    effort = next((int(flag[2:]) for flag in flags if flag.startswith("-E")), 60)
    interlaced = True if "-I" in flags else False if "-N" in flags else None
    Path(files[1]).write_bytes(encode(np.asarray(Image.open(files[0])), interlaced, effort))
else:
    try:
        Image.fromarray(decode(Path(files[0]).read_bytes())).save(files[1])
    except ValueError:
        sys.exit("E: could not decode " + files[0])
"""


def codec(text: str) -> FlifCodec:
    registry = Registry()
    registry.add(benchcomp_flif, "flif")
    made = registry.codec(text)
    assert isinstance(made, FlifCodec)
    return made


def test_lossless_with_one_rate_point() -> None:
    flif = codec("flif")
    assert flif.lossless
    assert flif.knob is None
    assert flif.unavailable() is None
    assert flif.version() == f"benchcomp-flif {__version__}"
    for kind in ("photo", "random", "palette", "flat"):
        pixels = pictures.KINDS[kind](30, 40)
        np.testing.assert_array_equal(flif.decode(flif.encode(pixels, None)), pixels)


def test_gray_pixels_come_back_as_rgb() -> None:
    flif = codec("flif")
    pixels = np.repeat(pictures.gray(12, 10)[:, :, None], 3, axis=2)
    np.testing.assert_array_equal(flif.decode(flif.encode(pixels, None)), pixels)


def test_alpha_is_refused() -> None:
    with pytest.raises(BitstreamError, match="alpha"):
        codec("flif").decode(benchcomp_flif.encode(pictures.alpha(9, 9)))


def test_options_reach_the_file() -> None:
    pixels = pictures.photo(60, 60)
    encode = benchcomp_flif.encode
    assert codec("flif:interlaced=true").encode(pixels, None) == encode(pixels, interlaced=True)
    assert codec("flif:effort=0").encode(pixels, None) == encode(pixels, effort=0)
    assert codec("flif:smallest=true").encode(pixels, None) == encode(pixels, smallest=True)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("flif:effort=101", "effort 101 is outside 0 to 100"),
        ("flif:smallest=true:interlaced=true", "not interlaced"),
        ("flif:smallest=true:backend=flif", "needs backend=native"),
        ("flif:backend=other", "native, flif"),
    ],
)
def test_options_that_do_not_fit_are_refused(text: str, reason: str) -> None:
    with pytest.raises(BenchcompError, match=reason):
        codec(text)


def test_instances_are_picklable() -> None:
    flif = codec("flif:effort=30")
    again = pickle.loads(pickle.dumps(flif))
    assert again.options == flif.options
    pixels = pictures.photo(9, 9)
    assert again.encode(pixels, None) == flif.encode(pixels, None)


def test_the_program_on_the_path_can_do_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BenchcompError, match="needs the program flif on the PATH"):
        codec("flif:backend=flif")
    program = tmp_path / "flif"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    pixels = pictures.photo(16, 18)
    flif = codec("flif:backend=flif:interlaced=true:effort=40")
    assert flif.version() == "flif 0.4"
    bitstream = flif.encode(pixels, None)
    assert bitstream == benchcomp_flif.encode(pixels, interlaced=True, effort=40)
    np.testing.assert_array_equal(flif.decode(bitstream), pixels)
    with pytest.raises(BitstreamError, match="could not decode"):
        flif.decode(b"FLIF\x31")


def test_importing_the_plugin_is_light() -> None:
    heavy = ["torch", "av", "pandas", "skimage", "imagecodecs", "PIL"]
    code = f"import sys, benchcomp_flif.codec; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
