"""The first-party reports: interactive HTML, CSV, JSON, CompressAI, codec-compare, LaTeX, figures."""

from benchcomp import Entry, hookimpl


@hookimpl
def benchcomp_reports() -> list[Entry]:
    """Register the reports."""
    return [
        Entry("html", "one self-contained interactive page", "benchcomp_reports.html:HtmlReport"),
        Entry("csv", "tidy rows, one per rate point", "benchcomp_reports.tables:CsvReport"),
        Entry("json", "everything, with a versioned schema", "benchcomp_reports.tables:JsonReport"),
    ]
