"""Fresh processes for checks: what another process makes of the same picture, and what an import costs.

Such a process gets a pickled :class:`Question` on standard input and gives a pickled :class:`Answer` on
standard output.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchcomp.pixels import Pixels

__all__ = ["Answer", "ImportCost", "Question", "ask_two", "import_cost", "watched_folder"]


@dataclass(frozen=True, slots=True)
class Question:
    """A codec by name, a picture to encode, and a bitstream to decode."""

    codec: str
    pixels: Pixels
    quality: float | None
    bitstream: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it: text instead of bytes or pixels says why it failed."""

    version: str
    encoded: bytes | str
    decoded: Pixels | str


@dataclass(frozen=True, slots=True)
class ImportCost:
    """CPU seconds of an import, and the package that took most of them."""

    cpu_s: float
    heaviest: str


def ask_two(question: Question) -> list[Answer]:
    """Ask two fresh processes at once; their temporary folder is a new one.

    Raises:
        RuntimeError: a process died; says how it ended and its last words.
    """
    data = pickle.dumps(question)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", "from benchcomp.testing.elsewhere import main; main()"]
        processes = [
            subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**os.environ, "TMPDIR": folder},
            )
            for _ in range(2)
        ]
        for process in processes:  # both have the question before either is waited for
            assert process.stdin is not None
            process.stdin.write(data)
            process.stdin.close()
            process.stdin = None
        answers = []
        for process in processes:
            out, err = process.communicate()
            if process.returncode:
                words = err.decode(errors="replace").strip().splitlines()
                raise RuntimeError(
                    f"the process ended with {process.returncode}: {words[-1] if words else ''}"
                )
            answers.append(pickle.loads(out))
    return answers


def import_cost(module: str) -> ImportCost:
    """Import ``module`` in a fresh process that has the public API already.

    Raises:
        ImportError: it can't be imported.
    """
    code = (
        "import benchcomp, time\n"
        "for name in benchcomp.__all__: getattr(benchcomp, name)\n"
        f"start = time.process_time()\nimport {module}\nprint(time.process_time() - start)"
    )
    done = subprocess.run([sys.executable, "-X", "importtime", "-c", code], capture_output=True, text=True)
    if done.returncode:
        raise ImportError(done.stderr.strip().splitlines()[-1])
    own: Counter[str] = Counter()
    for microseconds, name in re.findall(r"^import time:\s+(\d+) \|[^|]*\|\s+(\S+)", done.stderr, re.M):
        own[name.partition(".")[0]] += int(microseconds)
    for known in ("benchcomp", "numpy"):
        own.pop(known, None)
    return ImportCost(float(done.stdout.splitlines()[-1]), own.most_common(1)[0][0])


@contextlib.contextmanager
def watched_folder() -> Iterator[str]:
    """An empty folder that is both the working folder and the temporary folder for a while."""
    here, temporary, variable = Path.cwd(), tempfile.tempdir, os.environ.get("TMPDIR")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        tempfile.tempdir = os.environ["TMPDIR"] = folder
        try:
            yield folder
        finally:
            os.chdir(here)
            tempfile.tempdir = temporary
            if variable is None:
                del os.environ["TMPDIR"]
            else:
                os.environ["TMPDIR"] = variable


def _answer(question: Question) -> Answer:
    from benchcomp.registry import default
    from benchcomp.testing.subject import message

    codec = default().codec(question.codec)
    encoded: bytes | str
    decoded: Pixels | str
    try:
        decoded = codec.decode(question.bitstream)
    except Exception as error:
        decoded = message(error)
    try:
        encoded = bytes(codec.encode(question.pixels, question.quality))
    except Exception as error:
        encoded = message(error)
    return Answer(codec.version(), encoded, decoded)


def main() -> None:
    """Answer one question."""
    out = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what codecs print must not get into the answer
    answer = _answer(pickle.load(sys.stdin.buffer))
    with open(out, "wb") as file:  # noqa: PTH123 (a descriptor)
        pickle.dump(answer, file)
