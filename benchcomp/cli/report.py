"""``benchcomp report``: the interactive page for one or more runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)
apps = {"report": app}


@app.command()
def report(
    run: Annotated[
        list[str] | None,
        typer.Argument(help="Runs, by path or name. Default: the newest.", show_default=False),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File to write. Default: beside the run.")] = None,
    assets: Annotated[
        Path | None, typer.Option(help="Put the pictures into this folder instead of into the page.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting of the page, NAME=VALUE, such as rates=0.1,0.3. Repeatable."),
    ] = None,
) -> None:
    """Write one self-contained HTML page: curves, BD-rates, pictures at equal rate, tables, costs."""
    from benchcomp.cli import runs
    from benchcomp.registry import default

    paths = [runs.find(text) for text in run] if run else [runs.find(None)]
    results = [runs.load(str(path)) for path in paths]
    target = out or paths[-1].with_suffix(".html")
    chosen = runs.report_settings(settings) | ({"assets": assets} if assets else {})
    default().report("html").write(results, target, **chosen)
    typer.echo(f"wrote {target}")
