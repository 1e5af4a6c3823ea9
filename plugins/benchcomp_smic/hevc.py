"""A still picture through x265 and FFmpeg's HEVC decoder, as a temporary stand-in for BPG."""

from __future__ import annotations

import fractions

import numpy as np
from benchcomp import Pixels

__all__ = ["round_trip"]

_PARAMS = (
    "qp={qp}:keyint=1:info=0:repeat-headers=1:aud=0:hrd=0:rc-lookahead=0:bframes=0:frame-threads=1"
    ":pools=none:wpp=0:log-level=none:min-cu-size={unit}:tskip=1:ipratio=1"
)


def _planes(pixels: Pixels) -> np.ndarray:
    r, g, b = (pixels[..., i].astype(np.float32) for i in range(3))
    y = 0.299 * r + 0.587 * g + 0.114 * b
    return np.stack([y, (b - y) / 1.772 + 128, (r - y) / 1.402 + 128])


def _rgb(y: np.ndarray, cb: np.ndarray, cr: np.ndarray) -> Pixels:
    y, cb, cr = y.astype(np.float32), cb.astype(np.float32) - 128, cr.astype(np.float32) - 128
    rgb = np.stack([y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb], axis=-1)
    return np.clip(np.rint(rgb), 0, 255).astype(np.uint8)


def round_trip(pixels: Pixels, qp: int, chroma: str = "444") -> tuple[int, Pixels]:
    """Code and decode; returns the slice's bytes and the decoded picture."""
    import av

    height, width = pixels.shape[:2]
    unit = 16 if min(height, width) <= 8 else 8
    h, w = -(-height // unit) * unit, -(-width // unit) * unit
    planes = _planes(np.pad(pixels, ((0, h - height), (0, w - width), (0, 0)), mode="edge"))
    half = chroma == "420"
    sides = [planes[0], *(_half(p) for p in planes[1:])] if half else list(planes)
    encoder = av.CodecContext.create("libx265", "w")
    encoder.width, encoder.height, encoder.pix_fmt = w, h, f"yuv{chroma}p"
    encoder.time_base, encoder.thread_count = fractions.Fraction(1, 25), 1
    parameters = _PARAMS.format(qp=qp, unit=unit)
    encoder.options = {"preset": "medium", "tune": "ssim", "x265-params": parameters}
    frame = av.VideoFrame(w, h, f"yuv{chroma}p")
    for plane, values in zip(frame.planes, sides, strict=True):
        buffer = np.zeros((plane.height, plane.line_size), np.uint8)
        buffer[:, : plane.width] = np.clip(np.rint(values), 0, 255)
        plane.update(buffer.tobytes())
    data = b"".join(bytes(p) for p in [*encoder.encode(frame), *encoder.encode(None)])
    decoder = av.CodecContext.create("hevc", "r")
    decoder.thread_count = 1
    packet = av.Packet(data)
    decoded = [*decoder.decode(packet), *decoder.decode(None)][0]
    out = []
    for plane in decoded.planes:
        buffer = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
        values = buffer[:, : plane.width]
        out.append(values.repeat(2, 0).repeat(2, 1) if half and out else values)
    rgb = _rgb(*(p[:height, :width] for p in out))
    return len(data.split(b"\0\0\1")[-1]), np.ascontiguousarray(rgb)


def _half(plane: np.ndarray) -> np.ndarray:
    height, width = plane.shape
    result: np.ndarray = plane.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))
    return result
