"""``benchcomp compare``: two runs of the same codecs, and a gate for continuous integration."""

from __future__ import annotations

from typing import Annotated

import typer

from benchcomp.errors import BenchcompError

app = typer.Typer(add_completion=False)
apps = {"compare": app}


@app.command(epilog='Example: benchcomp compare last-release today --fail-if "bd_rate(lpips_alex) > 1"')
def compare(
    baseline: Annotated[str, typer.Argument(help="The run to compare with.")],
    candidate: Annotated[str, typer.Argument(help="The run on trial.")],
    fail_if: Annotated[
        str | None,
        typer.Option(
            help="Condition that fails the candidate, such as 'mean(psnr_rgb) < -0.1'; exit code 1."
        ),
    ] = None,
) -> None:
    """Compare two runs codec by codec: BD-rate by every metric and mean differences at equal settings.

    --fail-if knows bd_rate(METRIC), bd_quality(METRIC), mean(COLUMN), min, max, change and failures(),
    differences being candidate minus baseline.
    """
    import pandas as pd

    from benchcomp.analysis import evaluate_gate
    from benchcomp.cli import runs, tables

    one, two = runs.load(baseline), runs.load(candidate)
    metrics = {name: info for name, info in one.metrics.items() if name in two.metrics}
    if not metrics:
        raise BenchcompError("the two runs have no metric in common")
    lines = []
    for name in metrics:
        for call in (f"bd_rate({name})", f"mean({name})"):
            for result in evaluate_gate(f"{call} > 0", one.frame, two.frame, metrics):
                lines.append((result.variant, call, result.values.get(call), result.reason))
    table = pd.DataFrame(lines, columns=["variant", "figure", "value", "note"]).astype({"value": float})
    tables.show(table, f"{two.name} against {one.name}")
    environments = [run.manifest.get("environment", {}).get("cpu") for run in (one, two)]
    if environments[0] != environments[1]:
        typer.echo(
            "benchcomp: warning: the runs are from different machines; don't compare their times", err=True
        )
    if fail_if is None:
        return
    failed = False
    for result in evaluate_gate(fail_if, one.frame, two.frame, metrics):
        values = ", ".join(
            f"{call} = {'none' if v is None else f'{v:.4g}'}" for call, v in result.values.items()
        )
        verdict = {True: "FAILED", False: "passed", None: f"no verdict ({result.reason})"}[result.failed]
        typer.echo(f"{result.variant}: {verdict}: {values}")
        failed = failed or result.failed is not False
    if failed:
        raise typer.Exit(1)
