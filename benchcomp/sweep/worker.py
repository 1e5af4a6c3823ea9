"""The worker process: takes tasks from its parent and evaluates them.

Started by :mod:`benchcomp.sweep.isolate` as ``python -m benchcomp.sweep.worker FD LIMIT``; not meant to
be run by hand. It ends when its parent does; :mod:`benchcomp.sweep.guard` sees to that should it hang.
"""

from __future__ import annotations

import os
import resource
import sys
from multiprocessing.connection import Connection


def main() -> None:
    """Serve tasks until the connection closes."""
    descriptor, memory_limit = int(sys.argv[1]), int(sys.argv[2])
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


if __name__ == "__main__":
    main()
