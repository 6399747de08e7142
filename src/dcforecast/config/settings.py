"""The whole configuration as one checked object: one class a config group."""

from __future__ import annotations

from dcforecast.config.allocation import AllocationSettings
from dcforecast.config.base import Group, field
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

    data: DataSettings = field(..., "Where the figures come from")
    model: ModelSettings = field(..., "Forecasting model of the components")
    evaluation: EvaluationSettings = field(..., "Rolling-origin backtest")
    scenario: ScenarioSettings = field(..., "What is assumed to happen, and why")
    network: NetworkSettings = field(..., "Nodes, links and corridors")
    fleet: FleetSettings = field(..., "Power plants, projects, fuel, reserve")
    demand: DemandSettings = field(..., "Domestic demand by hour")
    datacentres: DatacentresSettings = field(..., "Data-centre programme")
    allocation: AllocationSettings = field(..., "How surplus is shared out")
    ensemble: EnsembleSettings = field(..., "Members, seed and years")
    tracking: TrackingSettings = field(..., "MLflow store")
    store: StoreSettings = field(..., "Folder of runs")
    report: ReportSettings = field(..., "Reports and figures")
    compute: ComputeSettings = field(..., "Where the work is done")


#: Config groups in the order they are shown.
GROUPS: tuple[str, ...] = tuple(Settings.model_fields)
