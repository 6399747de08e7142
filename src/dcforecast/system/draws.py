"""Random draws that every part of the system shares."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCK", "Draws"]

#: Members worked on together; a part of what a seed means, so not a setting.
BLOCK = 100
_SLICES = 100  # equal slices of a draw that as many members fall into


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
    block : int
        Which hundred of a large ensemble these members are; each has streams of its own.
    """

    members: int
    seed: int
    block: int = 0

    def blocks(self) -> list[Draws]:
        """Split into blocks of at most 100 members, so that memory does not grow with members.

        The first block is the ensemble of a hundred members itself.
        """
        if self.members <= BLOCK:
            return [self]
        starts = range(0, self.members, BLOCK)
        return [
            Draws(min(BLOCK, self.members - start), self.seed, number)
            for number, start in enumerate(starts)
        ]

    def rng(self, *name: str | int) -> np.random.Generator:
        """Return the generator of a named stream, for example ``rng("weather", 2031)``.

        Draw arrays with the member as *first* axis, so that member m is the same for any
        number of members.
        """
        words = [zlib.crc32(str(part).encode()) for part in name]
        if self.block:
            words.insert(0, self.block)
        return np.random.default_rng([self.seed, *words])

    def uniform(self, *name: str | int) -> NDArray[np.float64]:
        """Return one number between 0 and 1 a member, spread evenly over each hundred members.

        A hundred members fall one each into a hundred equal slices (Latin hypercube, McKay and
        others 1979), so that what hangs on the draw settles with far fewer members; fewer members
        are the first of the hundred.

        Returns
        -------
        ndarray of shape (members,)
        """
        rng = self.rng(*name)
        rounds = -(-self.members // _SLICES)
        drawn = [rng.permutation(_SLICES) + rng.random(_SLICES) for _ in range(rounds)]
        return np.asarray(np.concatenate(drawn)[: self.members] / _SLICES)

    def normal(self, *name: str | int) -> NDArray[np.float64]:
        """Return one standard normal a member, spread as evenly as `uniform`."""
        from scipy.special import ndtri

        return np.asarray(ndtri(self.uniform(*name)))

    def shared(self, group: str) -> NDArray[np.float64]:
        """Return one standard normal a member, common to everything named `group`.

        Delays of projects that share a border or strait, or years that share a drought,
        move together through these draws.

        Returns
        -------
        ndarray of shape (members,)
        """
        return self.normal("shared", group)
