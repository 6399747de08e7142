"""The model of a finished run, from its folder in the store (used by other benchmarks)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dcforecast.config.allocation import AllocationSettings
from dcforecast.config.datacentres import DatacentresSettings
from dcforecast.config.demand import DemandSettings
from dcforecast.config.ensemble import EnsembleSettings
from dcforecast.config.fleet import FleetSettings
from dcforecast.config.network import NetworkSettings
from dcforecast.pipelines.forecast_rows import read_paths
from dcforecast.system.draws import Draws
from dcforecast.system.model import SystemModel
from dcforecast.system.paths import MonthlyPaths


@dataclass(frozen=True)
class StoredRun:
    fleet: FleetSettings
    demand: DemandSettings
    datacentres: DatacentresSettings
    network: NetworkSettings
    allocation: AllocationSettings
    ensemble: EnsembleSettings
    paths: MonthlyPaths

    @classmethod
    def read(cls, folder: Path) -> StoredRun:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        paths = MonthlyPaths(*read_paths(pd.read_parquet(folder / "paths.parquet")))
        return cls(
            FleetSettings(**config["fleet"]),
            DemandSettings(**config["demand"]),
            DatacentresSettings(**config["datacentres"]),
            NetworkSettings(**config["network"]),
            AllocationSettings(**config["allocation"]),
            EnsembleSettings(**config["ensemble"]),
            paths,
        )

    def model(self, members: int, **fleet: object) -> SystemModel:
        """Model of the first members, with some settings of the fleet changed."""
        return SystemModel(
            self.fleet.model_copy(update=fleet),
            self.demand,
            self.datacentres,
            self.paths.part(0, members),
            Draws(members, self.ensemble.seed),
        )
