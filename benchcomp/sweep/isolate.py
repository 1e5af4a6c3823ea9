"""Evaluates tasks in a process of their own, so that a codec may raise, hang, crash or eat memory.

A :class:`Worker` owns one such process. What fails costs its own rate point: the process is replaced
and the rest of the task goes on. It neither stores nor schedules anything.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection

import psutil

from benchcomp import environment
from benchcomp.errors import BenchcompError
from benchcomp.store import ImageRecord, Outcome, Point
from benchcomp.sweep import guard
from benchcomp.sweep.evaluate import Began, Done, Event, failure
from benchcomp.sweep.plan import Known, Task

__all__ = ["Limits", "Result", "Worker"]

Result = ImageRecord | Point | Outcome

_WATCH_S = 0.2
"""How often a running call's memory is looked at."""

_START_S = 120.0
"""How long a new process may take until its first task begins; it loads packages, from slow disks too."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a worker process may use.

    Attributes:
        time_s: seconds for one encode, decode or scoring step.
        memory_bytes: resident memory with children; 0 for no limit.
        threads: threads of numerical libraries.
    """

    time_s: float = 300.0
    memory_bytes: int = 0
    threads: int = 1


class Worker:
    """One worker process, replaced when it fails. Used by one thread; :meth:`stop` by any."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._ready = False
        self._stopped = False
        self._settled: int | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def run(self, task: Task) -> Iterator[Result]:
        """Evaluate a task and yield what it finds; failures come as points with their status.

        Yields nothing more after :meth:`stop`.

        Raises:
            BenchcompError: worker processes can't be started on this machine.
        """
        rest: Task | None = task
        while rest is not None and not self._stopped:
            rest = yield from self._attempt(rest)

    def stop(self) -> None:
        """Kill the process and everything it started; the worker is of no more use."""
        with self._lock:
            self._stopped = True
            self._kill()

    def _attempt(self, task: Task) -> Generator[Result, None, Task | None]:
        """Run the task until it is done or its process fails; return what then remains of it."""
        connection = self._start()
        began = Began("load")
        image: ImageRecord | None = None
        known = dict(task.known)
        try:
            try:
                connection.send(task)
            except OSError:
                # It died between two tasks, which costs no row: give the task to a new process.
                self._restart()
                return task
            while True:
                event = self._receive(connection)
                if isinstance(event, Done):
                    self._renew()
                    return None
                if isinstance(event, Began):
                    began = event
                    continue
                if isinstance(event, ImageRecord):
                    image = event
                    if image.sha256 != task.sha256:
                        known = {}
                elif isinstance(event, Point):
                    known[event.quality] = Known(
                        event.status, event.bytes, {score.metric: score.value for score in event.scores}
                    )
                yield event
                if isinstance(event, Point) and event.status == "memory":
                    # What the codec hoards must not cost the points after it: go on in a new process.
                    self._restart()
                    return replace(task, sha256=event.sha256, known=known)
        except _Failed as error:
            with self._lock:
                if self._stopped:
                    return None
                self._kill()
            if image is None or image.sha256 is None:
                yield ImageRecord(task.image, None, reason=f"{error} while it was being loaded")
                return None
            reason = f"{error} in {began.phase}"
            yield failure(task, image.sha256, began.quality, error.status, reason)
            known[began.quality] = Known(error.status)
            return replace(task, sha256=image.sha256, known=known)

    def _receive(self, connection: Connection) -> Event:
        """The next event; raises :class:`_Failed` when the process dies or outgrows a limit."""
        deadline = time.monotonic() + self.limits.time_s + (0 if self._ready else _START_S)
        try:
            while not connection.poll(_WATCH_S):
                if time.monotonic() > deadline:
                    raise _Failed("timeout", f"no end after {self.limits.time_s:g} s")
                if self.limits.memory_bytes and (used := self._memory()) > self.limits.memory_bytes:
                    raise _Failed(
                        "memory",
                        f"{used / 2**20:.0f} MiB used, {self.limits.memory_bytes / 2**20:.0f} MiB allowed",
                    )
            event: Event = connection.recv()
        except (EOFError, OSError) as error:
            raise _Failed("crash", self._cause_of_death()) from error
        self._ready = True
        return event

    def _start(self) -> Connection:
        with self._lock:
            if self._connection is not None and self._process is not None and self._process.poll() is None:
                return self._connection
            self._kill()
            ours, theirs = socket.socketpair()
            self._ready = False
            try:
                self._process = subprocess.Popen(
                    [
                        sys.executable,
                        "-m",
                        "benchcomp.sweep.worker",
                        str(theirs.fileno()),
                        str(self.limits.memory_bytes),
                    ],
                    env={**os.environ, **environment.thread_settings(self.limits.threads)},
                    stdin=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,  # Ctrl-C is the parent's business; children die as a group
                )
            except OSError as error:
                ours.close()
                raise BenchcompError(f"can't start a worker process: {error}; lower --jobs") from error
            finally:
                theirs.close()
            guard.watch(self._process.pid)
            self._connection = Connection(ours.detach())
            return self._connection

    def _renew(self) -> None:
        """Replace a process that has grown to half of its limit and twice what its first task left.

        A codec that leaks would otherwise meet the limit in the middle of a point that isn't to blame.
        """
        if not self.limits.memory_bytes:
            return
        used = self._memory()
        if self._settled is None:
            self._settled = used
        elif used > max(self.limits.memory_bytes // 2, 2 * self._settled):
            self._restart()

    def _restart(self) -> None:
        with self._lock:
            self._kill()

    def _kill(self) -> None:
        self._settled = None
        if self._process is not None:
            started = _descendants(self._process.pid)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            for process in started:  # also those that have left the group
                with contextlib.suppress(psutil.Error):
                    process.kill()
            self._process.wait()
            guard.release(self._process.pid)
            self._process = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _memory(self) -> int:
        assert self._process is not None
        try:
            process = psutil.Process(self._process.pid)
            return sum(p.memory_info().rss for p in [process, *process.children(recursive=True)])
        except psutil.Error:
            return 0

    def _cause_of_death(self) -> str:
        if self._process is None:
            return "the worker process was stopped"
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return "the worker process closed its connection"
        if code < 0:
            return f"the worker process died of {signal.Signals(-code).name}"
        return f"the worker process ended with exit code {code}"


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


class _Failed(Exception):
    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status
