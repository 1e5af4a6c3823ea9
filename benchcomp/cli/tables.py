"""Results as tables on the terminal; every number comes from :mod:`benchcomp.analysis`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

    from benchcomp.report import Results

__all__ = ["print_summary", "show"]


def print_summary(results: Results) -> None:
    """Print a run's averages: at the target rates where it has them, at constant settings otherwise."""
    from benchcomp import analysis

    metrics = list(results.metrics)
    if len(results.targets):
        show(_targets(results), "Means over images at the targets searched for")
    points = analysis.rate_points(results.frame, [*metrics, "encode_wall_s", "decode_wall_s"])
    if len(points):
        wanted = [
            "variant",
            "quality",
            "bpp",
            *metrics,
            "encode_wall_s",
            "decode_wall_s",
            "images",
            "left_out",
            "why",
        ]
        table = points[wanted]
        if not table["left_out"].any():
            table = table.drop(columns=["left_out", "why"])
        show(table, "Means over images at constant settings")
    failed = analysis.failures(results.frame)
    if len(failed):
        show(failed, "Failures")


def _targets(results: Results) -> pd.DataFrame:
    """Means over the rows that searches chose, one line per variant and target."""
    import pandas as pd

    metrics = list(results.metrics)
    key = ["image", "codec", "options", "quality"]
    values = results.frame[results.frame["status"] == "ok"][[*key, "bpp", *metrics]]
    chosen = results.targets.merge(values, on=key, how="left")
    variant = chosen["codec"].where(chosen["options"] == "", chosen["codec"] + ":" + chosen["options"])
    chosen = chosen.assign(variant=variant)
    numbers = ["bpp", *metrics]
    chosen.loc[~chosen["reached"], numbers] = float("nan")
    groups = chosen.groupby(["measure", "target", "variant"], sort=False)
    table = groups[numbers].mean()
    table["reached"] = groups["reached"].sum()
    table["images"] = groups.size()
    return pd.DataFrame(table.reset_index()).sort_values(["measure", "target"], kind="stable")


def show(frame: pd.DataFrame, title: str) -> None:
    """Print a data frame as a table with right-aligned numbers."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for name in frame.columns:
        numeric = frame[name].dtype.kind in "iuf"
        table.add_column(str(name), justify="right" if numeric else "left", no_wrap=numeric)
    for row in frame.itertuples(index=False):
        table.add_row(*(_cell(name, value) for name, value in zip(frame.columns, row, strict=True)))
    _console(table).print(table)
    Console().print()


def _console(table: Table) -> Any:
    """The terminal's console; as wide as the table needs where the output goes to a file."""
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=max(console.width, 200))


def _cell(name: str, value: Any) -> str:
    from rich.markup import escape

    if value is None or value != value:
        return "-"
    if isinstance(value, float):
        if name.endswith("_s"):
            return f"{value:.4f}"
        return f"{value:g}" if name in ("quality", "target") else f"{value:.4f}"
    return escape(str(value))
