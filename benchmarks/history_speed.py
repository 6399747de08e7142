"""How long the monthly history of the project's own figures takes.

    python benchmarks/history_speed.py [--every]

One vintage, the triangle that ``ingest`` stores and (--every) one of each date of publication,
spreads estimated anew for each.  The peer is one pass of statsmodels' smoother over a state space
of the same size: per part a level, twelve effects of the season, a spell, noise, two of temperature
and a cumulator; a bias for each scope and series; a channel for each scope, series and kind.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable

import numpy as np
from statsmodels.tsa.statespace.kalman_smoother import KalmanSmoother

from dcforecast import history, sources
from dcforecast.config.compose import compose
from dcforecast.config.history import HistorySettings
from dcforecast.history.posterior import Scale, condition, rates

STATES_OF_A_PART = 18


def main() -> int:
    """Time and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", action="store_true", help="also every date of publication")
    arguments = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, 1 process")
    observations, rules = sources.observations(compose([]).settings.data), HistorySettings()
    found = history.reconstruct(observations)  # everything is imported: not part of the time
    told("newest vintage, table included", lambda: history.reconstruct(observations).table)
    dates = history.vintage_dates(observations, rules)
    told(f"triangle of {len(dates)} vintages", lambda: history.triangle(observations, dates, rules))
    if arguments.every:
        every = sorted(observations.loc[observations["vintage"] >= dates[0], "vintage"].unique())
        told(f"all {len(every)} dates from {dates[0]:%Y-%m} on",
             lambda: history.triangle(observations, every, rules))  # fmt: skip
    months = found.months
    days = months.days_in_month.to_numpy() / 30.4375
    scale = Scale(
        rates(found.figures, days), days, months.month.to_numpy(), np.zeros((2, len(months)))
    )
    own = told(f"conditioning alone, {len(found.figures)} figures, all covariances",
               lambda: condition(found.figures, scale, found.structure).cov)  # fmt: skip
    model = peer(found)
    other = told(f"statsmodels smoother, {model.k_states} states, {model.k_endog} channels",
                 model.smooth)  # fmt: skip
    print(f"smoother over conditioning: {other / own:.1f} times")
    return 0


def told(label: str, work: Callable[[], object]) -> float:
    """Print and return the CPU seconds of some work."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    seconds = time.process_time() - cpu
    print(f"{label}: {seconds:.2f} CPU s ({time.perf_counter() - wall:.1f} s by the clock)")
    return seconds


def peer(found: history.History) -> KalmanSmoother:
    """Return a smoother of the size that the history would need."""
    rng = np.random.default_rng(1)
    figures, parts, months = found.figures, len(found.structure.parts), len(found.months)
    kinds = figures.assign(month=figures["first"] == figures["last"])
    channels = kinds[["series", "scope", "month"]].drop_duplicates()
    biases = figures[["series", "scope"]].drop_duplicates()
    states = parts * STATES_OF_A_PART + len(biases)
    model = KalmanSmoother(k_endog=len(channels), k_states=states, k_posdef=states)
    y = np.full((len(channels), months), np.nan)
    y.ravel()[rng.choice(y.size, min(len(figures), y.size), replace=False)] = 1.0
    model.bind(np.asfortranarray(y))
    model["design"] = rng.standard_normal((len(channels), states, months))
    model["obs_cov"] = np.eye(len(channels))
    model["transition"], model["selection"] = 0.9 * np.eye(states), np.eye(states)
    model["state_cov"] = 0.1 * np.eye(states)
    model.initialize_known(np.zeros(states), np.eye(states))
    return model


if __name__ == "__main__":
    sys.exit(main())
