"""HEVC parameter sets, as far as BPG needs them.

BPG drops VPS and SPS and keeps a handful of the SPS's fields in a header of its own: :class:`CodingTools`.
:func:`read_sps` takes them from an encoder's SPS, :meth:`CodingTools.to_bytes` and
:meth:`CodingTools.from_bytes` write and read BPG's header, and :func:`make_vps` and :func:`make_sps`
rebuild what a decoder wants to see. Section numbers are those of H.265 (v4 or later).
"""

from __future__ import annotations

from dataclasses import dataclass

from benchcomp import BenchcompError, BitstreamError
from benchcomp_bpg.container import Chroma
from benchcomp_bpg.nal import BitReader, BitWriter, escape, unescape

__all__ = ["CodingTools", "Pcm", "make_sps", "make_vps", "read_sps", "transquant_bypass"]

CHROMA_FORMAT_IDC: dict[Chroma, int] = {"400": 0, "420": 1, "422": 2, "444": 3}
_RANGE_FLAGS = 9
_IMPLICIT_RDPCM = 2
_VPS_HEADER, _SPS_HEADER = b"\x40\x01", b"\x42\x01"


@dataclass(frozen=True, slots=True)
class Pcm:
    """The fields that follow ``pcm_enabled_flag``, as coded."""

    bit_depth_luma_minus1: int
    bit_depth_chroma_minus1: int
    log2_min_cb_minus3: int
    log2_diff_max_min_cb: int
    loop_filter_disabled: bool


@dataclass(frozen=True, slots=True)
class CodingTools:
    """The SPS fields that BPG keeps (its ``hevc_header``), named as in H.265, 7.3.2.2.

    ``log2_*`` are the logarithms themselves, not the offsets that are coded. ``range_flags`` are the
    nine flags of the range extension in their order, ``None`` when the extension isn't there.
    """

    log2_min_cb: int
    log2_ctb: int
    log2_min_tb: int
    log2_max_tb: int
    max_transform_hierarchy_depth_intra: int
    sample_adaptive_offset: bool
    pcm: Pcm | None
    strong_intra_smoothing: bool
    range_flags: tuple[bool, ...] | None = None

    @property
    def implicit_rdpcm(self) -> bool:
        """Whether residuals are predicted from their neighbours where the transform is bypassed."""
        return self.range_flags is not None and self.range_flags[_IMPLICIT_RDPCM]

    def coded_size(self, width: int, height: int) -> tuple[int, int]:
        """The size in which a picture is coded: rounded up to whole smallest coding blocks."""
        mask = (1 << self.log2_min_cb) - 1
        return (width + mask) & ~mask, (height + mask) & ~mask

    @classmethod
    def from_bytes(cls, data: bytes) -> CodingTools:
        """Read BPG's HEVC header.

        Raises:
            BitstreamError: it is too short or too long, or its values are impossible.
        """
        bits = BitReader(data, "the HEVC header")
        blocks = _read_blocks(bits)
        depth = bits.ue()
        sao = bits.flag()
        pcm = _read_pcm(bits) if bits.flag() else None
        smoothing = bits.flag()
        range_flags = _read_extension(bits) if bits.flag() else None
        if "1" in bits.left or len(bits.left) > 7:
            raise BitstreamError("BPG: the HEVC header is longer than what it holds")
        return _checked(cls(*blocks, depth, sao, pcm, smoothing, range_flags))

    def to_bytes(self) -> bytes:
        """Write BPG's HEVC header (without its length)."""
        bits = BitWriter()
        self._write_blocks(bits)
        bits.ue(self.max_transform_hierarchy_depth_intra)
        bits.u(self.sample_adaptive_offset)
        self._write_pcm(bits)
        bits.u(self.strong_intra_smoothing)
        self._write_extension(bits)
        return bits.padded(stop_bit=False)

    def _write_blocks(self, bits: BitWriter) -> None:
        bits.ue(self.log2_min_cb - 3, self.log2_ctb - self.log2_min_cb)
        bits.ue(self.log2_min_tb - 2, self.log2_max_tb - self.log2_min_tb)

    def _write_pcm(self, bits: BitWriter) -> None:
        bits.u(self.pcm is not None)
        if self.pcm is not None:
            bits.u(self.pcm.bit_depth_luma_minus1, 4)
            bits.u(self.pcm.bit_depth_chroma_minus1, 4)
            bits.ue(self.pcm.log2_min_cb_minus3, self.pcm.log2_diff_max_min_cb)
            bits.u(self.pcm.loop_filter_disabled)

    def _write_extension(self, bits: BitWriter) -> None:
        bits.u(self.range_flags is not None)
        if self.range_flags is not None:
            bits.u(0b1000_0000, 8)
            for flag in self.range_flags:
                bits.u(flag)


