"""The training loop around a :class:`Trainer`: time budget, log, checkpoints and sample sheets.

A run is a folder: ``checkpoint.safetensors``, ``log.jsonl`` and ``sheets/``. Starting a run whose
folder has a checkpoint goes on from it.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import numpy as np
import torch
from PIL import Image

from benchcomp import Pixels
from benchcomp_smic import scaling
from benchcomp_smic.trainer import Trainer

__all__ = ["Budget", "train"]

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


def train(trainer: Trainer, folder: Path, budget: Budget, tell: Callable[[str], None]) -> None:
    """Train until the budget is used up, or a SIGTERM or SIGINT; the last state is always saved.

    Args:
        trainer: a new one, or one that has loaded the folder's checkpoint.
        folder: the run's folder, made if missing.
        budget: when to stop and how often to write.
        tell: is given a line of progress now and then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stop = _Stop()
    started = saved = time.monotonic()
    sums: dict[str, float] = {}
    count, since, cpu = 0, time.monotonic(), time.process_time()
    while not stop.asked and not _used_up(trainer, budget, started):
        for name, value in trainer.step().items():
            sums[name] = sums.get(name, 0.0) + value
        count += 1
        trainer.cpu_s += time.process_time() - cpu
        cpu = time.process_time()
        if trainer.iteration % budget.log_every == 0:
            line = _log(
                trainer, folder, {k: v / count for k, v in sums.items()}, (time.monotonic() - since) / count
            )
            tell(line)
            sums, count, since = {}, 0, time.monotonic()
        if budget.sheet_every and trainer.iteration % budget.sheet_every == 0:
            write_sheet(trainer, folder / "sheets" / f"{trainer.iteration:07d}.png")
        if time.monotonic() - saved > budget.save_every_s:
            trainer.save(folder / CHECKPOINT)
            saved = time.monotonic()
    trainer.save(folder / CHECKPOINT)
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


def _used_up(trainer: Trainer, budget: Budget, started: float) -> bool:
    if budget.iterations is not None and trainer.iteration >= budget.iterations:
        return True
    return budget.seconds is not None and time.monotonic() - started >= budget.seconds


def _log(trainer: Trainer, folder: Path, means: dict[str, float], step_s: float) -> str:
    entry: dict[str, float | int | str] = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%S"),
        "iteration": trainer.iteration,
        "cpu_s": round(trainer.cpu_s, 1),
        "step_s": round(step_s, 3),
        "rate": trainer.optimisers["generator"].param_groups[0]["lr"],
        **{name: round(value, 5) for name, value in means.items()},
    }
    with (folder / LOG).open("a") as file:
        file.write(json.dumps(entry) + "\n")
    shown = "  ".join(f"{name} {value:.4f}" for name, value in means.items())
    return f"iteration {trainer.iteration}  {step_s:.2f} s/step  {shown}"


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
