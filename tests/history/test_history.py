"""The rebuilt months agree with every published figure, and know nothing of the future."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dcforecast import history, sources
from dcforecast.config.compose import compose
from dcforecast.config.history import HistorySettings
from dcforecast.errors import UserError
from dcforecast.history import AZERBAIJAN


@pytest.fixture(scope="module")
def observations() -> pd.DataFrame:
    return sources.observations(compose([]).settings.data)


@pytest.fixture(scope="module")
def now(observations: pd.DataFrame) -> history.History:
    return history.reconstruct(observations)


def test_exact_figures_are_reproduced_within_their_rounding(now: history.History) -> None:
    exact = now.figures[
        (now.figures["scope"] == "country")
        & (now.figures["precision_gwh"] <= 1)
        & (now.figures["series"] != "net_import")
    ]
    # What contradicts another figure has a wider error: it cannot hold beside the other.
    rounding = np.sqrt(exact["precision_gwh"] ** 2 / 12 + 0.05**2)
    held = exact[exact["sd"] <= 1.001 * rounding]
    assert len(held) > 200
    for row in held.itertuples(index=False):
        months = now.monthly(row.series).to_numpy()[row.first : row.last + 1]
        assert abs(months.sum() - row.value) <= row.precision_gwh / 2 + 0.05, row


def test_identities_and_sign(now: history.History) -> None:
    parts = {name: now.monthly(name) for name in AZERBAIJAN.parts}
    assert all((part >= 0).all() for part in parts.values())
    for total in ("generation_total", "demand_gross"):
        found = sum(weight * parts[name] for name, weight in AZERBAIJAN.weights(total).items())
        np.testing.assert_allclose(now.monthly(total), found, rtol=1e-9)
        assert (now.draws(total, 20, seed=1) >= -1e-6).all()


def test_identities_hold_in_every_draw(now: history.History) -> None:
    parts = [now.draws(p, 50, seed=1) for p in AZERBAIJAN.parts if p.startswith("generation")]
    np.testing.assert_allclose(now.draws("generation_total", 50, seed=1), sum(parts), rtol=1e-9)


@settings(max_examples=8, deadline=None)
@given(
    day=st.dates(pd.Timestamp("2018-06-01").date(), pd.Timestamp("2025-12-31").date()),
    factor=st.floats(0.2, 5.0),
)
def test_a_later_figure_changes_nothing(observations: pd.DataFrame, day, factor: float) -> None:
    as_of = pd.Timestamp(day, tz="UTC")
    changed = observations.copy()
    later = changed["vintage"] > as_of
    changed.loc[later, "value"] *= factor
    one = history.reconstruct(observations, as_of=as_of).table
    two = history.reconstruct(changed, as_of=as_of).table
    pd.testing.assert_frame_equal(one, two)


def _falling(observations: pd.DataFrame) -> pd.DataFrame:
    """Say that nine months of 2024 made more than the whole year."""
    row = observations[
        (observations["series"] == "generation_thermal")
        & (observations["scope"] == "country")
        & (observations["timestamp"] == pd.Timestamp("2024-01-01", tz="UTC"))
        & (observations["end"] == pd.Timestamp("2025-01-01", tz="UTC"))
    ].tail(1)
    wrong = row.assign(
        end=pd.Timestamp("2024-10-01", tz="UTC"),
        value=row["value"] * 1.5,
        vintage=pd.Timestamp("2026-01-01", tz="UTC"),
        source_id="WRONG",
    )
    assert len(wrong) == 1
    return pd.concat([observations, wrong], ignore_index=True)


def test_contradictions_name_both_rows_and_sources(observations: pd.DataFrame) -> None:
    told = history.contradictions(_falling(observations))
    assert told["text"].str.contains("WRONG").any()


def test_refuse_stops_and_latest_goes_on(observations: pd.DataFrame) -> None:
    wrong = _falling(observations)
    with pytest.raises(UserError, match="contradict"):
        history.reconstruct(wrong, settings=HistorySettings(on_conflict="refuse"))
    for mode in ("latest", "inflate"):
        found = history.reconstruct(wrong, settings=HistorySettings(on_conflict=mode))
        assert np.isfinite(found.monthly("generation_thermal")).all()


def test_news_names_the_figure_that_moved_the_month(observations: pd.DataFrame) -> None:
    newest = observations[
        (observations["series"] == "generation_thermal") & (observations["scope"] == "country")
    ].sort_values("vintage")
    last = newest.index[-1]
    told = history.news(observations.drop(index=last), observations, HistorySettings())
    assert set(told["source_id"]) <= {observations.loc[last, "source_id"], ""}
    assert (told["change_gwh"].abs() > 0.05).all()


def test_no_figure_by_that_date_is_said(observations: pd.DataFrame) -> None:
    with pytest.raises(UserError, match="published by 2001"):
        history.reconstruct(observations, as_of=pd.Timestamp("2001-01-01", tz="UTC"))


def test_news_add_up_to_the_change(observations: pd.DataFrame) -> None:
    cut = pd.Timestamp("2024-09-01", tz="UTC")
    old = observations[observations["vintage"] < cut]
    new = observations[observations["vintage"] < cut + pd.Timedelta(days=30)]
    rules = HistorySettings()
    told = history.news(old, new, rules)
    summed = told[told["series"] == "generation_total"].groupby("month")["change_gwh"].sum()
    before = history.reconstruct(old, settings=rules).monthly("generation_total")
    after = history.reconstruct(new, settings=rules).monthly("generation_total")
    change = (after - before).reindex(summed.index)
    assert len(summed) > 5
    np.testing.assert_allclose(summed, change, atol=1.0)  # parts under 0.05 GWh are left out
    assert told["source_id"].ne("").any()


def test_the_nowcast_has_the_year_and_its_unknown_months(observations: pd.DataFrame) -> None:
    as_of = pd.Timestamp("2024-09-20", tz="UTC")
    found = history.nowcast(history.reconstruct(observations, as_of=as_of))
    rows = found[found["series"] == "generation_total"].set_index("period")
    assert list(rows.index) == ["2024", "2024-09", "2024-10", "2024-11", "2024-12"]
    assert (rows["q100"] < rows["q500"]).all()
    # 28,394 GWh were published for the year in the end.
    assert abs(rows.loc["2024", "q500"] / 28_394 - 1) < 0.04
