from benchcomp_bpg.nal import BitReader, BitWriter, escape, join_units, split_units, unescape
from hypothesis import given
from hypothesis import strategies as st

from benchcomp import BitstreamError

zeroish = st.lists(st.sampled_from([0, 0, 0, 1, 2, 3, 4, 255]), max_size=40).map(bytes)


@given(st.lists(st.integers(0, 2**32 - 2)), st.lists(st.integers(-(2**31) + 1, 2**31 - 1)))
def test_codes_come_back(unsigned: list[int], signed: list[int]) -> None:
    writer = BitWriter()
    writer.ue(*unsigned)
    for value in signed:
        writer.se(value)
    reader = BitReader(writer.padded(stop_bit=True), "a test")
    assert [reader.ue() for _ in unsigned] == unsigned
    assert [reader.se() for _ in signed] == signed
    assert reader.u(1) == 1
    assert set(reader.left) <= {"0"}


def test_codes_are_those_of_the_standard() -> None:
    writer = BitWriter()
    writer.ue(0, 1, 2, 3, 7)
    writer.se(1)
    writer.se(-1)
    assert "".join(f"{byte:08b}" for byte in writer.padded(False)).startswith(
        "1 010 011 00100 0001000 010 011".replace(" ", "")
    )


def test_reading_past_the_end_is_refused() -> None:
    for data in (b"", b"\x00", b"\x00" * 8):
        reader = BitReader(data, "a test")
        for read in (reader.ue, lambda reader=reader: reader.u(65)):
            try:
                read()
            except BitstreamError:
                continue
            raise AssertionError(data)


@given(zeroish)
def test_escaped_bytes_hold_no_start_code_and_come_back(payload: bytes) -> None:
    escaped = escape(payload)
    assert all(code not in escaped for code in (b"\0\0\0", b"\0\0\1", b"\0\0\2"))
    assert unescape(escaped) == payload


@given(st.lists(zeroish.map(lambda payload: b"\x26\x01" + escape(payload) + b"\x80"), min_size=1, max_size=4))
def test_units_come_back(units: list[bytes]) -> None:
    assert split_units(join_units(units)) == units
    assert split_units(b"".join(b"\0\0\0\1" + unit for unit in units)) == units
