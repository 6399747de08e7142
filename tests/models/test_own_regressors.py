"""Regressors of scikit-learn that no file of ours names, and estimators inside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dcforecast.config.compose import compose
from dcforecast.errors import UserError
from dcforecast.models import create, names
from dcforecast.testing import check_forecaster

SCALE = "{_target_: sklearn.preprocessing.StandardScaler}"
OWN = {
    "svr": "_target_: sklearn.svm.SVR\nC: 10.0\nscale: true\ntransform: standard",
    "lasso": "_target_: sklearn.linear_model.Lasso\nalpha: 0.01\nstrategy: direct",
    "bayes": "_target_: sklearn.linear_model.BayesianRidge\ndifference: previous",
    "draws": "_target_: sklearn.tree.ExtraTreeRegressor\nstrategy: multi_output",
    "pipeline": (
        f"_target_: sklearn.pipeline.Pipeline\nsteps:\n  - [scale, {SCALE}]\n"
        "  - [ridge, {_target_: sklearn.linear_model.Ridge, alpha: 0.5}]"
    ),
    "inside": (
        "_target_: sklearn.ensemble.BaggingRegressor\nn_estimators: 3\n"
        "estimator: {_target_: sklearn.linear_model.Ridge}"
    ),
}


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the user's with a file for each of `OWN`."""
    folder = tmp_path / "conf" / "model"
    folder.mkdir(parents=True)
    for name, text in OWN.items():
        (folder / f"{name}.yaml").write_text(f"name: {name}\ndescription: mine\nlags: 12\n{text}\n")
    monkeypatch.chdir(tmp_path)
    return folder


def _series() -> pd.Series:
    t = np.arange(96)
    noise = np.random.default_rng(3).normal(0, 5, 96)
    index = pd.period_range("2015-01", periods=96, freq="M")
    return pd.Series(500 + t + 60 * np.sin(2 * np.pi * t / 12) + noise, index=index)


@pytest.mark.parametrize("name", OWN)
def test_one_file_is_a_model(own: Path, name: str) -> None:
    assert name in names()
    y = _series()
    found = create(name).fit(y.iloc[:-12]).predict(12, quantiles=(0.1, 0.9))
    miss = (found["mean"] - y.iloc[-12:]).abs().mean()
    assert miss < 25, "a season of 60 is learned"
    again = create(name).fit(y.iloc[:-12]).predict(12, quantiles=(0.1, 0.9))
    pd.testing.assert_frame_equal(found, again)


def test_a_pipeline_keeps_the_contract(own: Path) -> None:
    check_forecaster(create("pipeline"))


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        ("{_target_: os.system, command: ls}", "os.system is not allowed"),
        ("{_target_: sklearn.linear_model.Ridg}", "did you mean 'sklearn.linear_model.Ridge'"),
        ("{_target_: sklearn.linear_model.Ridge, alpa: 1}", "did you mean 'alpha'"),
    ],
)
def test_a_mistake_in_an_inner_estimator_is_told(own: Path, inner: str, words: str) -> None:
    text = f"name: wrong\n_target_: sklearn.ensemble.BaggingRegressor\nestimator: {inner}\n"
    (own / "wrong.yaml").write_text(text)
    with pytest.raises(UserError, match=words):
        create("wrong").fit(_series()).predict(1)


@pytest.mark.parametrize("place", ["estimator", "regressor"])
def test_functions_of_scikit_learn_are_not_called(own: Path, tmp_path: Path, place: str) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    deletes, where = "sklearn.datasets.clear_data_home", f"data_home: {kept}"
    text = {
        "estimator": "_target_: sklearn.ensemble.BaggingRegressor\n"
        f"estimator: {{_target_: {deletes}, {where}}}\n",
        "regressor": "_target_: dcforecast.models.reduction.ReducedRegressor\n"
        f"regressor: {deletes}\nparams: {{{where}}}\n",
    }[place]
    (own / "wrong.yaml").write_text(text)
    with pytest.raises(UserError, match="is no class of a model"):
        create("wrong").fit(_series()).predict(1)
    assert kept.is_dir()


def test_a_file_names_its_model(own: Path) -> None:
    (own / "plain.yaml").write_text("_target_: sklearn.linear_model.Ridge\n")
    assert compose(["model=plain"]).settings.model.name == "plain"
    assert create("plain").regressor.endswith("Ridge")
    (own / "other.yaml").write_text("name: ridge\n_target_: sklearn.linear_model.Lasso\n")
    with pytest.raises(UserError, match=r"model=other: its file says 'name: ridge'"):
        compose(["model=other"])
    assert compose(["model=other", "model.name=ridge"]).settings.model.name == "ridge"
    (own / "empty.yaml").write_text("alpha: 1\n")
    with pytest.raises(UserError, match="'empty' has parameters but no '_target_'"):
        compose(["model=empty"])
