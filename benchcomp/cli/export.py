"""``benchcomp export``: a run's results in another program's format."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from benchcomp.errors import BenchcompError

app = typer.Typer(add_completion=False)
apps = {"export": app}


@app.command()
def export(
    run: Annotated[
        str | None, typer.Argument(help="The run. Default: the newest.", show_default=False)
    ] = None,
    format: Annotated[
        str, typer.Option("--format", "-f", help="`benchcomp plugins --kind report` lists them.")
    ] = "csv",
    out: Annotated[Path | None, typer.Option(help="File to write. Default: standard output.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting of the format, NAME=VALUE, such as kind=curves. Repeatable."),
    ] = None,
) -> None:
    """Write a run as CSV, JSON, CompressAI or codec-compare JSON, a LaTeX table, or a figure."""
    from benchcomp.cli import runs
    from benchcomp.registry import default

    writer = default().report(format)
    results = runs.load(run)
    if out is not None:
        writer.write([results], out, **runs.report_settings(settings))
        return
    if writer.binary and sys.stdout.isatty():
        raise BenchcompError(f"{format} is binary and standard output is a terminal; name a file with --out")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{results.name}{writer.suffix}"
        writer.write([results], file, **runs.report_settings(settings))
        if list(Path(folder).iterdir()) != [file]:
            raise BenchcompError(f"{format} writes several files for this run; name one with --out")
        sys.stdout.buffer.write(file.read_bytes())
        sys.stdout.flush()
