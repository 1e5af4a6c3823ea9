"""What all formats share: writing files, turning cells into plain values.

Nothing here knows a format or makes a number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchcomp import BenchcompError, Results

__all__ = ["cell", "file_names", "only_run", "plain", "records", "write_bytes", "write_text"]


def only_run(runs: Sequence[Results], report: str) -> Results:
    """The one run that a format can hold.

    Raises:
        BenchcompError: none or several were given.
    """
    if len(runs) != 1:
        raise BenchcompError(f"format {report} holds one run, not {len(runs)}; export them one by one")
    return runs[0]


def cell(value: Any) -> Any:
    """One table cell as a JSON value: numpy scalars unwrapped, absent and not finite as ``None``."""
    if hasattr(value, "item"):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return None if type(value).__name__ in ("NAType", "NaTType") else str(value)


def plain(value: Any) -> Any:
    """Nested data as JSON values, for manifests: keys become texts, what isn't JSON its text."""
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(part) for part in value]
    return cell(value)


def records(frame: Any, columns: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of a data frame as dictionaries of JSON values, in the order of ``columns``."""
    parts = [frame[name].tolist() for name in columns]
    return [
        {name: cell(value) for name, value in zip(columns, row, strict=True)}
        for row in zip(*parts, strict=True)
    ]


def file_names(texts: Iterable[str]) -> dict[str, str]:
    """A safe file name (without ending) for each text: letters, digits, ``-``, ``_``, ``=`` and ``.``.

    Never empty, hidden, or the same for two texts, also where a file system ignores case.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for text in texts:
        name = stem = re.sub(r"[^A-Za-z0-9._=-]+", "-", text).strip("-.")[:100] or "unnamed"
        number = 1
        while name.lower() in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name.lower())
        names[text] = name
    return names


def write_text(out: Path, text: str) -> None:
    r"""Write a UTF-8 file, line ends as they are; :class:`BenchcompError` where that fails.

    Undecodable bytes in file names (lone surrogates) come out as ``\\udcNN``, which JSON reads back.
    """
    write_bytes(out, text.encode("utf-8", "backslashreplace"))


def write_bytes(out: Path, data: bytes) -> None:
    """Write a file; :class:`BenchcompError` where that fails."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(data)
    except OSError as error:
        raise BenchcompError(f"can't write {out}: {error.strerror or error}") from error
