"""What one would do without the engine: split the blocks between published totals."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Blocks:
    """Disjoint blocks of months with their totals, as far as figures tell them.

    Attributes
    ----------
    first, last : ndarray
        Month numbers, both inside the block.
    total : ndarray
        GWh.
    """

    first: np.ndarray
    last: np.ndarray
    total: np.ndarray

    @property
    def length(self) -> np.ndarray:
        return self.last - self.first + 1

    def matrix(self, months: int) -> np.ndarray:
        at = np.arange(months)
        return ((at >= self.first[:, None]) & (at <= self.last[:, None])).astype(float)

    def without(self, i: int) -> Blocks:
        """Return the blocks with the boundary after block `i` forgotten."""
        total = self.total.copy()
        total[i] += total[i + 1]
        last = self.last.copy()
        last[i] = last[i + 1]
        keep = np.arange(len(total)) != i + 1
        return Blocks(self.first[keep], last[keep], total[keep])


def blocks(figures: pd.DataFrame, coarsest: float) -> Blocks:
    """Difference the figures that are rounded to no more than `coarsest` GWh.

    The finer figures go first; one that says again what others say is left out, so that the
    blocks never contradict each other.
    """
    ordered = figures.sort_values("vintage").drop_duplicates(["first", "last"], keep="last")
    ordered = ordered[ordered["precision_gwh"] <= coarsest]
    ordered = ordered.sort_values("precision_gwh", kind="stable")
    group: dict[int, int] = {}
    height: dict[int, float] = {}
    for row in ordered.itertuples(index=False):
        a, b = row.first, row.last + 1
        for edge in (a, b):
            group.setdefault(edge, edge)
            height.setdefault(edge, 0.0)
        if group[a] == group[b]:
            continue
        move, old = height[a] + row.value - height[b], group[b]
        for edge in [e for e in group if group[e] == old]:
            group[edge], height[edge] = group[a], height[edge] + move
    return _consecutive(group, height)


def _consecutive(group: dict[int, int], height: dict[int, float]) -> Blocks:
    """Return blocks between consecutive edges of one group, the longest groups first."""
    sizes: dict[int, list[int]] = {}
    for edge, root in group.items():
        sizes.setdefault(root, []).append(edge)
    out: list[tuple[int, int, float]] = []
    taken: set[int] = set()
    for edges in sorted(sizes.values(), key=len, reverse=True):
        known = sorted(edges)
        kept = known[:1]
        for edge in known[1:]:  # rounding may make a block shrink: then its edge is no use
            if height[edge] > height[kept[-1]]:
                kept.append(edge)
        for a, b in itertools.pairwise(kept):
            if not taken & set(range(a, b)):
                taken |= set(range(a, b))
                out.append((a, b - 1, height[b] - height[a]))
    first, last, total = (np.array(x) for x in zip(*sorted(out), strict=True))
    return Blocks(first, last, total.astype(float))


def profile(known: Blocks, days: np.ndarray) -> np.ndarray:
    """Return the season [1]: each calendar month's pace in the shortest blocks that hold it."""
    month = np.arange(len(days)) % 12
    pace = np.full(len(days), np.nan)
    length = np.full(len(days), 99)
    for a, b, total in zip(known.first, known.last, known.total, strict=True):
        pace[a : b + 1] = total / days[a : b + 1].sum()
        length[a : b + 1] = b - a + 1
    year = np.arange(len(days)) // 12
    yearly = pd.Series(pace).groupby(year).transform("mean").to_numpy()
    relative, weight = pace / yearly, 1.0 / length.astype(float) ** 2
    weight[np.isnan(relative)] = 0.0
    season = np.ones(12)
    for m in range(12):
        own = month == m
        if weight[own].sum() > 0:
            season[m] = np.average(np.nan_to_num(relative[own]), weights=weight[own] + 1e-12)
    return season[month]


def equal(known: Blocks, days: np.ndarray) -> np.ndarray:
    """Split each block by days."""
    return _spread(known, days)


def seasonal(known: Blocks, days: np.ndarray) -> np.ndarray:
    """Split each block by the season times days."""
    return _spread(known, days * profile(known, days))


def denton(known: Blocks, days: np.ndarray) -> np.ndarray:
    """Proportional first-difference Denton (1971), the indicator being the season times days."""
    p = days * profile(known, days)
    months = len(days)
    D = np.diff(np.eye(months), axis=0) / p
    H = known.matrix(months)
    Q = D.T @ D
    size = np.trace(Q) / months
    zero = np.zeros((len(H), len(H)))
    system = np.block([[Q / size, H.T], [H, zero]])
    right = np.concatenate([np.zeros(months), known.total])
    return np.linalg.lstsq(system, right, rcond=None)[0][:months]


def chow_lin(known: Blocks, days: np.ndarray) -> np.ndarray:
    """Chow and Lin (1971) with AR(1) errors by likelihood; regressors days and the season."""
    months = len(days)
    H, y = known.matrix(months), known.total
    season = days * profile(known, days)
    X = np.column_stack([days, season]) if np.ptp(season / days) > 1e-6 else days[:, None]
    gap = np.abs(np.subtract.outer(np.arange(months), np.arange(months)))
    best: tuple[float, np.ndarray] | None = None
    for rho in (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99):
        V = rho**gap * np.outer(days, days) / days.mean() ** 2
        W = np.linalg.inv(H @ V @ H.T)
        beta = np.linalg.lstsq(X.T @ H.T @ W @ H @ X, X.T @ H.T @ W @ y, rcond=None)[0]
        rest = y - H @ X @ beta
        score = len(y) * np.log(rest @ W @ rest) - np.linalg.slogdet(W)[1]
        if best is None or score < best[0]:
            best = score, X @ beta + V @ H.T @ W @ rest
    assert best is not None
    return best[1]


RIVALS: dict[str, Callable[[Blocks, np.ndarray], np.ndarray]] = {
    "equal split": equal,
    "seasonal split": seasonal,
    "Denton": denton,
    "Chow-Lin": chow_lin,
}


def with_spread(
    method: Callable[[Blocks, np.ndarray], np.ndarray], known: Blocks, days: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return a rival's months and a fair spread.

    Each boundary between two blocks is forgotten in turn and both blocks are estimated; the root
    mean square of the relative misses is the spread of every month, in relation to its size.
    """
    found = method(known, days)
    misses = []
    for i in range(len(known.total) - 1):
        if known.last[i] + 1 != known.first[i + 1]:
            continue
        again = method(known.without(i), days)
        for j in (i, i + 1):
            told = again[known.first[j] : known.last[j] + 1].sum()
            misses.append((told - known.total[j]) / known.total[j])
    spread = float(np.sqrt(np.mean(np.square(misses)))) if misses else 0.1
    return found, np.maximum(spread * np.abs(found), 1e-9)


def _spread(known: Blocks, weight: np.ndarray) -> np.ndarray:
    out = np.full(len(weight), np.nan)
    for a, b, total in zip(known.first, known.last, known.total, strict=True):
        out[a : b + 1] = total * weight[a : b + 1] / weight[a : b + 1].sum()
    return out
