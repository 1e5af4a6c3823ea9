from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest

from benchcomp import BenchcompError, BitstreamError, Codec, testing
from benchcomp.errors import Unavailable
from benchcomp.registry import Registry, default
from benchcomp.results import load

Command = Callable[..., subprocess.CompletedProcess[str]]

EXAMPLES = Path(__file__).parents[3] / "examples" / "programs"

PROGRAM = '''
"""A codec of its own in a few lines: keeps the top bits of every sample and deflates them."""
import sys, zlib
from pathlib import Path

def encode(source, target, bits):
    head, size, most, samples = Path(source).read_bytes().split(b"\\n", 3)
    kept = bytes(value >> (8 - bits) << (8 - bits) for value in samples)
    Path(target).write_bytes(zlib.compress(size + b"\\n" + kept))

def decode(source, target):
    size, samples = zlib.decompress(Path(source).read_bytes()).split(b"\\n", 1)
    Path(target).write_bytes(b"P6\\n" + size + b"\\n255\\n" + samples)

if sys.argv[1] == "encode":
    encode(sys.argv[2], sys.argv[3], int(sys.argv[4]))
elif sys.argv[1] == "decode":
    decode(sys.argv[2], sys.argv[3])
else:
    print("bits 1.0")
'''

DESCRIPTION = f"""
encode = ["{sys.executable}", "{{here}}/bits.py", "encode", "{{input}}", "{{output}}", "{{quality}}"]
decode = '{sys.executable} "{{here}}/bits.py" decode {{input}} {{output}}'
version = ["{sys.executable}", "{{here}}/bits.py", "version"]
input = "ppm"
output = "ppm"

[quality]
name = "bits"
low = 1
high = 8
ladder = [1, 2, 4, 6]
"""

IMAGE = np.random.default_rng(3).integers(0, 256, (12, 10, 3), dtype=np.uint8)


@pytest.fixture
def bits(tmp_path: Path) -> Path:
    """A codec file with its program, in a folder with a space in its name."""
    folder = tmp_path / "my codec"
    folder.mkdir()
    (folder / "bits.py").write_text(PROGRAM)
    (folder / "bits.toml").write_text(DESCRIPTION)
    return folder / "bits.toml"


def described(folder: Path, text: str) -> Codec:
    path = folder / "codec.toml"
    path.write_text(text)
    return default().codec(str(path))


def test_a_program_keeps_the_contract(bits: Path) -> None:
    testing.assert_conforms(str(bits))


@pytest.mark.parametrize("name", ["cjpeg", "cwebp"])
def test_the_examples_keep_the_contract(name: str) -> None:
    if not shutil.which(name):
        pytest.skip(f"needs the program {name}")
    testing.assert_conforms(str(EXAMPLES / f"{name}.toml"))


def test_cjpeg_gives_the_bytes_that_it_gives_by_hand(tmp_path: Path) -> None:
    if not shutil.which("cjpeg"):
        pytest.skip("needs the program cjpeg")
    from PIL import Image

    Image.fromarray(IMAGE).save(tmp_path / "image.ppm")
    for variant, sampling in (("", "2x2"), (":sampling=1x1", "1x1")):
        by_hand = subprocess.run(
            ["cjpeg", "-quality", "50", "-sample", sampling, tmp_path / "image.ppm"], capture_output=True
        ).stdout
        assert default().codec(f"{EXAMPLES}/cjpeg.toml{variant}").encode(IMAGE, 50.0) == by_hand


