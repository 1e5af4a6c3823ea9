"""Runs a plan's tasks on a Dask cluster.

The driver keeps the plan and the store, as it does locally; a task goes to any Dask worker, which
evaluates it in an isolated process of its own (:mod:`benchcomp.sweep.isolate`) and sends the results
back. Images are read where they are measured, so their paths have to be the same on every worker.
Workers may join and die; what a dead one was doing is done again elsewhere.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import benchcomp
from benchcomp.errors import BenchcompError
from benchcomp.sweep.evaluate import Done
from benchcomp.sweep.isolate import Limits, Result, Worker
from benchcomp.sweep.plan import Task

if TYPE_CHECKING:
    from distributed import Client

    from benchcomp.sweep.execute import Executor, Group, Plan, Results

__all__ = ["dask"]

_AHEAD = 3
"""Groups under way for each Dask thread: enough that none waits, few enough to stay flat in memory."""

_RETRIES = 3
"""How often a group is tried again after the workers that had it died."""


def dask(address: str, plan: Plan) -> Executor:
    """An executor on the cluster at ``address``: ``tcp://host:port``, or ``local:N`` to start one here.

    Raises:
        BenchcompError: dask.distributed isn't installed, or the address isn't one.
    """
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise BenchcompError("--scheduler needs Dask: pip install 'benchcomp[distributed]'") from error
    local = address.removeprefix("local:")
    if address.startswith("local:") and not (local.isdigit() and int(local) > 0):
        raise BenchcompError(f"--scheduler {address}: local:N starts N workers, such as local:2")
    if not address.startswith("local:") and "://" not in address:
        raise BenchcompError(f"--scheduler {address}: an address is tcp://HOST:PORT or local:N")

    def execute(groups: Iterator[Group], limits: Limits) -> Results:
        client = _connect(address)
        try:
            _check_versions(client, _versions_wanted(plan))
            yield from _stream(client, groups, limits)
        finally:
            _close(client, address)

    return execute


def _connect(address: str) -> Client:
    from distributed import Client, LocalCluster

    try:
        if address.startswith("local:"):
            cluster = LocalCluster(
                n_workers=int(address.removeprefix("local:")),
                threads_per_worker=1,
                processes=True,
                dashboard_address=None,
            )
            return Client(cluster, set_as_default=False)
        client = Client(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise BenchcompError(f"no Dask scheduler answers at {address}: {error}") from error
    if not client.scheduler_info()["workers"]:
        client.close()
        raise BenchcompError(
            f"the Dask scheduler at {address} has no workers; start some with `dask worker {address}`"
        )
    return client


def _close(client: Client, address: str) -> None:
    cluster = client.cluster if address.startswith("local:") else None
    client.close()
    if cluster is not None:
        cluster.close()


def _stream(client: Client, groups: Iterator[Group], limits: Limits) -> Results:
    """Keep the workers busy and yield each group's results as it is done."""
    from distributed import KilledWorker, as_completed

    arrivals = as_completed(loop=client.loop)
    running: dict[Any, tuple[Group, int]] = {}

    def submit(group: Group, tries: int) -> None:
        future = client.submit(_evaluate, group, limits, pure=False)
        running[future] = (group, tries)
        arrivals.add(future)

    def room() -> int:
        threads: int = sum(client.nthreads().values())
        return _AHEAD * max(1, threads)

    try:
        capacity = room()
        for group in groups:
            submit(group, 0)
            if len(running) >= capacity:
                break
        while running:
            future = next(arrivals)
            group, tries = running.pop(future)
            try:
                results = future.result()
            except KilledWorker:
                if tries >= _RETRIES:
                    raise BenchcompError(
                        f"Dask workers died {tries + 1} times over image {group[0].image!r}; "
                        "look at their logs, and --resume goes on"
                    ) from None
                submit(group, tries + 1)
                continue
            yield results
            capacity = room()
            while len(running) < capacity and (following := next(groups, None)) is not None:
                submit(following, 0)
    finally:
        client.cancel(list(running))


# -- what runs on the workers ------------------------------------------------------------------------

_workers = threading.local()
"""Each thread of a Dask worker keeps one isolated process."""


def _evaluate(group: tuple[Task, ...], limits: Limits) -> list[Result | Done]:
    """Evaluate one image's tasks on this worker."""
    for task in group:
        _check_here(task)
    worker = getattr(_workers, "worker", None)
    if worker is None or worker.limits != limits:
        worker = _workers.worker = Worker(limits)
    return [result for task in group for result in (*worker.run(task), Done())]


def _check_here(task: Task) -> None:
    """Refuse to measure with another version than the driver's: a worker may have joined since the start."""
    from benchcomp.registry import default

    version = default().codec(task.codec.label).version()
    if version != task.codec.version:
        raise BenchcompError(
            _difference({task.codec.label: task.codec.version}, {task.codec.label: version}, "a worker")
        )


def _versions_wanted(plan: Plan) -> dict[str, str]:
    wanted = {codec.label: codec.version for codec in plan.codecs}
    wanted |= {f"metric {metric.name}": metric.definition for metric in plan.metrics}
    return {"benchcomp": benchcomp.__version__, **wanted}


def _versions_here(names: Sequence[str]) -> dict[str, str]:
    """The same on this machine, with the reason in place of what isn't available."""
    from benchcomp.registry import default

    found = {}
    for name in names:
        try:
            if name == "benchcomp":
                found[name] = benchcomp.__version__
            elif name.startswith("metric "):
                found[name] = default().metric(name.removeprefix("metric ")).definition
            else:
                found[name] = default().codec(name).version()
        except BenchcompError as error:
            found[name] = str(error)
    return found


def _check_versions(client: Client, wanted: Mapping[str, str]) -> None:
    """Compare every worker's versions with the driver's before anything is measured.

    Raises:
        BenchcompError: they differ; names the worker, the part and both versions.
    """
    for worker, found in client.run(_versions_here, list(wanted)).items():
        if found != dict(wanted):
            raise BenchcompError(_difference(wanted, found, f"worker {worker}"))


def _difference(wanted: Mapping[str, str], found: Mapping[str, str], where: str) -> str:
    parts = [
        f"{name}: {found.get(name)!r} there, {version!r} here"
        for name, version in wanted.items()
        if found.get(name) != version
    ]
    return f"{where} differs from this machine ({'; '.join(parts)}); install the same versions everywhere"
