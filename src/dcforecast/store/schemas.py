"""The canonical tables: columns, types and units (one place for all of them)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa

__all__ = [
    "LEVELS",
    "QUANTILE_COLUMNS",
    "TABLES",
    "TableSchema",
    "quantile_column",
]

#: Quantile levels every probabilistic table carries.
LEVELS: tuple[float, ...] = (0.010, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.990)


def quantile_column(level: float) -> str:
    """Return the column name of a quantile level: 0.05 -> ``q050`` (per-mille)."""
    return f"q{round(level * 1000):03d}"


QUANTILE_COLUMNS: tuple[str, ...] = tuple(quantile_column(level) for level in LEVELS)

_TIME = pa.timestamp("us", tz="UTC")
_TEXT = pa.string()
_REAL = pa.float64()
_SMALL = pa.float32()


@dataclass(frozen=True)
class TableSchema:
    """Columns of one canonical table.

    Attributes
    ----------
    name : str
        Table name, also its file or folder name in a run.
    columns : dict of str to pyarrow.DataType
        Required columns in order; a table may carry more, never fewer.
    units : dict of str to str
        Unit per column; ``"unit"`` names the column that holds the unit of the row.
    partition : tuple of str
        Columns that split the table into folders, so that a part can be read alone.
    """

    name: str
    columns: dict[str, pa.DataType]
    units: dict[str, str] = field(default_factory=dict)
    partition: tuple[str, ...] = ()


def _quantiles(kind: pa.DataType) -> dict[str, pa.DataType]:
    return {"mean": kind, **dict.fromkeys(QUANTILE_COLUMNS, kind)}


def _same_unit(unit: str, columns: Sequence[str] = ("mean", *QUANTILE_COLUMNS)) -> dict[str, str]:
    return dict.fromkeys(columns, unit)


_ALL = (
    TableSchema(
        "observations",
        {
            "series": _TEXT,
            "timestamp": _TIME,
            "end": _TIME,
            "value": _REAL,
            "unit": _TEXT,
            "vintage": _TIME,
            "publisher": _TEXT,
            "scope": _TEXT,
            "source_id": _TEXT,
        },
        {"value": "unit"},
    ),
    TableSchema(
        "history",
        {
            "series": _TEXT,
            "timestamp": _TIME,
            "vintage": _TIME,
            "mean": _REAL,
            "sd": _REAL,
            "unit": _TEXT,
            "basis": _TEXT,
        },
        {"mean": "unit", "sd": "unit"},
    ),
    TableSchema(
        "backtest",
        {
            "series": _TEXT,
            "model": _TEXT,
            "origin": _TIME,
            "timestamp": _TIME,
            "step": pa.int32(),
            "actual": _REAL,
            **_quantiles(_REAL),
        },
        {
            **_same_unit("unit of the series", ("actual", "mean", *QUANTILE_COLUMNS)),
            "fit_seconds": "s",
        },
    ),
    TableSchema(
        "scores",
        {
            "series": _TEXT,
            "model": _TEXT,
            "metric": _TEXT,
            "step_group": _TEXT,
            "value": _REAL,
            "se": _REAL,
            "skill_vs_naive": _REAL,
            "n": pa.int64(),
        },
        {"value": "that of the metric", "se": "that of the metric", "skill_vs_naive": "1"},
    ),
    TableSchema(
        "forecast",
        {
            "scenario": _TEXT,
            "series": _TEXT,
            "model": _TEXT,
            "origin": _TIME,
            "timestamp": _TIME,
            "step": pa.int32(),
            "unit": _TEXT,
            **_quantiles(_REAL),
        },
        _same_unit("unit"),
    ),
    TableSchema(
        "paths",
        {
            "scenario": _TEXT,
            "series": _TEXT,
            "member": pa.int32(),
            "timestamp": _TIME,
            "value": _SMALL,
        },
        {"value": "unit of the series"},
    ),
    TableSchema(
        "allocation",
        {
            "scenario": _TEXT,
            "sink": _TEXT,
            "kind": _TEXT,
            "timestamp": _TIME,
            **_quantiles(_SMALL),
        },
        _same_unit("MW"),
        partition=("scenario", "year"),
    ),
    TableSchema(
        "members",
        {
            "scenario": _TEXT,
            "member": pa.int32(),
            "answer": _TEXT,
            "kind": _TEXT,
            "name": _TEXT,
            "unit": _TEXT,
            "timestamp": _TIME,
            "value": _SMALL,
        },
        {"value": "unit"},
        partition=("scenario", "year"),
    ),
    TableSchema(
        "annual",
        {
            "scenario": _TEXT,
            "sink": _TEXT,
            "kind": _TEXT,
            "year": pa.int32(),
            "answer": _TEXT,
            "quantity": _TEXT,
            **_quantiles(_REAL),
        },
        _same_unit("unit", ("mean", *QUANTILE_COLUMNS, "se")),
    ),
    TableSchema(
        "lineage",
        {"table": _TEXT, "row_key": _TEXT, "source_id": _TEXT, "run_id": _TEXT},
    ),
)

#: Every canonical table by name.
TABLES: dict[str, TableSchema] = {table.name: table for table in _ALL}
