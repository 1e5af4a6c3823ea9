"""The first-party reports: interactive HTML, CSV, JSON, CompressAI, codec-compare, LaTeX, figures.

Each format is one module with one class; :mod:`benchcomp_reports.importers` reads files back.
"""

from benchcomp import Entry, hookimpl


@hookimpl
def benchcomp_reports() -> list[Entry]:
    """Register the reports."""
    return [
        Entry("html", "one self-contained interactive page", "benchcomp_reports.html:HtmlReport"),
        Entry("csv", "tidy rows, one per rate point", "benchcomp_reports.tables:CsvReport"),
        Entry("json", "everything, with a versioned schema", "benchcomp_reports.tables:JsonReport"),
        Entry("compressai", "CompressAI's results JSON", "benchcomp_reports.compressai:CompressaiReport"),
        Entry(
            "codec-compare",
            "codec-compare's batch JSON with decoded PNGs",
            "benchcomp_reports.codec_compare:CodecCompareReport",
        ),
        Entry("latex", "tables for a paper, with booktabs", "benchcomp_reports.latex:LatexReport"),
        Entry("png", "a figure for a paper", "benchcomp_reports.figure:PngReport"),
        Entry("svg", "a figure for a paper, scalable", "benchcomp_reports.figure:SvgReport"),
    ]


@hookimpl
def benchcomp_importers() -> list[Entry]:
    """Register the importer; it tells the formats apart by content."""
    return [
        Entry("results", "benchcomp's JSON and CSV, CompressAI's JSON", "benchcomp_reports.importers:read")
    ]
