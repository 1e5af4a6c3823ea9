"""``benchcomp run``: sweep codecs over images and keep what was measured."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from benchcomp.errors import BenchcompError

if TYPE_CHECKING:
    from benchcomp.sweep.execute import Plan, Tally

app = typer.Typer(add_completion=False)
apps = {"run": app}


@app.command(
    epilog="Examples: benchcomp run --codecs jpeg,jp2k   ·   benchcomp run --codecs webp,avif:speed=4 "
    "--dataset folder:photos --target-bpp 0.25,0.5   ·   benchcomp run --config experiment.toml --resume"
)
def run(
    config: Annotated[
        Path | None, typer.Option(help="Experiment file (TOML); options given here override it.")
    ] = None,
    codecs: Annotated[
        str | None,
        typer.Option(help="Codec variants, comma-separated: jpeg,jpeg:subsampling=444,webp:effort=6."),
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option(help="Data set: facades-sample (default), facades[:split], kodak, folder:PATH, ..."),
    ] = None,
    metrics: Annotated[
        str | None,
        typer.Option(help="Metrics, comma-separated. Default: psnr_rgb,ssim_rgb,ms_ssim_rgb,lpips_alex."),
    ] = None,
    rates: Annotated[
        list[str] | None,
        typer.Option(
            help="Knob values for all codecs, 5,10,20 or 5:95:5, or for one: jpeg=5:95:5. Repeatable."
        ),
    ] = None,
    target_bpp: Annotated[
        str | None,
        typer.Option(help="Search on every image for these rates in bits per pixel, comma-separated."),
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option(help="Search on every image for a quality: METRIC=VALUE[,VALUE]. Repeatable."),
    ] = None,
    tolerance: Annotated[
        float | None, typer.Option(help="Relative deviation from a target that counts as reached. [0.01]")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many images.")] = None,
    shard: Annotated[
        str | None, typer.Option(help="Only the I-th of N parts of the images, I/N; `merge` joins the runs.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="Worker processes. Default: one per core.")
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(help="Run on a Dask cluster: tcp://HOST:PORT, or local:N to start one here."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Run file to write. Default: a new one in benchcomp-runs/.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run at --out (default: the newest run).")
    ] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="With --resume: try again what failed.")
    ] = False,
    repeats: Annotated[
        int | None, typer.Option(min=1, help="Timed encodes and decodes of each point. [1]")
    ] = None,
    serial: Annotated[
        bool, typer.Option("--serial", help="One task at a time: times without other load (for cost tables).")
    ] = False,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Threads for numerical libraries in each worker. [1]")
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option(help="Seconds that one encode or decode may take. [300]")
    ] = None,
    memory_limit: Annotated[
        int | None,
        typer.Option(min=64, help="MiB that one worker may use. Default: its share of the machine."),
    ] = None,
    no_bitstreams: Annotated[
        bool, typer.Option("--no-bitstreams", help="Don't keep the bytes; reports then have no pictures.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would run and how long; measure one image only.")
    ] = False,
    write_config: Annotated[
        Path | None, typer.Option(help="Write the experiment as TOML, for --config, and go on.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar and no summary.")] = False,
) -> None:
    """Run codecs over a data set at several rates, measure, and keep the results in a run file.

    A codec that raises, hangs or crashes costs its own rows; the summary says so and the exit code is
    1. Ctrl-C keeps what was measured; --resume goes on.
    """
    from benchcomp.cli import runs
    from benchcomp.registry import default
    from benchcomp.sweep import execute
    from benchcomp.sweep import plan as planning

    fields = planning.read_toml(config) if config else {}
    given: dict[str, Any] = {
        "codecs": _names(codecs),
        "dataset": dataset,
        "metrics": _names(metrics),
        "tolerance": tolerance,
        "limit": limit,
        "shard": _shard(shard),
        "repeats": repeats,
        "serial": serial or None,
        "threads": threads,
        "time_limit_s": time_limit,
        "memory_limit_bytes": memory_limit * 2**20 if memory_limit else None,
        "keep_bitstreams": False if no_bitstreams else None,
        "rates": _rates(rates) if rates else None,
        "targets": _targets(target_bpp, target),
    }
    fields |= {name: value for name, value in given.items() if value is not None}
    if resume and "codecs" not in fields:
        path = out or runs.find(None)
        fields = _experiment_of(path) | fields
        out = path
    if not fields.get("codecs"):
        raise BenchcompError(
            "no codecs: name them with --codecs, such as --codecs jpeg,jp2k (`benchcomp plugins` lists them)"
        )
    experiment = planning.Experiment(**fields)
    if write_config:
        write_config.write_text(planning.write_toml(experiment), encoding="utf-8")
    plan = execute.make_plan(experiment, default())
    for reason in plan.unavailable.values():
        typer.echo(f"benchcomp: warning: {reason}; going on without it", err=True)
    jobs = 1 if experiment.serial else jobs or len(os.sched_getaffinity(0))
    if dry_run:
        _describe(plan, jobs)
        return
    path = out or (runs.find(None) if resume else runs.new_path(plan.dataset.id))
    tally = _execute(plan, path, jobs, scheduler, resume, retry_failed, quiet)
    if not quiet:
        _summarise(plan, path, tally)
    failed = {status: n for status, n in tally.statuses.items() if status != "ok"}
    if failed or tally.unreadable:
        raise typer.Exit(1)


def _execute(
    plan: Plan, path: Path, jobs: int, scheduler: str | None, resume: bool, retry_failed: bool, quiet: bool
) -> Tally:
    from benchcomp.store import Store, holds_run, joined_manifest
    from benchcomp.sweep import execute

    if scheduler:
        from benchcomp.sweep.cluster import dask

        executor = dask(scheduler, plan)
    else:
        executor = execute.local(jobs)
    manifest = execute.manifest(plan, jobs, scheduler, ["benchcomp", *sys.argv[1:]])
    if resume and holds_run(path):
        store = Store.append(path)
        store.set_manifest(joined_manifest(store.manifest(), manifest))
        if retry_failed:
            store.forget_failures()
    else:
        store = Store.create(path, manifest)
    try:
        with store, _progress(quiet) as on_progress:
            return execute.run(plan, store, executor, jobs, on_progress)
    except KeyboardInterrupt:
        typer.echo(f"\nbenchcomp: interrupted; `benchcomp run --resume --out {path}` goes on", err=True)
        raise typer.Exit(130) from None


def _experiment_of(path: Path) -> dict[str, Any]:
    """The experiment that a run file was made with."""
    from benchcomp.store import Store
    from benchcomp.sweep import plan as planning

    with Store.read(path) as store:
        return planning.parse_toml(store.manifest()["experiment"], f"the experiment in {path}")


@contextmanager
def _progress(quiet: bool) -> Iterator[Any]:
    """A progress bar with the time left on a terminal, nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield lambda tally: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("images x codecs")

        def update(tally: Tally) -> None:
            failed = sum(n for status, n in tally.statuses.items() if status != "ok")
            note = f"{tally.points} points" + (f", [red]{failed} failed[/red]" if failed else "")
            progress.update(
                bar, completed=tally.tasks + tally.skipped, total=tally.tasks_total, description=note
            )

        yield update


