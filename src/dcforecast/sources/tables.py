"""The project's own tables under ``data/``, each with its schema."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dcforecast.config.paths import data_dir
from dcforecast.errors import UserError, choices_text
from dcforecast.sources.table_rules import BOUNDS, DATES, REQUIRED

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["check", "names", "table"]


def names() -> list[str]:
    """Names of the tables there are."""
    return sorted(file.stem for file in data_dir().glob("*.csv"))


@lru_cache(maxsize=32)
def _read(name: str, place: Path) -> pd.DataFrame:
    import pandas as pd

    file = place / f"{name}.csv"
    if not file.is_file():
        raise UserError(f"there is no table '{name}'", choices_text(name, names()))
    return check(pd.read_csv(file), name, file)


def table(name: str, place: Path | None = None) -> pd.DataFrame:
    """Read a table of the project's data.

    Parameters
    ----------
    name : str
        For example ``"plants"``, ``"drivers"``, ``"capacity"``, ``"SOURCES"``.
    place : Path, optional
        Another folder with the same tables.

    Returns
    -------
    pandas.DataFrame
        A copy, checked against the table's schema.

    Raises
    ------
    UserError
        No such table, or a row that breaks its schema (file, row, column, value).
    """
    return _read(name, place or data_dir()).copy()


def check(frame: pd.DataFrame, name: str, file: Path) -> pd.DataFrame:
    """Check a table against its schema.

    Raises
    ------
    UserError
        Names the file, the row (as an editor counts lines), the column and the value.
    """
    if name not in REQUIRED:
        return frame
    import pandera.pandas as pa
    from pandera.errors import SchemaErrors

    try:
        checked: pd.DataFrame = pa.DataFrameSchema(_columns(name)).validate(frame, lazy=True)
    except SchemaErrors as error:
        raise UserError(f"{file}: {_first(error.failure_cases)}") from error
    return checked


def _columns(name: str) -> dict[str, Any]:
    import pandera.pandas as pa

    bounds = BOUNDS.get(name, {})
    checks: dict[str, Any] = {c: pa.Check.in_range(*bounds[c]) for c in bounds}
    checks |= {c: pa.Check.str_matches(r"^\d{4}-\d{2}-\d{2}$") for c in DATES.get(name, ())}
    required = REQUIRED[name]
    columns = {
        column: pa.Column(kind, checks.get(column), coerce=True, nullable=False)
        for column, kind in required.items()
    }
    # A column that may be empty, or be left out, is checked where it is filled.
    for column in checks.keys() - required.keys():
        kind = float if column in bounds else None
        optional = pa.Column(kind, checks[column], coerce=True, nullable=True, required=False)
        columns[column] = optional
    return columns


def _first(cases: pd.DataFrame) -> str:
    case = cases.iloc[0]
    if str(case["check"]) == "column_in_dataframe":
        return f"column '{case['failure_case']}' is missing"
    rows = cases[cases["index"].notna()]
    where = rows.iloc[0] if len(rows) else case
    line = f"row {int(where['index']) + 2}, " if len(rows) else ""
    wanted = _wanted(str(where["check"]))
    more = f" ({len(cases)} mistakes in all)" if len(cases) > 1 else ""
    found = _told(where["failure_case"])
    return f"{line}column '{where['column']}': {found} is not valid{wanted}{more}"


def _told(value: Any) -> str:
    return repr(value.item() if hasattr(value, "item") else value)


def _wanted(check: str) -> str:
    """Say in words what a failed check wants; nothing for a wrong kind."""
    if check.startswith("in_range"):
        return check.replace("in_range(", "; it lies between ").replace(", ", " and ").rstrip(")")
    return "; a date is written 2026-05-15" if check.startswith("str_matches") else ""
