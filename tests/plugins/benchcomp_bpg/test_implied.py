import benchcomp_bpg
import pytest
from benchcomp_bpg.container import Header, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from benchcomp import BitstreamError

from . import drawings


@given(
    st.integers(1, 70),
    st.integers(1, 70),
    st.none() | st.integers(0, 51),
    st.sampled_from(["444", "422", "420", "gray"]),
    st.sampled_from([8, 10]),
    st.sampled_from(["medium", "slow", "veryslow"]),
)
@settings(max_examples=60, deadline=None)
def test_files_come_back_byte_for_byte(
    height: int, width: int, qp: int | None, subsampling: str, bit_depth: int, preset: str
) -> None:
    pixels = drawings.picture(height, width)
    if qp is None or subsampling == "gray":
        pixels, subsampling = (pixels[..., 0], "444") if subsampling == "gray" else (pixels, "444")
    bitstream = benchcomp_bpg.encode(
        pixels, qp, subsampling=subsampling, bit_depth=bit_depth, preset=preset, lossless=qp is None
    )
    data = benchcomp_bpg.compact(bitstream, qp)
    assert benchcomp_bpg.expand(data, parse(bitstream).header, qp) == bitstream
    assert data[0] < 8
    assert len(bitstream) - len(data) >= 20


def test_256x256_saves_28_bytes_or_more() -> None:
    bitstream = benchcomp_bpg.encode(drawings.picture(256, 256), 30)
    assert len(bitstream) - len(benchcomp_bpg.compact(bitstream, 30)) >= 28


@pytest.mark.parametrize(("preset", "told"), [("ultrafast", 30), ("veryslow", 31), ("veryslow", None)])
def test_what_does_not_fit_is_carried_whole(preset: str, told: int | None) -> None:
    bitstream = benchcomp_bpg.encode(drawings.picture(33, 20), 30, preset=preset)
    data = benchcomp_bpg.compact(bitstream, told)
    assert data[0] == 255
    assert benchcomp_bpg.expand(data, parse(bitstream).header, told) == bitstream


@pytest.mark.parametrize("data", ["", "09", "fe00", "ff", "ff80", "ff0592"])
def test_damaged_data_is_refused(data: str) -> None:
    with pytest.raises(BitstreamError):
        benchcomp_bpg.expand(bytes.fromhex(data), Header(16, 16), 30)


def test_known_bytes_stay_readable() -> None:
    """Data stored by an earlier version; what the first byte means must never change."""
    header = Header(8, 8, chroma="400")
    bitstream = benchcomp_bpg.expand(bytes.fromhex("00"), header, 30)
    file_header, hevc_header, pps, slice_start = "425047fb00000808", "5b74", "4401c1758112", "2801ac23"
    assert bitstream.hex() == f"{file_header}1002{hevc_header}{pps}000001{slice_start}"
