"""HTML, Excel, figures and tables for readers; reads the store alone."""

from __future__ import annotations

from dcforecast.reports.compare import compare
from dcforecast.reports.excel import excel
from dcforecast.reports.export import export
from dcforecast.reports.figures import charts, figures
from dcforecast.reports.frames import frame_table, markdown, print_frame, print_table
from dcforecast.reports.html import html
from dcforecast.reports.study import Finding, finding
from dcforecast.reports.terminal import summary, sweep_table

__all__ = [
    "Finding",
    "charts",
    "compare",
    "excel",
    "export",
    "figures",
    "finding",
    "frame_table",
    "html",
    "markdown",
    "print_frame",
    "print_table",
    "summary",
    "sweep_table",
]
