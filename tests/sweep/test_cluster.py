"""Runs on real Dask clusters: workers in processes of their own on this machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from runfiles import measured

from benchcomp.registry import Registry
from benchcomp.results import load

Command = Callable[..., subprocess.CompletedProcess[str]]
SWEEP = ("run", "--dataset", "tiny:40", "--metrics", "mae", "--quiet", "--codecs", "slow,raises")


@pytest.fixture
def scheduler(
    environment: dict[str, str], tmp_path: Path
) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers, as a user would start them; yields the address and the workers."""
    file = tmp_path / "scheduler.json"
    launch = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    processes = [
        subprocess.Popen(
            [*launch, "--port", "0", "--no-dashboard", "--host", "127.0.0.1", "--scheduler-file", str(file)],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
    ]  # fmt: skip
    workers = [start_worker(file, environment, tmp_path) for _ in range(2)]
    deadline = time.monotonic() + 60
    while not file.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    address = json.loads(file.read_text())["address"]
    from distributed import Client

    with Client(address, timeout="60s", set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
    yield address, workers
    for process in [*workers, *processes]:
        if process.poll() is None:
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
            process.kill()
        process.wait()


def start_worker(file: Path, environment: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(file), "--nthreads", "1",
            "--no-dashboard", "--local-directory", str(folder),
        ],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def test_a_cluster_gives_the_same_rows_and_a_killed_worker_costs_none(
    scheduler: tuple[str, list[subprocess.Popen[bytes]]],
    benchcomp: Command,
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    address, workers = scheduler
    run = tmp_path / "cluster.sqlite"

    def kill_one_in_mid_run() -> None:
        deadline = time.monotonic() + 60
        while measured(run) < 20 and time.monotonic() < deadline:
            time.sleep(0.05)
        # The nanny is killed with its worker, so that nothing comes back.
        for child in psutil.Process(workers[0].pid).children(recursive=True):
            child.kill()
        os.kill(workers[0].pid, signal.SIGKILL)

    killer = threading.Thread(target=kill_one_in_mid_run, daemon=True)
    killer.start()
    done = benchcomp(*SWEEP, "--scheduler", address, "--out", run)
    assert done.returncode == 1, done.stderr  # raises, and image13 can't be read
    killer.join(timeout=1)
    assert not killer.is_alive()
    assert workers[0].wait(timeout=5) == -signal.SIGKILL
    assert benchcomp(*SWEEP, "--out", tmp_path / "local.sqlite").returncode == 1
    columns = ["image", "codec", "quality", "status", "bytes", "mae"]
    frames = [load(tmp_path / f"{name}.sqlite", Registry()).frame[columns] for name in ("cluster", "local")]
    assert frames[0].equals(frames[1])
    assert len(frames[0]) == 39 * 2 * 4


def test_workers_of_another_version_are_refused_before_the_start(
    scheduler: tuple[str, list[subprocess.Popen[bytes]]], benchcomp: Command, tmp_path: Path
) -> None:
    done = benchcomp(*SWEEP, "--scheduler", scheduler[0], "--out", "run.sqlite", SHADES_VERSION="shades 2")
    assert done.returncode == 2
    assert "slow: 'shades 1' there, 'shades 2' here" in done.stderr
    assert "install the same versions everywhere" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_cluster_can_be_started_on_the_spot(benchcomp: Command, tmp_path: Path) -> None:
    done = benchcomp(
        "run", "--dataset", "tiny:5", "--metrics", "mae", "--quiet", "--codecs", "shades", "--scheduler", "local:2",
        "--out", "run.sqlite",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(load(tmp_path / "run.sqlite", Registry()).frame) == 20


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("local:none", "local:N starts N workers"),
        ("somewhere", "an address is tcp://HOST:PORT or local:N"),
        ("tcp://127.0.0.1:9", "no Dask scheduler answers at tcp://127.0.0.1:9"),
    ],
)
def test_bad_addresses(benchcomp: Command, address: str, message: str) -> None:
    done = benchcomp(*SWEEP, "--scheduler", address)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
