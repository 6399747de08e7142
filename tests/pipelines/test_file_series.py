"""A user's file with many series and regressors: backtest, forecast, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dcforecast.config.compose import compose
from dcforecast.errors import UserError
from dcforecast.models import create
from dcforecast.pipelines.execute import execute
from dcforecast.pipelines.tune_tasks import tune_tasks
from dcforecast.store import QUANTILE_COLUMNS

_COUNT, _AHEAD = 240, 14
_WORDS = (
    "data=csv", "data.path=a.csv", "data.time=time", "data.exog=[temp]", "model=ridge",
    "evaluation.horizon=7", "evaluation.origins=3", "evaluation.step=7", "evaluation.refit=0",
    "tracking=off", "compute=serial",
)  # fmt: skip
_WIDE = (*_WORDS, "data.target=[north,south]")
_LONG = (*_WORDS, "data.path=long.csv", "data.target=load", "data.series=zone")


@pytest.fixture
def frame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """Two daily series that follow a temperature, which is known a fortnight longer."""
    rng = np.random.default_rng(0)
    t = np.arange(_COUNT + _AHEAD)
    temp = 15 + 5 * np.sin(t * 2 * np.pi / 90) + rng.normal(0, 3, len(t))
    stamps = pd.date_range("2023-01-01", periods=len(t), freq="D")
    made = pd.DataFrame({"time": stamps, "temp": temp})
    for name, size in (("north", 1000.0), ("south", 400.0)):
        values = size + 50 * np.cos(t * 2 * np.pi / 7) + 20 * temp + rng.normal(0, 2, len(t))
        made[name] = np.where(t < _COUNT, values, np.nan)
    monkeypatch.chdir(tmp_path)
    made.to_csv("a.csv", index=False)
    melted = made.melt(["time", "temp"], ["north", "south"], "zone", "load")
    # The second series begins later.
    melted[(melted["zone"] == "north") | (melted["time"] >= "2023-02-01")].to_csv(
        "long.csv", index=False
    )
    return made


def ran(command: str, *words: str):
    return execute(command, compose(list(words)), quiet=True)


def test_fewer_origins_than_asked_for_are_told(frame: pd.DataFrame, capsys) -> None:
    words = (*_WORDS, "data.target=north", "evaluation.origins=500")
    done = execute("backtest", compose(list(words)))
    count = done.read("backtest")["origin"].nunique()
    assert 20 < count < 40
    assert f"has room for {count} of 500 origins" in capsys.readouterr().err


@pytest.mark.parametrize(("step", "hour"), [("h", 4), ("D", 0)])
def test_dates_of_origins_are_by_the_files_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, hour: int
) -> None:
    monkeypatch.chdir(tmp_path)
    stamps = pd.date_range("2024-04-10", periods=400, freq=step)
    pd.DataFrame({"time": stamps, "load": np.arange(400.0) % 24 + 9}).to_csv("a.csv", index=False)
    words = [
        "data=csv", "data.path=a.csv", "data.time=time", "data.target=load", "tracking=off",
        "data.timezone=America/New_York", "model=seasonal_naive", "compute=serial",
        "evaluation.horizon=2", "evaluation.origins=[2024-04-21]",
    ]  # fmt: skip
    first = ran("backtest", *words).read("backtest")["timestamp"].min()
    assert first == pd.Timestamp(2024, 4, 21, hour, tz="UTC")


def test_many_series_with_regressors_are_forecast(frame: pd.DataFrame) -> None:
    done = ran("forecast", *_WIDE)
    found = done.read("forecast")
    assert found.groupby("series").size().to_dict() == {"north": 7, "south": 7}
    begin = frame["time"].iloc[_COUNT]
    for name, rows in found.groupby("series"):
        y = frame.set_index(frame["time"].dt.tz_localize("UTC"))[[name, "temp"]].asfreq("D")
        model = create("ridge").fit(y[name].iloc[:_COUNT], y[["temp"]].iloc[:_COUNT])
        mine = model.predict(7, y[["temp"]].iloc[_COUNT : _COUNT + 7], quantiles=[0.1, 0.9])
        np.testing.assert_allclose(rows["mean"], mine["mean"], rtol=1e-9)
        np.testing.assert_allclose(rows[["q100", "q900"]], mine[["q100", "q900"]], rtol=1e-9)
        assert rows["timestamp"].iloc[0] == begin.tz_localize("UTC")
    # The regressors tell most of what comes.
    scores = done.read("scores")
    whole = scores[(scores["metric"] == "crps") & (scores["step_group"] == "all")]
    assert (whole[whole["model"] == "ridge"]["skill_vs_naive"] > 0.5).all()
    assert set(done.read("history")["series"]) == {"north", "south"}


def test_one_model_of_all_series_equals_the_one_of_python(frame: pd.DataFrame) -> None:
    done = ran("forecast", *_LONG, "evaluation.together=true")
    long = pd.read_csv("long.csv", parse_dates=["time"])
    long["time"] = long["time"].dt.tz_localize("UTC")
    parts = {n: rows.set_index("time").asfreq("D") for n, rows in long.groupby("zone")}
    known = {n: rows[rows["load"].notna()] for n, rows in parts.items()}

    def fitted(until: int | None):
        return create("ridge").fit_many(
            {n: rows["load"].iloc[:until] for n, rows in known.items()},
            {n: rows[["temp"]].iloc[:until] for n, rows in known.items()},
        )

    found = done.read("forecast").set_index("series")
    for name, model in fitted(None).items():
        ahead = parts[name].loc[known[name].index[-1] :, ["temp"]].iloc[1:8]
        mine = model.predict(7, ahead)
        np.testing.assert_allclose(found.loc[name, "mean"], mine["mean"], rtol=1e-9)
    # At the last origin the backtest knows all but the last seven days of both, and it was
    # fitted at the first.
    tested = done.read("backtest")
    origin = tested["origin"].max()
    rows = tested[(tested["model"] == "ridge") & (tested["origin"] == origin)]
    models = fitted(-21)
    for name, part in rows.groupby("series"):
        y, X = known[name]["load"], known[name][["temp"]]
        one = models[name].update(y.iloc[-21:-7], X.iloc[-21:-7])
        mine = one.predict(7, X.iloc[-7:], quantiles=[0.5])
        np.testing.assert_allclose(part[["mean", "q500"]], mine, rtol=1e-9)
    assert set(tested["model"]) == {"ridge", "seasonal_naive"}
    assert tested.groupby(["model", "origin"])["series"].nunique().eq(2).all()


def test_a_late_column_is_used_by_its_lag_and_the_calendar_goes_on(frame: pd.DataFrame) -> None:
    spoiled = frame.assign(temp=frame["temp"].where(frame.index < _COUNT - 2))
    spoiled.iloc[:_COUNT].to_csv("a.csv", index=False)
    declared = "data.known={temp: delayed 2}"
    lagged = "{kind: lags, column: temp, lags: [9]}"
    built = f"data.features=[{lagged},{{kind: calendar, parts: [weekday_days]}}]"
    found = ran("forecast", *_WIDE, declared, built).read("forecast")
    assert found[["mean", *QUANTILE_COLUMNS]].notna().all().all()
    with pytest.raises(UserError, match=r"'temp_lag8' is not known at the origin.*\n.*at least"):
        ran("forecast", *_WIDE, declared, built.replace("[9]", "[8]"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("model=theta",), r"'theta' takes no regressors\n.*ridge"),
        (
            ("model=sarimax", "evaluation.together=true"),
            r"learns from one series at a time\n.*ridge",
        ),
        (("evaluation.horizon=15",), r"'temp', which has no value at 2023-09-12 .*1 of 15"),
        (("data.known={temp: delayed 1}",), "'temp' is not known at the origin"),
        (("data.target=[north,suoth]",), "did you mean 'south'"),
        (("data.future=later.csv",), "later.csv: there is no such file"),
        (("evaluation.step=400", "evaluation.gap=230"), "'north' was hardly known at any"),
    ],
)
def test_what_cannot_be_forecast_is_refused_before_anything_is_written(
    frame: pd.DataFrame, words: tuple[str, ...], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        ran("forecast", *_WIDE, *words)
    assert not Path("outputs").exists() or not list(Path("outputs").iterdir())


@pytest.mark.parametrize("command", ["backtest", "forecast"])
@pytest.mark.parametrize("together", ["true", "false"])
def test_a_record_too_short_leaves_no_run(frame: pd.DataFrame, command: str, together: str) -> None:
    frame[:20].to_csv("a.csv", index=False)
    words = ("evaluation.horizon=14", f"evaluation.together={together}", "data.exog=[]")
    with pytest.raises(UserError, match="20 values are too few for horizon=14"):
        ran(command, *_WIDE, *words)
    assert not Path("outputs").exists() or not list(Path("outputs").iterdir())


def test_gaps_of_regressors_are_named(frame: pd.DataFrame) -> None:
    for row, told in ((100, "regressor 'temp' has no value at 2023-04-11"), (_COUNT + 2, "1 of 7")):
        frame.assign(temp=frame["temp"].mask(frame.index == row)).to_csv("a.csv", index=False)
        with pytest.raises(UserError, match=told):
            ran("forecast", *_WIDE)


def test_a_model_without_regressors_competes_without_them(frame: pd.DataFrame) -> None:
    words = [w for w in _WIDE if w != "model=ridge"]
    done = ran("forecast", *words, "evaluation.models=[theta,ridge]", "evaluation.together=true")
    assert set(done.read("backtest")["model"]) == {"seasonal_naive", "theta", "ridge"}
    assert set(done.read("forecast")["model"]) == {"ridge"}


def test_every_series_is_tuned_on(frame: pd.DataFrame) -> None:
    tasks = tune_tasks(compose(list(_LONG)))
    assert [[one.name for one in task.series] for task in tasks] == [["north"], ["south"]]
    assert all(list(task.series[0].X.columns) == ["temp"] for task in tasks)
