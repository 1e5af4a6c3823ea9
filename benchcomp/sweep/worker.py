"""The worker process: takes tasks from its parent and evaluates them.

Started by :mod:`benchcomp.sweep.isolate` as ``python -m benchcomp.sweep.worker FD LIFE LIMIT``, the leader of
a session; not meant to be run by hand. When its parent dies, it ends with all programs that codecs started.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
from multiprocessing.connection import Connection


def main() -> None:
    """Serve tasks until the connection closes."""
    descriptor, life, memory_limit = (int(argument) for argument in sys.argv[1:4])
    _guard(life, descriptor)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory_limit:
        # Allocations beyond the limit fail here with a MemoryError, before the parent has to kill.
        resource.setrlimit(resource.RLIMIT_DATA, (memory_limit, memory_limit))
    # What codecs print must not end up in the terminal's progress display.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    connection = Connection(descriptor)
    from benchcomp.registry import default
    from benchcomp.sweep.evaluate import Evaluator

    evaluator = Evaluator(default())
    while True:
        try:
            task = connection.recv()
        except (EOFError, OSError):
            return
        evaluator.run(task, connection.send)


def _guard(life: int, descriptor: int) -> None:
    """Leave a process beside this one that kills it, and what it started, when the parent is gone.

    The parent holds the other end of the pipe ``life`` and never writes: its end is the parent's. A
    process of its own, since this one may hang in a call, and a signal at the parent's death would leave
    the programs that codecs started.
    """
    worker = os.getpid()
    if os.fork():
        os.close(life)
        return
    os.close(descriptor)  # or the parent wouldn't see this connection end with the worker
    with contextlib.suppress(OSError):
        os.read(life, 1)
    if os.getppid() == worker:
        import psutil

        with contextlib.suppress(psutil.Error):
            started = psutil.Process(worker).children(recursive=True)
            os.kill(worker, signal.SIGKILL)
            for process in started:  # also those that have left the group
                if process.pid != os.getpid():
                    with contextlib.suppress(psutil.Error):
                        process.kill()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
