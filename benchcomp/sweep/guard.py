"""Ends the worker processes, and the programs that codecs started in them, when their driver was killed.

A driver that ends by itself ends its workers; one that is killed can't, and a worker may hang in a call
and never notice. So one small process beside each driver knows its workers and waits for its end. It is
run as a script and uses nothing of benchcomp, so that it starts in no time.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import threading

__all__ = ["release", "watch"]

_lock = threading.Lock()
_process: subprocess.Popen[bytes] | None = None


def watch(pid: int) -> None:
    """From now on, kill the process group ``pid`` and its descendants should this process be killed."""
    _tell(f"+{pid}\n")


def release(pid: int) -> None:
    """Forget a process group that has been ended."""
    _tell(f"-{pid}\n")


def _tell(line: str) -> None:
    global _process
    with _lock, contextlib.suppress(OSError):  # a run goes on without
        if _process is None:
            _process = subprocess.Popen(
                [sys.executable, "-I", __file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is the driver's business
            )
            atexit.register(_end)
        assert _process.stdin is not None
        _process.stdin.write(line.encode())
        _process.stdin.flush()


def _end() -> None:
    if _process is not None and _process.stdin is not None:
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            _process.stdin.close()
            _process.wait(timeout=5)


def main() -> None:
    """Keep the list of groups that standard input gives; kill those that are left at its end."""
    watched: set[int] = set()
    for line in sys.stdin:
        (watched.add if line[0] == "+" else watched.discard)(int(line[1:]))
    if watched:
        import psutil

        for pid in watched:
            started: list[psutil.Process] = []
            with contextlib.suppress(psutil.Error):
                started = psutil.Process(pid).children(recursive=True)
            with contextlib.suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
            for process in started:  # also those that have left the group
                with contextlib.suppress(psutil.Error):
                    process.kill()


if __name__ == "__main__":
    main()
