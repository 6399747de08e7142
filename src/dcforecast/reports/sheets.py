"""Tables as sheets of an Excel workbook."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["formats_of", "printed", "sheet", "workbook_options"]

_ZONE = "Asia/Baku"
_SECOND = timedelta(seconds=1)
#: Widest column [letters], that of a table of one page, and rows looked at to choose widths.
_WIDEST, _WIDEST_SHORT, _LOOKED_AT = 60, 100, 400
#: Rows of a table of one page.
_SHORT = 50
#: Cell texts are never formulas, links or numbers in disguise.
workbook_options: dict[str, Any] = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}


def formats_of(book: Any) -> dict[str, Any]:
    """Return the workbook's cell formats by name."""
    head = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
    kinds: dict[str, dict[str, Any]] = {
        "head": head,
        "head apart": {**head, "align": "left", "indent": 1},
        "right": {**head, "align": "right"},
        "apart": {"align": "left", "indent": 1},
        "number": {"num_format": "#,##0.00"},
        "small": {"num_format": "0.0000"},
        "large": {"num_format": "#,##0"},
        "day": {"num_format": "yyyy-mm-dd"},
        "hour": {"num_format": "yyyy-mm-dd hh:mm"},
        "title": {"bold": True, "font_size": 14},
        "soft": {"font_color": "#555555"},
    }
    return {name: book.add_format(kind) for name, kind in kinds.items()}


def printed(page: Any, head: int, pages: int = 0) -> None:
    """Print on pages of the sheet's width, the row of headings on each; 0: as many as it takes."""
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, pages)
    page.repeat_rows(head)
    page.set_footer("&L&A&RPage &P of &N")


def _days(stamps: pd.Series) -> bool:
    """Tell whether times are calendar days: starts of periods, or ends of days (origins)."""
    known = stamps.dropna()
    return bool((((known + _SECOND).dt.normalize() - known).abs() <= _SECOND).all())


def _naive(stamps: pd.Series) -> tuple[pd.Series, str]:
    """Return times as Excel knows them, without a zone, and the name of their format.

    Calendar days stay what they are; hours are those of Baku.
    """
    if _days(stamps):
        return stamps.dt.tz_localize(None).dt.normalize(), "day"
    return stamps.dt.tz_convert(_ZONE).dt.tz_localize(None), "hour"


def _size(value: float) -> str:
    """Name the format that shows a number with three or four digits that count."""
    if value == round(value) or abs(value) >= 100:
        return "large"
    return "number" if abs(value) >= 1 else "small"


def _writer(
    page: Any, formats: Mapping[str, Any], values: pd.Series, form: str | None, text: Any
) -> Callable[[int, int, Any], Any]:
    """Return what writes a column's cells: as times, numbers or plain texts."""
    if form is not None:
        return lambda row, column, value: page.write_datetime(
            row, column, value.to_pydatetime(), formats[form]
        )
    if values.dtype.kind == "f":
        return lambda row, column, value: page.write_number(
            row, column, value, formats[_size(value)] if math.isfinite(value) else None
        )
    if values.dtype.kind == "b":
        return lambda row, column, value: page.write_boolean(row, column, value)
    if values.dtype.kind in "iu":
        return lambda row, column, value: page.write_number(row, column, value)
    return lambda row, column, value: page.write_string(row, column, str(value), text)


def sheet(book: Any, formats: Mapping[str, Any], name: str, frame: pd.DataFrame) -> None:
    """Write a table as a sheet: days as days, hours in Baku, texts as texts, filters on."""
    import pandas as pd

    page = book.add_worksheet(name)
    numbers = False
    for position, label in enumerate(frame.columns):
        values, head, form = frame[label], str(label), None
        if isinstance(values.dtype, pd.DatetimeTZDtype):
            values, form = _naive(values)
            head += f" ({_ZONE})" if form == "hour" else ""
        # Words beside the right end of numbers would read as one with them.
        text = formats["apart"] if numbers else None
        numbers = form is None and values.dtype.kind in "iuf"
        kind = "right" if numbers else "head apart" if text else "head"
        page.write_string(0, position, head, formats[kind])
        write = _writer(page, formats, values, form, text)
        for row, value in enumerate(values.tolist(), 1):
            if value is not None and value == value:  # noqa: PLR0124  (not missing)
                write(row, position, value)
    page.freeze_panes(1, 0)
    if len(frame):
        page.autofilter(0, 0, len(frame), len(frame.columns) - 1)
    for position in range(len(frame.columns)):
        page.set_column(position, position, _letters(frame.iloc[:, position]))
    printed(page, 0)


def _letters(values: pd.Series) -> int:
    """Return the width at which a column's cells and heading can be read."""
    few = values.iloc[:: max(1, len(values) // _LOOKED_AT)]
    texts = few.dropna() if few.dtype.kind not in "fM" else ["2026-01-01 00:00"]
    longest = max([len(str(value)) for value in texts] or [0])
    widest = _WIDEST if len(values) > _SHORT else _WIDEST_SHORT
    return min(widest, max(longest, len(str(values.name)) + 3) + 1)
