"""Workers that are killed or leak, and programs that codecs start."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from runfiles import measured

from benchcomp.registry import Registry
from benchcomp.results import load
from benchcomp.store import Point, Store
from benchcomp.sweep.isolate import Limits, Worker
from benchcomp.sweep.plan import CodecPlan, Task

Command = Callable[..., subprocess.CompletedProcess[str]]

SWEEP = ("run", "--metrics", "mae", "-j", "2", "--quiet")
SAME = ["image", "codec", "quality", "status", "bytes", "mae"]


def start(environment: dict[str, str], *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "benchcomp", *map(str, arguments)],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def wait_for(condition: Callable[[], object], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_killed_workers_cost_a_row_each_and_the_run_goes_on(
    benchcomp: Command, environment: dict[str, str], tmp_path: Path
) -> None:
    path, undisturbed = tmp_path / "run.sqlite", tmp_path / "undisturbed.sqlite"
    arguments = [*SWEEP, "--dataset", "tiny:80", "--codecs", "slow"]
    process = start(environment, *arguments, "--out", path)
    killed: set[int] = set()
    wait_for(lambda: measured(path) > 3)
    for _ in range(3):
        wait_for(lambda: len(fresh(process.pid, killed)) == 2)
        victim, reached = fresh(process.pid, killed)[0], measured(path)
        wait_for(lambda reached=reached: measured(path) > reached)  # it is at work
        killed.add(victim.pid)
        victim.send_signal(signal.SIGKILL)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "Traceback" not in errors
    frame = load(path, Registry()).frame
    crashed = frame[frame["status"] == "crash"]
    assert crashed["reason"].str.contains("the worker process died of SIGKILL").all()
    with Store.read(path) as store:
        unread = [i for i in store.images().values() if "SIGKILL while it was being loaded" in i.reason]
    assert 1 <= len(crashed) + len(unread) <= 3
    assert (frame["status"] == "ok").sum() == (79 - len(unread)) * 4 - len(crashed)
    # image13 can't be read, which is all that is left of failures.
    assert benchcomp("run", "--resume", "--retry-failed", "--out", path, "--quiet").returncode == 1
    assert benchcomp(*arguments, "--out", undisturbed).returncode == 1
    assert load(path, Registry()).frame[SAME].equals(load(undisturbed, Registry()).frame[SAME])


def fresh(driver: int, killed: set[int]) -> list[psutil.Process]:
    """The workers that haven't been killed yet."""
    workers = []
    for child in psutil.Process(driver).children():
        with contextlib.suppress(psutil.Error):  # it may end at this moment
            if child.pid not in killed and "benchcomp.sweep.worker" in child.cmdline():
                workers.append(child)
    return workers


def test_a_leaking_codec_gets_a_new_process_before_it_meets_the_limit(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PYTHONPATH", "BENCHCOMP_PLUGINS"):
        monkeypatch.setenv(name, environment[name])
    plan = CodecPlan("leaky", "", "shades 1", (1.0, 2.0, 4.0, 6.0))
    processes = set()
    with Worker(Limits(time_s=30, memory_bytes=900 * 2**20)) as worker:
        for number in range(1, 9):
            found = [
                r for r in worker.run(Task("tiny", f"image{number}", plan, ("mae",))) if isinstance(r, Point)
            ]
            assert [point.status for point in found] == ["ok"] * 4
            if worker._process is not None:
                processes.add(worker._process.pid)
    assert len(processes) > 1


def test_a_codec_that_outgrows_the_limit_within_a_task_goes_on_in_a_new_process(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PYTHONPATH", "BENCHCOMP_PLUGINS"):
        monkeypatch.setenv(name, environment[name])
    plan = CodecPlan("leaky", "", "shades 1", tuple(float(q) for q in range(1, 9)))
    with Worker(Limits(time_s=30, memory_bytes=300 * 2**20)) as worker:
        found = [r for r in worker.run(Task("tiny", "image1", plan, ("mae",))) if isinstance(r, Point)]
    statuses = [point.status for point in found]
    assert len(found) == 8
    assert set(statuses) == {"ok", "memory"}
    assert statuses[0] == "ok"
    # After the point that met the limit, the new process has room again.
    assert statuses[statuses.index("memory") + 1] == "ok"


def sleepers(marker: str) -> list[psutil.Process]:
    """Programs that the codec started, of any parent, zombies too."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cmdline()[:2] == ["sleep", marker]:
                found.append(process)
        except psutil.Error:
            continue
    return found


def start_with_programs(environment: dict[str, str], marker: str, out: Path) -> subprocess.Popen[str]:
    """A sweep whose codec has started its programs."""
    process = start(
        {**environment, "EXTERNAL_MARKER": marker}, *SWEEP, "--dataset", "tiny:8", "--codecs", "external",
        "--out", out,
    )  # fmt: skip
    wait_for(lambda: len(sleepers(marker)) >= 4)
    return process


@pytest.mark.parametrize("times", [1, 2])
def test_interrupting_leaves_no_program_that_a_codec_started(
    environment: dict[str, str], tmp_path: Path, times: int
) -> None:
    marker = f"{100_000 + os.getpid()}.{times}"
    process = start_with_programs(environment, marker, tmp_path / "run.sqlite")
    for _ in range(times):
        process.send_signal(signal.SIGINT)
        time.sleep(0.05)
    _, errors = process.communicate(timeout=60)
    # A second Ctrl-C may come when Python is already on its way out.
    assert process.returncode in ((130,) if times == 1 else (130, -signal.SIGINT))
    assert "Traceback" not in errors
    wait_for(lambda: not sleepers(marker), seconds=5)


def test_killing_the_driver_leaves_no_worker_and_no_program(
    environment: dict[str, str], tmp_path: Path
) -> None:
    marker = f"{300_000 + os.getpid()}"
    process = start_with_programs(environment, marker, tmp_path / "run.sqlite")
    descendants = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate(timeout=60)
    wait_for(lambda: not any(alive(one) for one in [*sleepers(marker), *descendants]), seconds=10)


def alive(process: psutil.Process) -> bool:
    """Whether it runs; a zombie is left where nothing reaps orphans."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def test_starting_a_worker_takes_nothing_of_the_time_limit(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Loading this package takes longer than the limit.
    (tmp_path / "sitecustomize.py").write_text("import time; time.sleep(1.5)")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), environment["PYTHONPATH"]]))
    monkeypatch.setenv("BENCHCOMP_PLUGINS", environment["BENCHCOMP_PLUGINS"])
    plan = CodecPlan("shades", "", "shades 1", (2.0,))
    with Worker(Limits(time_s=1.0)) as worker:
        found = [r for r in worker.run(Task("tiny", "image1", plan, ("mae",))) if isinstance(r, Point)]
    assert [point.status for point in found] == ["ok"]


def test_a_time_limit_ends_the_programs_that_a_codec_started(benchcomp: Command, tmp_path: Path) -> None:
    marker = f"{200_000 + os.getpid()}"
    done = benchcomp(
        *SWEEP, "--dataset", "tiny:1", "--codecs", "external", "--rates", "2", "--time-limit", "1",
        "--out", tmp_path / "run.sqlite", EXTERNAL_MARKER=marker,
    )  # fmt: skip
    assert done.returncode == 1
    assert list(load(tmp_path / "run.sqlite", Registry()).frame["status"]) == ["timeout"]
    assert sleepers(marker) == []
