"""Every option composes; every kind of mistake gives one clear message before any work."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcforecast.config.compose import compose, expand, options
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
