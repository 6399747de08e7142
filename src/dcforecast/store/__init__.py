"""Canonical tables: schemas, atomic writes, reads, and the catalogue of runs."""

from __future__ import annotations

from dcforecast.store.run import Run
from dcforecast.store.schemas import LEVELS, QUANTILE_COLUMNS, TABLES, quantile_column
from dcforecast.store.store import Store, config_hash

__all__ = [
    "LEVELS",
    "QUANTILE_COLUMNS",
    "TABLES",
    "Run",
    "Store",
    "config_hash",
    "quantile_column",
]
