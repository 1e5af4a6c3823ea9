"""``benchcomp plugins``: what there is to measure with, and why something isn't there."""

from __future__ import annotations

import json
import types
import typing
from dataclasses import asdict
from pathlib import Path
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
            single = shown == "codec" and not listing.problem and "*" not in listing.name
            options = _options(listing.name) if single else ""
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


@app.command()
def check(
    name: Annotated[
        str, typer.Argument(help="What to check: jpeg, webp:effort=6, ./mycodec.toml, ssim_rgb, kodak, ...")
    ],
    kind: Annotated[
        str | None, typer.Option(help="What NAME names: codec, metric, dataset or report.")
    ] = None,
    only: Annotated[str | None, typer.Option(help="Only these checks, comma-separated.")] = None,
    time_limit: Annotated[float, typer.Option(help="Seconds that one step may take.")] = 60.0,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for scripts.")] = False,
) -> None:
    """Check that a plugin keeps its contract, in a process of its own: it may crash and hang.

    Says of every failure in a sentence what went wrong. Exits with 1 when a check failed.
    """
    from typing import get_args

    from benchcomp import testing
    from benchcomp.variants import did_you_mean

    kinds = get_args(testing.Checked)
    if kind is not None and kind not in kinds:
        raise BenchcompError(f"--kind is one of {', '.join(kinds)}{did_you_mean(kind, kinds)}")
    wanted = [check.strip() for check in only.split(",") if check.strip()] if only else None
    verdicts = []
    for verdict in testing.check(name, wanted, kind=kind, time_limit_s=time_limit):  # type: ignore[arg-type]
        verdicts.append(verdict)
        if as_json:
            continue
        typer.echo(f"{verdict.status:<8}  {verdict.check}: {verdict.promise} ({verdict.seconds:.1f} s)")
        if verdict.reason:
            typer.echo(f"{'':<8}    {verdict.reason}")
    failed = sum(verdict.status == "failed" for verdict in verdicts)
    if as_json:
        typer.echo(json.dumps([asdict(verdict) for verdict in verdicts], indent=2))
    else:
        typer.echo(f"{name}: {failed} of {len(verdicts)} checks failed" if failed else f"{name} conforms")
    if failed:
        raise typer.Exit(1)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="What users are to type, such as my-codec.")],
    kind: Annotated[str, typer.Option(help="What it brings: codec, metric, dataset or report.")] = "codec",
    out: Annotated[
        Path | None, typer.Option(help="Folder to write. Default: benchcomp-NAME in the current folder.")
    ] = None,
) -> None:
    """Write a new plugin: a complete package with a codec that works and its tests."""
    from benchcomp import scaffold
    from benchcomp.variants import did_you_mean

    if kind not in scaffold.KINDS:
        raise BenchcompError(
            f"--kind is one of {', '.join(scaffold.KINDS)}{did_you_mean(kind, scaffold.KINDS)}"
        )
    folder = scaffold.write(name, kind, out)
    typer.echo(f"wrote {folder}; next:")
    typer.echo(f"  cd {folder} && pip install -e '.[test]' && pytest")
