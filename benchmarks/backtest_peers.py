"""The packages that `backtest_speed` measures beside ours, as programs for environments of theirs.

Each takes a file of the series, the days to forecast, the days between fits (0: fit once), a file
for the forecasts and the settings of the regressor, and prints its CPU seconds and version.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PEERS", "Peer"]


@dataclass(frozen=True)
class Peer:
    """A package with the environment it needs; `python` names an interpreter if ours is too old."""

    name: str
    program: str
    environment: str
    packages: tuple[str, ...]
    python: str | None = None


DARTS = """
import json, sys, time
import numpy as np, pandas as pd
from darts import TimeSeries
from darts.models import SKLearnModel
from sklearn.ensemble import HistGradientBoostingRegressor
y = pd.read_csv(sys.argv[1], index_col=0, parse_dates=True)["load"].tz_localize(None).asfreq("h")
days, refit = int(sys.argv[2]), int(sys.argv[3])
exog = pd.DataFrame({"hour": y.index.hour, "weekday": y.index.dayofweek, "month": y.index.month},
                    index=y.index).astype(float)
series, beside = TimeSeries.from_series(y), TimeSeries.from_dataframe(exog)
def make():
    return SKLearnModel(lags=[-168, *range(-48, 0)], lags_future_covariates=[0],
                        output_chunk_length=1,
                        model=HistGradientBoostingRegressor(**json.loads(sys.argv[5])))
# A first use imports and compiles.
small = make()
small.fit(series[:400], future_covariates=beside)
small.historical_forecasts(series[:600], future_covariates=beside, start=500,
                           start_format="position", forecast_horizon=24, stride=24,
                           retrain=False, last_points_only=False)
began = time.process_time()
model = make()
begun = len(y) - 24 * days
if not refit:
    model.fit(series[:begun], future_covariates=beside)
found = model.historical_forecasts(
    series, future_covariates=beside, start=begun, start_format="position", forecast_horizon=24,
    stride=24, retrain=refit or False, last_points_only=False)
seconds = time.process_time() - began
pd.Series(np.concatenate([one.values().ravel() for one in found])).to_csv(sys.argv[4])
import darts
print(json.dumps({"seconds": seconds, "version": darts.__version__}))
"""

SKFORECAST = """
import json, sys, time
import numpy as np, pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from skforecast.recursive import ForecasterRecursive
from skforecast.model_selection import TimeSeriesFold, backtesting_forecaster
y = pd.read_csv(sys.argv[1], index_col=0, parse_dates=True)["load"].asfreq("h")
days, refit = int(sys.argv[2]), int(sys.argv[3])
exog = pd.DataFrame({"hour": y.index.hour, "weekday": y.index.dayofweek, "month": y.index.month},
                    index=y.index).astype(float)
began = time.process_time()
forecaster = ForecasterRecursive(
    HistGradientBoostingRegressor(**json.loads(sys.argv[5])), lags=[*range(1, 49), 168])
folds = TimeSeriesFold(steps=24, initial_train_size=len(y) - 24 * days, refit=refit or False,
                       fixed_train_size=False)
_, found = backtesting_forecaster(forecaster, y, cv=folds, exog=exog, metric="mean_absolute_error",
                                  n_jobs=1, show_progress=False, verbose=False)
seconds = time.process_time() - began
found["pred"].to_csv(sys.argv[4])
import skforecast
print(json.dumps({"seconds": seconds, "version": skforecast.__version__}))
"""

MLFORECAST = """
import json, sys, time
import numpy as np, pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from mlforecast import MLForecast
y = pd.read_csv(sys.argv[1], index_col=0, parse_dates=True)["load"]
days, refit = int(sys.argv[2]), int(sys.argv[3])
frame = pd.DataFrame({"unique_id": "load", "ds": y.index.tz_localize(None), "y": y.to_numpy()})
began = time.process_time()
fitted = MLForecast(models={"m": HistGradientBoostingRegressor(**json.loads(sys.argv[5]))},
                    freq="h", lags=[*range(1, 49), 168],
                    date_features=["hour", "dayofweek", "month"])
