"""The command group ``benchcomp smic``: train the codec's networks and look inside the codec."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["app"]

app = typer.Typer(help="Train and inspect the SMIC codec.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Train and inspect the SMIC codec."""


def _seconds(text: str) -> float:
    units = {"s": 1, "m": 60, "h": 3600}
    try:
        return float(text[:-1]) * units[text[-1]] if text[-1:] in units else float(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} isn't a duration such as 90s, 150m or 2h") from None


@app.command()
def train(
    out: Annotated[Path, typer.Option(help="Folder of the run; goes on from its checkpoint if it has one.")],
    data: Annotated[Path, typer.Option(help="Folder of pairs N.jpg, photograph left, label map right.")],
    network: Annotated[str, typer.Option(help="ss (SS-Net with D1) or rec (Rec-Net with D2).")],
    vgg: Annotated[Path, typer.Option(help="VGG16's weights, safetensors, for rec.")] = Path(
        "vgg16.safetensors"
    ),
    maps: Annotated[Path | None, typer.Option(help="Folder of SS-Net's maps N.png, for rec.")] = None,
    preset: Annotated[str, typer.Option(help="paper or cpu.")] = "cpu",
    duration: Annotated[
        str | None, typer.Option("--for", help="Stop after this long: 90s, 150m, 2h.")
    ] = None,
    iterations: Annotated[int | None, typer.Option(help="Stop at this iteration.")] = None,
    threads: Annotated[int, typer.Option(help="Threads for the networks.")] = 1,
    seed: Annotated[int, typer.Option(help="Seed of a new run.")] = 0,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="Another setting, name=JSON value; also on resuming.")
    ] = None,
) -> None:
    """Train one of SMIC's networks, resuming where the run's folder left off."""
    from benchcomp_smic.training_run import run

    pairs = dict(item.partition("=")[::2] for item in setting or [])
    run(
        out=out,
        data=data,
        network=network,
        vgg=vgg,
        maps=maps,
        preset=preset,
        seconds=None if duration is None else _seconds(duration),
        iterations=iterations,
        threads=threads,
        seed=seed,
        changes=pairs,
        tell=typer.echo,
    )


@app.command()
def export(
    rec: Annotated[Path, typer.Option(help="Folder of Rec-Net's run.")],
    ss: Annotated[Path, typer.Option(help="Folder of SS-Net's run.")],
    out: Annotated[Path | None, typer.Option(help="Weights to write; the package's by default.")] = None,
) -> None:
    """Write the averaged generators of two runs as a weights file for the codec."""
    from benchcomp_smic.training_run import export as export_runs

    typer.echo(export_runs(rec, ss, out))
