"""How much electricity Azerbaijan could send to data centres and export corridors.

One line brings a forecast into a report:

>>> import dcforecast as dcf
>>> table = dcf.load("annual", scenario="baseline")  # doctest: +SKIP

Heavy packages are loaded when first used, so importing this one is cheap.
"""

from __future__ import annotations

import os as _os

TYPE_CHECKING = False  # what typing calls so; its import takes a third of the program's start

__version__ = "0.1.0"

# One numerical thread per process: more made gradient boosting 15-25 times slower on a busy
# machine (libgomp spins at every barrier).  Must be set before numpy is imported.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    _os.environ.setdefault(_name, "1")
_os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# No telemetry: must be set before mlflow is imported.
_os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

_LAZY = {
    "Run": ("dcforecast.store", "Run"),
    "load": ("dcforecast.api", "load"),
    "plot": ("dcforecast.plot", None),
    "run": ("dcforecast.api", "run"),
    "runs": ("dcforecast.api", "runs"),
    "scan": ("dcforecast.api", "scan"),
}

__all__ = ["Run", "__version__", "load", "plot", "run", "runs", "scan"]

if TYPE_CHECKING:
    from typing import Any

    from dcforecast import plot
    from dcforecast.api import load, run, runs, scan
    from dcforecast.store import Run


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'dcforecast' has no attribute '{name}'")
    from importlib import import_module

    module_name, attribute = _LAZY[name]
    module = import_module(module_name)
    value = module if attribute is None else getattr(module, attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
