"""The images of any folder and its subfolders, listed lazily.

Files are taken for images by their suffix (:data:`benchcomp.pixels.SUFFIXES`) and opened only when
loaded. Listing stays flat in memory however many there are.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from benchcomp import BenchcompError, Dataset, Pixels
from benchcomp.pixels import SUFFIXES, Colour, read

__all__ = ["Folder"]

_CHUNK = 1 << 16
"""Names held in memory at a time; a larger directory is scanned once for every so many entries."""


class Folder(Dataset):
    """``folder:PATH`` or ``folder:PATH?background=RRGGBB``; ids are paths relative to PATH.

    The background is the colour that transparent pixels are composited on; without it, images that
    have any are refused. Entries whose names start with a dot are left out. Symbolic links are
    followed, except to a folder that they lie in.
    """

    name = "folder"
    title = "Images of a folder"
    licence = "the user's own images"
    splits: ClassVar[tuple[str, ...]] = ()

    def __init__(self, argument: str = "") -> None:
        """Make the data set of a folder; nothing is opened yet."""
        super().__init__(argument)
        path, mark, setting = argument.rpartition("?background=")
        self.root = Path(path if mark else argument).expanduser()
        self.background = _colour(setting) if mark else None
        if not argument or (mark and not path):
            raise BenchcompError("folder needs a path: folder:PATH or folder:PATH?background=RRGGBB")

    def images(self) -> Iterator[str]:
        """Yield the relative paths (with ``/``), folder by folder in the order of their names."""
        if not self.root.is_dir():
            problem = "is not a folder" if self.root.exists() else "there is no such folder"
            raise BenchcompError(f"{self.root}: {problem}")
        empty = True
        for image in _walk(str(self.root), "", ()):
            empty = False
            yield image
        if empty:
            raise BenchcompError(f"{self.root}: there are no image files in it (known by their suffixes)")

    def load(self, image: str) -> Pixels:
        """Load one image: uint8, (height, width, 3)."""
        return read(self.root / image, self.background)


def _walk(folder: str, prefix: str, above: tuple[tuple[int, int], ...]) -> Iterator[str]:
    """Yield image paths below ``folder``; ``above`` identifies the folders that we came through."""
    status = Path(folder).stat()
    identity = (status.st_dev, status.st_ino)
    if identity in above:
        return
    for name in _sorted_names(folder):
        if name.startswith("."):
            continue
        path = f"{folder}/{name}"
        is_image = Path(name).suffix.lower() in SUFFIXES
        if is_image and os.path.isfile(path):  # noqa: PTH113 (a million times; Path costs more)
            yield _checked(prefix + name)
        elif os.path.isdir(path):  # noqa: PTH112
            yield from _walk(path, f"{prefix}{name}/", (*above, identity))


def _sorted_names(folder: str) -> Iterator[str]:
    """Yield a directory's names in sorted order, holding no more than about two chunks of them."""
    last = ""
    while True:
        names: list[str] = []
        cut = False
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name > last and not (cut and entry.name > names[_CHUNK - 1]):
                    names.append(entry.name)
                    if len(names) >= 2 * _CHUNK:
                        names.sort()
                        del names[_CHUNK:]
                        cut = True
        names.sort()
        more = cut or len(names) > _CHUNK
        yield from names[:_CHUNK]
        if not more:
            return
        last = names[min(_CHUNK, len(names)) - 1]


def _checked(name: str) -> str:
    try:
        name.encode()
    except UnicodeEncodeError:
        raise BenchcompError(f"the file name {os.fsencode(name)!r} is not UTF-8; rename it") from None
    return name


def _colour(text: str) -> Colour:
    try:
        red, green, blue = bytes.fromhex(text.removeprefix("#"))
    except ValueError:
        raise BenchcompError(f"background is a colour RRGGBB in hexadecimal, not {text!r}") from None
    return red, green, blue
