import pytest
from benchcomp_bpg.container import BpgFile, Header, parse, read_ue7, write, write_ue7
from hypothesis import given
from hypothesis import strategies as st

from benchcomp import BenchcompError, BitstreamError

PARTS = BpgFile(Header(256, 100), b"\x92\x47\x40", b"\x44\x01picture")

headers = st.builds(
    Header,
    width=st.integers(1, 2**13),
    height=st.integers(1, 2**13),
    chroma=st.sampled_from(["400", "420", "422", "444"]),
    bit_depth=st.integers(8, 14),
    color=st.sampled_from(["ycbcr", "ycgco", "bt709", "bt2020"]),
    alpha=st.just(False),
    limited_range=st.booleans(),
)


@given(st.integers(0, 2**32 - 1), st.binary(max_size=3))
def test_ue7_comes_back(value: int, behind: bytes) -> None:
    coded = write_ue7(value)
    assert read_ue7(coded + behind, 0, "it") == (value, len(coded))


@pytest.mark.parametrize(
    ("value", "coded"), [(0, "00"), (127, "7f"), (128, "8100"), (256, "8200"), (16384, "818000")]
)
def test_ue7_bytes(value: int, coded: str) -> None:
    assert write_ue7(value).hex() == coded


@pytest.mark.parametrize("coded", ["", "81", "8001", "80", "9080808000", "ffffffffffffff7f"])
def test_ue7_refuses(coded: str) -> None:
    with pytest.raises(BitstreamError, match="it"):
        read_ue7(bytes.fromhex(coded), 0, "it")


@given(
    headers,
    st.binary(max_size=9),
    st.binary(max_size=9),
    st.none() | st.binary(max_size=9),
    st.binary(max_size=9),
)
def test_parts_come_back(
    header: Header, hevc: bytes, data: bytes, alpha: bytes | None, extension: bytes
) -> None:
    header = Header(
        header.width, header.height, header.chroma, header.bit_depth, header.color, alpha is not None
    )
    file = BpgFile(header, hevc, data, alpha, extension)
    assert parse(write(file)) == file


def test_layout() -> None:
    assert write(PARTS).hex(" ", 1) == (
        "42 50 47 fb 60 00 82 00 64 0d 03 92 47 40 44 01 " + b"picture".hex(" ")
    )


def test_length_zero_means_to_the_end() -> None:
    bitstream = bytearray(write(PARTS))
    assert bitstream[9] == 13
    bitstream[9] = 0
    file = parse(bytes(bitstream))
    assert file.data == PARTS.data
    assert not file.length_known


@pytest.mark.parametrize("cut", range(len(write(PARTS))))
def test_every_truncation_is_refused(cut: int) -> None:
    with pytest.raises(BitstreamError):
        parse(write(PARTS)[:cut])


def test_bytes_behind_the_end_are_refused() -> None:
    with pytest.raises(BitstreamError, match="13 bytes of picture data are announced, 14 are there"):
        parse(write(PARTS) + b"\0")


@pytest.mark.parametrize(
    ("at", "value", "reason"),
    [
        (0, 0x43, "not a BPG file"),
        (4, 0x80, "formats 4 and 5"),
        (4, 0xE0, "pixel format 7"),
        (4, 0x67, "15 bits"),
        (5, 0x50, "colour space 5"),
        (5, 0x01, "animations"),
        (5, 0x04, "CMYK"),
    ],
)
def test_what_is_not_supported_is_named(at: int, value: int, reason: str) -> None:
    bitstream = bytearray(write(PARTS))
    bitstream[at] = value
    with pytest.raises(BitstreamError, match=reason):
        parse(bytes(bitstream))


def test_premultiplied_alpha_and_halved_rgb_are_refused() -> None:
    bitstream = bytearray(write(PARTS))
    bitstream[4:6] = b"\x70\x04"
    with pytest.raises(BitstreamError, match="premultiplied"):
        parse(bytes(bitstream))
    bitstream[4:6] = b"\x20\x10"
    with pytest.raises(BitstreamError, match="halved"):
        parse(bytes(bitstream))


def test_sizes_are_checked_first() -> None:
    head = write(PARTS)[:6]
    with pytest.raises(BitstreamError, match="larger than the limit of 67108864 pixels"):
        parse(head + write_ue7(2**32 - 1) + write_ue7(2**32 - 1) + b"\0")
    with pytest.raises(BitstreamError, match="empty"):
        parse(head + b"\0\1\0")
    with pytest.raises(BitstreamError, match="larger"):
        parse(write(PARTS), max_pixels=25599)
    assert parse(write(PARTS), max_pixels=25600).header == PARTS.header


def test_alpha_is_announced_if_and_only_if_it_is_there() -> None:
    with pytest.raises(BenchcompError):
        write(BpgFile(Header(1, 1, alpha=True), b"", b""))
    with pytest.raises(BenchcompError):
        write(BpgFile(Header(1, 1), b"", b"", b""))
