"""A Markdown report as a benchcomp plugin."""

from benchcomp import Entry, hookimpl


@hookimpl
def benchcomp_reports() -> list[Entry]:
    """Register the report; its module is imported when it is first used."""
    return [Entry("markdown", "BD-rates and averages as Markdown", "benchcomp_markdown.report:Markdown")]
