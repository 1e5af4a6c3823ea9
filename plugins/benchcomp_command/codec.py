"""A codec whose work is done by a program: pixels and bitstreams go through files in a temporary folder.

The time of a call contains the program's start and the files' writing and reading. No shell is started.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, ClassVar

from benchcomp import BenchcompError, BitstreamError, Codec, Knob, Pixels
from benchcomp_command import description
from benchcomp_command.description import Command, Description

__all__ = ["CommandCodec", "described_by"]


def described_by(name: str) -> type[CommandCodec]:
    """The codec class that the TOML file ``name`` describes.

    Raises:
        BenchcompError: there is no such file, or something in it is wrong.
    """
    path = Path(name).expanduser()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BenchcompError(f"codec file {path}: {reason}") from error
    return _class(name, path.resolve(), text)


@functools.cache
def _class(name: str, path: Path, text: str) -> type[CommandCodec]:
    """One class for one content of one file, so that its options compare equal."""
    described = description.parse(path, text)
    fields = [
        (option, type(default), dataclasses.field(default=default))
        for option, default in described.options.items()
    ]
    options = dataclasses.make_dataclass("Options", fields, frozen=True)
    attributes = {"name": name, "Options": options, "description": described}
    return type("DescribedCodec", (CommandCodec,), attributes)


class CommandCodec(Codec):
    """Base of the classes that :func:`described_by` makes; the codec's name is the file's path as typed."""

    description: ClassVar[Description]

    def __reduce__(self) -> tuple[Any, ...]:
        return _make, (self.name, dataclasses.asdict(self.options))

    @property
    def knob(self) -> Knob | None:
        """The knob of the file's ``[quality]`` table."""
        return self.description.knob

    @property
    def lossless(self) -> bool:
        """What the file says."""
        return self.description.lossless

    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        """Write the pixels to a file, run the encoder, and read the bitstream that it wrote.

        Raises:
            BenchcompError: the program failed, took too long or wrote nothing; with its last words.
        """
        from PIL import Image

        with tempfile.TemporaryDirectory(prefix="benchcomp-") as folder:
            source = Path(folder) / f"input.{self.description.input}"
            target = Path(folder) / f"output.{self.description.bitstream}"
            # Pillow's quickest: the program's work is to be measured, not PNG's.
            Image.fromarray(pixels).save(source, compress_level=1)
            self._run(self.description.encode, source, target, quality)
            return target.read_bytes()

    def decode(self, bitstream: bytes) -> Pixels:
        """Write the bitstream to a file, run the decoder, and read the image that it wrote.

        Raises:
            BitstreamError: the program failed, took too long or wrote no image; with its last words.
        """
        from benchcomp.pixels import read

        with tempfile.TemporaryDirectory(prefix="benchcomp-") as folder:
            source = Path(folder) / f"input.{self.description.bitstream}"
            target = Path(folder) / f"output.{self.description.output}"
            source.write_bytes(bitstream)
            try:
                self._run(self.description.decode, source, target, None)
                return read(target)
            except BenchcompError as error:
                raise BitstreamError(str(error)) from error

    def _run(self, command: Command, source: Path, target: Path, quality: float | None) -> None:
        """Run a command; standard input and output serve where it names no file."""
        values = {
            **{name: _text(value) for name, value in dataclasses.asdict(self.options).items()},
            "input": str(source),
            "output": str(target),
            "quality": "" if quality is None else _text(quality),
            "here": str(self.description.path.parent),
        }
        arguments = description.fill(command, values)
        reads, writes = ("".join(command).count(name) for name in ("{input}", "{output}"))
        with source.open("rb") as data, (target.parent / "stdout").open("wb") as out:
            result = _call(
                arguments,
                self.description.time_limit_s,
                stdin=subprocess.DEVNULL if reads else data,
                stdout=out,
                stderr=subprocess.PIPE,
                cwd=target.parent,
            )
        if result.returncode:
            words = result.stderr.decode(errors="replace").strip().splitlines()
            raise BenchcompError(
                f"{arguments[0]} ended with exit code {result.returncode}{f': {words[-1]}' if words else ''}"
            )
        if not writes:
            Path(out.name).replace(target)
        if not target.is_file() or not target.stat().st_size:
            raise BenchcompError(f"{arguments[0]} wrote no output")

    def version(self) -> str:
        """What the version command prints first, and a hash over the file and all that its commands name.

        The hash covers the programs and scripts themselves, so that rows of a changed one never mix.
        """
        return _version(self.description)

    @classmethod
    def unavailable(cls) -> str | None:
        """Says which program isn't there, and the file's hint."""
        for command in (cls.description.encode, cls.description.decode, cls.description.version):
            if command and _program(command, cls.description) is None:
                hint = f"; {cls.description.hint}" if cls.description.hint else ""
                return f"there is no program {command[0]!r} on this machine{hint}"
        return None


def _make(name: str, options: dict[str, Any]) -> CommandCodec:
    kind = described_by(name)
    return kind(kind.Options(**options))


@functools.cache
def _version(described: Description) -> str:
    digest = hashlib.sha256(described.text.encode())
    for command in (described.encode, described.decode):
        for argument in (_program(command, described) or "", *command[1:]):
            path = Path(argument.replace("{here}", str(described.path.parent)))
            if "{" not in str(path) and path.is_absolute() and path.is_file():
                digest.update(path.read_bytes())
    return f"{_words(described)}, {described.path.name} {digest.hexdigest()[:12]}".lstrip(", ")


def _words(described: Description) -> str:
    """The first line that the version command prints, wherever it prints it."""
    if not described.version:
        return ""
    arguments = description.fill(described.version, {"here": str(described.path.parent)})
    result = _call(
        arguments,
        described.time_limit_s,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    lines = [line.strip() for line in result.stdout.decode(errors="replace").splitlines() if line.strip()]
    return lines[0] if lines else ""


def _program(command: Command, described: Description) -> str | None:
    return shutil.which(command[0].replace("{here}", str(described.path.parent)))


def _call(arguments: list[str], time_limit_s: float, **settings: Any) -> subprocess.CompletedProcess[bytes]:
    """Run a program to its end, or kill it with all that it started when its time is up."""
    try:
        process = subprocess.Popen(arguments, **settings)
    except OSError as error:
        raise BenchcompError(f"can't start {arguments[0]}: {error.strerror or error}") from error
    try:
        out, err = process.communicate(timeout=time_limit_s)
    except subprocess.TimeoutExpired:
        _kill(process)
        raise BenchcompError(f"{arguments[0]} had no end after {time_limit_s:g} s") from None
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def _kill(process: subprocess.Popen[bytes]) -> None:
    # No process group of its own: it has to die with the worker process that the harness may kill.
    import contextlib

    import psutil

    with contextlib.suppress(psutil.NoSuchProcess):
        for child in [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]:
            child.kill()
    process.communicate()


def _text(value: Any) -> str:
    """A value as the program is to read it: whole numbers without a point, booleans in small letters."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
