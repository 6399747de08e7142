"""``--from-run``: the saved configuration as it was, and a word when the code or data moved."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcforecast.config.compose import compose
from dcforecast.errors import UserError
from dcforecast.pipelines.provenance import provenance
from dcforecast.pipelines.stages import saved
from dcforecast.store import Run, Store


def finished(folder: Path, **facts: object) -> Run:
    composed = compose(["scenario=tripp_2030", "ensemble.members=7", "model=ets"])
    run = Store(folder).create("run", composed.config, **{**provenance(), **facts})
    run.finish("finished")
    return run


def test_the_settings_are_those_that_ran(tmp_path: Path, capsys) -> None:
    run = finished(tmp_path)
    again = saved(run.id, [f"store.path={tmp_path}", "compute=serial"]).settings
    before = compose(["scenario=tripp_2030", "ensemble.members=7", "model=ets"]).settings
    for group in type(before).model_fields:
        if group not in {"store", "compute"}:
            assert getattr(again, group) == getattr(before, group), group
    assert again.compute.kind == "serial", "only where it runs may be changed"
    assert capsys.readouterr().err == ""


def test_other_code_or_data_is_told(tmp_path: Path, capsys) -> None:
    run = finished(tmp_path, code_digest="older", git_commit="0123abc")
    saved(run.id, [f"store.path={tmp_path}"])
    told = capsys.readouterr().err
    assert "0123abc" in told
    assert "code_digest" in told
    assert "data_digest" not in told


def test_a_change_of_results_is_refused(tmp_path: Path) -> None:
    run = finished(tmp_path)
    with pytest.raises(UserError, match="would change it"):
        saved(run.id, [f"store.path={tmp_path}", "ensemble.members=9"])
