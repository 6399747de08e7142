"""Every scenario composes, says what it changes, and changes that alone."""

from __future__ import annotations

import pytest

from dcforecast.config.compose import compose
from dcforecast.config.paths import options

WANTED = {
    "baseline", "tripp_2030", "accelerated_renewables", "data_centre_boom", "dry_years",
    "black_sea_2032", "no_new_corridors",
}  # fmt: skip

#: Config groups each scenario may touch.
TOUCHES = {
    "baseline": set(),
    "tripp_2030": {"network"},
    "accelerated_renewables": {"fleet"},
    "data_centre_boom": {"datacentres"},
    "dry_years": {"fleet"},
    "black_sea_2032": {"network"},
    "no_new_corridors": {"network"},
}


def test_all_wanted_scenarios_are_there():
    assert set(options("scenario")) >= WANTED


@pytest.mark.parametrize("name", sorted(WANTED))
def test_scenario(name):
    base = compose().settings
    settings = compose([f"scenario={name}"]).settings
    assert settings.scenario.name == name
    assert settings.scenario.description
    assert settings.scenario.why
    changed = {
        group for group in type(settings).model_fields
        if group != "scenario" and getattr(settings, group) != getattr(base, group)
    }  # fmt: skip
    assert changed == TOUCHES[name]
    assert bool(settings.scenario.changes) == bool(changed)


@pytest.mark.parametrize("name", sorted(WANTED))
def test_facts_exist(name):
    from dcforecast.sources.catalogue import fact_sources

    assert set(compose([f"scenario={name}"]).settings.scenario.facts) <= set(fact_sources())


def test_no_new_corridors_closes_every_link_to_come():
    links = compose(["scenario=no_new_corridors"]).settings.network.links
    assert all(link.probability == 0 for link in links.values() if link.status != "existing")
