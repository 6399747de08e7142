"""Rows of the tables ``forecast`` and ``paths``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dcforecast.pipelines.levels import NAMES
from dcforecast.store import LEVELS, QUANTILE_COLUMNS

if TYPE_CHECKING:
    from dcforecast.models.base import Forecaster
    from dcforecast.pipelines.forecasting import Component
    from dcforecast.pipelines.job import Job
    from dcforecast.pipelines.levels import Level

__all__ = ["component_rows", "path_rows", "prediction_rows", "read_paths", "system_rows"]


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
    scenario: str, series: str, name: str, fitted: Forecaster, y: pd.Series, horizon: int, unit: str
) -> pd.DataFrame:
    """Quantile forecast of a fitted model as rows of ``forecast``."""
    predicted = fitted.predict(horizon, quantiles=LEVELS)
    stamps = pd.DatetimeIndex(
        predicted.index.to_timestamp()
        if isinstance(predicted.index, pd.PeriodIndex)
        else predicted.index
    )
    stamps = stamps.tz_localize("UTC") if stamps.tz is None else stamps.tz_convert("UTC")
    last = y.index[-1]
    origin = last.end_time if isinstance(last, pd.Period) else last
    origin = pd.Timestamp(origin).floor("s")
    origin = origin.tz_localize("UTC") if origin.tzinfo is None else origin.tz_convert("UTC")
    return pd.DataFrame(
        {
            "scenario": scenario,
            "series": series,
            "model": name,
            "origin": origin,
            "timestamp": stamps,
            "step": np.arange(1, horizon + 1, dtype=np.int32),
            "unit": unit,
            "mean": predicted["mean"].to_numpy(),
            **{column: predicted[column].to_numpy() for column in QUANTILE_COLUMNS},
        }
    )


def _level_rows(scenario: str, component: Component, level: Level) -> pd.DataFrame:
    """Quantiles of drawn years as rows of ``forecast``."""
    last = component.annual.index[-1]
    years = level.energy.shape[1]
    quantiles = np.quantile(level.energy, LEVELS, axis=0)
    stamps = pd.period_range(last + 1, periods=years).to_timestamp().tz_localize("UTC")
    return pd.DataFrame(
        {
            "scenario": scenario,
            "series": f"{component.name}_annual",
            "model": NAMES[component.name],
            "origin": last.end_time.floor("s").tz_localize("UTC"),
            "timestamp": stamps,
            "step": np.arange(1, years + 1, dtype=np.int32),
            "unit": "GWh",
            "mean": level.energy.mean(axis=0),
            **dict(zip(QUANTILE_COLUMNS, quantiles, strict=True)),
        }
    )


def component_rows(
    scenario: str, component: Component, last_year: int, level: Level | None = None
) -> pd.DataFrame:
    """Annual forecast to the horizon and monthly forecast of two years of one component.

    `level` holds the years where the system drew them itself.
    """
    years = last_year - component.annual.index[-1].year
    if level is not None:
        annual = _level_rows(scenario, component, level)
    else:
        annual = prediction_rows(
            scenario,
            f"{component.name}_annual",
            component.annual_name,
            component.annual_model,
            component.annual,
            years,
            "GWh",
        )
    monthly = prediction_rows(
        scenario,
        component.name,
        component.monthly_name,
        component.monthly_model,
        component.monthly,
        24,
        "GWh",
    )
    rows = pd.concat([annual, monthly], ignore_index=True)
    quantities = ["mean", *QUANTILE_COLUMNS]
    rows[quantities] = rows[quantities].clip(lower=0.0)  # energy is never negative
    return rows


def system_rows(job: Job, months: pd.PeriodIndex, values: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Monthly forecast of wind, solar, thermal availability and data-centre demand."""
    from dcforecast.config.compose import programmes
    from dcforecast.system.datacentres import programme_rows
    from dcforecast.system.draws import Draws
    from dcforecast.system.model import SystemModel
    from dcforecast.system.paths import MonthlyPaths

    settings = job.settings
    draws = Draws(settings.ensemble.members, settings.ensemble.seed)
    years = range(settings.ensemble.years.first, settings.ensemble.years.last + 1)
    model = SystemModel(
        settings.fleet, settings.demand, settings.datacentres, MonthlyPaths(months, values), draws
    )
    parts = [model.components(years)]
    for name, programme in programmes().items():
        parts.append(
            programme_rows(programme, draws, years).assign(series=f"data_centre_demand_{name}")
        )
    rows = pd.concat(parts, ignore_index=True)
    origin = pd.Timestamp(str(job.run.manifest["data_vintage"]), tz="UTC")
    steps = rows.groupby("series").cumcount() + 1
    return rows.assign(
        scenario=settings.scenario.name, model="system", origin=origin, step=steps.astype(np.int32)
    )
