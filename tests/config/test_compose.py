"""Every option composes; every kind of mistake gives one clear message before any work."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcforecast.config.compose import compose, expand
from dcforecast.config.paths import options, read_option
from dcforecast.config.settings import GROUPS
from dcforecast.errors import UserError

CHOICES = [
    (group, option)
    for group in (*GROUPS, "experiment")
    for option in options(group)
    if (group, option) != ("data", "csv")  # needs a path
]


@pytest.mark.parametrize(("group", "option"), CHOICES)
def test_every_option_composes(group: str, option: str) -> None:
    settings = compose([f"{group}={option}"]).settings
    if group != "experiment":
        assert getattr(settings, group).name == option


def test_every_option_says_what_it_is() -> None:
    for group in GROUPS:
        for option in options(group):
            extra = ["data.path=x.csv"] if option == "csv" and group == "data" else []
            chosen = compose([f"{group}={option}", *extra])
            assert len(chosen.config[group]["description"]) > 10, (group, option)


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("scenaro=baseline", ["scenaro", "scenario"]),
        ("scenario=tripp_2031", ["tripp_2031", "tripp_2030"]),
        ("experiment=nothing", ["nothing"]),
        ("model=etss", ["etss", "ets"]),
        ("ensemble.member=5", ["member", "ensemble.members"]),
        ("+ensemble.foo=5", ["foo"]),
        ("ensemble.members=many", ["ensemble.members", "many"]),
        ("ensemble.members=-3", ["ensemble.members", "-3"]),
        ("ensemble.years.last=2020", ["2020"]),
        ("ensemble.members=1,2", ["-m"]),
        ("store.path=", ["store.path"]),
        ("scenario=[", ["scenario=["]),
        ("network.links.tripp_line.capacity_mw=-5", ["capacity_mw"]),
    ],
)
def test_a_mistake_is_named_with_the_nearest_choice(override: str, words: list[str]) -> None:
    with pytest.raises(UserError) as found:
        compose([override])
    message = str(found.value)
    for word in words:
        assert word in message
    assert "Traceback" not in message


def test_several_mistakes_are_told_at_once() -> None:
    with pytest.raises(UserError) as found:
        compose(["ensemble.members=-3", "ensemble.seed=x"])
    assert "ensemble.members" in str(found.value)
    assert "ensemble.seed" in str(found.value)


@pytest.mark.parametrize(
    "path", ["my folder/ölçü.csv", "Yük ə.csv", "/a b/it's (new).csv", "a+b=c.csv"]
)
def test_paths_of_any_letters_need_no_quotes(path: str) -> None:
    typed = ["data=csv", f"data.path={path}", "data.target=x"]
    assert compose(typed).settings.data.path == path
    assert [compose(job).settings.data.path for job in expand(typed)] == [path]


def test_a_sweep_is_the_product_of_its_axes() -> None:
    jobs = expand(["scenario=baseline,dry_years", "ensemble.seed=range(0,3)", "ensemble.members=5"])
    assert len(jobs) == 6
    assert jobs[0] == ["scenario=baseline", "ensemble.seed=0", "ensemble.members=5"]
    globbed = [job[0] for job in expand(["scenario=glob(*)"])]
    assert globbed == [f"scenario={name}" for name in options("scenario")]


def test_a_users_own_conf_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "conf" / "ensemble"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text("name: mine\ndescription: my own ensemble\nmembers: 7\n")
    experiments = tmp_path / "experiments"
    experiments.mkdir()
    (experiments / "own.yaml").write_text(
        "# @package _global_\ndefaults:\n  - override /ensemble: mine\nensemble:\n  seed: 99\n"
    )
    monkeypatch.chdir(tmp_path)
    assert compose(["ensemble=mine"]).settings.ensemble.members == 7
    chosen = compose(["experiment=own"]).settings.ensemble
    assert (chosen.members, chosen.seed) == (7, 99)


def test_a_users_unknown_key_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "conf" / "ensemble"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text("name: mine\ndescription: my ensemble\nmembrs: 7\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="membrs"):
        compose(["ensemble=mine"])


def test_a_class_of_ones_own_is_allowed_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dcforecast.models import create

    (tmp_path / "conf" / "model").mkdir(parents=True)
    (tmp_path / "conf" / "model" / "flat.yaml").write_text(
        "name: flat\ndescription: a model of my own\n_target_: my_models.Flat\nheight: 3.0\n"
    )
    (tmp_path / "my_models.py").write_text(
        "from dcforecast.models.naive import SeasonalNaive\n"
        "class Flat(SeasonalNaive):\n"
        "    def __init__(self, height: float = 1.0) -> None:\n"
        "        super().__init__()\n"
        "        self.height = height\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UserError, match=r"my_models\.Flat.*allowed_targets\.yaml"):
        compose(["model=flat"])
    (tmp_path / "conf" / "allowed_targets.yaml").write_text("- my_models.Flat\n")
    assert compose(["model=flat"]).settings.model.target == "my_models.Flat"
    assert create("flat").get_params() == {"height": 3.0}
    with pytest.raises(UserError, match=r"os\.system"):
        compose(["model=flat", "model._target_=os.system"])
    (tmp_path / "conf" / "allowed_targets.yaml").write_text("my_models\n")
    with pytest.raises(UserError, match="list of names"):
        compose(["model=flat"])


def test_every_field_is_described_and_every_quantity_has_its_unit() -> None:
    from dcforecast.config.describe import describe

    chosen = compose().config
    rows = [row for group in GROUPS for row in describe(group, chosen[group])]
    assert len(rows) > 150
    # Mappings that hold nothing yet are shown too, so that one learns they are there.
    assert {"datacentres.campuses", "fleet.projects"} <= {row.key for row in rows}
    assert not [row.key for row in rows if not row.description]
    without = {
        row.key
        for row in rows
        if "float" in row.kind and "Literal" not in row.kind and not row.unit
    }
    assert not without, "real numbers have a unit; counts and years need none"


@pytest.mark.parametrize(("text", "said"), [("name: [", "cannot be read"), ("- a", "keys and")])
def test_an_option_that_is_no_mapping_is_told_with_its_file(
    tmp_path: Path, monkeypatch, text: str, said: str
) -> None:
    (tmp_path / "conf" / "model").mkdir(parents=True)
    (tmp_path / "conf" / "model" / "mine.yaml").write_text(text)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=rf"mine\.yaml.*{said}"):
        read_option("model", "mine")
