"""The code of a registered champion; MLflow copies this file and runs it when a model is loaded.

State is JSON and Parquet: the model's class and parameters, and the series it is fitted to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd  # MLflow resolves the type hints of predict
from mlflow.exceptions import MlflowException
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

from dcforecast.errors import UserError

if TYPE_CHECKING:
    from dcforecast.models import Forecaster

#: Periods a request may ask for.
_FARTHEST = 10_000


class ChampionModel(PythonModel):  # type: ignore[misc]  # MLflow has no types
    """A Forecaster behind MLflow's ``predict``: ``horizon`` in, one row a future period out."""

    def load_context(self, context: Any) -> None:
        """Make the model from its specification and fit it to the stored series."""
        spec = json.loads(Path(context.artifacts["spec"]).read_text("utf-8"))
        history = _series(Path(context.artifacts["history"]), spec)
        self.lower_ = spec["lower"]
        self.model_ = _forecaster(spec).fit(history)

    def predict(
        self,
        context: Any,  # noqa: ARG002
        model_input: pd.DataFrame,
        params: Any = None,
    ) -> pd.DataFrame:
        """Return period, mean and one column a quantile for the next ``horizon`` periods."""
        quantiles = [float(level) for level in params["quantiles"]]  # the signature has a default
        try:
            found = self.model_.predict(_horizon(model_input), quantiles=quantiles)
        except UserError as error:
            raise MlflowException.invalid_parameter_value(error.message) from error
        if self.lower_ is not None:
            found = found.clip(lower=self.lower_)
        found.insert(0, "period", [str(period) for period in found.index])
        return found.reset_index(drop=True)


def _horizon(model_input: pd.DataFrame) -> int:
    values = model_input["horizon"].tolist()
    if len(values) != 1:
        raise UserError(f"one row with a horizon is wanted, {len(values)} were given")
    if not 1 <= values[0] <= _FARTHEST:
        raise UserError(f"horizon={values[0]}: lies between 1 and {_FARTHEST:,}")
    return int(values[0])


def _series(file: Path, spec: Mapping[str, Any]) -> pd.Series:
    rows = pd.read_parquet(file)
    starts = pd.DatetimeIndex(rows["start"])
    if spec["index"] == "period":
        return pd.Series(rows["value"].to_numpy(), index=starts.to_period(spec["freq"]))
    return pd.Series(rows["value"].to_numpy(), index=starts).asfreq(spec["freq"])


def _forecaster(spec: Mapping[str, Any]) -> Forecaster:
    """Make the model by the same closed list of classes as a configuration."""
    from dcforecast.config.model import ModelSettings
    from dcforecast.config.targets import is_allowed
    from dcforecast.models import from_settings

    params = spec["params"]
    if "regressor" in params and not is_allowed(str(params["regressor"])):
        raise MlflowException.invalid_parameter_value(f"regressor={params['regressor']}: refused")
    settings = ModelSettings.model_validate({"name": spec["model"], "_target_": spec["class"]})
    return from_settings(settings, **params)


set_model(ChampionModel())
