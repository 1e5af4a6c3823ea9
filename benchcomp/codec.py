"""The codec contract: what a codec is, and what the harness may rely on.

A codec turns pixels into bytes and bytes back into pixels. It has a name, fixed options that make a
variant of it (``jpeg:subsampling=444``), and at most one quality knob, which the runner sweeps. The
bytes alone are enough to decode: size, padding and everything else a decoder needs are in them.

To write one, subclass :class:`Codec`, give it a ``name``, an ``Options`` dataclass if it has any
options, a :class:`Knob` if it is lossy, and the two methods :meth:`Codec.encode` and
:meth:`Codec.decode`. Importing the module has to be cheap: import heavy libraries (torch) inside the
methods that need them.
"""

from __future__ import annotations

import abc
from dataclasses import dataclass
from typing import Any, ClassVar

from benchcomp.errors import BenchcompError
from benchcomp.pixels import Pixels

__all__ = ["BitstreamError", "Codec", "Knob", "NoOptions"]


class BitstreamError(BenchcompError, ValueError):
    """Raised by a decoder for bytes that it can't or won't decode; the message says why."""


@dataclass(frozen=True, slots=True)
class Knob:
    """A codec's one quality knob, in the codec's own unit.

    ``low`` and ``high`` bound the domain (both included). A higher value may mean more bits (JPEG's
    quality) or fewer (a quantiser); the runner learns the direction by probing.

    Attributes:
        name: the knob's name in its own field: ``quality``, ``qp``, ``distance``, ``ratio``.
        low: smallest value allowed.
        high: largest value allowed.
        ladder: the default rate points, in order of rising rate, all inside the domain.
        integer: whether only whole numbers are allowed.
    """

    name: str
    low: float
    high: float
    ladder: tuple[float, ...]
    integer: bool = True

    def check(self, quality: float) -> float:
        """Return ``quality`` when it lies in the domain; raise :class:`BenchcompError` otherwise."""
        if not self.low <= quality <= self.high:
            raise BenchcompError(
                f"{self.name} {quality:g} is outside the codec's range {self.low:g} to {self.high:g}"
            )
        if self.integer and quality != int(quality):
            raise BenchcompError(f"{self.name} {quality:g} is not a whole number, as this codec needs")
        return quality


@dataclass(frozen=True, slots=True)
class NoOptions:
    """The options of a codec that has none."""


class Codec(abc.ABC):
    """Base class of all codecs. An instance is one variant: a codec with its options fixed.

    Instances are cheap to make, picklable (name and options are their whole state; caches are
    rebuilt) and used by one thread at a time.

    Class attributes:
        name: what users type; lower case, no ``:``, ``,`` or white space.
        Options: a frozen dataclass whose fields are the options, all with defaults, typed ``bool``,
            ``int``, ``float``, ``str``, ``X | None`` or ``Literal[...]``. Field metadata ``help``
            (a sentence) is shown to users.
    """

    name: ClassVar[str]
    Options: ClassVar[type[Any]] = NoOptions

    def __init__(self, options: Any = None) -> None:
        self.options = self.Options() if options is None else options

    @property
    def knob(self) -> Knob | None:
        """The quality knob, or ``None`` when this variant has a single rate point."""
        return None

    @property
    def lossless(self) -> bool:
        """Whether decoding gives back exactly the pixels that were encoded."""
        return False

    @abc.abstractmethod
    def encode(self, pixels: Pixels, quality: float | None) -> bytes:
        """Encode one image.

        Args:
            pixels: uint8, shape (height, width, 3), RGB, C-contiguous; not to be modified.
            quality: a value of the knob's domain; ``None`` when :attr:`knob` is ``None``.

        Returns:
            The complete bitstream. All of its bytes are counted.

        Raises:
            Exception: any; it costs this rate point only, and its message is stored.
        """

    @abc.abstractmethod
    def decode(self, bitstream: bytes) -> Pixels:
        """Decode to pixels of the size that was encoded (uint8, (height, width, 3), RGB).

        Raises:
            BitstreamError: the bytes are not a bitstream of this codec, or are damaged.
        """

    def version(self) -> str:
        """Name and version of what does the work, such as ``libjpeg-turbo 3.1.2``.

        Rows of different versions are never mixed, so every part that can change a byte or a pixel
        belongs into it.
        """
        return "unversioned"

    @classmethod
    def unavailable(cls) -> str | None:
        """Why the codec can't run on this machine, with what to install; ``None`` when it can."""
        return None
