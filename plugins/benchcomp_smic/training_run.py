"""Puts a training run together from what the user names: data, settings, task, trainer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import torch

from benchcomp import BenchcompError
from benchcomp_smic import model
from benchcomp_smic.pairs import read_pairs
from benchcomp_smic.rec_net import RecNet
from benchcomp_smic.settings import PRESETS, override
from benchcomp_smic.ss_net import SSNet
from benchcomp_smic.tasks import RecTask, SsTask, Task
from benchcomp_smic.train import CHECKPOINT, Budget, train
from benchcomp_smic.trainer import Trainer, read_average, read_settings

__all__ = ["export", "run"]


def run(
    *,
    out: Path,
    data: Path,
    network: str,
    vgg: Path,
    maps: Path | None,
    preset: str,
    seconds: float | None,
    iterations: int | None,
    threads: int,
    seed: int,
    changes: Mapping[str, str],
    tell: Callable[[str], None],
) -> None:
    """Start or resume a run and train until the budget is used up.

    Raises:
        BenchcompError: unknown preset, network or setting; missing data.
    """
    torch.set_num_threads(threads)
    checkpoint = out / CHECKPOINT
    if checkpoint.exists():
        settings = read_settings(checkpoint)
        if settings.network != network:
            raise BenchcompError(f"{out} is a run of network {settings.network!r}, not {network!r}")
    else:
        try:
            settings = override(PRESETS[preset][network], {"seed": str(seed)})
        except KeyError as error:
            raise BenchcompError(
                f"no preset or network {error}; presets paper, cpu; networks ss, rec"
            ) from None
    settings = override(settings, changes)
    torch.manual_seed(settings.seed)
    pairs = read_pairs(data, maps)
    task: Task = SsTask(settings, pairs) if network == "ss" else RecTask(settings, pairs, vgg)
    trainer = Trainer(task, settings)
    if checkpoint.exists():
        trainer.load(checkpoint)
        tell(f"resuming {out} at iteration {trainer.iteration}")
    train(trainer, out, Budget(seconds, iterations), tell)


def export(rec: Path, ss: Path, out: Path | None) -> str:
    """Write the averaged generators of two runs as a weights file; returns a line to show.

    Raises:
        BenchcompError: a run has no checkpoint.
    """
    out = out or model.shipped()
    settings = {"ss": read_settings(ss / CHECKPOINT), "rec": read_settings(rec / CHECKPOINT)}
    ss_net = SSNet(settings["ss"].channels)
    rec_net = RecNet(settings["rec"].widths, settings["rec"].hints)
    card = {}
    for name, folder, network in (("ss", ss, ss_net), ("rec", rec, rec_net)):
        card[name] = read_average(folder / CHECKPOINT, network)
    build = {
        "channels": settings["ss"].channels,
        "widths": settings["rec"].widths,
        "hints": settings["rec"].hints,
    }
    model.save(out, ss_net, rec_net, build, card)
    facts = ", ".join(
        f"{name} {c['iteration']} iterations, {c['cpu_hours']} CPU hours" for name, c in card.items()
    )
    return f"{out}: {facts}, {out.stat().st_size / 2**20:.1f} MiB"
