"""Spreads an experiment's tasks over processes and writes what comes back to the store.

One driver plans, keeps the store and counts progress; tasks run in worker processes of this machine.
A run that is interrupted at any instant goes on where it was, since everything that is in the store
is left out of the plan.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import benchcomp
from benchcomp import environment
from benchcomp.dataset import Dataset
from benchcomp.errors import BenchcompError
from benchcomp.metric import Metric
from benchcomp.registry import Registry
from benchcomp.store import ImageRecord, Outcome, Point, Store
from benchcomp.sweep.evaluate import Done
from benchcomp.sweep.isolate import Limits, Result, Worker
from benchcomp.sweep.plan import CodecPlan, Experiment, Known, Task, codec_plans, images, write_toml

__all__ = ["Executor", "Plan", "Tally", "local", "make_plan", "run"]

Group = tuple[Task, ...]
"""Tasks of one image that one worker does in turn, sharing the image and the metrics' preparation."""

Results = Generator[Sequence[Result | Done], None, None]
"""Batches of results in any order, with a :class:`Done` for each finished task."""

_COMMIT_S = 0.5
"""How long results are gathered before they are committed; a killed run loses no more than that."""


class Executor(Protocol):
    """Evaluates groups of tasks and yields the results in any order, group by group or finer."""

    def __call__(self, groups: Iterator[Group], limits: Limits) -> Results:
        """Evaluate; closing the iterator stops everything."""


@dataclass(frozen=True)
class Plan:
    """An experiment with everything looked up: what runs, on what, and what can't."""

    experiment: Experiment
    dataset: Dataset
    codecs: tuple[CodecPlan, ...]
    metrics: tuple[Metric, ...]
    unavailable: dict[str, str]
    count: int
    """How many images there are."""

    @property
    def points(self) -> int:
        """How many rate points there are on the codecs' ladders, searches apart."""
        return self.count * sum(len(codec.rates) for codec in self.codecs)


@dataclass
class Tally:
    """What a run has done so far; ``statuses`` counts points by status."""

    tasks: int = 0
    tasks_total: int = 0
    skipped: int = 0
    points: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    unreached: int = 0
    started: float = field(default_factory=time.monotonic)

    def count(self, result: Result | Done) -> None:
        """Take one result into account."""
        if isinstance(result, Point):
            self.points += 1
            self.statuses[result.status] = self.statuses.get(result.status, 0) + 1
        elif isinstance(result, ImageRecord) and result.reason:
            self.unreadable[result.image] = result.reason
        elif isinstance(result, Outcome):
            self.unreached += not result.reached
        elif isinstance(result, Done):
            self.tasks += 1


def make_plan(experiment: Experiment, registry: Registry) -> Plan:
    """Look everything up before anything runs.

    Raises:
        BenchcompError: something is unknown or wrong; nothing has been started or written.
    """
    codecs, unavailable = codec_plans(experiment, registry)
    names = list(dict.fromkeys(experiment.metrics))
    for target in experiment.targets:
        if target.measure != "bpp" and target.measure not in names:
            names.append(target.measure)
    metrics = tuple(registry.metric(name) for name in names)
    dataset = registry.dataset(experiment.dataset)
    count = sum(1 for _ in images(experiment, dataset))
    if count == 0:
        raise BenchcompError(f"data set {dataset.id} has no images for this experiment")
    return Plan(experiment, dataset, tuple(codecs), metrics, unavailable, count)


def manifest(plan: Plan, jobs: int, scheduler: str | None, command: Sequence[str]) -> dict[str, Any]:
    """The run's provenance, as :class:`benchcomp.Results` describes it."""
    experiment = plan.experiment
    return {
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "benchcomp": benchcomp.__version__,
        "command": list(command),
        "dataset": {
            "id": plan.dataset.id,
            "title": plan.dataset.title,
            "licence": plan.dataset.licence,
            "citation": plan.dataset.citation,
        },
        "images": plan.count,
        "codecs": [
            {"codec": c.codec, "options": c.options, "version": c.version, "rates": list(c.rates)}
            for c in plan.codecs
        ],
        "unavailable": plan.unavailable,
        "metrics": [
            {
                "name": m.name,
                "title": m.title,
                "unit": m.unit,
                "higher_is_better": m.higher_is_better,
                "definition": m.definition,
                "decibels": m.decibels,
            }
            for m in plan.metrics
        ],
        "environment": environment.describe(),
        "settings": {
            "jobs": jobs,
            "scheduler": scheduler,
            "threads": experiment.threads,
            "timing": "serial" if experiment.serial else "parallel",
            "repeats": experiment.repeats,
            "targets": [dataclasses.asdict(target) for target in experiment.targets],
            "tolerance": experiment.tolerance,
            "shard": list(experiment.shard),
            "time_limit_s": experiment.time_limit_s,
        },
        "experiment": write_toml(experiment),
    }


def groups(plan: Plan, store: Store, tally: Tally, split: bool) -> Iterator[Group]:
    """The tasks that the store doesn't have yet, image by image; ``split`` makes a group of each."""
    for image in images(plan.experiment, plan.dataset):
        record = store.image(image)
        if record is not None and record.reason:
            tally.skipped += len(plan.codecs)
            continue
        tasks = []
        for codec in plan.codecs:
            task = _task(plan, store, image, codec, record)
            if task is None:
                tally.skipped += 1
            else:
                tasks.append(task)
        if split:
            yield from ((task,) for task in tasks)
        elif tasks:
            yield tuple(tasks)


