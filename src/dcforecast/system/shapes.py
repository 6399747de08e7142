"""Fitted parameters of the hourly method (data/shapes/, made by data/derive/fit_hourly.py)."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dcforecast.config.paths import data_dir

__all__ = ["load_shape", "parameters"]


@lru_cache(maxsize=2)
def parameters(of: str = "hourly") -> dict[str, Any]:
    """Return fitted parameters: of load, temperature, wind and solar, or of ``markets``."""
    file = data_dir() / "shapes" / f"{of}.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=1)
def load_shape() -> NDArray[np.float64]:
    """Return load relative to its month, shape (12 months, 3 day types, 24 local hours).

    Day types: workday, Saturday, Sunday or holiday.
    """
    table = pd.read_csv(data_dir() / "shapes" / "load_shape.csv")
    ordered = table.sort_values(["month", "day_type", "hour"])
    return ordered["share"].to_numpy(float).reshape(12, 3, 24)
