"""A table of a run as a file for other programs."""

from __future__ import annotations

from pathlib import Path

from dcforecast.errors import UserError
from dcforecast.reports.sheets import formats_of, sheet, workbook_options
from dcforecast.store import Run
from dcforecast.store.atomic import atomic_file

__all__ = ["export"]

#: Rows an Excel sheet can hold beside its head.
_EXCEL_ROWS = 1_048_575


def export(run: Run, table: str, path: Path) -> int:
    """Write a table to CSV, Excel or Parquet by the file's ending; return the rows.

    Raises
    ------
    UserError
        Another ending, no such folder, or too many rows for Excel.
    """
    if path.suffix not in {".csv", ".xlsx", ".parquet"}:
        raise UserError(f"--to {path}: '{path.suffix}' is not known", "Use .csv, .xlsx or .parquet")
    if not path.absolute().parent.is_dir():
        raise UserError(f"--to {path}: there is no folder '{path.parent}'")
    if path.suffix == ".xlsx" and run.scan(table).count_rows() > _EXCEL_ROWS:
        raise UserError(f"--to {path}: {table} has more rows than an Excel sheet holds",
                        "Use .csv or .parquet")  # fmt: skip
    frame = run.read(table)
    with atomic_file(path.absolute()) as temporary:
        if path.suffix == ".csv":
            frame.to_csv(temporary, index=False)
        elif path.suffix == ".parquet":
            frame.to_parquet(temporary, index=False)
        else:
            import xlsxwriter

            with xlsxwriter.Workbook(temporary, workbook_options) as book:
                sheet(book, formats_of(book), table, frame)
    return len(frame)
