"""The data set contract: named images that can be listed lazily and loaded one by one.

On the command line a data set is ``name`` or ``name:argument``; what the argument means is the data
set's own (``facades:val`` a split, ``folder:PATH`` a path). Instances are small and picklable: worker
processes get the data set and an image's id, and load the pixels themselves.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterator
from typing import ClassVar

from benchcomp.errors import BenchcompError
from benchcomp.pixels import Pixels

__all__ = ["Dataset", "Progress"]

Progress = Callable[[int, int], None]
"""Called with (bytes or files done, total or 0 when unknown) while something is fetched."""


class Dataset(abc.ABC):
    """Base class of all data sets.

    Class attributes:
        name: what users type.
        title: the full name.
        licence: as its publisher states it, or what is known of it.
        citation: how to cite it; empty when there is nothing to cite.
        splits: names accepted as the argument; empty when it has none.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    licence: ClassVar[str]
    citation: ClassVar[str] = ""
    splits: ClassVar[tuple[str, ...]] = ()

    def __init__(self, argument: str = "") -> None:
        """Make the data set; ``argument`` is what stood behind the colon, empty when nothing did.

        Raises:
            BenchcompError: the argument is wrong; the message says what is accepted.
        """
        self.argument = argument

    @property
    def id(self) -> str:
        """The identifier stored with results: ``name`` or ``name:argument``."""
        return f"{self.name}:{self.argument}" if self.argument else self.name

    @abc.abstractmethod
    def images(self) -> Iterator[str]:
        """Yield the ids of the images in a stable order, lazily, without opening them.

        Raises:
            BenchcompError: the images aren't there; the message says how to get them.
        """

    @abc.abstractmethod
    def load(self, image: str) -> Pixels:
        """Load one image: uint8, (height, width, 3), RGB.

        Raises:
            BenchcompError: it can't be read; the message names the file.
        """

    def labels(self, image: str) -> Pixels | None:
        """The image's label map in its class colours (uint8, same shape), or ``None``."""
        return None

    def fetch(self, progress: Progress | None = None) -> None:
        """Download the data set; only ever called when the user asks for it.

        Raises:
            BenchcompError: there is nothing to fetch, no network, or a checksum differs.
        """
        raise BenchcompError(f"data set {self.name!r} has nothing to download")
