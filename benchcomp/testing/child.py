"""The process in which checks run: takes a list of checks, announces each step, tells each verdict.

Started by :mod:`benchcomp.testing.runner`, which gives it the descriptor of a socket.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Literal

__all__ = ["Order", "Step", "Told", "checks_of"]


@dataclass(frozen=True, slots=True)
class Order:
    """What to check: kind and name of the thing, the checks by name, and bytes of memory allowed."""

    kind: str
    text: str
    checks: tuple[str, ...]
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a check begins."""

    check: str
    what: str


@dataclass(frozen=True, slots=True)
class Told:
    """A check is over."""

    check: str
    status: Literal["passed", "failed", "not made"]
    reason: str


def checks_of(kind: str) -> tuple[Callable[..., None], ...]:
    """The checks of one kind of thing, in the order in which they run."""
    if kind == "codec":
        from benchcomp.testing.codecs import CHECKS as CODEC_CHECKS

        return CODEC_CHECKS
    if kind == "metric":
        from benchcomp.testing.metrics import CHECKS as METRIC_CHECKS

        return METRIC_CHECKS
    if kind == "dataset":
        from benchcomp.testing.datasets import CHECKS as DATASET_CHECKS

        return DATASET_CHECKS
    if kind == "report":
        from benchcomp.testing.reports import CHECKS as REPORT_CHECKS

        return REPORT_CHECKS
    raise ValueError(f"there are no checks for a {kind}")


def run(order: Order, send: Callable[[Step | Told], None]) -> None:
    """Make the checks of an order one after another."""
    from benchcomp.registry import default
    from benchcomp.testing.subject import CodecSubject, Failure, NotMade, Subject, message

    current = ""

    def announce(what: str) -> None:
        send(Step(current, what))

    kind: Any = CodecSubject if order.kind == "codec" else Subject
    subject = kind(order.kind, order.text, default(), announce)
    for check in checks_of(order.kind):
        current = check.__name__
        if current not in order.checks:
            continue
        announce(f"the check {current}")
        try:
            check(subject)
        except Failure as failure:
            send(Told(current, "failed", str(failure)))
        except NotMade as reason:
            send(Told(current, "not made", str(reason)))
        except Exception as error:
            send(Told(current, "failed", message(error)))
        else:
            send(Told(current, "passed", ""))


def main() -> None:
    """Serve one order."""
    connection = Connection(int(sys.argv[1]))
    order: Order = connection.recv()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (order.memory_bytes, order.memory_bytes))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    run(order, connection.send)
    connection.close()
    os._exit(0)  # libraries that crash while Python shuts down must not spoil the verdicts
