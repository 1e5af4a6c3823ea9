"""The interactive page: one self-contained HTML file about one or several runs.

``content`` turns runs into what the page shows, ``gallery`` chooses and encodes pictures, ``page`` puts
the file together from ``templates/`` and ``static/``. Every number is the analysis's; the page's scripts
only choose what to show, sort and draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from benchcomp import Report, Results

__all__ = ["HtmlReport"]


class HtmlReport(Report):
    """One page that works from a file and loads nothing; settings: :class:`page.PageSettings`."""

    name: ClassVar[str] = "html"
    suffix: ClassVar[str] = ".html"

    def write(self, runs: Sequence[Results], out: Path, **settings: Any) -> None:
        """Write the page; see :meth:`benchcomp.Report.write`."""
        from benchcomp import make_options
        from benchcomp_reports.html.page import PageSettings, write_page

        write_page(runs, out, make_options(PageSettings, settings, f"format {self.name}"))
