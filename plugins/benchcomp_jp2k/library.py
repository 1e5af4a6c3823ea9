"""Imports glymur with an OpenJPEG library that works, wherever there is one.

glymur loads the library that its configuration file names, or one that the system's loader finds. Where
there is neither, it is given a configuration file, in the documented form and place, that names the
OpenJPEG inside imagecodecs' wheel (or Pillow's). Nothing outside this process is changed.
"""

from __future__ import annotations

import contextlib
import ctypes.util
import importlib.util
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from benchcomp import BenchcompError

__all__ = ["bundled", "glymur"]

_HINT = (
    "no OpenJPEG library found: install imagecodecs' wheel from PyPI (pip install imagecodecs), "
    "or the system's package (apt install libopenjp2-7)"
)


def glymur() -> ModuleType:
    """Import glymur; give it a bundled OpenJPEG first when it would find none by itself.

    Raises:
        BenchcompError: there is no OpenJPEG library; says what to install.
    """
    if "glymur" not in sys.modules and not _is_configured() and not ctypes.util.find_library("openjp2"):
        library = bundled()
        if library is None:
            raise BenchcompError(_HINT)
        with _configuration(library):
            import glymur
    import glymur
    from glymur.lib import openjp2

    if openjp2.OPENJP2 is None:
        raise BenchcompError(_HINT)
    module: ModuleType = glymur
    return module


def bundled() -> Path | None:
    """The OpenJPEG library inside imagecodecs' or Pillow's wheel; ``None`` when neither has one."""
    for package, folders in (
        ("imagecodecs", ("../imagecodecs.libs", ".dylibs")),
        ("PIL", ("../pillow.libs", ".dylibs")),
    ):
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            continue
        for folder in folders:
            for library in sorted((Path(spec.origin).parent / folder).resolve().glob("libopenjp2*")):
                return library
    return None


def _is_configured() -> bool:
    """Whether the user has a configuration file for glymur (its documented places)."""
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return Path("glymurrc").exists() or (config / "glymur" / "glymurrc").exists()


@contextlib.contextmanager
def _configuration(library: Path) -> Iterator[None]:
    """Show glymur a configuration file that names ``library`` while it is being imported."""
    before = os.environ.get("XDG_CONFIG_HOME")
    with tempfile.TemporaryDirectory(prefix="benchcomp-") as folder:
        (Path(folder) / "glymur").mkdir()
        (Path(folder) / "glymur" / "glymurrc").write_text(f"[library]\nopenjp2 = {library}\n")
        os.environ["XDG_CONFIG_HOME"] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ["XDG_CONFIG_HOME"]
            else:
                os.environ["XDG_CONFIG_HOME"] = before
