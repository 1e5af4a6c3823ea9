import subprocess
import sys
from pathlib import Path

import pytest
from benchcomp_flif import decode, encode
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchcomp import BitstreamError

from . import pictures

ROOT = Path(__file__).parents[3]
FILES = [
    encode(kind(23, 19), interlaced=interlaced)
    for kind in pictures.KINDS.values()
    for interlaced in (False, True)
]


@given(
    file=st.sampled_from(FILES),
    changes=st.lists(st.tuples(st.integers(4, 400), st.integers(0, 255)), min_size=1, max_size=8),
)
@example(file=FILES[0], changes=[(6, 255)])
@settings(max_examples=400, deadline=None)
def test_damaged_files_decode_or_are_refused(file: bytes, changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(file)
    for place, value in changes:
        damaged[place % len(file)] = value
    try:
        pixels = decode(bytes(damaged), max_pixels=1 << 14)
    except BitstreamError:
        return
    assert pixels.size > 0


@given(tail=st.binary(max_size=200), kind=st.sampled_from(b"134ACD"))
@settings(max_examples=200, deadline=None)
def test_noise_behind_a_good_header_decodes_or_is_refused(tail: bytes, kind: int) -> None:
    try:
        decode(b"FLIF" + bytes([kind]) + b"1\x09\x07\x00" + tail)
    except BitstreamError:
        return


def test_the_sanitized_decoder_survives_a_short_fuzzing() -> None:
    """Builds on first use into the ignored build folder; later runs reuse it."""
    folder = ROOT / "build" / "fuzz-flif"
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "fuzz_flif.py", "--seconds", "3", "--build", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    if "can't build" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.split()[0]) > 20
