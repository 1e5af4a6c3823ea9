import pytest
from benchcomp_bpg.parameter_sets import CodingTools, Pcm, make_sps, make_vps, read_sps, transquant_bypass
from hypothesis import given
from hypothesis import strategies as st

from benchcomp import BitstreamError

VERYSLOW = CodingTools(3, 6, 2, 5, 2, True, None, True)


@st.composite
def tools(draw: st.DrawFn) -> CodingTools:
    min_cb = draw(st.integers(3, 6))
    ctb = draw(st.integers(max(4, min_cb), 6))
    min_tb = draw(st.integers(2, min(min_cb - 1, 5)))
    return CodingTools(
        log2_min_cb=min_cb,
        log2_ctb=ctb,
        log2_min_tb=min_tb,
        log2_max_tb=draw(st.integers(min_tb, min(ctb, 5))),
        max_transform_hierarchy_depth_intra=draw(st.integers(0, ctb - min_tb)),
        sample_adaptive_offset=draw(st.booleans()),
        pcm=draw(
            st.none()
            | st.builds(
                Pcm,
                st.integers(0, 15),
                st.integers(0, 15),
                st.integers(0, 2),
                st.integers(0, 2),
                st.booleans(),
            )
        ),
        strong_intra_smoothing=draw(st.booleans()),
        range_flags=draw(st.none() | st.tuples(*[st.booleans()] * 9)),
    )


@given(tools())
def test_header_comes_back(expected: CodingTools) -> None:
    assert CodingTools.from_bytes(expected.to_bytes()) == expected


@given(
    tools(),
    st.sampled_from(["400", "420", "422", "444"]),
    st.sampled_from([8, 10, 12]),
    st.integers(1, 2**14),
    st.integers(1, 2**14),
)
def test_sps_comes_back(expected: CodingTools, chroma: str, bit_depth: int, width: int, height: int) -> None:
    sps = make_sps(expected, chroma, bit_depth, width, height)
    assert sps[:2] == b"\x42\x01"
    assert read_sps(sps) == (expected, (width, height))


def test_header_as_the_reference_encoder_writes_it() -> None:
    assert VERYSLOW.to_bytes().hex() == "924740"


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("", "no number"),
        ("92", "no number"),
        ("9247", "too early"),
        ("924741", "longer"),
        ("92474000", "longer"),
        ("ff", "no number|early|impossible"),
        ("92476080", "extension of HEVC|too early"),
    ],
)
def test_header_refuses(header: str, reason: str) -> None:
    with pytest.raises(BitstreamError, match=reason):
        CodingTools.from_bytes(bytes.fromhex(header))


@pytest.mark.parametrize(
    "impossible",
    [
        CodingTools(3, 3, 2, 3, 0, True, None, True),
        CodingTools(3, 7, 2, 5, 0, True, None, True),
        CodingTools(3, 6, 3, 5, 0, True, None, True),
        CodingTools(3, 6, 2, 6, 0, True, None, True),
        CodingTools(3, 4, 2, 5, 0, True, None, True),
        CodingTools(3, 6, 2, 5, 5, True, None, True),
    ],
)
def test_impossible_block_sizes_are_refused(impossible: CodingTools) -> None:
    with pytest.raises(BitstreamError, match="impossible"):
        CodingTools.from_bytes(impossible.to_bytes())


def test_coded_size_is_whole_smallest_blocks() -> None:
    assert VERYSLOW.coded_size(1, 9) == (8, 16)
    assert VERYSLOW.coded_size(256, 255) == (256, 256)


def test_transquant_bypass_is_found() -> None:
    assert not transquant_bypass(bytes.fromhex("4401c1758112"))
    assert transquant_bypass(bytes.fromhex("4401c1758912"))


def test_vps_is_one() -> None:
    assert make_vps()[:2] == b"\x40\x01"
