"""Origins in lock-step, refit schedules, many series, resuming: the numbers stay the same."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dcforecast.errors import UserError
from dcforecast.evaluation import backtest, compare_models, confidence_set, score
from dcforecast.features import Known
from dcforecast.models import create
from dcforecast.models.base import Forecaster
from dcforecast.store import QUANTILE_COLUMNS

_NUMBERS = ["mean", *QUANTILE_COLUMNS]


def monthly(count: int = 96, seed: int = 4) -> pd.Series:
    rng = np.random.default_rng(seed)
    t = np.arange(count)
    values = 200 + t + 40 * np.sin(t * np.pi / 6) + rng.normal(0, 5, count)
    return pd.Series(values, index=pd.period_range("2015-01", periods=count, freq="M"), name="y")


@pytest.fixture
def y() -> pd.Series:
    return monthly()


@pytest.fixture(name="X")
def regressors(y: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({"a": np.random.default_rng(1).normal(size=len(y))}, index=y.index)


LOCK_STEP = {
    "ridge": create("ridge"),
    "ridge_level": create("ridge", difference="none", lags=["1-3", 12], rolling={"std": [6]}),
    "ridge_direct": create("ridge", strategy="direct", transform="none"),
    "ridge_multi": create("ridge", strategy="multi_output", half_life=30.0),
    "ridge_holdout": create("ridge", season_length=1, spread="holdout"),
    "native": create("quantile_regression", strategy="direct", spread="native", alpha=0.0),
    "sarimax": create("ar"),
    "mean of ARIMA models": create("auto_arima"),
    "structural": create("unobserved_components"),
}


@pytest.mark.parametrize("name", LOCK_STEP)
def test_lock_step_equals_update_and_predict(y: pd.Series, X: pd.DataFrame, name: str) -> None:
    model, starts, levels = LOCK_STEP[name], [70, 71, 75, 84], (0.1, 0.5, 0.9)
    fitted = model.clone().fit(y.iloc[:70], X.iloc[:70])
    together = fitted.forecasts(y, starts, 6, X, levels)
    for start, found in zip(starts, together, strict=True):
        one = model.clone().fit(y.iloc[:70], X.iloc[:70])
        one.update(y.iloc[70:start], X.iloc[70:start])
        alone = one.predict(6, X.iloc[start : start + 6], quantiles=levels).to_numpy()
        np.testing.assert_allclose(found, alone, rtol=1e-9)


@pytest.mark.parametrize("name", LOCK_STEP)
def test_the_whole_series_built_once_gives_the_same(y: pd.Series, X: pd.DataFrame, name: str):
    model = LOCK_STEP[name]
    prepared = model.prepare(y, X, 6)
    shared = model.clone().using(prepared).fit(y.iloc[:70], X.iloc[:70])
    alone = model.clone().fit(y.iloc[:70], X.iloc[:70])
    np.testing.assert_array_equal(
        shared.forecasts(y, [70, 80], 6, X), alone.forecasts(y, [70, 80], 6, X)
    )


@pytest.mark.parametrize("name", LOCK_STEP)
def test_lock_step_never_looks_ahead(y: pd.Series, name: str) -> None:
    changed = y.copy()
    changed.iloc[80:] *= 3
    model = LOCK_STEP[name].clone()
    found = [
        backtest({"m": model}, s, horizon=3, origins=[date(2021, 1, 1), date(2021, 9, 1)], refit=0)
        for s in (y, changed)
    ]
    first = found[0]["origin"].min()
    a, b = (f[f["origin"] == first][_NUMBERS] for f in found)
    pd.testing.assert_frame_equal(a, b)
    assert y.index[80] == pd.Period("2021-09", "M")


def test_direct_and_multi_output_agree_where_they_must(y: pd.Series) -> None:
    one = {"lags": 3, "calendar": [], "transform": "none", "scale": False, "damping": 1.0}
    direct = create("ridge", strategy="direct", **one).fit(y).predict(1)
    multi = create("ridge", strategy="multi_output", **one).fit(y).predict(1)
    step = create("ridge", **one).fit(y).predict(1)
    np.testing.assert_allclose(direct["mean"], step["mean"], rtol=1e-9)
    np.testing.assert_allclose(multi["mean"], step["mean"], rtol=1e-9)


def test_recency_weights_follow_the_newest_rows() -> None:
    """The series doubles its slope: a short half-life sees the new one."""
    t = np.arange(120.0)
    values = np.where(t < 100, t, 100 + 3 * (t - 100))
    y = pd.Series(values, index=pd.period_range("2000-01", periods=120, freq="M"))
    one = {"difference": "previous", "lags": 0, "calendar": [], "transform": "none", "damping": 1.0}
    gain = {h: create("ridge", half_life=h, **one).fit(y).predict(1)["mean"].iloc[0] - values[-1]
            for h in (None, 2.0)}  # fmt: skip
    assert gain[None] < 1.5
    assert gain[2.0] == pytest.approx(3.0, abs=0.01)
    with pytest.raises(UserError, match=r"half_life.*takes no weights"):
        create("knn", half_life=2.0).fit(y)


def test_refit_schedules(y: pd.Series) -> None:
    runs = {
        name: backtest({"m": create("ridge")}, y, horizon=2, origins=8, step=2, refit=refit)
        for name, refit in (("each", 1), ("fourth", 4), ("dates", [date(2022, 1, 1)]), ("once", 0))
    }
    fits = {n: (f.groupby("origin")["fit_seconds"].first() > 0).sum() for n, f in runs.items()}
    assert fits == {"each": 8, "fourth": 2, "dates": 2, "once": 1}
    often = runs["dates"][runs["dates"]["fit_seconds"] > 0]["origin"].max()
    assert often >= pd.Timestamp("2021-12-31", tz="UTC")


def test_point_forecasts_alone_are_the_same_and_scored(y: pd.Series) -> None:
    whole = backtest({"m": create("ridge")}, y, horizon=3, origins=4)
    bare = backtest({"m": create("ridge")}, y, horizon=3, origins=4, quantiles=False)
    np.testing.assert_array_equal(whole["mean"], bare["mean"])
    assert bare[list(QUANTILE_COLUMNS)].isna().all(axis=None)
    metrics = set(score(bare, scale={"y": 10.0}, baseline="m")["metric"])
    assert metrics == {"mae", "rmse", "mase", "fit_seconds"}


def test_a_regressor_that_comes_late_is_refused(y: pd.Series, X: pd.DataFrame) -> None:
    models = {"m": create("ridge")}
    with pytest.raises(UserError, match=r"'a' is not known at the origin 2022-09-30"):
        backtest(models, y, horizon=2, origins=2, X=X, X_known={"a": Known.parse("delayed 1")})
    late = {"a": Known.parse("delayed 1").back(3)}
    assert len(backtest(models, y, horizon=2, origins=2, X=X, X_known=late)) == 4


def test_one_model_of_many_series() -> None:
    """Series that share their dynamics at very different sizes help each other."""
    rng = np.random.default_rng(0)
    panel = {}
    for size in (1.0, 50.0, 4000.0):
        values = [10.0]
        for _ in range(59):
            values.append(2.0 + 0.8 * values[-1] + rng.normal(0, 0.5))
        index = pd.period_range("2000", periods=60, freq="Y")
        panel[f"s{size:g}"] = pd.Series(size * np.array(values), index=index)
    model = create("ridge", difference="none", lags=2, transform="none", damping=1.0)
    found = backtest({"global": model}, panel, horizon=3, origins=4, together=True)
    assert found.groupby("series").size().eq(12).all()
    fitted = model.fit_many(panel)
    assert fitted["s1"].learner_ is fitted["s50"].learner_
    alone = model.fit_many({"s50": panel["s50"]})["s50"].predict(3)
    np.testing.assert_allclose(alone, model.clone().fit(panel["s50"]).predict(3))
    assert found["mean"].div(found["actual"]).sub(1).abs().mean() < 0.15
    with pytest.raises(UserError, match="one series at a time"):
        backtest({"ets": create("ets")}, panel, horizon=3, together=True)


def test_one_model_of_many_series_with_regressors_and_a_late_start(y: pd.Series, X: pd.DataFrame):
    panel = {"a": y, "b": (3 * y).iloc[30:]}
    beside = {"a": X, "b": X.iloc[30:]}
    model = create("ridge")
    terms = {"horizon": 3, "origins": 4, "step": 5, "gap": 1, "refit": 2, "together": True}
    found = backtest({"m": model}, panel, X=beside, **terms)
    origin = sorted(set(found["origin"]))[2]  # the second block is fitted there
    at = len(y) - 3 - 5
    fitted = model.fit_many(
        {"a": y.iloc[: at - 1], "b": panel["b"].iloc[: at - 31]},
        {"a": X.iloc[: at - 1], "b": beside["b"].iloc[: at - 31]},
    )
    for name, one in fitted.items():
        rows = found[(found["series"] == name) & (found["origin"] == origin)]
        alone = one.predict(4, X.iloc[at - 1 : at + 3])["mean"].iloc[1:]
        np.testing.assert_allclose(rows["mean"], alone, rtol=1e-9)
        assert rows["actual"].tolist() == panel[name].iloc[-8:-5].tolist()
    with pytest.raises(UserError, match=r"'b' begins at .* too late for the first origin"):
        backtest({"m": model}, panel | {"b": panel["b"].iloc[45:]}, X=None, **terms)
    with pytest.raises(UserError, match="end together"):
        backtest({"m": model}, {"a": y, "b": y.iloc[:-1]}, **terms)


def test_each_of_many_series_is_as_alone(y: pd.Series, X: pd.DataFrame) -> None:
    panel, models = {"a": y, "b": y.iloc[20:-2] ** 2}, {"m": create("ridge"), "n": create("drift")}
    beside = {name: X.loc[one.index] for name, one in panel.items()}
    found = backtest(models, panel, horizon=2, origins=3, X=beside)
    parts = [
        backtest(models, one, series=name, horizon=2, origins=3, X=beside[name])
        for name, one in panel.items()
    ]
    both = [f.drop(columns="fit_seconds") for f in (found, pd.concat(parts, ignore_index=True))]
    pd.testing.assert_frame_equal(*both)


def test_what_belongs_to_no_single_series_is_refused(y: pd.Series, X: pd.DataFrame) -> None:
    panel, models = {"a": y, "b": y}, {"m": create("ridge")}
    with pytest.raises(UserError, match="X: there is no series 'c'"):
        backtest(models, panel, horizon=2, X={"c": X})
    with pytest.raises(UserError, match="X: there is no series 'y'"):
        backtest(models, panel, horizon=2, X=X)
    with pytest.raises(UserError, match="that of one series"):
        backtest(models, panel, horizon=2, known=lambda _: y)
    with pytest.raises(UserError, match="without regressors"):
        backtest(models, y, horizon=2, known=lambda _: y, X=X)


class KilledError(Exception):
    """Stands for a process that is stopped."""


def test_a_stopped_backtest_goes_on(y: pd.Series, tmp_path: Path, monkeypatch) -> None:
    arguments = {"horizon": 2, "origins": 6, "refit": 2}
    models = {"m": create("ridge"), "n": create("drift")}
    whole = backtest(models, y, **arguments)

    def stop(share: float) -> None:
        if share >= 0.5:
            raise KilledError

    with pytest.raises(KilledError):
        backtest(models, y, checkpoint=tmp_path, progress=stop, **arguments)
    assert len(list(tmp_path.glob("*.npz"))) == 3
    fits: list[int] = []
    fit = Forecaster.fit

    def counted(self: Forecaster, y: pd.Series, X: pd.DataFrame | None = None) -> Forecaster:
        fits.append(len(y))
        return fit(self, y, X)

    monkeypatch.setattr(Forecaster, "fit", counted)
    again = backtest(models, y, checkpoint=tmp_path, **arguments)
    assert len(fits) == 3
    pd.testing.assert_frame_equal(
        again.drop(columns="fit_seconds"), whole.drop(columns="fit_seconds")
    )
    # Other data, other results: nothing is taken over.
    backtest(models, y + 1.0, checkpoint=tmp_path, **arguments)
    assert len(fits) == 9


def test_job_count_does_not_change_numbers(y: pd.Series, X: pd.DataFrame) -> None:
    models = {"hgb": create("hgb", max_iter=10), "ridge": create("ridge")}
    arguments = {"horizon": 3, "origins": 4, "refit": 2, "X": X}
    one, two = (backtest(models, y, n_jobs=n, **arguments) for n in (1, 2))
    pd.testing.assert_frame_equal(one.drop(columns="fit_seconds"), two.drop(columns="fit_seconds"))


def _rows(losses: dict[str, np.ndarray], ahead: int = 1) -> pd.DataFrame:
    """A backtest whose absolute errors are given, from an origin a day."""
    table = pd.DataFrame(losses).rename_axis("day").reset_index()
    table = table.melt("day", var_name="model", value_name="mean").merge(
        pd.DataFrame({"step": np.arange(1, ahead + 1)}), how="cross"
    )
    start = pd.Timestamp("2020-01-01", tz="UTC") + pd.to_timedelta(table["day"], unit="D")
    return table.assign(
        series="s",
        origin=start - pd.Timedelta("1us"),
        timestamp=start + pd.to_timedelta(table["step"] - 1, unit="D"),
        actual=0.0,
        **dict.fromkeys(QUANTILE_COLUMNS, np.nan),
    )


def test_the_confidence_set_keeps_the_good_and_drops_the_bad() -> None:
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 1, 200)
    losses = {
        "good": 2 + noise + rng.normal(0, 0.3, 200),
        "twin": 2 + noise + rng.normal(0, 0.3, 200),
        "bad": 2.5 + noise + rng.normal(0, 0.3, 200),
    }
    found = confidence_set(_rows({k: np.abs(v) for k, v in losses.items()})).set_index("model")
    assert found["inside"].to_dict() == {"good": True, "twin": True, "bad": False}
    assert found["p_mcs"].max() == 1.0


def test_the_confidence_set_covers_the_best_as_often_as_it_says() -> None:
    """Three models of equal merit: all of them are kept in about nine of ten samples."""
    rng = np.random.default_rng(5)
    kept = 0
    for _ in range(60):
        losses = {f"m{i}": np.abs(rng.normal(0, 1, 60)) for i in range(3)}
        kept += bool(confidence_set(_rows(losses))["inside"].all())
    assert 47 <= kept <= 60


def test_overlapping_horizons_make_a_difference_less_sure() -> None:
    rng = np.random.default_rng(2)
    drift = np.convolve(rng.normal(0, 1, 104), np.ones(5) / 5, mode="valid")
    losses = {"seasonal_naive": 3 + np.zeros(100), "m": 2.8 + drift}
    apart = compare_models(_rows(losses, ahead=1)).iloc[0]
    overlapping = compare_models(_rows(losses, ahead=5)).iloc[0]
    assert abs(overlapping["statistic"]) < 0.7 * abs(apart["statistic"])
    # Harvey, Leybourne and Newbold at h = 1: sqrt((n - 1) / n) of the plain statistic.
    d = losses["m"] - losses["seasonal_naive"]
    plain = d.mean() / (d.std() / np.sqrt(100))
    assert apart["statistic"] == pytest.approx(plain * np.sqrt(99 / 100))
