"""``benchcomp salvage``: copy what can be read of a damaged run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)
apps = {"salvage": app}


@app.command()
def salvage(
    run: Annotated[str, typer.Argument(help="The damaged run, by path or name.")],
    out: Annotated[Path, typer.Option(help="The new run file.")],
) -> None:
    """Copy what can be read of a damaged run into a new one; the damaged file stays as it is.

    `benchcomp run --resume --out NEW` then measures again what was lost.
    """
    from benchcomp.cli.runs import find
    from benchcomp.salvage import salvage

    found = salvage(find(run), out)
    typer.echo(
        f"saved {found.points} points of {found.images} images in {out}; {found.lost} points could not be "
        f"read; `benchcomp run --resume --out {out}` measures what is missing"
    )
