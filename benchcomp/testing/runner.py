"""Runs checks in a child process and watches it, so that what is checked may crash, hang or hoard memory.

A child that dies or hangs costs the check that it was in; the rest goes on in a new one.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import IO, Literal

from benchcomp import environment
from benchcomp.testing.child import Order, Step, Told, checks_of

__all__ = ["Verdict", "run"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one check.

    Attributes:
        check: the check's name.
        promise: what the contract promises, in a sentence.
        status: ``passed``, ``failed`` or ``not made`` (it doesn't apply).
        reason: a sentence that says what went wrong or why it wasn't made; empty when it passed.
        seconds: how long it took.
    """

    check: str
    promise: str
    status: Literal["passed", "failed", "not made"]
    reason: str
    seconds: float


def run(
    kind: str, text: str, checks: tuple[str, ...], time_limit_s: float, memory_limit_bytes: int
) -> Iterator[Verdict]:
    """Run checks by name, and yield each one's verdict as it comes."""
    promises = {check.__name__: _promise(check.__doc__) for check in checks_of(kind)}
    rest = list(checks)
    while rest:
        started = time.monotonic()
        with _child(Order(kind, text, tuple(rest), memory_limit_bytes)) as child:
            for told in _verdicts(child, rest[0], time_limit_s):
                if not rest:  # all verdicts are there; how the process ends is no matter
                    break
                # Dying between two checks is the later one's failure.
                check = told.check if told.check in rest else rest[0]
                rest.remove(check)
                yield Verdict(check, promises[check], told.status, told.reason, time.monotonic() - started)
                started = time.monotonic()


_START = "from benchcomp.testing.child import main; main()"


@dataclass(frozen=True, slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    connection: Connection
    errors: IO[bytes]


@contextlib.contextmanager
def _child(order: Order) -> Iterator[_Child]:
    ours, theirs = socket.socketpair()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", _START, str(theirs.fileno())],
            env={**os.environ, **environment.thread_settings(1)},
            stdin=subprocess.DEVNULL,
            stderr=errors,
            pass_fds=[theirs.fileno()],
            start_new_session=True,  # so that what it starts can be killed with it
        )
        theirs.close()
        connection = Connection(ours.detach())
        try:
            connection.send(order)
            yield _Child(process, connection, errors)
        finally:
            connection.close()
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _verdicts(child: _Child, first: str, time_limit_s: float) -> Iterator[Told]:
    """The verdicts of one child, up to its end; its death or a hang is the last one's failure."""
    step: Step = Step(first, "starting")
    while True:
        try:
            if not child.connection.poll(time_limit_s):
                yield Told(step.check, "failed", f"{step.what} had no end after {time_limit_s:g} s")
                return
            event = child.connection.recv()
        except (EOFError, OSError):
            end = _end(child)
            if end:
                yield Told(step.check, "failed", f"the process {end} while {step.what}")
            return
        if isinstance(event, Step):
            step = event
        else:
            yield event


def _end(child: _Child) -> str:
    """How the process ended, with its last words; empty where it ended as it should."""
    try:
        code = child.process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        return "closed its connection"
    if code == 0:
        return ""
    child.errors.seek(0)
    words = child.errors.read().decode(errors="replace").strip().splitlines()
    last = f" ({words[-1].strip()})" if words else ""
    if code < 0:
        return f"died of {signal.Signals(-code).name}{last}"
    return f"ended itself with exit code {code}{last}"


def _promise(docstring: str | None) -> str:
    return (docstring or "").strip().partition("\n")[0]
