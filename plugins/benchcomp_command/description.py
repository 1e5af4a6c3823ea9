"""The TOML file that makes a program a codec: read, checked, and turned into a frozen value.

The file's keys are the fields of :class:`Description`; docs/command-codec.md explains them with examples.
"""

from __future__ import annotations

import difflib
import shlex
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchcomp import BenchcompError, Knob

__all__ = ["Command", "Description", "fill", "parse"]

IMAGE_FORMATS = ("png", "ppm", "bmp", "tiff")
"""What the pixels can be handed over as; all hold 8-bit RGB without loss."""

Command = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Description:
    """A program as a codec.

    Attributes:
        path: the file, as an absolute path.
        text: the file's content.
        encode: arguments of the command that encodes, with placeholders.
        decode: arguments of the command that decodes.
        version: arguments of the command that prints the program's version; empty for none.
        input: the format that ``encode`` reads, one of :data:`IMAGE_FORMATS`.
        bitstream: the ending of the bitstream's file, without the dot.
        output: the ending of the image that ``decode`` writes; any format that benchcomp reads.
        knob: the quality knob, ``None`` for a single rate point.
        options: the options' names with their defaults (text, number or boolean).
        lossless: whether decoding gives back every sample.
        time_limit_s: seconds that one command may take.
        hint: how to install the program.
    """

    path: Path
    text: str = field(repr=False)
    encode: Command
    decode: Command
    version: Command = ()
    input: str = "png"
    bitstream: str = "bin"
    output: str = "png"
    knob: Knob | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    lossless: bool = False
    time_limit_s: float = 300.0
    hint: str = ""


def parse(path: Path, text: str) -> Description:
    """Read a description from the text of its file.

    Raises:
        BenchcompError: not TOML, or something in it is wrong; names file and key.
    """
    try:
        return _description(path, text, tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BenchcompError(f"codec file {path} is not TOML: {error}") from error
    except BenchcompError as error:
        raise BenchcompError(f"codec file {path}: {error}") from None


def fill(command: Command, values: Mapping[str, str]) -> list[str]:
    """Put values into a command's placeholders; ``{{`` and ``}}`` stand for braces."""
    return [argument.format_map(values) for argument in command]


_TYPES: dict[str, tuple[type | tuple[type, ...], str]] = {
    "encode": ((str, list), "a command line or a list of arguments"),
    "decode": ((str, list), "a command line or a list of arguments"),
    "version": ((str, list), "a command line or a list of arguments"),
    "input": (str, "a text"),
    "bitstream": (str, "a text"),
    "output": (str, "a text"),
    "quality": (dict, "a table"),
    "options": (dict, "a table"),
    "lossless": (bool, "true or false"),
    "time_limit_s": ((int, float), "a number"),
    "hint": (str, "a text"),
}


def _description(path: Path, text: str, data: dict[str, Any]) -> Description:
    for key, value in data.items():
        if key not in _TYPES:
            raise BenchcompError(f"no key is called {key!r}{_did_you_mean(key, _TYPES)}")
        kind, words = _TYPES[key]
        if not isinstance(value, kind):
            raise BenchcompError(f"{key} is {words}, not {value!r}")
    for key in ("encode", "decode"):
        if key not in data:
            raise BenchcompError(f"it has no {key!r} command")
    fields = dict(data)
    options = fields.get("options", {})
    knob = _knob(fields.pop("quality")) if "quality" in fields else None
    known = {"input", "output", "here", *options}
    fields["encode"] = _command("encode", fields["encode"], known | ({"quality"} if knob else set()))
    fields["decode"] = _command("decode", fields["decode"], known)
    fields["version"] = _command("version", fields.get("version", []), {"here"})
    if knob is not None and "quality" not in _placeholders(fields["encode"]):
        raise BenchcompError("there is a [quality] table, but encode has no {quality} to put it in")
    for name, default in options.items():
        if not name.isidentifier() or not isinstance(default, str | int | float | bool):
            raise BenchcompError(f"option {name!r} isn't a plain name with a text, number or boolean")
    if fields.get("input", "png") not in IMAGE_FORMATS:
        raise BenchcompError(f"input is one of {', '.join(IMAGE_FORMATS)}, not {fields['input']!r}")
    for key in ("bitstream", "output"):
        if not fields.get(key, "bin").isalnum():
            raise BenchcompError(f"{key} is a file name's ending without the dot, not {fields[key]!r}")
    if not fields.get("time_limit_s", 1) > 0:
        raise BenchcompError("time_limit_s is a number of seconds above 0")
    return Description(path, text, knob=knob, **fields)


def _command(key: str, value: str | list[Any], known: set[str]) -> Command:
    """The arguments of a command; a text is split as a shell would, though none is ever started."""
    try:
        command = tuple(shlex.split(value)) if isinstance(value, str) else tuple(value)
    except ValueError as error:
        raise BenchcompError(f"{key} {value!r} can't be split into arguments: {error}") from None
    if not all(isinstance(argument, str) for argument in command):
        raise BenchcompError(f"{key} has an argument that isn't a text; put it in quotes")
    if not command and key != "version":
        raise BenchcompError(f"{key} is empty")
    for name in _placeholders(command):
        if name not in known:
            raise BenchcompError(f"{key} has the placeholder {{{name}}}{_did_you_mean(name, known)}")
    return command


def _placeholders(command: Command) -> list[str]:
    names = []
    for argument in command:
        try:
            parts = list(string.Formatter().parse(argument))
        except ValueError as error:
            raise BenchcompError(f"{argument!r}: {error}; write {{{{ and }}}} for braces") from None
        names += [name for _, name, _, _ in parts if name is not None]
    return names


def _knob(table: dict[str, Any]) -> Knob:
    known = {"name", "low", "high", "ladder", "integer"}
    for key in table:
        if key not in known:
            raise BenchcompError(f"[quality] has no key {key!r}{_did_you_mean(key, known)}")
    for key in ("low", "high"):
        if not isinstance(table.get(key), int | float) or isinstance(table[key], bool):
            raise BenchcompError(f"[quality] needs {key}, a number")
    ladder = table.get("ladder")
    if not isinstance(ladder, list) or not ladder or not all(isinstance(v, int | float) for v in ladder):
        raise BenchcompError("[quality] needs a ladder: numbers in order of rising rate")
    low, high = float(table["low"]), float(table["high"])
    if not low < high:
        raise BenchcompError(f"[quality] low, {low:g}, isn't below high, {high:g}")
    knob = Knob(
        str(table.get("name", "quality")),
        low,
        high,
        tuple(map(float, ladder)),
        table.get("integer", True) is True,
    )
    for value in knob.ladder:
        knob.check(value)
    return knob


def _did_you_mean(name: str, known: Any) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"{hint} (known: {', '.join(sorted(known))})"