def test_run_takes_a_file_among_codecs(benchcomp: Command, bits: Path, tmp_path: Path) -> None:
    arguments = (
        "run",
        "--dataset",
        "tiny:2",
        "--metrics",
        "mae",
        "-j",
        "1",
        "--quiet",
        "--out",
        "run.sqlite",
    )
    done = benchcomp(*arguments, "--codecs", "shades,./my codec/bits.toml")
    assert (done.returncode, done.stderr) == (0, "")
    frame = load(tmp_path / "run.sqlite", Registry()).frame
    own = frame[frame["codec"] == "./my codec/bits.toml"]
    assert (len(own), set(own["status"])) == (8, {"ok"})
    # The same quantisation: the same error as the codec in Python.
    shades = frame[frame["codec"] == "shades"]
    assert own["mae"].to_numpy() == pytest.approx(shades["mae"].to_numpy())
    (before,) = set(own["codec_version"])
    assert before.startswith("bits 1.0, bits.toml ")

    script = bits.parent / "bits.py"
    script.write_text(script.read_text() + "# changed\n")
    done = benchcomp(*arguments, "--codecs", "./my codec/bits.toml", "--resume")
    assert done.returncode == 0
    frame = load(tmp_path / "run.sqlite", Registry()).frame
    (after,) = set(frame[frame["codec"] != "shades"]["codec_version"])
    assert after.startswith("bits 1.0, bits.toml ")
    assert after != before

    decoded = benchcomp("encode", "./my codec/bits.toml", EXAMPLES / "no.png", "out.bin")
    assert "no.png: no such file" in decoded.stderr


def test_a_changed_file_is_another_codec(bits: Path) -> None:
    one = default().codec(str(bits))
    bits.write_text(DESCRIPTION.replace("[1, 2, 4, 6]", "[2, 4]"))
    two = default().codec(str(bits))
    assert one.version() != two.version()
    assert two.knob is not None
    assert two.knob.ladder == (2, 4)


def test_options_fill_placeholders(tmp_path: Path) -> None:
    text = """
        encode = "sh -c 'printf %s {{}}-{effort}-{fast} > {output}'"
        decode = "true {input} {output}"
        [options]
        effort = 4
        fast = false
    """
    codec = described(tmp_path, text)
    assert codec.knob is None
    assert codec.encode(IMAGE, None) == b"{}-4-false"
    variant = default().codec(f"{tmp_path}/codec.toml:effort=9:fast=yes")
    assert variant.encode(IMAGE, None) == b"{}-9-true"
    assert pickle.loads(pickle.dumps(variant)).encode(IMAGE, None) == b"{}-9-true"
    with pytest.raises(BenchcompError, match="option effort is a whole number, not 'x'"):
        default().codec(f"{tmp_path}/codec.toml:effort=x")


def test_standard_input_and_output_serve_where_no_file_is_named(tmp_path: Path) -> None:
    codec = described(
        tmp_path, 'encode = "cat"\ndecode = "cat"\ninput = "bmp"\noutput = "bmp"\nlossless = true'
    )
    assert codec.lossless
    assert np.array_equal(codec.decode(codec.encode(IMAGE, None)), IMAGE)


def test_no_shell_reads_the_command(tmp_path: Path) -> None:
    codec = described(tmp_path, 'encode = "echo $HOME `id` > {output}; {quality}"\ndecode="cat"\n'
                                "[quality]\nlow=1\nhigh=2\nladder=[1]")  # fmt: skip
    with pytest.raises(BenchcompError, match="echo wrote no output"):
        codec.encode(IMAGE, 1.0)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("false {output}", "false ended with exit code 1"),
        ("sh -c 'echo bad luck >&2; exit 3' {output}", "sh ended with exit code 3: bad luck"),
        ("true {output}", "true wrote no output"),
        ("sh -c 'kill -9 $$' {output}", "sh ended with exit code -9"),
    ],
)
def test_a_failing_program_is_an_error_with_its_last_words(
    tmp_path: Path, command: str, message: str
) -> None:
    codec = described(tmp_path, f'encode = "{command}"\ndecode = "{command}"')
    with pytest.raises(BenchcompError, match=message):
        codec.encode(IMAGE, None)
    with pytest.raises(BitstreamError, match=message):
        codec.decode(b"bytes")


def test_a_hanging_program_is_killed_with_its_children(tmp_path: Path) -> None:
    marker = "98765.4321"
    text = (
        f"encode = \"sh -c 'sleep {marker} & sleep {marker}' {{output}}\"\ndecode = 'cat'\ntime_limit_s = 0.5"
    )
    codec = described(tmp_path, text)
    started = time.monotonic()
    with pytest.raises(BenchcompError, match=r"sh had no end after 0\.5 s"):
        codec.encode(IMAGE, None)
    assert time.monotonic() - started < 20
    time.sleep(0.2)
    assert not [p for p in psutil.process_iter(["cmdline"]) if marker in (p.info["cmdline"] or [])[-1:]]


