"""Where data sets lie on this machine: the folder in ``BENCHCOMP_DATA``, or else the user's cache.

Only paths are found here; nothing is opened or downloaded.
"""

from __future__ import annotations

import os
from pathlib import Path

from benchcomp import BenchcompError

__all__ = ["find", "target"]


def target(name: str) -> Path:
    """The folder into which data set ``name`` is fetched: ``$BENCHCOMP_DATA/name``, or the cache's."""
    stated = os.environ.get("BENCHCOMP_DATA")
    return Path(stated).expanduser() / name if stated else _cache() / name


def find(name: str, part: str = "") -> Path:
    """The folder that holds data set ``name`` (or ``part`` of it).

    Raises:
        BenchcompError: it is in neither place; says how to get it.
    """
    for folder in dict.fromkeys((target(name), _cache() / name)):
        if (folder / part).is_dir():
            return folder / part
    what = f"{name}:{part}" if part else name
    raise BenchcompError(
        f"data set {what!r} is not in {target(name)}; run 'benchcomp datasets fetch {name}', "
        "or set BENCHCOMP_DATA to the folder that holds it"
    )


def _cache() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("benchcomp") / "datasets"
