"""Where work is done: here, in processes, on Dask or SLURM; the results are the same."""

from __future__ import annotations

from dcforecast.compute.pool import Failure, Pool

__all__ = ["Failure", "Pool"]
