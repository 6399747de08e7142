"""The same functions rebuild an account of any parts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dcforecast import history
from dcforecast.config.history import HistorySettings
from dcforecast.errors import UserError


def figures(series: str, months: pd.Series, pairs: list[tuple[int, int]]) -> pd.DataFrame:
    """Return exact sums over (first, last) months as rows of observations."""
    stamps = months.index.to_timestamp().tz_localize("UTC")
    rows = []
    for first, last in pairs:
        end = stamps[last] + pd.DateOffset(months=1)
        rows.append(
            {
                "series": series,
                "timestamp": stamps[first],
                "end": end,
                "value": months.iloc[first : last + 1].sum(),
                "unit": "GWh",
                "vintage": end + pd.DateOffset(days=20),
                "publisher": "Office",
                "scope": "country",
                "source_id": f"T{first}-{last}",
                "precision_gwh": 0.1,
                "kind": "cumulative",
            }
        )
    return pd.DataFrame(rows)


@pytest.fixture
def truth() -> pd.DataFrame:
    index = pd.period_range("2018-01", periods=48, freq="M")
    angle = 2 * np.pi * np.arange(48) / 12
    return pd.DataFrame(
        {"nuclear": 200 - 20 * np.cos(angle), "hydro": 150 + 60 * np.sin(angle)}, index=index
    )


def test_parts_of_another_country_add_up_to_its_total(truth: pd.DataFrame) -> None:
    account = history.Structure(
        priors={"nuclear": history.Prior(), "hydro": history.Prior()},
        sums={"all": {"nuclear": 1.0, "hydro": 1.0}},
    )
    spans = [(12 * y, 12 * y + m) for y in range(4) for m in (2, 5, 11)]
    rows = pd.concat(
        [
            figures("hydro", truth["hydro"], spans),
            figures("all", truth.sum(axis=1), [(t - t % 12, t) for t in range(48)]),
        ],
        ignore_index=True,
    )
    found = history.reconstruct(
        rows, settings=HistorySettings(start="2018-01-01"), structure=account
    )
    assert set(found.table["series"]) == {"all", "nuclear", "hydro"}
    np.testing.assert_allclose(found.monthly("all"), truth.sum(axis=1), atol=2.0)
    np.testing.assert_allclose(
        found.monthly("all"), found.monthly("nuclear") + found.monthly("hydro"), rtol=1e-9
    )
    miss = (found.monthly("hydro") - truth["hydro"]).abs()
    assert (miss < 4 * found.sd("hydro") + 1).all()


def test_a_series_that_is_not_there_is_named(truth: pd.DataFrame) -> None:
    found = history.reconstruct(
        figures("hydro", truth["hydro"], [(0, 11)]),
        settings=HistorySettings(start="2018-01-01"),
        structure=history.Structure({"hydro": history.Prior()}),
    )
    with pytest.raises(UserError, match="nuclear"):
        found.monthly("nuclear")


def test_sums_of_unknown_parts_are_refused() -> None:
    with pytest.raises(ValueError, match="coal"):
        history.Structure(priors={"hydro": history.Prior()}, sums={"all": {"coal": 1.0}})
