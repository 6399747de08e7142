"""Any table on the terminal: nothing of it is cut away in silence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.measure import Measurement
from rich.table import Table

from dcforecast.store import QUANTILE_COLUMNS

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

__all__ = ["frame_table", "markdown", "print_frame", "print_table"]

#: A column of such words is not cut in a narrow terminal.
_SHORT_WORD = 12
#: Quantiles that stay where not all have room.
_SHOWN = ("q100", "q500", "q900")
#: Blanks between columns.
_GAP = 2
#: Wider than any line of a table.
_NO_END = 100_000


def frame_table(frame: pd.DataFrame, title: str | None = None) -> Table:
    """Return any table for the terminal."""
    table = Table(title=title, box=None, title_justify="left")
    for position, name in enumerate(frame.columns):
        words = [value for value in frame[name] if isinstance(value, str)]
        short = bool(words) and max(map(len, words)) <= _SHORT_WORD
        whole = position == 0 and not any(" " in word for word in words)
        table.add_column(str(name), no_wrap=short or whole, overflow="fold")
    for row in frame.itertuples(index=False):
        table.add_row(*(_text(value) for value in row))
    return table


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def print_frame(console: Console, frame: pd.DataFrame, title: str | None = None) -> None:
    """Print a table as wide as it is into a file or a pipe, and fitted to a terminal.

    Where a terminal is too narrow, what all rows share goes into the title, then quantiles are
    left out (and named), then each row becomes a block of lines.
    """
    if not console.is_terminal:
        print_table(console, frame_table(frame, title))
        return
    for part in _fitted(frame, console.width, title):
        console.print(part)


def print_table(console: Console, part: Any) -> None:
    """Print a table fitted to a terminal; into a file or a pipe, which have room, whole lines.

    Prose and other renderables are printed as ever.
    """
    if console.is_terminal or not isinstance(part, Table):
        console.print(part)
        return
    usual = console.width
    unbounded = console.options.update(max_width=_NO_END)
    console.width = max(usual, Measurement.get(console, unbounded, part).maximum)
    console.print(part)
    console.width = usual


def _fitted(frame: pd.DataFrame, width: int, title: str | None) -> Iterator[Any]:
    if _width(frame) <= width:
        yield frame_table(frame, title)
        return
    words = [name for name in frame.columns if frame[name].dtype.kind != "f"]
    same = [n for n in words if len(frame) > 1 and (frame[n] == frame[n].iloc[0]).all()]
    shared = ", ".join(f"{name}: {_text(frame[name].iloc[0])}" for name in same)
    rest = frame.drop(columns=same)
    heading = "; ".join(word for word in (title, shared) if word)
    if _width(rest) <= width:
        yield heading
        yield frame_table(rest)
        return
    left = [name for name in QUANTILE_COLUMNS if name in rest and name not in _SHOWN]
    fewer = rest.drop(columns=left)
    if _width(fewer) <= width:
        yield heading
        yield frame_table(fewer)
        if left:
            yield f"left out: {', '.join(left)} (dcforecast export writes all)"
        return
    if title:
        yield title
    for row in frame.itertuples(index=False):
        block = Table.grid(padding=(0, _GAP))
        for name, value in zip(frame.columns, row, strict=True):
            block.add_row(str(name), _text(value))
        yield ""
        yield block


def _width(frame: pd.DataFrame) -> int:
    """Columns a table needs so that no word is broken."""
    width = _GAP
    for position, name in enumerate(frame.columns):
        texts = [str(name), *map(_text, frame.iloc[:, position])]
        width += max(len(word) for text in texts for word in text.split()) + _GAP
    return width


def _number(value: Any) -> str:
    if value is None or value != value:  # noqa: PLR0124  (missing)
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.4g}"


def _text(value: Any) -> str:
    if isinstance(value, float):
        return _number(value)
    if value is None:
        return "-"
    if hasattr(value, "strftime"):
        return "-" if value != value else f"{value:%Y-%m-%d %H:%M}".removesuffix(" 00:00")  # noqa: PLR0124
    return str(value)