def _describe(plan: Plan, jobs: int) -> None:
    """Say what would run; measure the first image with every codec to say how long."""
    import time

    from benchcomp.sweep.execute import first_tasks
    from benchcomp.sweep.isolate import Limits, Worker

    experiment = plan.experiment
    typer.echo(f"{plan.dataset.id}: {plan.count} images; metrics: {', '.join(m.name for m in plan.metrics)}")
    total = 0.0
    with Worker(Limits(experiment.time_limit_s, experiment.memory_limit_bytes, experiment.threads)) as worker:
        for number, task in enumerate(first_tasks(plan)):
            if number == 0:
                list(worker.run(task))  # start the process and load the metrics' weights
            start = time.perf_counter()
            results = list(worker.run(task))
            seconds = time.perf_counter() - start
            total += seconds * plan.count
            rates = ", ".join("-" if rate is None else f"{rate:g}" for rate in task.codec.rates)
            wanted = ", ".join(f"{t.measure}={t.value:g}" for t in task.targets)
            failed = [r for r in results if getattr(r, "status", "ok") != "ok"]
            note = f"; FAILED on the first image: {failed[0].reason}" if failed else ""
            typer.echo(
                f"  {task.codec.label} ({task.codec.version}): "
                + "; ".join(
                    part
                    for part in (f"rates {rates}" if rates else "", f"targets {wanted}" if wanted else "")
                    if part
                )
                + f"; {seconds:.2f} s an image{note}"
            )
    typer.echo(f"about {_duration(total / jobs)} with {jobs} worker{'s' if jobs > 1 else ''}")


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def _summarise(plan: Plan, path: Path, tally: Tally) -> None:
    from benchcomp.cli import tables
    from benchcomp.registry import default
    from benchcomp.results import load

    results = load(path, default())
    tables.print_summary(results)
    for image, reason in list(tally.unreadable.items())[:5]:
        typer.echo(f"not read: {image}: {reason}", err=True)
    if len(tally.unreadable) > 5:
        typer.echo(f"not read: {len(tally.unreadable) - 5} images more", err=True)
    typer.echo(f"kept in {path}; `benchcomp report` makes the page")