def _read_blocks(bits: BitReader) -> tuple[int, int, int, int]:
    log2_min_cb = bits.ue() + 3
    log2_ctb = log2_min_cb + bits.ue()
    log2_min_tb = bits.ue() + 2
    return log2_min_cb, log2_ctb, log2_min_tb, log2_min_tb + bits.ue()


def _read_pcm(bits: BitReader) -> Pcm:
    return Pcm(bits.u(4), bits.u(4), bits.ue(), bits.ue(), bits.flag())


def _read_extension(bits: BitReader) -> tuple[bool, ...] | None:
    """The range extension's flags, behind ``sps_extension_present_flag`` (7.3.2.2.1)."""
    ranged = bits.flag()
    if bits.u(7):
        raise BitstreamError("BPG: an extension of HEVC other than the range extension is not supported")
    return tuple(bits.flag() for _ in range(_RANGE_FLAGS)) if ranged else None


def _checked(tools: CodingTools) -> CodingTools:
    """Refuse block sizes outside of 7.4.3.2.1, which a decoder may trust blindly."""
    valid = (
        3 <= tools.log2_min_cb <= tools.log2_ctb
        and 4 <= tools.log2_ctb <= 6
        and 2 <= tools.log2_min_tb < tools.log2_min_cb
        and tools.log2_min_tb <= tools.log2_max_tb <= min(tools.log2_ctb, 5)
        and tools.max_transform_hierarchy_depth_intra <= tools.log2_ctb - tools.log2_min_tb
    )
    if not valid:
        raise BitstreamError("BPG: the HEVC header's block sizes are impossible")
    return tools


def read_sps(nal: bytes) -> tuple[CodingTools, tuple[int, int]]:
    """Read an encoder's SPS.

    Args:
        nal: the NAL unit with its two bytes of header, without a start code.

    Returns:
        The fields that BPG keeps, and the coded width and height.

    Raises:
        BenchcompError: the encoder uses what BPG has no room for (scaling lists, separate planes).
        BitstreamError: the bytes aren't an SPS.
    """
    bits = BitReader(unescape(nal[2:]), "the SPS")
    bits.u(4)
    if bits.u(3):
        raise BenchcompError("BPG: the encoder made temporal layers, which a still picture can't have")
    bits.u(1 + 88 + 8)  # temporal_id_nesting_flag and profile_tier_level
    bits.ue()
    if bits.ue() == 3 and bits.flag():
        raise BenchcompError("BPG: the encoder coded the planes separately, which BPG can't say")
    size = bits.ue(), bits.ue()
    if bits.flag():
        raise BenchcompError("BPG: the encoder cropped the picture, which is the container's to say")
    bits.ue(), bits.ue(), bits.ue()  # bit depths, log2_max_pic_order_cnt_lsb_minus4
    bits.flag()
    bits.ue(), bits.ue(), bits.ue()  # the one sub-layer's ordering information
    blocks = _read_blocks(bits)
    bits.ue()  # max_transform_hierarchy_depth_inter
    depth = bits.ue()
    if bits.flag():
        raise BenchcompError("BPG: the encoder uses scaling lists, which BPG has no room for")
    bits.flag()  # amp_enabled_flag
    sao = bits.flag()
    pcm = _read_pcm(bits) if bits.flag() else None
    if bits.ue() or bits.flag():
        raise BenchcompError("BPG: the encoder made reference picture sets, which a still picture can't have")
    bits.flag()  # sps_temporal_mvp_enabled_flag
    smoothing = bits.flag()
    if bits.flag():
        _skip_vui(bits)
    range_flags = _read_extension(bits) if bits.flag() else None
    return _checked(CodingTools(*blocks, depth, sao, pcm, smoothing, range_flags)), size


