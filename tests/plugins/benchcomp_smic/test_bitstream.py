"""The header: what is written is read back, and what's wrong is refused."""

import pytest
from benchcomp_smic.bitstream import MAX_PIXELS, Bitstream, parse, write
from hypothesis import given
from hypothesis import strategies as st

from benchcomp import BitstreamError

streams = st.builds(
    Bitstream,
    width=st.integers(1, 2048),
    height=st.integers(1, 2048),
    factor=st.sampled_from([1, 2, 4, 8, 16]),
    codec=st.sampled_from(["bpg", "flif"]),
    qp=st.integers(0, 51),
    chroma=st.sampled_from(["444", "420"]),
    map_qp=st.integers(0, 51),
    map=st.none() | st.binary(min_size=1, max_size=300),
    thumbnail=st.binary(min_size=1, max_size=300),
)

EXAMPLE = Bitstream(256, 256, 2, "bpg", 38, "444", 42, b"map", b"thumbnail")


@given(streams)
def test_round_trip(stream):
    assert parse(write(stream)) == stream


def test_the_header_of_a_256x256_picture_has_nine_bytes():
    assert len(write(EXAMPLE)) == 9 + len(b"map") + len(b"thumbnail")


def test_the_layout_is_the_documented_one():
    fields = (1 << 13 | 38 << 7 | 42 << 1).to_bytes(2, "big")
    start = bytes([0x18]) + fields + bytes([0x81, 0x7F]) * 2 + bytes([3])
    assert write(EXAMPLE).startswith(start)
    assert write(EXAMPLE).endswith(b"mapthumbnail")


@given(streams, st.data())
def test_a_changed_header_is_refused(stream, data):
    good = write(stream)
    head = len(good) - len(stream.map or b"") - len(stream.thumbnail)
    at = data.draw(st.integers(0, head - 1))
    bad = bytearray(good)
    bad[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(BitstreamError):
        parse(bytes(bad))


@pytest.mark.parametrize("data", [b"", b"\x10", b"\xff" * 20, b"BPG\xfb" + bytes(20)])
def test_what_is_no_bitstream_is_refused(data):
    with pytest.raises(BitstreamError):
        parse(data)


def test_a_cut_bitstream_is_refused():
    good = write(EXAMPLE)
    for length in range(len(good) - len(b"thumbnail") + 1):
        with pytest.raises(BitstreamError):
            parse(good[:length])


def test_a_picture_too_large_is_refused_before_anything_is_allocated():
    import dataclasses

    stream = dataclasses.replace(EXAMPLE, width=MAX_PIXELS, height=2)
    with pytest.raises(BitstreamError, match="pixels"):
        parse(write(stream))
