"""Conformance tests that plugin authors run against their codec, metric, data set or report.

In a plugin's own test suite::

    from benchcomp import testing

    def test_conformance():
        testing.assert_conforms("my-codec")

``benchcomp plugins check my-codec`` makes the same checks on the command line. Checks run in a process of
their own with a time limit a step, so that a codec may crash, hang or hoard memory and the others' verdicts
still come.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, get_args

from benchcomp.errors import BenchcompError
from benchcomp.registry import default
from benchcomp.testing.child import checks_of
from benchcomp.testing.reports import example_results
from benchcomp.testing.runner import Verdict, run
from benchcomp.variants import did_you_mean

__all__ = [
    "Checked",
    "Verdict",
    "assert_conforms",
    "check",
    "example_results",
]

Checked = Literal["codec", "metric", "dataset", "report"]
"""The kinds of things that there are checks for."""

TIME_LIMIT_S = 300.0
MEMORY_LIMIT_BYTES = 6 << 30


def check(
    name: str,
    checks: Sequence[str] | None = None,
    *,
    kind: Checked | None = None,
    time_limit_s: float = TIME_LIMIT_S,
    memory_limit_bytes: int = MEMORY_LIMIT_BYTES,
) -> Iterator[Verdict]:
    """Check a plugin's codec, metric, data set or report.

    Args:
        name: what users type: ``my-codec``, ``my-codec:option=value``, ``my-images:argument``.
        checks: names of the checks to make; all of them by default.
        kind: what ``name`` names, where that isn't clear.
        time_limit_s: seconds for one step (one encode, say).
        memory_limit_bytes: memory that the process may allocate.

    Yields:
        A verdict a check, as they come.

    Raises:
        BenchcompError: nothing is called ``name``, it is unavailable on this machine, or no such check.
    """
    kind = kind or _kind(name)
    known = [check.__name__ for check in checks_of(kind)]
    for wanted in checks or ():
        if wanted not in known:
            raise BenchcompError(f"no {kind} check is called {wanted!r}{did_you_mean(wanted, known)}")
    getattr(default(), kind)(name)  # raises here, in one line, where there is nothing to check
    chosen = tuple(known if checks is None else checks)
    return run(kind, name, chosen, time_limit_s, memory_limit_bytes)


def assert_conforms(name: str, *, kind: Checked | None = None, time_limit_s: float = TIME_LIMIT_S) -> None:
    """Make all checks, for use as a test.

    Raises:
        AssertionError: some failed; the message has a line for each that says why in a sentence.
        BenchcompError: nothing is called ``name``, or it is unavailable.
    """
    verdicts = check(name, kind=kind, time_limit_s=time_limit_s)
    failures = [f"{verdict.check}: {verdict.reason}" for verdict in verdicts if verdict.status == "failed"]
    assert not failures, "\n".join([f"{name} breaks the contract:", *failures])


def _kind(name: str) -> Checked:
    """The one kind that has something of this name."""
    bare = name.partition(":")[0]
    registry = default()
    kinds: list[Checked] = [kind for kind in get_args(Checked) if registry.has(kind, bare)]
    if len(kinds) == 1:
        return kinds[0]
    if kinds:
        raise BenchcompError(f"{bare!r} names a {' and a '.join(kinds)}; say which with --kind")
    known = [known for kind in get_args(Checked) for known in registry.names(kind)]
    raise BenchcompError(f"nothing to check is called {bare!r}{did_you_mean(bare, known)}")