def first_tasks(plan: Plan) -> list[Task]:
    """The first image's tasks with every codec, as if nothing had been measured yet."""
    image = next(images(plan.experiment, plan.dataset))
    return [_new_task(plan, image, codec) for codec in plan.codecs]


def _new_task(plan: Plan, image: str, codec: CodecPlan) -> Task:
    experiment = plan.experiment
    return Task(
        experiment.dataset,
        image,
        codec,
        tuple(metric.name for metric in plan.metrics),
        experiment.targets,
        experiment.tolerance,
        experiment.repeats,
        experiment.keep_bitstreams,
    )


def _task(plan: Plan, store: Store, image: str, codec: CodecPlan, record: ImageRecord | None) -> Task | None:
    """The task for one image and codec, or ``None`` when the store has all of it."""
    experiment = plan.experiment
    definitions = {metric.name: metric.definition for metric in plan.metrics}
    task = _new_task(plan, image, codec)
    if record is None or record.sha256 is None:
        return task
    known: dict[float | None, Known] = {}
    complete = True
    for quality, (status, size, scored) in store.known(
        record.sha256, codec.codec, codec.options, codec.version
    ).items():
        scores = {
            name: scored[name, definition]
            for name, definition in definitions.items()
            if (name, definition) in scored
        }
        missing = status == "ok" and len(scores) < len(definitions)
        bitstream = store.bitstream(record.sha256, codec.codec, codec.options, quality) if missing else None
        known[quality] = Known(status, size, scores, bitstream)
        complete = complete and not (missing and quality in codec.rates)
    searched = store.searched(record.sha256, codec.codec, codec.options, codec.version)
    targets = tuple(t for t in experiment.targets if (t.measure, t.value) not in searched)
    if complete and not targets and all(rate in known for rate in codec.rates):
        return None
    return dataclasses.replace(task, targets=targets, sha256=record.sha256, known=known)


def run(
    plan: Plan,
    store: Store,
    executor: Executor,
    jobs: int,
    on_progress: Callable[[Tally], None] = lambda tally: None,
) -> Tally:
    """Run a plan to its end, leaving out what the store has, and return the tally.

    Raises:
        BenchcompError: the store can't be written; what it had is kept.
        KeyboardInterrupt: Ctrl-C; workers are stopped and results up to then are in the store.
    """
    experiment = plan.experiment
    tally = Tally(tasks_total=plan.count * len(plan.codecs))
    # With few images, single tasks keep all workers busy; with many, an image's tasks belong together.
    split = plan.count < 4 * jobs
    memory = experiment.memory_limit_bytes or _memory_share(jobs)
    limits = Limits(experiment.time_limit_s, memory, experiment.threads)
    # Planning reads through a connection of its own, since it goes on in the threads that feed workers.
    with Store.read(store.path) as known:
        work = groups(plan, known, tally, split)
        _collect(executor(work, limits), store, tally, on_progress)
    return tally


def _collect(results: Results, store: Store, tally: Tally, on_progress: Callable[[Tally], None]) -> None:
    """Write results as they come, twice a second; also those that came before an interruption."""
    pending: list[Result | Done] = []
    committed = time.monotonic()
    try:
        for batch in results:
            pending.extend(batch)
            for result in batch:
                tally.count(result)
            if time.monotonic() - committed > _COMMIT_S:
                _write(store, pending)
                committed = time.monotonic()
            on_progress(tally)
    finally:
        results.close()
        _write(store, pending)


def _write(store: Store, pending: list[Result | Done]) -> None:
    store.add(
        [r for r in pending if isinstance(r, ImageRecord)],
        [r for r in pending if isinstance(r, Point)],
        [r for r in pending if isinstance(r, Outcome)],
    )
    pending.clear()


def _memory_share(jobs: int) -> int:
    import psutil

    return int(0.8 * psutil.virtual_memory().total / jobs)


def local(jobs: int) -> Executor:
    """An executor on this machine: ``jobs`` worker processes, each watched by a thread of the driver."""

    def execute(groups: Iterator[Group], limits: Limits) -> Results:
        results: queue.Queue[Sequence[Result | Done] | BaseException | None] = queue.Queue(maxsize=64 * jobs)
        feed = _Feed(groups)
        workers = [Worker(limits) for _ in range(jobs)]
        threads = [
            threading.Thread(target=_serve, args=(worker, feed, results), daemon=True) for worker in workers
        ]
        for thread in threads:
            thread.start()
        running = jobs
        try:
            while running:
                item = results.get()
                if isinstance(item, BaseException):
                    raise item
                if item is None:
                    running -= 1
                else:
                    yield item
        finally:
            feed.close()
            for worker in workers:
                worker.stop()
            _join(threads, results)

    return execute


class _Feed:
    """Hands groups to threads one at a time; a plain generator may not be entered by two at once."""

    def __init__(self, groups: Iterator[Group]) -> None:
        self._groups = groups
        self._lock = threading.Lock()

    def take(self) -> Group | None:
        with self._lock:
            return next(self._groups, None)

    def close(self) -> None:
        with self._lock:
            self._groups = iter(())


def _serve(worker: Worker, feed: _Feed, results: queue.Queue[Any]) -> None:
    try:
        while (group := feed.take()) is not None:
            for task in group:
                for result in worker.run(task):
                    results.put([result])
                results.put([Done()])
        results.put(None)
    except BaseException as error:
        results.put(error)


def _join(threads: Iterable[threading.Thread], results: queue.Queue[Any]) -> None:
    """Wait for the threads, emptying the queue that they may be blocked on."""
    for thread in threads:
        while thread.is_alive():
            with contextlib.suppress(queue.Empty):
                results.get(timeout=0.05)
