"""``benchcomp plugins``: what there is to measure with, and why something isn't there."""

from __future__ import annotations

import json
import types
import typing
from dataclasses import asdict
from typing import Annotated, Any

import typer

from benchcomp.errors import BenchcompError

app = typer.Typer(add_completion=False, invoke_without_command=True)
apps = {"plugins": app}


@app.callback()
def plugins(
    context: typer.Context,
    kind: Annotated[
        str | None, typer.Option(help="Only one kind: codec, metric, dataset, report or command.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for scripts.")] = False,
) -> None:
    """List codecs, metrics, data sets, reports and commands, with what is unavailable and why."""
    if context.invoked_subcommand is not None:
        return
    from benchcomp.registry import KINDS, default
    from benchcomp.variants import did_you_mean

    if kind is not None and kind not in KINDS:
        raise BenchcompError(f"no kind of plugin is called {kind!r}{did_you_mean(kind, KINDS)}")
    registry = default()
    listings = registry.list([k for k in KINDS if kind in (None, k)])
    if as_json:
        data = {"plugins": [asdict(listing) for listing in listings], "broken": registry.broken}
        typer.echo(json.dumps(data, indent=2))
        return
    for shown in KINDS:
        own = [listing for listing in listings if listing.kind == shown]
        if not own:
            continue
        typer.echo(f"{shown}s")
        width = max(len(listing.name) for listing in own)
        for listing in own:
            typer.echo(f"  {listing.name:<{width}}  {listing.summary}")
            options = _options(listing.name) if shown == "codec" and not listing.problem else ""
            if options:
                typer.echo(f"  {'':<{width}}    options: {options}")
            if listing.problem:
                typer.echo(f"  {'':<{width}}    unavailable: {listing.problem}")
    for name, reason in registry.broken.items():
        typer.echo(f"broken plugin {name}: {reason}")


def _options(name: str) -> str:
    """A codec's options with their types and defaults, on one line."""
    import dataclasses

    from benchcomp.registry import default

    kind = default().load("codec", name).Options
    hints = typing.get_type_hints(kind)
    parts = []
    for option in dataclasses.fields(kind):
        values = _values(hints[option.name])
        default_value = str(option.default).lower() if isinstance(option.default, bool) else option.default
        parts.append(f"{option.name}={values} [{default_value}]")
    return ", ".join(parts)


def _values(hint: Any) -> str:
    """What an option accepts: ``420|444``, ``int``, ``str|none``."""
    if typing.get_origin(hint) is typing.Literal:
        return "|".join(map(str, typing.get_args(hint)))
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return "|".join(_values(part) for part in typing.get_args(hint))
    return "none" if hint is types.NoneType else str(getattr(hint, "__name__", hint))
