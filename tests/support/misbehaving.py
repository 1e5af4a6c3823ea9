"""A plugin for tests: a tiny data set, a lossy codec, and codecs that fail in every way.

Loaded through ``BENCHCOMP_PLUGINS=misbehaving`` with this folder on ``PYTHONPATH``.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from benchcomp import BenchcompError, Codec, Dataset, Entry, Knob, Metric, NotApplicable, Pixels, hookimpl


@hookimpl
def benchcomp_codecs() -> list[Entry]:
    kinds = (
        "shades", "slow", "raises", "hangs", "segfaults", "exits", "shapeless", "undecodable", "greedy",
        "textual", "liar", "noisy", "leaky", "external",
    )  # fmt: skip
    return [Entry(kind, f"test codec {kind}", f"misbehaving:{kind.capitalize()}") for kind in kinds]


@hookimpl
def benchcomp_datasets() -> list[Entry]:
    return [Entry("tiny", "drawn images of 24x16", "misbehaving:Tiny")]


@hookimpl
def benchcomp_metrics() -> list[Entry]:
    return [
        Entry("mae", "mean absolute error", "misbehaving:Mae"),
        Entry("tall_only", "a metric that small images don't have", "misbehaving:TallOnly"),
        Entry("breaks", "a metric that raises", "misbehaving:Breaks"),
    ]


class Tiny(Dataset):
    name = "tiny"
    title = "Tiny drawn images"
    licence = "none needed"

    def images(self) -> Iterator[str]:
        count = int(self.argument or 6)
        return (f"image{n}" for n in range(1, count + 1))

    def load(self, image: str) -> Pixels:
        if image == "image13":
            raise BenchcompError("image13 is unlucky")
        rng = np.random.default_rng(int(image.removeprefix("image")))
        return rng.integers(0, 256, (16, 24, 3), dtype=np.uint8)


class Mae(Metric):
    name = "mae"
    title = "MAE"
    higher_is_better = False
    range = (0.0, 255.0)
    definition = "1"

    def prepare(self, reference: Pixels) -> np.ndarray:
        return reference.astype(np.int16)

    def score(self, prepared: np.ndarray, reconstruction: Pixels) -> float:
        return float(np.abs(prepared - reconstruction).mean())


class TallOnly(Mae):
    name = "tall_only"

    def prepare(self, reference: Pixels) -> np.ndarray:
        raise NotApplicable(f"images lower than 100 pixels have no such score, this has {reference.shape[0]}")


class Breaks(Mae):
    name = "breaks"

    def score(self, prepared: np.ndarray, reconstruction: Pixels) -> float:
        raise RuntimeError("the metric broke")


@dataclass(frozen=True)
class ShadesOptions:
    level: int = field(default=6, metadata={"help": "zlib level"})


class Shades(Codec):
    """Quantises to ``quality`` bits a sample and deflates: more bits with a higher knob."""

    name = "shades"
    Options = ShadesOptions

    @property
    def knob(self) -> Knob | None:
        return Knob("bits", 1, 8, (1, 2, 4, 6))

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        shift = 8 - int(quality or 8)
        body = zlib.compress(((pixels >> shift) << shift).tobytes(), self.options.level)
        return bytes([pixels.shape[0], pixels.shape[1]]) + body

    def decode(self, bitstream: bytes) -> Pixels:
        return np.frombuffer(zlib.decompress(bitstream[2:]), np.uint8).reshape(bitstream[0], bitstream[1], 3)

    def version(self) -> str:
        return os.environ.get("SHADES_VERSION", "shades 1")


class Slow(Shades):
    name = "slow"

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        time.sleep(0.02)
        return super().encode(pixels, quality)


class _FailsAtFour(Shades):
    """Works at all rates but 4 bits."""

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        if quality == 4:
            self.fail()
        return super().encode(pixels, quality)

    def fail(self) -> None:
        raise NotImplementedError


class Raises(_FailsAtFour):
    name = "raises"

    def fail(self) -> None:
        raise RuntimeError("four bits\nare too many")


class Hangs(_FailsAtFour):
    name = "hangs"

    def fail(self) -> None:
        time.sleep(600)


class Segfaults(_FailsAtFour):
    name = "segfaults"

    def fail(self) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)


class Exits(_FailsAtFour):
    name = "exits"

    def fail(self) -> None:
        sys.exit(3)


class Greedy(_FailsAtFour):
    name = "greedy"
    hoard: list[bytearray] = []  # noqa: RUF012

    def fail(self) -> None:
        while True:
            self.hoard.append(bytearray(b"x" * (32 << 20)))


class Textual(_FailsAtFour):
    name = "textual"

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        return "text" if quality == 4 else super().encode(pixels, quality)  # type: ignore[return-value]


class Shapeless(Shades):
    name = "shapeless"

    def decode(self, bitstream: bytes) -> Pixels:
        return super().decode(bitstream)[:-1]


class Undecodable(Shades):
    name = "undecodable"

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        return super().encode(pixels, quality)[:-9]


class Liar(Shades):
    name = "liar"

    @property
    def lossless(self) -> bool:
        return True


class Noisy(Shades):
    name = "noisy"

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        print("chatter on standard output")
        os.write(1, b"and below it\n")
        return super().encode(pixels, quality)


class Leaky(Shades):
    """Keeps 40 MiB at every call, as a library does that forgets to free its frames."""

    name = "leaky"
    hoard: list[bytes] = []  # noqa: RUF012

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        self.hoard.append(b"x" * (40 << 20))
        return super().encode(pixels, quality)


class External(Shades):
    """Starts programs that outlive any patience, one of them in a session of its own."""

    name = "external"

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        marker = os.environ["EXTERNAL_MARKER"]
        subprocess.Popen(["sleep", marker], start_new_session=True)
        subprocess.run(["sleep", marker], check=True)
        return super().encode(pixels, quality)
