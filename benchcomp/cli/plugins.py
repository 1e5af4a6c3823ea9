"""``benchcomp plugins``: what there is to measure with, and why something isn't there."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

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
    import typing

    from benchcomp.registry import default

    kind = default().load("codec", name).Options
    hints = typing.get_type_hints(kind)
    parts = []
    for option in dataclasses.fields(kind):
        hint = hints[option.name]
        choices = typing.get_args(hint) if typing.get_origin(hint) is typing.Literal else ()
        values = "|".join(map(str, choices)) or getattr(hint, "__name__", str(hint))
        default_value = str(option.default).lower() if isinstance(option.default, bool) else option.default
        parts.append(f"{option.name}={values} [{default_value}]")
    return ", ".join(parts)
