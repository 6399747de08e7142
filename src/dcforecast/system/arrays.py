"""Kinds of arrays that the parts of the system hand to each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Hours", "Values"]

#: By member and hour, mostly MW.
Hours = NDArray[np.float32]
#: By member, or member and year.
Values = NDArray[np.float64]
