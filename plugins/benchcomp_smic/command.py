"""The command group ``benchcomp smic``: train the codec's networks and look inside the codec.

Only reads the command line; the work is done in :mod:`benchcomp_smic.training_run` and
:mod:`benchcomp_smic.inspection`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

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
    network: Annotated[
        Literal["ss", "rec", "both"],
        typer.Option(help="SS-Net with D1, Rec-Net with D2, or both in turns."),
    ] = "both",
    vgg: Annotated[
        Path, typer.Option(help="VGG16's ImageNet weights for Rec-Net's loss, safetensors.")
    ] = Path("vgg16.safetensors"),
    maps: Annotated[
        Path | None, typer.Option(help="SS-Net's maps N.png for Rec-Net, from `benchcomp smic maps`.")
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(help="Weights file that a new run goes on from; random without.")
    ] = None,
    procedural: Annotated[int, typer.Option(help="Procedurally drawn façades to mix in.")] = 0,
    preset: Annotated[str, typer.Option(help="paper, or cpu for a slow machine.")] = "cpu",
    duration: Annotated[
        str | None, typer.Option("--for", help="Stop after this long: 90s, 150m, 2h.")
    ] = None,
    iterations: Annotated[int | None, typer.Option(help="Stop at this iteration.")] = None,
    threads: Annotated[int, typer.Option(help="Threads for the networks.")] = 1,
    seed: Annotated[int, typer.Option(help="Seed of a new run.")] = 0,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="Another setting, name=JSON; also on resuming.")
    ] = None,
) -> None:
    """Train SMIC's networks, going on where the run's folder left off."""
    from benchcomp_smic.train import Budget
    from benchcomp_smic.training_run import TrainingSources, run

    run(
        out,
        network,
        TrainingSources(data, vgg, maps, procedural, weights),
        preset=preset,
        seed=seed,
        changes=dict(item.partition("=")[::2] for item in setting or []),
        budget=Budget(None if duration is None else _seconds(duration), iterations),
        threads=threads,
        tell=typer.echo,
    )


@app.command()
def maps(
    ss: Annotated[Path, typer.Option(help="Folder of SS-Net's run.")],
    data: Annotated[Path, typer.Option(help="Folder of pairs N.jpg.")],
    out: Annotated[Path, typer.Option(help="Folder for the maps N.png.")],
    threads: Annotated[int, typer.Option(help="Threads for the network.")] = 1,
) -> None:
    """Let a trained SS-Net draw the map of every photograph, to train Rec-Net with."""
    import torch

    from benchcomp_smic.training_run import draw_maps

    torch.set_num_threads(threads)
    draw_maps(ss, data, out, typer.echo)


@app.command()
def export(
    rec: Annotated[Path, typer.Option(help="Folder of Rec-Net's run.")],
    ss: Annotated[Path, typer.Option(help="Folder of SS-Net's run.")],
    out: Annotated[Path | None, typer.Option(help="Weights to write; the package's by default.")] = None,
) -> None:
    """Write the averaged generators of two runs as a weights file for the codec."""
    from benchcomp_smic.training_run import export as export_runs

    typer.echo(export_runs(rec, ss, out))


@app.command()
def inspect(
    image: Annotated[Path, typer.Argument(help="The picture to look at.")],
    out: Annotated[Path | None, typer.Option(help="Sheet to write; IMAGE-smic.png by default.")] = None,
    position: Annotated[int | None, typer.Option(help="The codec's knob; the middle by default.")] = None,
    factor: Annotated[int | None, typer.Option(help="Sampling factor: 1, 2, 4, 8 or 16.")] = None,
    thumbnail: Annotated[Literal["bpg", "flif"] | None, typer.Option(help="Thumbnail's codec.")] = None,
    semantic_map: Annotated[
        bool, typer.Option("--map/--no-map", help="Whether to send the map, whatever the ladder says.")
    ] = True,
    weights: Annotated[str | None, typer.Option(help="Weights to use instead of the package's.")] = None,
) -> None:
    """Write a sheet of everything inside a bitstream, and the bytes of each part."""
    from benchcomp import BenchcompError
    from benchcomp_smic.codec import SmicOptions
    from benchcomp_smic.inspection import inspect_file

    try:
        options = SmicOptions(weights=weights, factor=factor, thumbnail=thumbnail, map=semantic_map)  # type: ignore[arg-type]
    except ValueError as error:
        raise BenchcompError(str(error)) from None
    target = out or image.with_name(f"{image.stem}-smic.png")
    for line in inspect_file(image, target, position, options):
        typer.echo(line)
