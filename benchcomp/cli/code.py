"""``benchcomp encode`` and ``decode``: one image through one codec."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchcomp.errors import BenchcompError

encode_app = typer.Typer(add_completion=False)
decode_app = typer.Typer(add_completion=False)
apps = {"encode": encode_app, "decode": decode_app}


@encode_app.command()
def encode(
    codec: Annotated[str, typer.Argument(help="Codec variant: jpeg, webp:effort=6, ...")],
    source: Annotated[Path, typer.Argument(help="Image file.", metavar="IN")],
    out: Annotated[Path, typer.Argument(help="Bitstream to write.", metavar="OUT")],
    quality: Annotated[
        float | None, typer.Option("--quality", "-q", help="The knob's value. Default: mid-ladder.")
    ] = None,
) -> None:
    """Encode an image to exactly the bytes that a run counts."""
    from benchcomp.pixels import read
    from benchcomp.registry import default

    encoder = default().codec(codec)
    knob = encoder.knob
    if knob is None and quality is not None:
        raise BenchcompError(f"codec {codec!r} has no quality knob; leave --quality out")
    if knob is not None:
        quality = knob.check(quality if quality is not None else knob.ladder[len(knob.ladder) // 2])
    pixels = read(source)
    try:
        data = encoder.encode(pixels, quality)
    except BenchcompError:
        raise
    except Exception as error:
        raise BenchcompError(f"{codec} can't encode {source}: {type(error).__name__}: {error}") from error
    _write(out, data)
    at = "" if knob is None else f" at {knob.name} {quality:g}"
    typer.echo(f"{out}: {len(data)} bytes, {8 * len(data) / (pixels.shape[0] * pixels.shape[1]):.4f} bpp{at}")


@decode_app.command()
def decode(
    codec: Annotated[str, typer.Argument(help="Codec variant that made the bitstream.")],
    source: Annotated[Path, typer.Argument(help="Bitstream.", metavar="IN")],
    out: Annotated[
        Path, typer.Argument(help="Image to write; PNG unless the name says otherwise.", metavar="OUT")
    ],
) -> None:
    """Decode a bitstream to an image file."""
    from PIL import Image

    from benchcomp.pixels import check
    from benchcomp.registry import default

    decoder = default().codec(codec)
    try:
        data = source.read_bytes()
    except OSError as error:
        raise BenchcompError(f"{source}: {error.strerror or error}") from error
    try:
        pixels = check(decoder.decode(data), "the decoded picture")
    except Exception as error:
        raise BenchcompError(f"{source} is no {codec} bitstream, or is damaged: {error}") from error
    try:
        Image.fromarray(pixels).save(out, format=None if out.suffix else "PNG")
    except (OSError, ValueError) as error:
        raise BenchcompError(f"can't write {out}: {error}; use a name such as picture.png") from error
    typer.echo(f"{out}: {pixels.shape[1]}x{pixels.shape[0]}")


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise BenchcompError(f"can't write {path}: {error.strerror or error}") from error