found = fitted.cross_validation(frame, n_windows=days, h=24, step_size=24, refit=refit or False)
seconds = time.process_time() - began
found["m"].to_csv(sys.argv[4])
import mlforecast
print(json.dumps({"seconds": seconds, "version": mlforecast.__version__}))
"""

OPENSTEF = """
import json, logging, sys, time
from datetime import timedelta
import numpy as np, pandas as pd
from openstef_beam.backtesting.backtest_forecaster.mixins import (
    BacktestForecasterConfig, BacktestForecasterMixin)
from openstef_beam.backtesting.backtest_pipeline import BacktestConfig, BacktestPipeline
from openstef_core.datasets import TimeSeriesDataset, VersionedTimeSeriesDataset
from openstef_core.types import Quantile
from sklearn.ensemble import HistGradientBoostingRegressor
y = pd.read_csv(sys.argv[1], index_col=0, parse_dates=True)["load"].asfreq("h")
days, refit = int(sys.argv[2]), int(sys.argv[3])
hour, day, lags = timedelta(hours=1), timedelta(days=1), np.array([*range(1, 49), 168])
def static(index):
    return np.column_stack([index.hour, index.dayofweek, index.month]).astype(float)
class Recursive(BacktestForecasterMixin):
    # Its pipeline has no recursion: the regressor is stepped on here, on the windows it gives.
    config = BacktestForecasterConfig(
        requires_training=True, predict_sample_interval=hour, predict_length=day,
        predict_min_length=day, predict_context_length=timedelta(hours=168),
        predict_context_min_coverage=0.5, training_context_length=timedelta(days=1100),
        training_context_min_coverage=0.1)
    quantiles = [Quantile(0.5)]
    def fit(self, data):
        known = data.get_window(start=data.horizon - self.config.training_context_length,
                                end=data.horizon, available_before=data.horizon)
        known = known.data["load"].dropna()
        values, rows = known.to_numpy(), np.arange(168, len(known))
        inputs = np.concatenate([values[rows[:, None] - lags], static(known.index[rows])], axis=1)
        self.model = HistGradientBoostingRegressor(**json.loads(sys.argv[5]))
        self.model.fit(inputs, values[168:])
    def predict(self, data):
        known = data.get_window(start=data.horizon - timedelta(hours=168), end=data.horizon,
                                available_before=data.horizon).data["load"].to_numpy()[-168:]
        index = pd.date_range(data.horizon, periods=24, freq="h")
        beside = static(index)
        for step in range(24):
            inputs = np.concatenate([known[len(known) - lags], beside[step]])[None]
            known = np.append(known, self.model.predict(inputs))
        frame = pd.DataFrame({"quantile_P50": known[168:]}, index=index)
        return TimeSeriesDataset(frame, sample_interval=hour)
# A value is known at the end of its hour; the hour after the last one ends the last forecast.
index = y.index.append(y.index[-1:] + hour)
known = pd.DataFrame({"available_at": index + hour}, index=index)
truth, other = (
    VersionedTimeSeriesDataset.from_dataframe(known.assign(**{name: values}), sample_interval=hour)
    for name, values in (("load", y.reindex(index)), ("nought", 0.0)))
logging.disable(logging.WARNING)
began = time.process_time()
begun = y.index[-24 * days]
config = BacktestConfig(prediction_sample_interval=hour, predict_interval=day,
                        train_interval=timedelta(days=refit or 10_000))
pipeline = BacktestPipeline(config, Recursive())
found = pipeline.run(truth, other, begun.to_pydatetime(), None, show_progress=False)
seconds = time.process_time() - began
found.data["quantile_P50"].to_csv(sys.argv[4])
from importlib.metadata import version
print(json.dumps({"seconds": seconds, "version": version("openstef")}))
"""

_LEARN = "scikit-learn==1.9.*"

PEERS = (
    Peer("darts", DARTS, "darts", ("darts>=0.40", _LEARN)),
    Peer("skforecast", SKFORECAST, "regressors", ("skforecast>=0.26", "mlforecast", _LEARN)),
    Peer("mlforecast", MLFORECAST, "regressors", ("skforecast>=0.26", "mlforecast", _LEARN)),
    Peer(
        "OpenSTEF", OPENSTEF, "openstef4",
        ("openstef>=4,<5", "openstef-beam>=4,<5", _LEARN), python="python3.12",
    ),
)  # fmt: skip
