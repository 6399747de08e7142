"""Wrong command lines of every group and kind: one message, naming key, value, file and choice."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcforecast.config.compose import compose, expand
from dcforecast.errors import UserError
from dcforecast.pipelines.preflight import preflight

#: What is typed (several overrides apart by blanks), and words that must be in the message.
TYPED = [
    # names that are not there
    ("+foo=1", ["foo", "There is: allocation"]),
    ("foo.bar=1", ["foo.bar", "There is: allocation"]),
    ("scenaro=baseline", ["did you mean 'scenario'"]),
    ("=5", ["no key before '='"]),
    ("data=cvs", ["did you mean 'csv'"]),
    ("model=etss", ["did you mean 'ets'"]),
    ("evaluation=quck", ["did you mean 'quick'"]),
    ("scenario=tripp_203", ["did you mean 'tripp_2030'"]),
    ("network=defalt", ["did you mean 'default'"]),
    ("fleet=defalt", ["did you mean 'default'"]),
    ("demand=hydrogn", ["did you mean 'hydrogen'"]),
    ("datacentres=hihg", ["did you mean 'high'"]),
    ("allocation=vale", ["did you mean 'value'"]),
    ("ensemble=quik", ["did you mean 'quick'"]),
    ("tracking=sqllite", ["did you mean 'sqlite'"]),
    ("store=lcal", ["did you mean 'local'"]),
    ("report=non", ["did you mean 'none'"]),
    ("compute=locl", ["did you mean 'local'"]),
    ("experiment=quick_lok", ["did you mean 'quick_look'"]),
    ("ensemble.membrs=5", ["did you mean 'ensemble.members'"]),
    ("ensemble.years.fist=2030", ["did you mean 'ensemble.years.first'"]),
    ("network.links.tripp_line.capcity_mw=5", ["tripp_line.capacity_mw"]),
    ("network.links.tripp_lin.date=2030-01-01", ["did you mean 'tripp_line'", "from_node"]),
    ("datacentres.campuses.mine.mw=5", ["datacentres.campuses.mine.first_power: is missing"]),
    ("fleet.projects.khizi.capacity_mw=5", ["did you mean 'khizi_wind'"]),
    ("model=ridge model._target_=sklearn.linear_model.Laso", ["'sklearn.linear_model.Lasso'"]),
    ("model=ets model.trnsform=log", ["did you mean 'transform'"]),
    ("evaluation.models=[ets,nonsense]", ["no model 'nonsense'"]),
    ("evaluation.baseline=naive", ["did you mean 'seasonal_naive'"]),
    ("evaluation.monthly.series=[demnd]", ["evaluation.monthly.series", "'demand_gross'"]),
    ("scenario.facts=[ZZZZ]", ["scenario.facts", "ZZZZ"]),
    ("~ensemble.members", ["cannot be taken away", "ensemble.members=..."]),
    ("~scenario", ["scenario: is missing"]),
    # wrong types
    ("evaluation.origins=0", ["evaluation.origins", "0 is below 1"]),
    ("ensemble.members=(3", ["ensemble.members", "integer", "'(3'"]),
    ("ensemble.members=many", ["ensemble.members", "integer", "'many'"]),
    ("ensemble.members=1.5", ["fractional", "1.5"]),
    ("ensemble.members=null", ["integer", "None"]),
    ("ensemble.members=", ["integer", "''"]),
    ("ensemble.years=5", ["ensemble.years"]),
    ("ensemble.keep_hours=maybe", ["boolean", "'maybe'"]),
    ("evaluation.hindcast_years=[2024,2031]", ["hindcast_years", "2031", "2019 to 2025"]),
    ("evaluation.models=ets", ["evaluation.models", "list"]),
    ("fleet.gas_limit_bcm=abc", ["valid number", "valid dictionary", "'abc'"]),
    ("fleet.dry_years=2027", ["list"]),
    ("datacentres.contracted_mw=5", ["dictionary"]),
    ("data.as_of=yesterday", ["data.as_of", "date", "'yesterday'"]),
    ("network.links.tripp_line.date=soon", ["tripp_line.date", "'soon'", "(from "]),
    ("compute=dask compute.address=5", ["compute.address", "string"]),
    ("model=ets model.season_length=abc", ["model.season_length", "integer", "'abc'"]),
    ("model=ridge model.lags=none", ["model.lags", "'none'"]),
    # out of range, or none of the choices
    ("ensemble.members=-3", ["greater than or equal to 2", "-3"]),
    ("ensemble.threads=0", ["ensemble.threads"]),
    ("evaluation.metric=crsp", ["'crps'", "'crsp'"]),
    ("evaluation.monthly.horizon=0", ["evaluation.monthly.horizon"]),
    ("network.links.tripp_line.probability=2", ["probability", "less than or equal to 1"]),
    ("network.links.tripp_line.status=plan", ["'planned'", "'plan'"]),
    ("fleet.gas_limit_bcm=-1", ["not between 0 and 100"]),
    ("fleet.renewables=hihg", ["'high'", "'hihg'"]),
    ("demand.hydrogen_mw=-5", ["demand.hydrogen_mw"]),
    ("datacentres.utilisation=1.2", ["datacentres.utilisation"]),
    ("allocation.firm_level=99.9", ["allocation.firm_level", "less than 1"]),
    ("report.dpi=-5", ["report.dpi"]),
    ("report.formats=[html,pfd]", ["'excel'", "'pfd'"]),
    ("store.path=", ["store.path"]),
    ("compute.workers=0", ["compute.workers"]),
    ("tracking.timeout_seconds=0", ["tracking.timeout_seconds"]),
    ("tracking=server tracking.uri=ftp://x", ["http://HOST:PORT", "ftp://x"]),
    ("data.timezone=Asia/Bakuu", ["did you mean 'Asia/Baku'"]),
    ("data.timezone=Mars", ["'Mars' is no time zone; for example Asia/Baku"]),
    ("model=ridge model.alpha=-1", ["'alpha'", "-1"]),
    ("model=ridge model.half_life=-3", ["model.half_life=-3", "above 0"]),
    ("model=ridge model.damping=5", ["model.damping=5", "from 0 to 1"]),
    ("model=ridge model.lags=-1", ["lags=-1", "0 or more"]),
    ("model=ridge model.rolling={avg:[24]}", ["no statistic 'avg'", "mean"]),
    ("model=ridge model.rolling={mean:[0]}", ["mean=[0]", "at least 1"]),
    ("model=ridge model.calendar=[hourly]", ["no part 'hourly'", "did you mean 'hour'"]),
    ("model=ridge model.holidays=AZZ", ["no holidays of 'AZZ'", "did you mean"]),
    ("model=ridge model.timezone=Asia/Bakuu", ["'Asia/Bakuu'", "did you mean 'Asia/Baku'"]),
    ("model=ridge model.strategy=directt", ["model.strategy=directt", "did you mean 'direct'"]),
    ("model=ridge model._target_=sklearn.svm.SVC ~model.alpha", ["SVC predicts no numbers"]),
    ("model._target_=os.system", ["os.system", "not allowed"]),
    # values that do not fit each other
    ("ensemble.years.first=2030 ensemble.years.last=2028", ["last=2028 lies before first=2030"]),
    ("report.years=[2030,2026]", ["must rise"]),
    ("network.links.tripp_line.date=1999-01-01", ["before the first year", "2026"]),
    ("fleet.projects.yashma_gas.official_date=2019-01-01", ["before the first year", "2026"]),
    ("network.links.tripp_line.to_node=XX", ["no node 'XX'", "did you mean 'NX'"]),
    ("data=csv", ["data.path"]),
    ("data.target=x", ["data.target", "data=csv"]),
    ("data.history.start=2040-01-01", ["data.history.start"]),
    # the grammar
    ("scenario=[", ["scenario=["]),
    ("scenario=baseline,dry_years", ["-m"]),
    ("ensemble.members=${nothing}", ["nothing"]),
]  # fmt: skip


def refused(overrides: list[str]) -> str:
    with pytest.raises(UserError) as found:
        preflight("run", compose(overrides))
    return str(found.value)


@pytest.mark.parametrize(("typed", "words"), TYPED, ids=[typed for typed, _ in TYPED])
def test_a_wrong_override_is_refused_before_any_work(typed: str, words: list[str]) -> None:
    message = refused(typed.split(" "))
    for word in words:
        assert word in message
    assert message.count("\n") <= 3, "short enough to be read"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("model=glob(zz*)", ["matches nothing"]),
        ("ensemble.seed=range(0,a)", ["cannot read"]),
        ("ensemble.seed=interval(0,1)", ["dcforecast tune"]),
        ("scenario=baseline,nope", ["no scenario 'nope'"]),
    ],
)
def test_a_wrong_axis_of_a_sweep_is_refused(typed: str, words: list[str]) -> None:
    with pytest.raises(UserError) as found:
        [compose(job) for job in expand([typed])]
    for word in words:
        assert word in str(found.value)


GLOBAL = "# @package _global_\nscenario:\n  name: mine\n  description: a scenario of mine\n"

#: A file of the user's own: where, what is in it, how it is chosen, what must be told.
FILES = [
    ("conf/scenario/mine.yaml", GLOBAL + "network: {links: {tripp_lin: {probability: 1}}}\n",
     "scenario=mine", ["did you mean 'tripp_line'"]),
    ("conf/scenario/mine.yaml", GLOBAL + "fleett: {battery: false}\n",
     "scenario=mine", ["fleett", "did you mean 'fleet'"]),
    ("conf/scenario/mine.yaml", GLOBAL + "fleet: {gas_limit_bcm: many}\n",
     "scenario=mine", ["fleet.gas_limit_bcm", "'many'"]),
    ("conf/scenario/mine.yaml", GLOBAL + "fleet: [unclosed\n",
     "scenario=mine", ["cannot be read", "line"]),
    ("conf/ensemble/mine.yaml", "name: mine\ndescription: mine own\nmembrs: 7\n",
     "ensemble=mine", ["membrs", "did you mean 'ensemble.members'"]),
    ("conf/model/mine.yaml", "name: mine\ndescription: a bad one\n_target_: os.system\n",
     "model=mine", ["os.system", "not allowed"]),
    ("experiments/mine.yaml", "# @package _global_\nensemble: {membrs: 5}\n",
     "experiment=mine", ["membrs", "did you mean 'ensemble.members'"]),
    ("experiments/mine.yaml", "# @package _global_\nensemble: {members: 0}\n",
     "experiment=mine", ["ensemble.members", "greater than or equal to 2, got 0"]),
]  # fmt: skip


@pytest.mark.parametrize(("file", "text", "typed", "words"), FILES)
def test_a_mistake_in_a_users_file_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, text: str, typed: str, words
) -> None:
    place = tmp_path / file
    place.parent.mkdir(parents=True)
    place.write_text(text)
    monkeypatch.chdir(tmp_path)
    message = refused([typed])
    for word in (*words, file):
        assert word in message


def test_an_experiment_that_asks_for_what_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "experiments").mkdir()
    monkeypatch.chdir(tmp_path)
    for name, line, words in (
        (
            "a",
            "override /scenario: tripp_2031",
            ["scenario/tripp_2031", "did you mean 'tripp_2030'"],
        ),
        ("b", "override /scenaro: baseline", ["experiments/b", "did you mean 'scenario'"]),
    ):
        text = f"# @package _global_\ndefaults:\n  - {line}\n"
        (tmp_path / "experiments" / f"{name}.yaml").write_text(text)
        message = refused([f"experiment={name}"])
        for word in words:
            assert word in message
