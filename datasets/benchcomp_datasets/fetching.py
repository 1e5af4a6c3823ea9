"""Downloads files and unpacks archives for the data sets' ``fetch``, and words what goes wrong."""

from __future__ import annotations

import contextlib
import logging
import re
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchcomp import BenchcompError

__all__ = ["download", "unpack", "workplace"]

_TIMEOUT_S = 30
_CHUNK_BYTES = 1 << 16


class _Bar:
    """What pooch takes for a progress bar; tells bytes done and in total."""

    def __init__(self, tell: Callable[[int, int], None] | None) -> None:
        self.total = 0
        self._done = 0
        self._tell = tell

    def update(self, count: int) -> None:
        self._done += count  # pooch counts the last chunk as a whole one
        if self._tell is not None:
            self._tell(min(self._done, self.total or self._done), self.total)

    def reset(self) -> None:
        self._done = 0

    def close(self) -> None:
        pass


def download(url: str, file: Path, tell: Callable[[int, int], None] | None = None) -> None:
    """Download ``url`` to ``file``; ``tell`` is called with the bytes done and in total.

    Raises:
        BenchcompError: no network, no such address, or nowhere to put it.
    """
    import pooch
    import requests

    pooch.get_logger().setLevel(logging.WARNING)
    downloader = pooch.HTTPDownloader(progressbar=_Bar(tell), timeout=_TIMEOUT_S, chunk_size=_CHUNK_BYTES)
    try:
        pooch.retrieve(url, known_hash=None, fname=file.name, path=file.parent, downloader=downloader)
    except requests.HTTPError as error:
        status = error.response.status_code if error.response is not None else "an error"
        raise BenchcompError(f"{url}: the server answers {status}; try later") from error
    except (requests.RequestException, ValueError) as error:
        raise BenchcompError(
            f"{url}: can't be reached ({type(error).__name__}); check the network, or copy the files by hand"
        ) from error
    except OSError as error:
        raise BenchcompError(f"{file}: can't be written: {error.strerror or error}") from error


def unpack(archive: Path, names: re.Pattern[str], largest: int, folder: Path) -> list[Path]:
    """Unpack the regular files whose names match from a tar archive, and nothing else.

    Args:
        archive: the archive, compressed in any way that :mod:`tarfile` knows.
        names: what a member's whole name has to match.
        largest: the most bytes that a member may have.
        folder: where to unpack to.

    Returns:
        The unpacked files, in the archive's order.

    Raises:
        BenchcompError: the archive is damaged, or a member is larger than ``largest``.
    """
    files = []
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                if not member.isfile() or not names.fullmatch(member.name):
                    continue
                if member.size > largest:
                    raise BenchcompError(f"{archive.name}: {member.name} is suspiciously large")
                tar.extract(member, folder, filter="data")
                files.append(folder / member.name)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise BenchcompError(f"{archive.name}: is not a readable archive: {error}") from error
    return files


@contextlib.contextmanager
def workplace(target: Path) -> Iterator[Path]:
    """A temporary folder beside ``target``, from which files can be moved there in one step.

    Raises:
        BenchcompError: it can't be made.
    """
    try:
        target.mkdir(parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(prefix=".fetching-", dir=target)
    except OSError as error:
        raise BenchcompError(f"{target}: can't be written: {error.strerror or error}") from error
    with folder as path:
        yield Path(path)
