"""Random draws that every part of the system shares."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

__all__ = ["Draws"]


@dataclass(frozen=True)
class Draws:
    """The random state of an ensemble.

    Each stream is named, so that a new part of the system does not move the draws of the others,
    and a member keeps its draws whatever the number of members after it.

    Parameters
    ----------
    members : int
        Number of ensemble members.
    seed : int
        Seed of the run.
    """

    members: int
    seed: int

    def rng(self, *name: str | int) -> np.random.Generator:
        """Return the generator of a named stream, for example ``rng("weather", 2031)``.

        Draw arrays with the member as *first* axis, so that member m is the same for any
        number of members.
        """
        words = [zlib.crc32(str(part).encode()) for part in name]
        return np.random.default_rng([self.seed, *words])

    def shared(self, group: str) -> np.ndarray:
        """Return one standard normal a member, common to everything named `group`.

        Delays of projects that share a border or strait, or years that share a drought,
        move together through these draws.

        Returns
        -------
        ndarray of shape (members,)
        """
        return self.rng("shared", group).standard_normal(self.members)
