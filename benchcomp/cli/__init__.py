"""The command line: a module a command, and the groups that plugins bring.

Command modules import nothing heavy at the top, so that ``--help`` is quick. Every
:class:`BenchcompError` becomes one line on standard error and exit code 2 here, and nowhere else.

Exit codes: 0 done; 1 done, but something failed (rows of a run, a gate of ``compare``); 2 wrong use or
bad input; 130 interrupted.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from benchcomp.errors import BenchcompError

__all__ = ["app", "main"]

_COMMANDS = {
    "run": "run",
    "report": "report",
    "export": "export",
    "import": "import_",
    "compare": "compare",
    "merge": "merge",
    "salvage": "salvage",
    "encode": "code",
    "decode": "code",
    "plugins": "plugins",
    "datasets": "datasets",
    "doctor": "doctor",
}
"""Command name to the module of this package that has it."""


class _Commands(TyperGroup):
    """Finds commands when they are asked for: first the core's, then the plugins'."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*_COMMANDS, *_plugin_commands()]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in _COMMANDS:
            module = importlib.import_module(f"benchcomp.cli.{_COMMANDS[cmd_name]}")
            return _command(module.apps[cmd_name], cmd_name)
        if cmd_name in _plugin_commands():
            from benchcomp.registry import default

            try:
                return _command(default().load("command", cmd_name), cmd_name)
            except BenchcompError as error:
                return _broken(cmd_name, error)
        return None


def _plugin_commands() -> list[str]:
    from benchcomp.registry import default

    return [name for name in default().names("command") if name not in _COMMANDS]


def _command(group: typer.Typer, name: str) -> Any:
    command = typer.main.get_command(group)
    command.name = name
    return command


def _broken(name: str, error: BenchcompError) -> Any:
    """A command that says why it isn't there: a broken plugin must not break ``--help``."""
    group = typer.Typer(add_completion=False)

    @group.command(help=f"Unavailable: {error}")
    def unavailable() -> None:
        raise error

    return _command(group, name)


app = typer.Typer(
    cls=_Commands,
    name="benchcomp",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # importing Rich would take half of the time that --help takes
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        import benchcomp

        typer.echo(benchcomp.__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", help="Print the version and exit.", is_eager=True, callback=_print_version
    ),
) -> None:
    """Which codec is better, at the same rate, on these images, and how sure is that?

    Start with `benchcomp run --codecs jpeg,jp2k`, then `benchcomp report`.
    """


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        app()
    except BenchcompError as error:
        typer.echo(f"benchcomp: {error}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        typer.echo("benchcomp: interrupted", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(1)
