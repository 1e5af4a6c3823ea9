"""``benchcomp merge``: join the runs of several shards or machines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchcomp.errors import BenchcompError

app = typer.Typer(add_completion=False)
apps = {"merge": app}


@app.command()
def merge(
    runs: Annotated[list[str], typer.Argument(help="Runs to join, by path or name.", metavar="RUN...")],
    out: Annotated[Path, typer.Option(help="The new run file.")],
) -> None:
    """Join runs on the same data set (shards, or further codecs) into one new run."""
    from benchcomp.cli.runs import find
    from benchcomp.store import Store, joined_manifest

    paths = [find(text) for text in runs]
    if len(paths) < 2:
        raise BenchcompError("merge takes at least two runs")
    manifest = None
    for path in paths:
        with Store.read(path) as store:
            manifest = joined_manifest(manifest, store.manifest()) if manifest else store.manifest()
    assert manifest is not None
    with Store.create(out, manifest) as target:
        for path in paths:
            with Store.read(path) as store:
                target.merge(store)
        manifest["images"] = target.count_images()
        target.set_manifest(manifest)
    typer.echo(f"joined {len(paths)} runs into {out}: {manifest['images']} images")
