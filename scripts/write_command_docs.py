"""Writes docs/command-line.md from the commands' own help, those of first-party plugins included.

Run it after changing a command; a test fails when a command or an option is missing from the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

PAGE = Path(__file__).parents[1] / "docs" / "command-line.md"

INTRODUCTION = """\
# The command line

Every command says what it takes with `--help`. Exit codes: 0 done; 1 done, but something failed (rows of a
run, a check, a gate of `compare`); 2 wrong use or bad input, with one line that says what; 130 interrupted.

| environment variable | what it does |
|---|---|
| `BENCHCOMP_RUNS` | folder of run files instead of `benchcomp-runs/` |
| `BENCHCOMP_DATA` | folder of data sets instead of the user's cache folder |
| `BENCHCOMP_WEIGHTS` | folder of network weights for metrics |
| `BENCHCOMP_PLUGINS` | modules with hooks, comma-separated: plugins that needn't be installed |

<!-- Written by scripts/write_command_docs.py from the commands' help; change that, not this. -->
"""


def commands() -> Iterator[tuple[str, Any]]:
    """All commands with their whole names, groups before what is in them."""
    from benchcomp.cli import app

    yield from _walk("benchcomp", typer.main.get_command(app))


def _walk(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    yield name, command
    context = typer.Context(command)
    for child in command.list_commands(context) if hasattr(command, "list_commands") else ():
        found = command.get_command(context, child)
        if found is not None:
            yield from _walk(f"{name} {child}", found)


def section(name: str, command: Any) -> str:
    """One command: what it does, its arguments and its options."""
    shown = [p for p in command.params if not getattr(p, "hidden", False)]
    arguments = [p for p in shown if p.param_type_name == "argument"]
    options = [p for p in shown if p.param_type_name == "option" and "--help" not in p.opts]
    usage = " ".join([name, *(_metavar(p) for p in arguments)])
    lines = [f"## {name}", "", f"    {usage}{' [OPTIONS]' if options else ''}", "", _text(command.help), ""]
    rows = [(_metavar(p), getattr(p, "help", "")) for p in arguments]
    rows += [(", ".join(p.opts), p.help) for p in options]
    if rows:
        lines += ["| | |", "|---|---|"]
        lines += [f"| `{what.replace('|', chr(92) + '|')}` | {_text(help)} |" for what, help in rows]
        lines.append("")
    return "\n".join(lines)


def _metavar(argument: Any) -> str:
    """An argument as usage lines write it."""
    text = argument.metavar or argument.name.upper()
    return text if argument.required else f"[{text}]"


def _text(help: str | None) -> str:
    return " ".join((help or "").split()).replace("|", r"\|")


def page() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *(section(*item) for item in list(commands())[1:])])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
