"""BPG without what its reader knows anyway, for formats that embed a BPG picture.

A .bpg file spends 29 bytes or so on its size, its format and coding tools that are always the same for
files of :func:`benchcomp_bpg.encode`. A format with a header of its own, which implies them, stores what
:func:`compact` leaves and gets the file back, byte for byte, with :func:`expand`. What is implied is
written down here and doesn't depend on the installed encoder, so that stored data stays readable; files
that don't fit, of another encoder for example, are carried whole.
"""

from __future__ import annotations

import functools

from benchcomp import BitstreamError
from benchcomp_bpg.container import BpgFile, Chroma, Header, parse, read_ue7, write, write_ue7
from benchcomp_bpg.nal import BitWriter, join_units
from benchcomp_bpg.parameter_sets import CodingTools

__all__ = ["compact", "expand"]

_WHOLE = 255
"""First byte of compact data that carries its own HEVC header and NAL units."""
_PPS, _PPS_LOSSLESS = bytes.fromhex("4401c1758112"), bytes.fromhex("4401c1758912")
_INIT_QP, _LOSSLESS_QP = 26, 4
_SLICE_UNIT_HEADER = b"\x28\x01"  # IDR_N_LP, layer 0
_TRANSFORM_DEPTHS = (2, 0)  # of presets slower, veryslow and placebo, then of medium and slow


def compact(bitstream: bytes, qp: int | None) -> bytes:
    """Leave out of a .bpg file what its header and ``qp`` imply.

    Args:
        bitstream: a file, usually of :func:`benchcomp_bpg.encode` with preset medium or a slower one.
        qp: the quantiser that it was encoded with; ``None`` for lossless. A wrong one costs bytes only.

    Returns:
        A byte that says what was left out, and the rest. :func:`expand` needs this, the file's header
        (:func:`benchcomp_bpg.container.parse`) and ``qp``.

    Raises:
        BitstreamError: not a BPG file; or one with alpha or extension data, which have no place here.
    """
    file = parse(bitstream)
    if file.header.alpha or file.extension:
        raise BitstreamError("BPG: a file with alpha or extension data has no compact form")
    for index, (hevc_header, start) in enumerate(_implied(file.header, qp)):
        if file.hevc_header == hevc_header and file.data.startswith(start):
            return bytes((index,)) + file.data[len(start) :]
    return bytes((_WHOLE,)) + write_ue7(len(file.hevc_header)) + file.hevc_header + file.data


def expand(data: bytes, header: Header, qp: int | None) -> bytes:
    """Rebuild the .bpg file that :func:`compact` made ``data`` from.

    Args:
        data: what :func:`compact` returned.
        header: the file's header: size, chroma, bit depth and colour space.
        qp: the same as in :func:`compact`.

    Returns:
        The file, for :func:`benchcomp_bpg.decode`. Damaged data gives a damaged file or an error here.

    Raises:
        BitstreamError: the first byte is unknown, or the data ends too early.
    """
    if data[:1] == bytes((_WHOLE,)):
        length, start = read_ue7(data, 1, "the length of the HEVC header")
        if start + length > len(data):
            raise BitstreamError("BPG: the data ends inside the HEVC header")
        return write(BpgFile(header, data[start : start + length], data[start + length :]))
    implied = _implied(header, qp)
    if not data or data[0] >= len(implied):
        raise BitstreamError("BPG: the data doesn't start like a compact picture")
    hevc_header, beginning = implied[data[0]]
    return write(BpgFile(header, hevc_header, beginning + data[1:]))


@functools.lru_cache(maxsize=64)
def _implied(header: Header, qp: int | None) -> list[tuple[bytes, bytes]]:
    """HEVC headers with the beginnings of the data behind them, up to the first byte of slice data.

    The position in this list is what compact data starts with, so the list may grow, but not change.
    """
    pps = _PPS_LOSSLESS if qp is None else _PPS
    chroma_sao = (False, True) if header.chroma != "400" else (False,)
    return [
        (
            _tools(header, depth).to_bytes(),
            join_units((pps, _slice_start(qp, luma, chroma, header.chroma))),
        )
        for depth in _TRANSFORM_DEPTHS
        for luma in (False, True)
        for chroma in chroma_sao
    ]


def _tools(header: Header, transform_depth: int) -> CodingTools:
    """The coding tools that x265 uses: a coding tree block is no larger than the picture's shorter side."""
    log2_min_cb = 4 if min(header.width, header.height) <= 8 else 3
    block = 1 << log2_min_cb
    shorter_side = -(-min(header.width, header.height) // block) * block
    log2_ctb = min(6, shorter_side.bit_length() - 1)
    return CodingTools(
        log2_min_cb=log2_min_cb,
        log2_ctb=log2_ctb,
        log2_min_tb=2,
        log2_max_tb=min(5, log2_ctb),
        max_transform_hierarchy_depth_intra=transform_depth,
        sample_adaptive_offset=True,
        pcm=None,
        strong_intra_smoothing=True,
    )


def _slice_start(qp: int | None, luma_sao: bool, chroma_sao: bool, chroma: Chroma) -> bytes:
    """A slice's NAL unit header and slice segment header (H.265, 7.3.6.1) under the PPS above."""
    bits = BitWriter()
    bits.u(1)  # first_slice_segment_in_pic_flag
    bits.u(0)  # no_output_of_prior_pics_flag
    bits.ue(0, 2)  # slice_pic_parameter_set_id, slice_type: I
    bits.u(luma_sao)
    if chroma != "400":
        bits.u(chroma_sao)
    bits.se((_LOSSLESS_QP if qp is None else qp) - _INIT_QP)
    bits.u(1)  # slice_loop_filter_across_slices_enabled_flag
    return _SLICE_UNIT_HEADER + bits.padded(stop_bit=True)
