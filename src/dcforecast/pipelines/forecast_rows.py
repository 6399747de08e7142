"""Rows of the tables ``forecast`` and ``paths``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dcforecast.evaluation.splits import stamps_of
from dcforecast.store import LEVELS, QUANTILE_COLUMNS

if TYPE_CHECKING:
    from dcforecast.models.base import Forecaster
    from dcforecast.pipelines.job import Job
    from dcforecast.pipelines.member_paths import Component

__all__ = [
    "component_rows",
    "path_rows",
    "prediction_rows",
    "read_paths",
    "sample_rows",
    "system_rows",
]


def path_rows(
    scenario: str, months: pd.PeriodIndex, values: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    """Lay members out as rows: series, member, month, GWh.

    Parameters
    ----------
    scenario : str
        Name of the scenario.
    months : pandas.PeriodIndex
        Months of the horizon.
    values : mapping of str to ndarray of shape (members, months)
        Energy by series [GWh a month].
    """
    stamps = months.to_timestamp().tz_localize("UTC")
    frames = []
    for series, block in values.items():
        members = len(block)
        frames.append(
            pd.DataFrame(
                {
                    "scenario": scenario,
                    "series": series,
                    "member": np.repeat(np.arange(members, dtype=np.int32), len(months)),
                    "timestamp": np.tile(stamps, members),
                    "value": block.astype(np.float32).ravel(),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def read_paths(frame: pd.DataFrame) -> tuple[pd.PeriodIndex, dict[str, np.ndarray]]:
    """Turn rows of ``paths`` back into months and arrays of shape (members, months)."""
    stamps = pd.DatetimeIndex(frame["timestamp"].drop_duplicates().sort_values())
    months = stamps.tz_localize(None).to_period("M")
    values = {}
    for series, rows in frame.groupby("series", sort=False):
        ordered = rows.sort_values(["member", "timestamp"])
        values[str(series)] = ordered["value"].to_numpy(float).reshape(-1, len(months))
    return months, values


def prediction_rows(
    scenario: str,
    series: str,
    name: str,
    fitted: Forecaster,
    y: pd.Series,
    horizon: int,
    unit: str,
    X: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Quantile forecast of a fitted model as rows of ``forecast``; `X` if it takes regressors."""
    predicted = fitted.predict(horizon, X, quantiles=LEVELS)
    return _rows(scenario, series, name, y.index[-1], predicted, unit)


def sample_rows(
    scenario: str, series: str, name: str, last: Any, index: pd.Index, paths: np.ndarray, unit: str
) -> pd.DataFrame:
    """Mean and quantiles of paths, shape (n, periods of `index`), as rows of ``forecast``.

    `last` is the last known period.
    """
    predicted = pd.DataFrame({"mean": paths.mean(axis=0)}, index=index)
    quantiles = np.quantile(paths, LEVELS, axis=0)
    for column, row in zip(QUANTILE_COLUMNS, quantiles, strict=True):
        predicted[column] = row
    return _rows(scenario, series, name, last, predicted, unit)


def _rows(
    scenario: str, series: str, name: str, last: Any, predicted: pd.DataFrame, unit: str
) -> pd.DataFrame:
    stamps = stamps_of(predicted.index)
    # The end of the last known period, as in a backtest.
    known = last.end_time.floor("us").tz_localize("UTC") if isinstance(last, pd.Period) else None
    origin = known or stamps[0] - pd.Timedelta(microseconds=1)
    return pd.DataFrame(
        {
            "scenario": scenario,
            "series": series,
            "model": name,
            "origin": origin,
            "timestamp": stamps,
            "step": np.arange(1, len(predicted) + 1, dtype=np.int32),
            "unit": unit,
            "mean": predicted["mean"].to_numpy(),
            **{column: predicted[column].to_numpy() for column in QUANTILE_COLUMNS},
        }
    )


def component_rows(
    scenario: str,
    component: Component,
    models: Mapping[str, str],
    annual: np.ndarray,
    shares: np.ndarray,
) -> pd.DataFrame:
    """Years to the horizon, and months and quarters of two years, of one component.

    Parameters
    ----------
    scenario : str
        Name of the scenario.
    component : Component
        Series.
    models : mapping of str to str
        Names of what gave the ``annual`` and the ``monthly`` paths.
    annual, shares : ndarray
        Reconciled paths of `forecasting.member_paths`: the means of months, quarters and years
        add up.
    """
    first = component.annual.index[-1] + 1
    years = pd.period_range(first, periods=annual.shape[1], freq="Y")
    near = min(2, len(years))
    months = (annual[:, :near, None] * shares[:, :near]).reshape(len(annual), -1)
    index = pd.period_range(f"{first.year}-01", periods=12 * near, freq="M")
    ahead = index > component.monthly.index[-1]
    quarters = pd.period_range(f"{first.year}Q1", periods=4 * near, freq="Q")
    last = component.monthly.index[-1]
    rows = [
        (f"{component.name}_annual", models["annual"], component.annual.index[-1], years,
         annual),
        (component.name, models["monthly"], last, index[ahead], months[:, ahead]),
        (f"{component.name}_quarterly", models["monthly"], last, quarters,
         months.reshape(len(months), -1, 3).sum(axis=2)),
    ]  # fmt: skip
    return pd.concat([sample_rows(scenario, *row, "GWh") for row in rows], ignore_index=True)


def system_rows(job: Job, months: pd.PeriodIndex, values: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Monthly forecast of wind, solar, thermal availability and data-centre demand."""
    from dcforecast.config.compose import programmes
    from dcforecast.system.datacentres import programme_rows
    from dcforecast.system.model import SystemModel
    from dcforecast.system.paths import MonthlyPaths

    settings = job.settings
    years = range(settings.ensemble.years.first, settings.ensemble.years.last + 1)
    model = SystemModel.of(settings, MonthlyPaths(months, values))
    parts = [model.components(years)]
    for name, programme in programmes().items():
        energy = programme_rows(programme, model.draws, years)
        parts.append(energy.assign(series=f"data_centre_demand_{name}"))
    rows = pd.concat(parts, ignore_index=True)
    origin = pd.Timestamp(str(job.run.manifest["data_vintage"]), tz="UTC")
    steps = rows.groupby("series").cumcount() + 1
    return rows.assign(
        scenario=settings.scenario.name, model="system", origin=origin, step=steps.astype(np.int32)
    )
