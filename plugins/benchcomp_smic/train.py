"""The training loop around one or two trainers: time budget, log, checkpoints and sample sheets.

A run is a folder: ``checkpoint.safetensors``, ``log.jsonl`` and ``sheets/``. Starting a run whose
folder has a checkpoint goes on from it.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import numpy as np
import torch
from PIL import Image

from benchcomp import Pixels
from benchcomp_smic import scaling
from benchcomp_smic.trainer import Trainer

__all__ = ["CHECKPOINT", "LOG", "Budget", "Run", "train", "write_sheet"]

CHECKPOINT = "checkpoint.safetensors"
LOG = "log.jsonl"


@dataclass(frozen=True, slots=True)
class Budget:
    """When to stop and how often to write.

    Attributes:
        seconds: wall time from now, ``None`` for no limit.
        iterations: total iterations of the run, ``None`` for no limit.
        log_every: iterations between lines of the log.
        save_every_s: seconds between checkpoints.
        sheet_every: iterations between sample sheets; 0 for none.
    """

    seconds: float | None = None
    iterations: int | None = None
    log_every: int = 20
    save_every_s: float = 300
    sheet_every: int = 500


@dataclass
class Run:
    """A trainer and its folder, with the sums for the log's next line."""

    trainer: Trainer
    folder: Path
    sums: dict[str, float] = field(default_factory=dict)
    steps: int = 0
    wall_s: float = 0.0

    def step(self) -> None:
        """Take a step and count what it cost and gave."""
        wall, cpu = time.monotonic(), time.process_time()
        for name, value in self.trainer.step().items():
            self.sums[name] = self.sums.get(name, 0.0) + value
        self.steps += 1
        self.wall_s += time.monotonic() - wall
        self.trainer.cpu_s += time.process_time() - cpu

    def save(self) -> None:
        """Write the checkpoint."""
        self.trainer.save(self.folder / CHECKPOINT)


def train(runs: Sequence[Run], budget: Budget, tell: Callable[[str], None]) -> None:
    """Train until the budget is used up, or a SIGTERM or SIGINT; the last state is always saved.

    Args:
        runs: one, or two that take turns; each new, or with its folder's checkpoint loaded.
        budget: when to stop and how often to write.
        tell: is given a line of progress now and then.
    """
    for run in runs:
        run.folder.mkdir(parents=True, exist_ok=True)
    stop = _Stop()
    started = saved = time.monotonic()
    while not stop.asked and not _used_up(runs, budget, started):
        # The one that is behind goes first, so that two runs stay in step after any interruption.
        run = min(runs, key=lambda run: run.trainer.iteration)
        run.step()
        if run.trainer.iteration % budget.log_every == 0:
            tell(_log(run))
        if budget.sheet_every and run.trainer.iteration % budget.sheet_every == 0:
            write_sheet(run.trainer, run.folder / "sheets" / f"{run.trainer.iteration:07d}.png")
        if time.monotonic() - saved > budget.save_every_s:
            for each in runs:
                each.save()
            saved = time.monotonic()
    for run in runs:
        run.save()
    stop.restore()


class _Stop:
    """Turns SIGTERM and SIGINT into a wish to stop after the step at hand."""

    def __init__(self) -> None:
        self.asked = False
        self._before = {
            number: signal.signal(number, self._ask) for number in (signal.SIGTERM, signal.SIGINT)
        }

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True

    def restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


def _used_up(runs: Sequence[Run], budget: Budget, started: float) -> bool:
    least = min(run.trainer.iteration for run in runs)
    if budget.iterations is not None and least >= budget.iterations:
        return True
    return budget.seconds is not None and time.monotonic() - started >= budget.seconds


def _log(run: Run) -> str:
    """Append the means since the last line to the log; returns the line to show."""
    trainer, step_s = run.trainer, run.wall_s / run.steps
    means = {name: value / run.steps for name, value in run.sums.items()}
    run.sums, run.steps, run.wall_s = {}, 0, 0.0
    entry: dict[str, float | int | str] = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%S"),
        "iteration": trainer.iteration,
        "cpu_s": round(trainer.cpu_s, 1),
        "step_s": round(step_s, 3),
        "rate": trainer.optimisers["generator"].param_groups[0]["lr"],
        **{name: round(value, 5) for name, value in means.items()},
    }
    with (run.folder / LOG).open("a") as file:
        file.write(json.dumps(entry) + "\n")
    shown = "  ".join(f"{name} {value:.4f}" for name, value in means.items())
    return f"{trainer.settings.network} iteration {trainer.iteration}  {step_s:.2f} s/step  {shown}"


def write_sheet(trainer: Trainer, path: Path, rows: int = 4) -> None:
    """Write a picture with a row a sample: input, (map,) averaged generator's output, truth."""
    rng = np.random.default_rng(1)  # the same samples on every sheet, and no draw from the run's own
    lines: list[Pixels] = []
    with torch.no_grad():
        while len(lines) < rows:
            batch = trainer.task.batch(rng)
            output = trainer.average(batch.inputs)
            for inputs, made, truth in zip(batch.inputs, output, batch.truth, strict=True):
                pictures = [inputs[:3], *([inputs[3:6]] if inputs.shape[0] >= 6 else []), made, truth]
                lines.append(np.concatenate([scaling.from_tensor(p) for p in pictures], axis=1))
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.concatenate(lines[:rows])).save(path)
