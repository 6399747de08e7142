"""Backtests see the past alone, and scores are what they say."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from dcforecast.errors import UserError
from dcforecast.evaluation import backtest, champions, compare_models, score
from dcforecast.evaluation.scores import pinball
from dcforecast.evaluation.splits import stamp_of, stamps_of
from dcforecast.models import create
from dcforecast.store import LEVELS, QUANTILE_COLUMNS


@pytest.fixture
def y() -> pd.Series:
    rng = np.random.default_rng(4)
    t = np.arange(96)
    values = 200 + t + 40 * np.sin(t * np.pi / 6) + rng.normal(0, 5, 96)
    return pd.Series(values, index=pd.period_range("2015-01", periods=96, freq="M"), name="y")


def models(*names: str):
    return {name: create(name) for name in names}


def test_each_origin_has_its_horizon(y: pd.Series) -> None:
    found = backtest(models("seasonal_naive"), y, horizon=6, origins=4, step=3)
    assert found["origin"].nunique() == 4
    assert found.groupby("origin")["step"].max().eq(6).all()
    assert (found["timestamp"] > found["origin"]).all()
    actual = {p.start_time.tz_localize("UTC"): v for p, v in y.items()}
    assert np.allclose(found["actual"], found["timestamp"].map(actual))


def test_values_after_the_origin_change_nothing(y: pd.Series) -> None:
    whole = backtest(models("theta", "ridge"), y, horizon=3, origins=3, step=3)
    first = whole["origin"].min()
    later = y.copy()
    later[[p.start_time.tz_localize("UTC") > first for p in y.index]] = 1e6
    again = backtest(models("theta", "ridge"), later, horizon=3, origins=3, step=3)
    columns = ["mean", *QUANTILE_COLUMNS]
    a = whole[whole["origin"] == first][columns]
    b = again[again["origin"] == first][columns]
    pd.testing.assert_frame_equal(a, b)


def test_a_gap_hides_the_newest_values(y: pd.Series) -> None:
    found = backtest(models("seasonal_naive"), y, horizon=2, origins=2, gap=2)
    assert found["step"].min() == 3


def test_the_vintage_known_at_an_origin_is_used(y: pd.Series) -> None:
    asked: list[pd.Timestamp] = []

    def known(origin: pd.Timestamp) -> pd.Series:
        asked.append(origin)
        return y[[p.end_time.tz_localize("UTC") <= origin for p in y.index]].iloc[:-3]

    found = backtest(models("seasonal_naive"), y, horizon=2, origins=3, known=known)
    assert len(set(asked)) == 3
    assert found["step"].min() == 4


def test_refitting_less_still_follows_the_series(y: pd.Series) -> None:
    often = backtest(models("ets"), y, horizon=1, origins=6, refit=1)
    once = backtest(models("ets"), y, horizon=1, origins=6, refit=0)
    assert once["fit_seconds"].sum() < often["fit_seconds"].sum()
    assert np.abs(once["mean"] - often["mean"]).max() < 0.1 * y.mean()


@pytest.mark.parametrize("zone", ["Europe/Athens", "America/New_York", "UTC", None])
def test_dates_of_origins_and_refits_are_those_of_the_series_clock(zone: str | None) -> None:
    index = pd.date_range("2024-03-01", periods=24 * 60, freq="h", tz=zone)
    y = pd.Series(np.sin(np.arange(24.0 * 60)) + 5, index=index)
    days = [date(2024, 4, 1), date(2024, 4, 20)]  # after clocks have changed
    models = {"naive": create("seasonal_naive")}
    found = backtest(models, y, horizon=24, origins=days, refit=0)
    first = found.groupby("origin")["timestamp"].min().dt.tz_convert(zone or "UTC")
    assert [f"{one:%Y-%m-%d %H:%M}" for one in first] == ["2024-04-01 00:00", "2024-04-20 00:00"]
    fitted = backtest(models, y, horizon=24, origins=40, refit=[date(2024, 4, 29)])
    again = fitted[(fitted["fit_seconds"] > 0) & (fitted["step"] == 1)]["timestamp"]
    last = again.max().tz_convert(zone or "UTC")
    assert f"{last:%Y-%m-%d %H:%M}" == "2024-04-29 00:00"


def test_a_series_too_short_is_refused(y: pd.Series) -> None:
    with pytest.raises(UserError, match="too few"):
        backtest(models("drift"), y.iloc[:10], horizon=12, origins=4)
    with pytest.raises(UserError, match=r"none of 2090-01-01 leaves .*\n.*reaches from \d{4}-"):
        backtest(models("drift"), y, horizon=12, origins=[date(2090, 1, 1)])
    with pytest.raises(UserError, match="season_length=-4"):
        create("ridge", season_length=-4).fit(y)


def fabricated(spread: float) -> pd.DataFrame:
    from scipy.stats import norm

    rng = np.random.default_rng(9)
    count = 4000
    truth = rng.normal(0, 1, count)
    quantiles = {
        c: np.full(count, norm.ppf(level) * spread)
        for c, level in zip(QUANTILE_COLUMNS, LEVELS, strict=True)
    }
    return pd.DataFrame(
        {
            "series": "s",
            "model": "m",
            "origin": pd.date_range("2020-01-01", periods=count, tz="UTC"),
            "timestamp": pd.date_range("2020-01-02", periods=count, tz="UTC"),
            "step": 1,
            "actual": truth,
            "mean": 0.0,
            **quantiles,
        }
    )


def test_scores_of_a_perfect_forecast_are_those_of_theory() -> None:
    table = score(fabricated(1.0), scale={"s": 2.0}, baseline="m").set_index(
        ["metric", "step_group"]
    )["value"]
    assert table["coverage_80", "all"] == pytest.approx(0.8, abs=0.02)
    assert table["coverage_90", "all"] == pytest.approx(0.9, abs=0.02)
    assert table["rmse", "all"] == pytest.approx(1.0, abs=0.03)
    assert table["crps", "all"] == pytest.approx(0.564, abs=0.02)  # 1 / sqrt(pi)
    assert table["mase", "all"] == pytest.approx(table["mae", "all"] / 2)


def test_crps_rewards_the_right_spread() -> None:
    values = {
        s: score(fabricated(s)).query("metric == 'crps' and step_group == 'all'")["value"].iloc[0]
        for s in (0.3, 1.0, 3.0)
    }
    assert values[1.0] < values[0.3]
    assert values[1.0] < values[3.0]


def test_champion_is_the_smallest_score(y: pd.Series) -> None:
    found = backtest(models("seasonal_naive", "ets", "drift"), y, horizon=6, origins=6)
    scores = score(found, scale={"y": 10.0})
    best = champions(scores).iloc[0]
    crps = scores[(scores["metric"] == "crps") & (scores["step_group"] == "all")]
    assert best["value"] == crps["value"].min()
    naive = crps[crps["model"] == "seasonal_naive"]
    assert naive["skill_vs_naive"].iloc[0] == pytest.approx(0.0)
    tests = compare_models(found)
    assert set(tests["model"]) == {"ets", "drift"}
    assert (tests["p_holm"] >= tests["p_value"] - 1e-12).all()


def test_the_quantile_loss_is_that_of_scoringrules() -> None:
    import scoringrules as sr

    rng = np.random.default_rng(0)
    actual, quantile = rng.normal(size=(2, 50))
    for level in (0.05, 0.5, 0.9):
        expected = sr.quantile_score(actual, quantile, level)
        np.testing.assert_allclose(pinball(actual, quantile, level), expected)
    assert pinball(np.array(2.0), np.array(1.0), 0.9) == pytest.approx(0.9)


@pytest.mark.parametrize(
    "index",
    [
        pd.period_range("2020-01", periods=5, freq="M"),
        pd.date_range("2020-01-01", periods=5, freq="h"),
        pd.date_range("2020-10-24 22:00", periods=5, freq="h", tz="Europe/Bucharest"),
    ],
)
def test_all_starts_are_those_of_each_period(index: pd.Index) -> None:
    assert list(stamps_of(index)) == [stamp_of(period) for period in index]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"horizon": 0}, "horizon=0 must be at least 1"),
        ({"step": 0}, "step=0 must be at least 1"),
        ({"origins": 0}, "origins=0 must be at least 1"),
        ({"gap": -1}, "gap=-1 must be at least 0"),
        ({"refit": -1}, "refit=-1 must be at least 0"),
        ({"n_jobs": 0}, "n_jobs=0 must be at least 1"),
        ({"X_known": {"tmp": "delayed 3"}}, "'tmp' is no regressor"),
        ({"X_known": {"temp": "delayed 3"}}, "'temp' is not known at the origin"),
        ({"X_known": {"temp": "late"}}, "'late' does not say"),
    ],
)
def test_what_a_backtest_is_asked_must_mean_something(
    y: pd.Series, words: dict[str, object], said: str
) -> None:
    X = pd.DataFrame({"temp": np.arange(float(len(y)))}, index=y.index)
    with pytest.raises(UserError, match=said):
        backtest({"r": create("ridge")}, y, X=X, **{"horizon": 3, "refit": 2, **words})


def test_regressors_are_tables(y: pd.Series) -> None:
    for X in (y, y.to_numpy(), {"y": y}):
        with pytest.raises(UserError, match="X of 'y': regressors are a pandas DataFrame"):
            backtest({"ridge": create("ridge")}, y, horizon=3, X=X)


def test_models_and_series_have_names(y: pd.Series) -> None:
    for models in ({}, [create("ets")], {"ets": "ets"}):
        with pytest.raises(UserError, match="backtest"):
            backtest(models, y, horizon=3)
    with pytest.raises(UserError, match="no Series"):
        backtest({"ets": create("ets")}, y.to_numpy(), horizon=3)


def test_a_name_that_is_not_there_is_refused(y: pd.Series) -> None:
    found = backtest({"drift": create("drift")}, y, horizon=2, origins=3)
    with pytest.raises(UserError, match="did you mean 'drift'"):
        compare_models(found, baseline="drft")
    with pytest.raises(UserError, match="did you mean 'crps'"):
        champions(score(found), metric="crp")
    flat = score(found, scale={"y": 0.0})  # MASE of a constant series has no unit
    assert "mase" not in set(flat["metric"])
