"""The whole configuration as one checked object: one class a config group."""

from __future__ import annotations

from pydantic import Field

from dcforecast.config.allocation import AllocationSettings
from dcforecast.config.base import Group
from dcforecast.config.compute import ComputeSettings
from dcforecast.config.data import DataSettings
from dcforecast.config.datacentres import DatacentresSettings
from dcforecast.config.demand import DemandSettings
from dcforecast.config.ensemble import EnsembleSettings
from dcforecast.config.evaluation import EvaluationSettings
from dcforecast.config.fleet import FleetSettings
from dcforecast.config.model import ModelSettings
from dcforecast.config.network import NetworkSettings
from dcforecast.config.report import ReportSettings
from dcforecast.config.scenario import ScenarioSettings
from dcforecast.config.store import StoreSettings
from dcforecast.config.tracking import TrackingSettings

__all__ = ["GROUPS", "Settings"]


class Settings(Group):
    """Everything a run depends on."""

    data: DataSettings = Field(description="Where the figures come from")
    model: ModelSettings = Field(description="Forecasting model of the components")
    evaluation: EvaluationSettings = Field(description="Rolling-origin backtest")
    scenario: ScenarioSettings = Field(description="What is assumed to happen, and why")
    network: NetworkSettings = Field(description="Nodes, links and corridors")
    fleet: FleetSettings = Field(description="Power plants, projects, fuel, reserve")
    demand: DemandSettings = Field(description="Domestic demand by hour")
    datacentres: DatacentresSettings = Field(description="Data-centre programme")
    allocation: AllocationSettings = Field(description="How surplus is shared out")
    ensemble: EnsembleSettings = Field(description="Members, seed and years")
    tracking: TrackingSettings = Field(description="MLflow store")
    store: StoreSettings = Field(description="Folder of runs")
    report: ReportSettings = Field(description="Reports and figures")
    compute: ComputeSettings = Field(description="Where the work is done")


#: Config groups in the order they are shown.
GROUPS: tuple[str, ...] = tuple(Settings.model_fields)
