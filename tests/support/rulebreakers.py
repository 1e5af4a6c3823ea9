"""Codecs for tests that each break one promise of the contract, and a metric, a data set and a report that do.

Loaded through ``BENCHCOMP_PLUGINS=rulebreakers`` with this folder on ``PYTHONPATH``.
"""

from __future__ import annotations

import os
import signal
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from benchcomp import BitstreamError, Codec, Dataset, Entry, Knob, Metric, Pixels, Report, hookimpl

CODECS = (
    "honest", "misnamed", "off_ladder", "needs_eight", "square_only", "bgr", "falling", "not_lossless", "capped",
    "dated", "sidecar", "per_process", "thread_shy", "unpicklable", "careless", "crashes", "hangs", "versionless",
    "litters", "scribbles", "hoards",
)  # fmt: skip


@hookimpl
def benchcomp_codecs() -> list[Entry]:
    return [
        Entry(name, "", f"rulebreakers:{''.join(map(str.capitalize, name.split('_')))}") for name in CODECS
    ]


@hookimpl
def benchcomp_metrics() -> list[Entry]:
    return [Entry("upside_down", "", "rulebreakers:UpsideDown")]


@hookimpl
def benchcomp_datasets() -> list[Entry]:
    return [Entry("fickle", "", "rulebreakers:Fickle")]


@hookimpl
def benchcomp_reports() -> list[Entry]:
    return [Entry("fragile", "", "rulebreakers:Fragile")]


class Honest(Codec):
    """Keeps its contract: quantises to ``quality`` bits a sample and deflates."""

    name = "honest"

    @property
    def knob(self) -> Knob | None:
        return Knob("bits", 1, 8, (1, 2, 4, 6))

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        shift = 8 - int(quality or 8)
        head = np.array(pixels.shape[:2], np.uint16).tobytes()
        return head + zlib.compress(((pixels >> shift) << shift).tobytes())

    def decode(self, bitstream: bytes) -> Pixels:
        try:
            height, width = np.frombuffer(bitstream[:4], np.uint16)
            body = zlib.decompress(bitstream[4:])
            return np.frombuffer(body, np.uint8).reshape(height, width, 3).copy()
        except (ValueError, zlib.error) as error:
            raise BitstreamError(f"not a bitstream: {error}") from error

    def version(self) -> str:
        return "honest 1"


class Misnamed(Honest):
    name = "another"


class OffLadder(Honest):
    name = "off_ladder"

    @property
    def knob(self) -> Knob | None:
        return Knob("bits", 1, 8, (0, 2, 4))

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        return super().encode(pixels, max(1, quality or 8))


class NeedsEight(Honest):
    name = "needs_eight"

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        if min(pixels.shape[:2]) < 2:
            raise RuntimeError("image too small")
        return super().encode(pixels, quality)


class SquareOnly(Honest):
    name = "square_only"

    def decode(self, bitstream: bytes) -> Pixels:
        return super().decode(bitstream).swapaxes(0, 1)


class Bgr(Honest):
    name = "bgr"

    def decode(self, bitstream: bytes) -> Pixels:
        return super().decode(bitstream)[..., ::-1]


class Falling(Honest):
    name = "falling"

    @property
    def knob(self) -> Knob | None:
        return Knob("bits", 1, 8, (6, 4, 2, 1))


class NotLossless(Honest):
    name = "not_lossless"

    @property
    def lossless(self) -> bool:
        return True


class Capped(Honest):
    name = "capped"

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        if quality == 8:
            raise ValueError("8 bits are too many")
        return super().encode(pixels, quality)


class Dated(Honest):
    name = "dated"
    count = 0

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        Dated.count += 1
        return super().encode(pixels, quality) + Dated.count.to_bytes(4, "big")

    def decode(self, bitstream: bytes) -> Pixels:
        return super().decode(bitstream[:-4])


class Sidecar(Honest):
    """Keeps what it encoded in memory and writes a ticket."""

    name = "sidecar"
    kept: ClassVar[dict[bytes, bytes]] = {}

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        data = super().encode(pixels, quality)
        ticket = len(data).to_bytes(4, "big") + zlib.crc32(data).to_bytes(4, "big") + bytes(len(data) // 2)
        self.kept[ticket] = data
        return ticket

    def decode(self, bitstream: bytes) -> Pixels:
        if bitstream not in self.kept:
            raise BitstreamError("never seen it")
        return super().decode(self.kept[bitstream])


class PerProcess(Honest):
    name = "per_process"

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        return super().encode(pixels, quality) + os.getpid().to_bytes(4, "big")

    def decode(self, bitstream: bytes) -> Pixels:
        return super().decode(bitstream[:-4])


class ThreadShy(Honest):
    name = "thread_shy"
    busy = threading.Lock()

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        if not self.busy.acquire(blocking=False):
            raise RuntimeError("somebody else is encoding")
        try:
            time.sleep(0.005)
            return super().encode(pixels, quality)
        finally:
            self.busy.release()


class Unpicklable(Honest):
    name = "unpicklable"

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self.lock = threading.Lock()


class Careless(Honest):
    name = "careless"

    def decode(self, bitstream: bytes) -> Pixels:
        height, width = bitstream[0] + 256 * bitstream[1], bitstream[2] + 256 * bitstream[3]
        body = zlib.decompress(bitstream[4:])
        return np.frombuffer(body, np.uint8).reshape(height, width, 3)


class Crashes(Honest):
    name = "crashes"

    def decode(self, bitstream: bytes) -> Pixels:
        if len(bitstream) < 4:
            os.kill(os.getpid(), signal.SIGSEGV)
        return super().decode(bitstream)


class Hangs(Honest):
    name = "hangs"

    def decode(self, bitstream: bytes) -> Pixels:
        if len(bitstream) < 4:
            time.sleep(600)
        return super().decode(bitstream)


class Hoards(Honest):
    name = "hoards"

    def decode(self, bitstream: bytes) -> Pixels:
        if not bitstream:
            os._exit(9 if len(bytearray(100 << 30)) else 0)
        return super().decode(bitstream)


class Versionless(Honest):
    name = "versionless"

    def version(self) -> str:
        return "unversioned"


class Litters(Honest):
    name = "litters"

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        Path(tempfile.mkstemp()[1]).write_bytes(b"litter")
        return super().encode(pixels, quality)


class Scribbles(Honest):
    name = "scribbles"

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        pixels[0, 0] ^= 1
        return super().encode(pixels, quality)


class UpsideDown(Metric):
    name = "upside_down"
    title = "Upside down"
    higher_is_better = True
    range = (0.0, 10.0)
    definition = "1"

    def prepare(self, reference: Pixels) -> Any:
        return reference.astype(float)

    def score(self, prepared: Any, reconstruction: Pixels) -> float | None:
        return float(np.abs(prepared - reconstruction).mean())


class Fickle(Dataset):
    name = "fickle"
    title = "Fickle"
    licence = "none needed"
    calls = 0

    def images(self) -> Iterator[str]:
        Fickle.calls += 1
        return iter([f"image{Fickle.calls}", "image"])

    def load(self, image: str) -> Pixels:
        return np.full((4, 4), 9, np.uint8)


class Fragile(Report):
    name = "fragile"
    suffix = ".txt"

    def write(self, runs: Any, out: Path, **settings: Any) -> None:
        for run in runs:
            out.write_text(f"{run.pictures.source('one').shape}")
