"""The project's own tables under ``data/``, each with its schema."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dcforecast.config.paths import packaged
from dcforecast.errors import UserError, choices_text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["check", "folder", "names", "table"]

_FACTS: dict[str, type] = {
    "id": str, "subject": str, "quantity": str, "value": str, "status": str, "source_id": str,
}  # fmt: skip
#: Columns every row of a table must fill, and of which kind they are.
_REQUIRED: dict[str, dict[str, type]] = {
    "SOURCES": {"source_id": str, "publisher": str, "address": str, "licence": str},
    "observations": {
        "series": str, "start": str, "end": str, "value": float, "unit": str, "vintage": str,
        "vintage_basis": str, "publisher": str, "scope": str, "precision_gwh": float,
        "kind": str, "source_id": str,
    },
    "annual_balance": {"year": int, "generation_total": float, "net_import": float,
                       "demand_gross": float, "demand_precision_gwh": float, "source_id": str,
                       "net_import_source_id": str},
    "conflicts_facts": {"subject": str, "kept": str, "set_aside": str, "rule": str, "reason": str},
    "facts_corridors": _FACTS, "facts_generation_projects": _FACTS,
    "facts_data_centres": _FACTS, "facts_references": _FACTS,
    "capacity": {"date": str, "technology": str, "capacity_mw": float, "source_id": str},
    "conflicts": {"series": str, "start": str, "end": str, "value": float, "rule": str,
                  "reason": str},
    "drivers": {"year": int, "variable": str, "value": float, "unit": str, "status": str,
                "source_id": str},
    "load_losses": {"date": str, "variable": str, "value": float, "unit": str, "source_id": str},
}  # fmt: skip


def folder() -> Path:
    """Folder of the project's tables: in the wheel, or in the checkout."""
    return packaged("data", "SOURCES.csv")


def names() -> list[str]:
    """Names of the tables there are."""
    return sorted(file.stem for file in folder().glob("*.csv"))


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
    return _read(name, place or folder()).copy()


def check(frame: pd.DataFrame, name: str, file: Path) -> pd.DataFrame:
    """Check a table against its schema.

    Raises
    ------
    UserError
        Names the file, the row (as an editor counts lines), the column and the value.
    """
    required = _REQUIRED.get(name)
    if required is None:
        return frame
    import pandera.pandas as pa
    from pandera.errors import SchemaErrors

    columns: dict[str, Any] = {
        column: pa.Column(kind, coerce=True, nullable=False) for column, kind in required.items()
    }
    try:
        checked: pd.DataFrame = pa.DataFrameSchema(columns).validate(frame, lazy=True)
    except SchemaErrors as error:
        raise UserError(f"{file}: {_first(error.failure_cases)}") from error
    return checked


def _first(cases: pd.DataFrame) -> str:
    case = cases.iloc[0]
    if str(case["check"]) == "column_in_dataframe":
        return f"column '{case['failure_case']}' is missing"
    rows = cases[cases["index"].notna()]
    where = rows.iloc[0] if len(rows) else case
    line = f"row {int(where['index']) + 2}, " if len(rows) else ""
    more = f" ({len(cases)} mistakes in all)" if len(cases) > 1 else ""
    return f"{line}column '{where['column']}': {where['failure_case']!r} is not valid{more}"
