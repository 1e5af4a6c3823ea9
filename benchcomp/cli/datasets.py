"""``benchcomp datasets``: what images there are, and how to get them."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, invoke_without_command=True)
apps = {"datasets": app}


@app.callback()
def datasets(context: typer.Context) -> None:
    """List the data sets with licence, citation and whether they are here."""
    if context.invoked_subcommand is not None:
        return
    from benchcomp.errors import BenchcompError
    from benchcomp.registry import default

    registry = default()
    for listing in registry.list(["dataset"]):
        typer.echo(f"{listing.name}: {listing.summary}")
        if listing.problem:
            typer.echo(f"  unavailable: {listing.problem}")
            continue
        kind = registry.load("dataset", listing.name)
        if kind.splits:
            typer.echo(f"  splits: {', '.join(kind.splits)}")
        typer.echo(f"  licence: {kind.licence}")
        if kind.citation:
            typer.echo(f"  citation: {kind.citation}")
        try:
            for text in [f"{listing.name}:{split}" for split in kind.splits] or [listing.name]:
                count = sum(1 for _ in registry.dataset(text).images())
                typer.echo(f"  {text}: {count} images here")
        except BenchcompError as error:
            typer.echo(f"  {error}")


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="The data set, such as kodak or facades.")],
) -> None:
    """Download a data set from its public address and check every image."""
    from rich.console import Console
    from rich.progress import Progress

    from benchcomp.registry import default

    dataset = default().dataset(name)
    typer.echo(f"{dataset.title}; licence: {dataset.licence}")
    with Progress(console=Console(file=sys.stderr)) as progress:
        bar = progress.add_task(f"fetching {name}", total=None)
        dataset.fetch(lambda done, total: progress.update(bar, completed=done, total=total or None))
    typer.echo(f"{name}: fetched and checked")
