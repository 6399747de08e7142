"""Canonical tables to Parquet and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from dcforecast.errors import InternalError, UserError, choices_text
from dcforecast.store.atomic import atomic_file
from dcforecast.store.schemas import TABLES, TableSchema

__all__ = ["filter_expression", "to_arrow", "write_table"]


def _schema_of(table: TableSchema, frame: pd.DataFrame, metadata: Mapping[str, str]) -> pa.Schema:
    missing = [name for name in table.columns if name not in frame.columns]
    if missing:
        raise InternalError(f"table '{table.name}' lacks the columns {missing}")
    extra = [name for name in frame.columns if name not in table.columns]
    inferred = pa.Schema.from_pandas(frame[extra], preserve_index=False) if extra else []
    fields = [pa.field(name, kind) for name, kind in table.columns.items()]
    fields += [
        pa.field(f.name, pa.string() if pa.types.is_large_string(f.type) else f.type)
        for f in inferred
    ]
    fields = [
        f.with_metadata({"unit": table.units[f.name]}) if f.name in table.units else f
        for f in fields
    ]
    return pa.schema(fields, metadata={**metadata, "units": json.dumps(table.units)})


def to_arrow(name: str, frame: pd.DataFrame, metadata: Mapping[str, str]) -> pa.Table:
    """Cast `frame` to the canonical schema of table `name`; further columns are kept.

    Raises
    ------
    InternalError
        A required column is missing or does not fit its type.
    """
    schema = _schema_of(TABLES[name], frame, metadata)
    try:
        return pa.Table.from_pandas(
            frame[schema.names], schema=schema, preserve_index=False
        ).replace_schema_metadata(schema.metadata)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise InternalError(f"table '{name}' does not fit its schema: {error}") from error


def write_table(path: Path, table: pa.Table) -> None:
    """Write one Parquet file atomically (zstd; small by split floats and times told as steps)."""
    coded = {
        f.name: "BYTE_STREAM_SPLIT" if pa.types.is_floating(f.type) else "DELTA_BINARY_PACKED"
        for f in table.schema
        if pa.types.is_floating(f.type) or pa.types.is_timestamp(f.type)
    }
    keys = [f.name for f in table.schema if pa.types.is_string(f.type)]
    with atomic_file(path) as temporary:
        pq.write_table(
            table,
            temporary,
            compression="zstd",
            use_dictionary=keys,
            column_encoding=coded or None,
        )


def filter_expression(filters: Mapping[str, Any], schema: pa.Schema, table: str) -> Any:
    """Turn ``column=value`` filters into one Arrow expression, or None.

    A value is a scalar (equal), a list, tuple or set (any of) or a slice
    (``slice(start, stop)``: start <= column < stop).

    Raises
    ------
    UserError
        A filter names a column the table does not have, or gives a time column no date.
    """
    import pyarrow.dataset as ds

    expression: Any = None
    for name, value in filters.items():
        if name not in schema.names:
            raise UserError(
                f"table '{table}' has no column '{name}' to filter on",
                choices_text(name, schema.names),
            )
        convert = _date(name) if pa.types.is_timestamp(schema.field(name).type) else _same
        for part in _conditions(ds.field(name), value, convert):
            expression = part if expression is None else expression & part
    return expression


def _same(value: Any) -> Any:
    return value


def _date(name: str) -> Callable[[Any], Any]:
    """Read dates given as text or naive times as UTC timestamps."""

    def convert(value: Any) -> Any:
        try:
            stamp = pd.Timestamp(value)
        except ValueError as error:
            raise UserError(f"{name}={value!r} is not a date", "Write 2030-01-31") from error
        return stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp.tz_convert("UTC")

    return convert


def _conditions(column: Any, value: Any, convert: Callable[[Any], Any]) -> list[Any]:
    if isinstance(value, slice):
        parts = []
        if value.start is not None:
            parts.append(column >= convert(value.start))
        if value.stop is not None:
            parts.append(column < convert(value.stop))
        return parts
    if isinstance(value, list | tuple | set | frozenset):
        return [column.isin([convert(v) for v in value])]
    return [column == convert(value)]