def test_output_that_is_no_image_is_a_damaged_bitstream(tmp_path: Path) -> None:
    codec = described(tmp_path, 'encode = "cat"\ndecode = "cat"')
    with pytest.raises(BitstreamError, match="can't be read as an image"):
        codec.decode(b"no image")


def test_a_missing_program_makes_the_codec_unavailable(benchcomp: Command, tmp_path: Path) -> None:
    text = 'encode = "no-such-program {input}"\ndecode = "cat"\nhint = "apt-get install it"'
    with pytest.raises(
        Unavailable, match="there is no program 'no-such-program' on this machine; apt-get install it"
    ):
        described(tmp_path, text)
    done = benchcomp(
        "run", "--dataset", "tiny:1", "--metrics", "mae", "--codecs", "shades,codec.toml", "--out", "r.sqlite"
    )
    assert done.returncode == 0
    assert "codec 'codec.toml' is unavailable" in done.stderr


GOOD = 'encode = "cat {quality}"\ndecode = "cat"\n'
QUALITY = "[quality]\nlow = 1\nhigh = 9\nladder = [1, 5]\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("encode = ", "is not TOML"),
        ('decode = "cat"', "it has no 'encode' command"),
        (GOOD.replace("decode", "decod"), "no key is called 'decod'; did you mean 'decode'?"),
        (GOOD + "lossless = 1", "lossless is true or false, not 1"),
        (GOOD, "encode has the placeholder {quality}"),
        (GOOD.replace("{quality}", "{qualty}") + QUALITY, "{qualty}; did you mean 'quality'?"),
        (GOOD.replace("{quality}", "{quality") + QUALITY, "write {{ and }} for braces"),
        (GOOD.replace(" {quality}", "") + QUALITY, "encode has no {quality} to put it in"),
        (GOOD.replace("cat {quality}", "cat '{quality}") + QUALITY, "can't be split into arguments"),
        (GOOD + QUALITY.replace("ladder", "laddder"), "[quality] has no key 'laddder'; did you mean 'ladder'?"),
        (GOOD + QUALITY.replace("9", "true"), "[quality] needs high, a number"),
        (GOOD + QUALITY.replace("9", "0"), "low, 1, isn't below high, 0"),
        (GOOD + QUALITY.replace("[1, 5]", "[]"), "[quality] needs a ladder"),
        (GOOD + QUALITY.replace("5", "10"), "quality 10 is outside the codec's range 1 to 9"),
        (GOOD + 'input = "gif"\n' + QUALITY, "input is one of png, ppm, bmp, tiff, not 'gif'"),
        (GOOD + 'bitstream = "../x"\n' + QUALITY, "bitstream is a file name's ending"),
        (GOOD + "time_limit_s = 0\n" + QUALITY, "time_limit_s is a number of seconds above 0"),
        (GOOD + QUALITY + "[options]\nx = [1]", "option 'x' isn't a plain name"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_named_with_the_key(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BenchcompError) as raised:
        described(tmp_path, text)
    assert message in str(raised.value)
    assert str(raised.value).startswith(f"codec file {tmp_path}/codec.toml")
    assert "\n" not in str(raised.value)


def test_a_mistyped_file_ends_the_run(benchcomp: Command) -> None:
    done = benchcomp("run", "--dataset", "tiny", "--metrics", "mae", "--codecs", "shades,./nothing.toml")
    assert (done.returncode, done.stderr) == (
        2,
        "benchcomp: codec file nothing.toml: No such file or directory\n",
    )


def test_the_pattern_is_listed(benchcomp: Command) -> None:
    done = benchcomp("plugins", "--kind", "codec")
    assert "*.toml" in done.stdout
    assert "any program, described by a TOML file" in done.stdout
