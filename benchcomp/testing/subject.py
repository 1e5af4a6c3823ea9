"""What checks work with: the thing on trial, and how a check says that it failed.

Checks run in a child process; each step that may hang or die is announced first, so that the parent can
say in which one it did.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchcomp import pixels as px
from benchcomp.codec import Codec
from benchcomp.pixels import Pixels
from benchcomp.registry import Registry
from benchcomp.testing import elsewhere
from benchcomp.testing.pictures import Picture

__all__ = ["CodecSubject", "Failure", "NotMade", "Subject", "fail_if_slow_to_import", "message", "values"]


class Failure(Exception):
    """The check failed; the message is a sentence for the plugin's author."""


class NotMade(Exception):
    """The check doesn't apply; the message says why."""


class Subject:
    """The thing on trial: its kind, the name that users type, and how to make it anew."""

    def __init__(self, kind: str, text: str, registry: Registry, announce: Callable[[str], None]) -> None:
        self.kind = kind
        self.text = text
        self.registry = registry
        self.announce = announce
        self.kept: dict[str, Any] = {}
        """What one check worked out and a later one can use."""

    def make(self) -> Any:
        """A new instance, as a run would make it."""
        self.announce(f"making {self.kind} {self.text}")
        return getattr(self.registry, self.kind)(self.text)

    def call(self, what: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call ``function``, announced as ``what``; whatever it raises becomes a :class:`Failure`."""
        self.announce(what)
        try:
            return function(*arguments)
        except Exception as error:
            raise Failure(f"{what} raised {message(error)}") from error


class CodecSubject(Subject):
    """A codec on trial."""

    def codec(self) -> Codec:
        """An instance that several checks share."""
        if "codec" not in self.kept:
            self.kept["codec"] = self.make()
        codec: Codec = self.kept["codec"]
        return codec

    def encode(self, picture: Picture, quality: float | None, codec: Codec | None = None) -> bytes:
        """Encode, and see to it that bytes come back and the picture is left alone."""
        before = picture.pixels.copy()
        what = f"encoding {picture.name}{at(quality)}"
        bitstream = self.call(what, (codec or self.codec()).encode, picture.pixels, quality)
        if not isinstance(bitstream, bytes):
            raise Failure(f"{what} returned {type(bitstream).__name__}, not bytes")
        if not (picture.pixels == before).all():
            raise Failure(f"{what} changed the pixels that it was given; work on a copy")
        return bitstream

    def decode(
        self, bitstream: bytes, picture: Picture, quality: float | None, codec: Codec | None = None
    ) -> Pixels:
        """Decode, and see to it that a picture of the right size and type comes back."""
        what = f"decoding {picture.name}{at(quality)}"
        decoded = self.call(what, (codec or self.codec()).decode, bitstream)
        try:
            pixels = px.check(decoded, "what came back")
        except Exception as error:
            raise Failure(f"{what}: {error}") from None
        if pixels.shape != picture.pixels.shape:
            raise Failure(f"{what} gave shape {pixels.shape}, not {picture.pixels.shape}")
        return pixels


def at(quality: float | None) -> str:
    """The end of a sentence that names a quality."""
    return "" if quality is None else f" at quality {quality:g}"


def values(codec: Codec, count: int) -> list[float | None]:
    """Up to ``count`` qualities of the default ladder, its ends among them."""
    if codec.knob is None:
        return [None]
    ladder = codec.knob.ladder
    steps = min(count, len(ladder))
    if steps <= 1:
        return [ladder[-1]]
    return [ladder[round(step * (len(ladder) - 1) / (steps - 1))] for step in range(steps)]


def message(error: BaseException) -> str:
    """An error in one line, with its type."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


MAX_IMPORT_CPU_S = 0.5
"""CPU seconds that importing a plugin's module may take beyond the public API's own; torch takes 2 to 3."""


def fail_if_slow_to_import(subject: Subject, module: str) -> None:
    """Fail when importing ``module`` costs too much; for the check that every kind of plugin has."""
    cost = subject.call(f"importing {module} in a fresh process", elsewhere.import_cost, module)
    if cost.cpu_s > MAX_IMPORT_CPU_S:
        raise Failure(
            f"importing {module} takes {cost.cpu_s:.1f} s of CPU time ({MAX_IMPORT_CPU_S:g} s allowed), "
            f"most of it for {cost.heaviest}; import that inside the methods that need it"
        )