def _names(text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def _shard(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    part, _, parts = text.partition("/")
    if not (part.isdigit() and parts.isdigit() and 1 <= int(part) <= int(parts)):
        raise BenchcompError(f"--shard is I/N with 1 <= I <= N, such as 1/4, not {text!r}")
    return int(part) - 1, int(parts)


def _rates(texts: list[str]) -> dict[str, tuple[float, ...]]:
    rates: dict[str, tuple[float, ...]] = {}
    for text in texts:
        codec, equals, values = text.rpartition("=")
        rates[codec if equals else ""] = _numbers(values, "--rates")
    return rates


def _numbers(text: str, option: str) -> tuple[float, ...]:
    """Numbers from ``1,2,3`` and inclusive ranges ``low:high:step``, in any mixture."""
    import numpy as np

    numbers: list[float] = []
    for part in text.split(","):
        try:
            bounds = [float(bound) for bound in part.split(":")]
        except ValueError:
            raise BenchcompError(
                f"{option}: {part!r} is neither a number nor a range low:high:step"
            ) from None
        if len(bounds) == 1:
            numbers.append(bounds[0])
        elif len(bounds) == 3 and bounds[2] != 0:
            count = int(np.floor((bounds[1] - bounds[0]) / bounds[2] + 1e-9)) + 1
            if not 0 < count <= 10_000:
                raise BenchcompError(f"{option}: the range {part!r} has {max(count, 0)} values")
            numbers += [float(bounds[0] + i * bounds[2]) for i in range(count)]
        else:
            raise BenchcompError(f"{option}: {part!r} is neither a number nor a range low:high:step")
    return tuple(numbers)


def _targets(bpp: str | None, others: list[str] | None) -> tuple[Any, ...] | None:
    from benchcomp.sweep.plan import Target

    targets = [Target("bpp", value) for value in _numbers(bpp, "--target-bpp")] if bpp else []
    for text in others or []:
        measure, equals, values = text.partition("=")
        if not equals:
            raise BenchcompError(f"--target is METRIC=VALUE, such as ssim_rgb=0.9, not {text!r}")
        targets += [Target(measure.strip(), value) for value in _numbers(values, "--target")]
    if any(t.measure == "bpp" and t.value <= 0 for t in targets):
        raise BenchcompError("a target rate is a number of bits per pixel above 0")
    return tuple(targets) or None
