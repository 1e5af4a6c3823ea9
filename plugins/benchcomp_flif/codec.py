"""The codec ``flif``: lossless, one rate point.

By default with the native encoder and decoder of this package; ``backend=flif`` runs the program ``flif``
on the PATH instead, for comparing the two.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from benchcomp import BenchcompError, BitstreamError, Codec, Pixels, __version__
from benchcomp_flif import files

__all__ = ["FlifCodec", "FlifOptions"]

_TIME_LIMIT = 600  # seconds for one run of the program


@dataclass(frozen=True, slots=True)
class FlifOptions:
    """Options of the codec ``flif``."""

    effort: int = field(default=60, metadata={"help": "0 (fast) to 100 (small)"})
    interlaced: bool | None = field(
        default=None, metadata={"help": "progressive file; by default from 10000 pixels on, as flif does"}
    )
    smallest: bool = field(
        default=False, metadata={"help": "try many choices and keep the smallest file; for small images"}
    )
    backend: Literal["native", "flif"] = field(
        default="native", metadata={"help": "this package, or the program flif on the PATH"}
    )

    def __post_init__(self) -> None:
        if not 0 <= self.effort <= 100:
            raise ValueError(f"effort {self.effort} is outside 0 to 100")
        if self.smallest and self.interlaced:
            raise ValueError("smallest files are not interlaced; give one of the two options")
        if self.smallest and self.backend == "flif":
            raise ValueError("smallest needs backend=native")


class FlifCodec(Codec):
    """FLIF16 through the native extension or the program ``flif``."""

    name: ClassVar[str] = "flif"
    Options: ClassVar[type[Any]] = FlifOptions

    def __init__(self, options: FlifOptions | None = None) -> None:
        super().__init__(options)
        if self.options.backend == "flif" and _program() is None:
            raise BenchcompError("codec 'flif': backend=flif needs the program flif on the PATH")
        if self.options.backend == "native" and (problem := files.missing()):
            raise BenchcompError(f"codec 'flif': {problem}, or use flif:backend=flif")

    @property
    def lossless(self) -> bool:
        """FLIF gives back exactly what was encoded."""
        return True

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        """Encode as a ``.flif`` file."""
        del quality
        if self.options.backend == "flif":
            return _run_encoder(pixels, self.options)
        return files.encode(pixels, self.options.interlaced, self.options.effort, self.options.smallest)

    def decode(self, bitstream: bytes) -> Pixels:
        """Decode a ``.flif`` file; gray becomes RGB with equal channels, alpha is refused."""
        pixels = _run_decoder(bitstream) if self.options.backend == "flif" else files.decode(bitstream)
        if pixels.ndim == 2:
            return np.repeat(pixels[:, :, None], 3, axis=2)
        if pixels.shape[2] == 4:
            raise BitstreamError("FLIF: the file has an alpha channel, which this codec doesn't write")
        return pixels

    def version(self) -> str:
        """This package's version, or what ``flif`` says of itself."""
        if self.options.backend == "flif":
            return _program_version()
        return f"benchcomp-flif {__version__}"

    @classmethod
    def unavailable(cls) -> str | None:
        """Neither the native extension nor the program ``flif`` is there."""
        return files.missing() if _program() is None else None


def _program() -> str | None:
    return shutil.which("flif")


def _run(*arguments: str) -> str:
    """Run ``flif``; its output, or a :class:`BenchcompError` with what it complained about."""
    try:
        done = subprocess.run(
            [_program() or "flif", *arguments],
            capture_output=True,
            text=True,
            timeout=_TIME_LIMIT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BenchcompError(f"the program flif failed: {error}") from error
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines() or [f"exit code {done.returncode}"]
        raise BenchcompError(f"the program flif failed: {lines[-1]}")
    return done.stdout + done.stderr


def _program_version() -> str:
    words = _run("--version").split()
    return f"flif {next((word for word in words if word[:1].isdigit()), 'of unknown version')}"


def _run_encoder(pixels: Pixels, options: FlifOptions) -> bytes:
    from PIL import Image

    flags = [] if options.interlaced is None else ["-I" if options.interlaced else "-N"]
    with tempfile.TemporaryDirectory(prefix="benchcomp-flif-") as folder:
        source, target = Path(folder, "image.png"), Path(folder, "image.flif")
        Image.fromarray(pixels).save(source, compress_level=1)
        _run("-e", f"-E{options.effort}", *flags, str(source), str(target))
        return target.read_bytes()


def _run_decoder(bitstream: bytes) -> Pixels:
    from PIL import Image

    with tempfile.TemporaryDirectory(prefix="benchcomp-flif-") as folder:
        source, target = Path(folder, "image.flif"), Path(folder, "image.png")
        source.write_bytes(bitstream)
        try:
            _run("-d", str(source), str(target))
            with Image.open(target) as image:
                return np.array(image.convert("RGB"))
        except (BenchcompError, OSError) as error:
            raise BitstreamError(f"FLIF: {error}") from error
