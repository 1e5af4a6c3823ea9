"""One adversarial training run: steps, running average, and checkpoints that resume bit-identically.

A checkpoint is one safetensors file: weights, optimisers' moments, random states and counters. It
holds no code and needs no pickle.
"""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from benchcomp import BenchcompError
from benchcomp_smic import losses
from benchcomp_smic.settings import Settings, from_json, to_json
from benchcomp_smic.tasks import Task

__all__ = ["Trainer", "read_average", "read_settings"]

_FORMAT = "smic-training-1"


class Trainer:
    """Trains a task's generator and discriminator alternately.

    Args:
        task: networks, samples and losses.
        settings: the run's settings; the task is made from the same.

    Attributes:
        iteration: steps taken.
        cpu_s: processor seconds spent in steps, over all resumptions.
        average: running average of the generator, in evaluation mode: the weights to use.
    """

    def __init__(self, task: Task, settings: Settings) -> None:
        self.task = task
        self.settings = settings
        self.rng = np.random.default_rng(settings.seed)
        self.iteration = 0
        self.cpu_s = 0.0
        for network in (task.generator, task.discriminator):
            network.to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(task.generator).eval().requires_grad_(False)
        betas, weights = (settings.beta1, 0.999), task.discriminator.parameters()
        self.optimisers = {
            "generator": torch.optim.Adam(task.generator.parameters(), settings.rate, betas, fused=True),
            "discriminator": torch.optim.Adam(weights, settings.discriminator_rate, betas, fused=True),
        }

    def step(self) -> dict[str, float]:
        """Train the discriminator, then the generator, on one batch; returns the losses by name.

        Raises:
            BenchcompError: a loss is no longer finite.
        """
        settings, task = self.settings, self.task
        self._prepare()
        batch = task.batch(self.rng)
        output = task.generator(batch.inputs)
        values: dict[str, torch.Tensor] = {}
        if settings.adversarial:
            values["discriminator"] = self._train_discriminator(batch.inputs, batch.truth, output.detach())
        parts = task.losses(batch, output, self.rng)
        if settings.adversarial:
            task.discriminator.requires_grad_(False)
            fake = task.discriminator(batch.inputs, output)
            parts["adversarial"] = settings.adversarial * losses.adversarial_generator(fake)
        total = torch.stack(list(parts.values())).sum()
        self._descend("generator", total)
        task.discriminator.requires_grad_(True)
        self.iteration += 1
        self._update_average()
        values |= parts
        report = {name: float(value.detach()) for name, value in values.items()}
        if not all(map(math.isfinite, report.values())):
            raise BenchcompError(f"training diverged at iteration {self.iteration}: {report}")
        return report

    def begin_from(self, generator: nn.Module, iteration: int, cpu_s: float) -> None:
        """Go on from a trained generator; the discriminator and the optimisers begin anew.

        Args:
            generator: a network like the task's.
            iteration: steps that it has behind it; the learning rate falls on from there.
            cpu_s: processor seconds that these took.

        Raises:
            BenchcompError: the generator has other sizes than the task's.
        """
        state = generator.state_dict()
        try:
            self.task.generator.load_state_dict(state)
            self.average.load_state_dict(state)
        except RuntimeError:
            raise BenchcompError(
                "the weights to begin with are of another size; give channels, widths and hints with --set"
            ) from None
        self.iteration = iteration
        self.cpu_s = cpu_s

    def _prepare(self) -> None:
        halving = self.settings.rate_halving
        rate = self.settings.rate / math.sqrt(1 + self.iteration / halving) if halving else self.settings.rate
        for group in self.optimisers["generator"].param_groups:
            group["lr"] = rate
        self.task.generator.train()
        if 0 <= self.settings.freeze <= self.iteration:
            for module in self.task.generator.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()

    def _train_discriminator(
        self, inputs: torch.Tensor, truth: torch.Tensor, output: torch.Tensor
    ) -> torch.Tensor:
        # Both halves in one call: half of the time goes into reading the weights.
        both = self.task.discriminator(torch.cat([inputs, inputs]), torch.cat([truth, output]))
        real, fake = both.chunk(2)
        loss = losses.adversarial_discriminator(real, fake)
        self._descend("discriminator", loss)
        return loss

    def _descend(self, name: str, loss: torch.Tensor) -> None:
        optimiser = self.optimisers[name]
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()

    def _update_average(self) -> None:
        # A short memory at first, so that the initial weights are soon forgotten.
        decay = min(self.settings.average, (1 + self.iteration) / (10 + self.iteration))
        new = self.task.generator.state_dict()
        for name, value in self.average.state_dict().items():
            if value.is_floating_point():
                value.lerp_(new[name], 1 - decay)
            else:
                value.copy_(new[name])

    def save(self, path: Path) -> None:
        """Write a checkpoint, replacing the file only once the new one is whole."""
        from safetensors.torch import save_file

        state = {
            "format": _FORMAT,
            "settings": to_json(self.settings),
            "iteration": str(self.iteration),
            "cpu_s": repr(self.cpu_s),
            "rng": json.dumps(self.rng.bit_generator.state),
        }
        temporary = path.with_suffix(".part")
        save_file(dict(self._tensors()), temporary, metadata=state)
        temporary.replace(path)

    def _tensors(self) -> Iterator[tuple[str, torch.Tensor]]:
        yield "torch.rng", torch.get_rng_state()
        modules = {
            "generator": self.task.generator,
            "discriminator": self.task.discriminator,
            "average": self.average,
        }
        for part, module in modules.items():
            for name, value in module.state_dict().items():
                yield f"{part}.{name}", value.contiguous()
        for part, optimiser in self.optimisers.items():
            for index, moments in optimiser.state_dict()["state"].items():
                for name, value in moments.items():
                    yield f"adam.{part}.{index}.{name}", value.contiguous()

    def load(self, path: Path) -> None:
        """Go on from a checkpoint exactly where it was written.

        Raises:
            BenchcompError: the file isn't a checkpoint of such a network.
        """
        state, tensors = _read(path)
        try:
            for part, module in (
                ("generator", self.task.generator),
                ("discriminator", self.task.discriminator),
                ("average", self.average),
            ):
                module.load_state_dict(_below(tensors, f"{part}."))
            for part, optimiser in self.optimisers.items():
                self._load_adam(optimiser, _below(tensors, f"adam.{part}."))
        except RuntimeError as error:
            raise BenchcompError(f"{path} is of another network: {str(error).splitlines()[0]}") from error
        self.iteration = int(state["iteration"])
        self.cpu_s = float(state["cpu_s"])
        self.rng.bit_generator.state = json.loads(state["rng"])
        torch.set_rng_state(tensors["torch.rng"])

    @staticmethod
    def _load_adam(optimiser: torch.optim.Optimizer, tensors: dict[str, torch.Tensor]) -> None:
        parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
        moments: dict[int, dict[str, torch.Tensor]] = {}
        for key, value in tensors.items():
            index, _, name = key.partition(".")
            like = parameters[int(index)]
            # Adam's fused step pairs elements by their place in memory, so the layouts have to agree.
            moment = torch.empty_like(like).copy_(value) if value.shape == like.shape else value
            moments.setdefault(int(index), {})[name] = moment
        groups = optimiser.state_dict()["param_groups"]
        optimiser.load_state_dict({"state": moments, "param_groups": groups})


def read_settings(path: Path) -> Settings:
    """The settings that a checkpoint was written with."""
    return from_json(_read(path)[0]["settings"])


def read_average(path: Path, network: nn.Module) -> dict[str, float]:
    """Fill ``network`` with a checkpoint's averaged generator; returns its iterations and hours."""
    state, tensors = _read(path)
    network.load_state_dict(_below(tensors, "average."))
    return {"iteration": int(state["iteration"]), "cpu_hours": round(float(state["cpu_s"]) / 3600, 2)}


def _read(path: Path) -> tuple[dict[str, str], dict[str, torch.Tensor]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            state: dict[str, Any] = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise BenchcompError(f"{path} isn't a training checkpoint: {error}") from error
    if state.get("format") != _FORMAT:
        raise BenchcompError(f"{path} isn't a training checkpoint of format {_FORMAT}")
    return state, tensors


def _below(tensors: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}
