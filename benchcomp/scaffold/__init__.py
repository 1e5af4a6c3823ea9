"""Writes the beginnings of a plugin: a package that works, with its tests, to be changed from there.

The templates lie in ``templates/``, a folder a kind and one for what they share; ``PACKAGE`` in a path and
``{{ ... }}`` in a file stand for the plugin's own names. Nothing of a written package depends on this
module afterwards.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchcomp.errors import BenchcompError

__all__ = ["KINDS", "Names", "PluginKind", "write"]

PluginKind = Literal["codec", "metric", "dataset", "report"]
KINDS: tuple[PluginKind, ...] = ("codec", "metric", "dataset", "report")

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Names:
    """A plugin's names: of what it brings, its distribution, its import package and its class."""

    name: str
    distribution: str
    package: str
    class_name: str

    @classmethod
    def of(cls, name: str, kind: PluginKind) -> Names:
        """Derive the names from what users are to type.

        Raises:
            BenchcompError: not a name that can be typed after ``--codecs`` and imported.
        """
        name = name.removeprefix("benchcomp-")
        if not re.fullmatch(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*", name):
            raise BenchcompError(
                f"{name!r} is no name for a plugin; use lower-case letters, digits and dashes: my-codec"
            )
        words = re.split(r"[-_]", name)
        joined = "_".join(words)
        shown = joined if kind == "metric" else name  # a metric's name is a column's
        return cls(
            shown, f"benchcomp-{'-'.join(words)}", f"benchcomp_{joined}", "".join(map(str.capitalize, words))
        )


def write(name: str, kind: PluginKind, folder: Path | None = None) -> Path:
    """Write a new package.

    Args:
        name: what users are to type, such as ``my-codec``.
        kind: what the plugin brings.
        folder: where to write it; a folder named as the distribution by default.

    Returns:
        The folder.

    Raises:
        BenchcompError: a bad name, or the folder has files in it or can't be written.
    """
    import jinja2

    import benchcomp

    names = Names.of(name, kind)
    folder = folder or Path(names.distribution)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BenchcompError(f"{folder} exists already; choose another --out")
    engine = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    values = {"names": names, "kind": kind, "benchcomp_version": benchcomp.__version__}
    try:
        for part in ("common", kind):
            for template in sorted((_TEMPLATES / part).rglob("*.jinja")):
                inside = template.relative_to(_TEMPLATES)
                path = Path(*(p.replace("PACKAGE", names.package) for p in inside.parts[1:])).with_suffix("")
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                text = engine.get_template(inside.as_posix()).render(values)
                target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BenchcompError(f"can't write {folder}: {error.strerror or error}") from error
    return folder
