"""Blocks of members worked out by a Dask cluster."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dcforecast.compute import Pool
from dcforecast.config.compute import ComputeSettings
from dcforecast.config.datacentres import DatacentresSettings
from dcforecast.config.demand import DemandSettings
from dcforecast.config.ensemble import EnsembleSettings
from dcforecast.config.fleet import FleetSettings
from dcforecast.system import draws
from dcforecast.system.draws import Draws
from dcforecast.system.ensemble import simulate
from dcforecast.system.model import SystemModel
from dcforecast.system.paths import MonthlyPaths


@pytest.mark.slow
def test_two_dask_workers_give_the_same_bytes(network_settings, allocation_settings, monkeypatch):
    monkeypatch.setattr(draws, "BLOCK", 2)
    members, months = 4, pd.period_range("2030-01", "2030-12", freq="M")
    rng = np.random.default_rng(1)
    paths = MonthlyPaths(
        months,
        {
            "demand_gross": rng.normal(2_600, 100, (members, 12)),
            "generation_hydro": rng.normal(250, 30, (members, 12)),
            "export": np.full((members, 12), 110.0),
            "export_price": np.full((members, 12), 45.0),
        },
    )
    model = SystemModel(
        FleetSettings(name="f"),
        DemandSettings(name="d"),
        DatacentresSettings(name="c", contracted_mw={2025: 5, 2030: 140}),
        paths,
        Draws(members, 5),
    )
    found = []
    settings = ComputeSettings(name="dask", description="two workers", kind="dask", workers=2)
    for pool in (None, Pool(settings)):
        hours: list[pd.DataFrame] = []
        kept: list[pd.DataFrame] = []
        result = simulate(
            model,
            network=network_settings,
            allocation=allocation_settings,
            ensemble=EnsembleSettings(name="test", members=members, keep_members=[1, 3]),
            years=[2030],
            write=hours.append,
            keep=kept.append,
            pool=pool,
        )
        found.append((result, hours[0], *kept))
    (here, *hours_here), (there, *hours_there) = found
    assert len(model.parts()) == 2
    pd.testing.assert_frame_equal(here.annual, there.annual, check_exact=True)
    assert len(hours_here) == 3
    for one, other in zip(hours_here, hours_there, strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
