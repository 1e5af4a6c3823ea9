"""``benchcomp doctor``: whether this installation measures what it should."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from benchcomp.errors import BenchcompError

if TYPE_CHECKING:
    from benchcomp.registry import Registry

app = typer.Typer(add_completion=False)
apps = {"doctor": app}


@app.command()
def doctor(
    verify: Annotated[
        bool, typer.Option("--verify", help="Measure JPEG on Kodak and compare with published figures.")
    ] = False,
) -> None:
    """Show the machine, the libraries' versions and what is unavailable.

    With --verify, exits with 1 when the figures are off.
    """
    from benchcomp import environment
    from benchcomp.registry import default

    described = environment.describe()
    typer.echo(f"Python {described['python']} on {described['platform']}")
    typer.echo(f"{described['cpu']}, {described['cores']} cores, {described['memory_bytes'] / 2**30:.1f} GiB")
    for name, version in described["packages"].items():
        typer.echo(f"  {name} {version}")
    registry = default()
    troubled = [listing for listing in registry.list() if listing.problem]
    for listing in troubled:
        typer.echo(f"unavailable: {listing.kind} {listing.name}: {listing.problem}")
    for name, reason in registry.broken.items():
        typer.echo(f"broken plugin {name}: {reason}")
    if not troubled and not registry.broken:
        typer.echo("all plugins are available")
    if verify and not _verify(registry):
        raise typer.Exit(1)


def _verify(registry: Registry) -> bool:
    """Make every check that can be made here; whether none of them failed."""
    passed = True
    for name in registry.names("check"):
        typer.echo(f"check {name}:")
        try:
            passed = registry.load("check", name)(registry, typer.echo) and passed
        except BenchcompError as error:
            typer.echo(f"  not made: {error}")
    return passed
