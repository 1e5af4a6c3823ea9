"""``benchcomp import``: results made elsewhere, as a reference run."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from benchcomp.errors import BenchcompError

app = typer.Typer(add_completion=False)
apps = {"import": app}


@app.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help="CompressAI results JSON, or a JSON or CSV export of ours.")],
    name: Annotated[str | None, typer.Option(help="Name of the reference run. Default: the file's.")] = None,
) -> None:
    """Take published or exported results into the runs folder, for reports and comparisons.

    The file is checked and copied as it is; `benchcomp report RUN NAME` draws it beside a run.
    """
    from benchcomp.cli import runs

    results = runs.import_file(file)
    target = runs.folder() / f"{name or file.stem}{file.suffix}"
    if target.exists():
        raise BenchcompError(f"{target} exists already; choose another --name")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, target)
    codecs = ", ".join(sorted(set(results.frame["codec"])))
    typer.echo(f"imported {target.stem}: {codecs}; {len(results.frame)} points")