def _skip_vui(bits: BitReader) -> None:
    """Read past the video usability information (E.2.1)."""
    if bits.flag() and bits.u(8) == 255:  # aspect_ratio_idc: extended SAR
        bits.u(32)
    if bits.flag():  # overscan
        bits.flag()
    if bits.flag():  # video_signal_type
        bits.u(4)
        if bits.flag():
            bits.u(24)
    if bits.flag():  # chroma location
        bits.ue(), bits.ue()
    bits.u(3)
    if bits.flag():  # default display window
        bits.ue(), bits.ue(), bits.ue(), bits.ue()
    if bits.flag():  # timing
        bits.u(64)
        if bits.flag():
            bits.ue()
        if bits.flag():
            raise BenchcompError("BPG: the encoder wrote HRD parameters; switch them off")
    if bits.flag():  # bitstream restrictions
        bits.u(3)
        for _ in range(5):
            bits.ue()


def transquant_bypass(pps: bytes) -> bool:
    """Whether a PPS (NAL unit without start code) lets blocks bypass transform and quantiser (7.3.2.3)."""
    bits = BitReader(unescape(pps[2:66]), "the PPS")
    bits.ue(), bits.ue()
    bits.u(7)
    bits.ue(), bits.ue(), bits.se()
    bits.u(2)
    if bits.flag():  # cu_qp_delta_enabled_flag
        bits.ue()
    bits.se(), bits.se()
    bits.u(3)
    return bits.flag()


def _write_profile(bits: BitWriter) -> None:
    """profile_tier_level (7.3.3): format range extensions, level 8.5, which sets no limits."""
    bits.u(4, 8)
    bits.u(1 << 27, 32)
    bits.u(0b1001, 4)
    bits.u(0, 44)
    bits.u(255, 8)


def make_vps() -> bytes:
    """A VPS for one still picture, as a NAL unit without start code (7.3.2.1)."""
    bits = BitWriter()
    bits.u(0b0000_11_000000_000_1, 16)
    bits.u(0xFFFF, 16)
    _write_profile(bits)
    bits.u(1)
    bits.ue(0, 0, 0)
    bits.u(0, 6)
    bits.ue(0)
    bits.u(0, 2)
    return _VPS_HEADER + escape(bits.padded(stop_bit=True))


def make_sps(tools: CodingTools, chroma: Chroma, bit_depth: int, width: int, height: int) -> bytes:
    """An SPS for one still picture of this coded size, as a NAL unit without start code."""
    bits = BitWriter()
    bits.u(0b0000_000_1, 8)
    _write_profile(bits)
    bits.ue(0, CHROMA_FORMAT_IDC[chroma])
    if chroma == "444":
        bits.u(0)
    bits.ue(width, height)
    bits.u(0)
    bits.ue(bit_depth - 8, bit_depth - 8, 4)
    bits.u(1)
    bits.ue(0, 0, 0)
    tools._write_blocks(bits)
    depth = tools.max_transform_hierarchy_depth_intra
    bits.ue(depth, depth)
    bits.u(0b00, 2)
    bits.u(tools.sample_adaptive_offset)
    tools._write_pcm(bits)
    bits.ue(0)
    bits.u(0b00, 2)
    bits.u(tools.strong_intra_smoothing)
    bits.u(0)
    tools._write_extension(bits)
    return _SPS_HEADER + escape(bits.padded(stop_bit=True))
