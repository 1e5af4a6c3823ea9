"""Codec variants as text: ``jpeg:subsampling=444:progressive=true``.

Parses what users type into a name and options, turns texts and TOML values into a codec's ``Options``
dataclass, and back into the one canonical text that rows are keyed by.
"""

from __future__ import annotations

import dataclasses
import difflib
import types
import typing
from collections.abc import Iterable, Mapping
from typing import Any

from benchcomp.errors import BenchcompError

__all__ = ["did_you_mean", "format_options", "label", "make_options", "parse"]

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint such as ``; did you mean 'jpeg'? (known: ...)`` to end an error message with."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"{hint} (known: {', '.join(names) or 'none'})"


def parse(text: str) -> tuple[str, dict[str, str]]:
    """Split ``name:key=value:key=value`` into the name and the options' texts."""
    name, *parts = text.strip().split(":")
    options: dict[str, str] = {}
    for part in parts:
        key, equals, value = part.partition("=")
        if not equals or not key:
            raise BenchcompError(f"{text!r}: {part!r} is not of the form option=value")
        if key in options:
            raise BenchcompError(f"{text!r}: option {key!r} is given twice")
        options[key] = value
    if not name:
        raise BenchcompError(f"{text!r} names no codec")
    return name, options


def make_options(kind: type[Any], values: Mapping[str, Any], owner: str) -> Any:
    """Make a dataclass of options, a codec's or a report's, from texts, TOML values or Python values.

    Args:
        kind: its fields are ``bool``, ``int``, ``float``, ``str``, ``Literal[...]``, ``X | None`` or tuples
            of those; a text for a tuple is split at commas.
        values: options by name.
        owner: whose options these are, for messages.

    Raises:
        BenchcompError: an unknown option, or a value that doesn't fit; names both.
    """
    hints = typing.get_type_hints(kind)
    fields = {field.name for field in dataclasses.fields(kind)}
    converted = {}
    for key, value in values.items():
        if key not in fields:
            raise BenchcompError(f"{owner} has no option {key!r}{did_you_mean(key, fields)}")
        converted[key] = _convert(value, hints[key], f"{owner}: option {key}")
    try:
        return kind(**converted)
    except ValueError as error:
        raise BenchcompError(f"{owner}: {error}") from error


def format_options(options: Any) -> str:
    """The canonical text of the options that differ from their defaults, in declared order."""
    parts = []
    for field in dataclasses.fields(options):
        value = getattr(options, field.name)
        if value != field.default:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            parts.append(f"{field.name}={text}")
    return ":".join(parts)


def label(codec: str, options: str) -> str:
    """The name of a variant as users type and read it: ``jpeg`` or ``jpeg:subsampling=444``."""
    return f"{codec}:{options}" if options else codec


def _convert(value: Any, kind: Any, what: str) -> Any:
    origin = typing.get_origin(kind)
    if origin is typing.Literal:
        choices = typing.get_args(kind)
        for choice in choices:
            if str(value).lower() == str(choice).lower():
                return choice
        raise BenchcompError(f"{what} is one of {', '.join(map(str, choices))}, not {value!r}")
    if origin in (typing.Union, types.UnionType):
        inner = [arg for arg in typing.get_args(kind) if arg is not type(None)]
        if str(value).lower() in ("", "none"):
            return None
        return _convert(value, inner[0], what)
    if origin is tuple:
        parts = value.split(",") if isinstance(value, str) else value
        return tuple(_convert(part, typing.get_args(kind)[0], what) for part in parts)
    if kind is bool:
        text = str(value).lower()
        if text in _TRUE | _FALSE:
            return text in _TRUE
        raise BenchcompError(f"{what} is true or false, not {value!r}")
    try:
        return kind(value.strip() if isinstance(value, str) else value)
    except (TypeError, ValueError):
        names = {int: "a whole number", float: "a number"}
        raise BenchcompError(f"{what} is {names.get(kind, kind.__name__)}, not {value!r}") from None
