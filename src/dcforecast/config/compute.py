"""Config group ``compute``: where the work is done."""

from __future__ import annotations

from typing import Literal

from dcforecast.config.base import Option, field

__all__ = ["ComputeSettings"]


class ComputeSettings(Option):
    """How jobs of a sweep and tasks of a backtest are spread."""

    kind: Literal["serial", "local", "dask", "slurm"] = field(
        "serial", "serial: one process; local: processes here; dask, slurm: a cluster"
    )
    workers: int = field(1, "Processes", ge=1, le=1_000)
    address: str | None = field(None, "Scheduler of a running Dask cluster; null: a local one")
    retries: int = field(1, "How often a job whose worker died is tried again (dask)", ge=0, le=10)
    slurm_partition: str | None = field(None, "SLURM partition")
    slurm_minutes: int = field(120, "Time limit of a SLURM job", unit="min", ge=1)
    slurm_cluster: Literal["slurm", "local"] = field(
        "slurm", "slurm: sbatch; local: processes here, by the same route"
    )
    folder: str = field("outputs/.slurm", "Where SLURM jobs keep their papers")

    @property
    def cluster(self) -> bool:
        """Whether the work leaves this machine."""
        return self.kind in {"dask", "slurm"}
