"""Puts a training run together from what the user names, and turns finished runs into files.

:func:`run` trains, :func:`export` writes weights for the codec, :func:`draw_maps` lets a trained SS-Net
draw the maps that Rec-Net is then trained on.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from PIL import Image

from benchcomp import BenchcompError, Pixels
from benchcomp_smic import model, scaling
from benchcomp_smic.pairs import Pair, draw_procedural, read_pairs
from benchcomp_smic.rec_net import RecNet
from benchcomp_smic.settings import PRESETS, Settings, override
from benchcomp_smic.ss_net import SSNet
from benchcomp_smic.tasks import RecTask, SsTask, Task
from benchcomp_smic.train import CHECKPOINT, Budget, Run, train
from benchcomp_smic.trainer import Trainer, read_average, read_settings

__all__ = ["TrainingSources", "draw_maps", "export", "run"]


@dataclass(frozen=True, slots=True)
class TrainingSources:
    """What a run reads.

    Attributes:
        data: folder of pairs ``N.jpg``.
        vgg: VGG16's weights, for Rec-Net.
        maps: folder of SS-Net's maps ``N.png``, for Rec-Net; the true ones are used without.
        procedural: how many procedurally drawn façades are mixed in.
        weights: a weights file whose generators a new run begins with; without, they begin at random.
    """

    data: Path
    vgg: Path
    maps: Path | None = None
    procedural: int = 0
    weights: Path | None = None

    def pairs(self) -> list[Pair]:
        """Everything that samples are drawn from."""
        return read_pairs(self.data, self.maps) + draw_procedural(self.procedural)


def run(
    out: Path,
    network: Literal["ss", "rec", "both"],
    sources: TrainingSources,
    *,
    preset: str = "cpu",
    seed: int = 0,
    changes: Mapping[str, str] | None = None,
    budget: Budget,
    threads: int = 1,
    tell: Callable[[str], None] = print,
) -> None:
    """Start or resume a run and train until the budget is used up.

    With ``both``, SS-Net and Rec-Net take turns, in ``out/ss`` and ``out/rec``, and Rec-Net sees the
    maps that SS-Net's average draws at that moment.

    Raises:
        BenchcompError: unknown preset or setting; missing data; a run of another network.
    """
    if preset not in PRESETS:
        raise BenchcompError(f"no preset {preset!r}; there are {', '.join(PRESETS)}")
    torch.set_num_threads(threads)
    pairs = sources.pairs()
    if network != "both":
        settings = _settings(out, preset, network, seed, changes or {})
        train([_start(out, settings, pairs, sources, None, tell)], budget, tell)
        return
    settings = _settings(out / "ss", preset, "ss", seed, changes or {})
    ss = _start(out / "ss", settings, pairs, sources, None, tell)
    settings = _settings(out / "rec", preset, "rec", seed, changes or {})

    def draw_map(pixels: Pixels) -> Pixels:
        return _draw_map(ss.trainer.average, pixels)

    rec = _start(out / "rec", settings, pairs, sources, draw_map, tell)
    train([ss, rec], budget, tell)


def _settings(folder: Path, preset: str, network: str, seed: int, changes: Mapping[str, str]) -> Settings:
    checkpoint = folder / CHECKPOINT
    if not checkpoint.exists():
        return override(dataclasses.replace(PRESETS[preset][network], seed=seed), changes)
    settings = read_settings(checkpoint)
    if settings.network != network:
        raise BenchcompError(f"{folder} is a run of network {settings.network!r}, not {network!r}")
    return override(settings, changes)


def _start(
    folder: Path,
    settings: Settings,
    pairs: list[Pair],
    sources: TrainingSources,
    draw_map: Callable[[Pixels], Pixels] | None,
    tell: Callable[[str], None],
) -> Run:
    torch.manual_seed(settings.seed)
    task: Task = (
        SsTask(settings, pairs)
        if settings.network == "ss"
        else RecTask(settings, pairs, sources.vgg, draw_map)
    )
    trainer = Trainer(task, settings)
    if (folder / CHECKPOINT).exists():
        trainer.load(folder / CHECKPOINT)
        tell(f"resuming {folder} at iteration {trainer.iteration}")
    elif sources.weights is not None:
        weights = model.read(sources.weights)
        generator = weights.ss_net if settings.network == "ss" else weights.rec_net
        facts = weights.card.get(settings.network, {})
        trainer.begin_from(generator, int(facts.get("iteration", 0)), facts.get("cpu_hours", 0.0) * 3600)
        tell(f"{folder} begins with {sources.weights} at iteration {trainer.iteration}")
    return Run(trainer, folder)


def _draw_map(network: torch.nn.Module, pixels: Pixels) -> Pixels:
    with torch.no_grad():
        return scaling.from_tensor(network(scaling.to_tensor(pixels)[None])[0])


def draw_maps(ss: Path, data: Path, out: Path, tell: Callable[[str], None]) -> None:
    """Let a run's averaged SS-Net draw the map of every photograph of a folder of pairs.

    Args:
        ss: the run's folder.
        data: folder of pairs ``N.jpg``.
        out: is given ``N.png`` for each.
        tell: is given a line of progress now and then.
    """
    network = SSNet(read_settings(ss / CHECKPOINT).channels)
    facts = read_average(ss / CHECKPOINT, network)
    network.eval()
    out.mkdir(parents=True, exist_ok=True)
    pairs = read_pairs(data)
    for number, pair in enumerate(pairs, 1):
        temporary = out / f"{pair.name}.part"
        Image.fromarray(_draw_map(network, pair.image)).save(temporary, "png")
        temporary.replace(out / f"{pair.name}.png")
        if number % 50 == 0 or number == len(pairs):
            tell(f"{number} of {len(pairs)} maps drawn by SS-Net of iteration {facts['iteration']:g}")


def export(rec: Path, ss: Path, out: Path | None) -> str:
    """Write the averaged generators of two runs as a weights file; returns a line to show.

    Raises:
        BenchcompError: a run has no checkpoint.
    """
    out = out or model.shipped()
    settings = {"ss": read_settings(ss / CHECKPOINT), "rec": read_settings(rec / CHECKPOINT)}
    ss_net = SSNet(settings["ss"].channels)
    rec_net = RecNet(settings["rec"].widths, settings["rec"].hints)
    card = {
        "ss": read_average(ss / CHECKPOINT, ss_net),
        "rec": read_average(rec / CHECKPOINT, rec_net),
    }
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
