"""Which cells of a table are hidden so that no small count can be worked out.

A count from 1 to one less than the threshold is hidden first. Further cells are then hidden,
the smallest first and parts before totals, until even a reader who knew which cells are the
small ones, and could solve every equation of the table, would learn no more about any of
them than the rule says.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from needs.assurance.intervals import TOLERANCE, components, intervals, shown_side
from needs.assurance.relations import Bools, Ints, Relations

__all__ = ["Hidden", "is_small", "suppress"]


def is_small(relations: Relations, threshold: int) -> Bools:
    """Return which cells are counts of people from 1 to ``threshold`` - 1 as printed.

    The sign is left aside, so that a hidden net change does not give its direction away.
    """
    size = np.abs(relations.values)
    return relations.people & (size >= 1) & (size < threshold)


@dataclass(frozen=True)
class Hidden:
    """What has been hidden.

    Parameters
    ----------
    secondary : array of bool, one a cell
        Cells hidden to protect others.
    narrowed : array of bool, one a cell
        Small cells of which something can be learnt although nothing more can be hidden:
        every other cell of their equations is hidden or nought.
    """

    secondary: Bools
    narrowed: Bools


@dataclass
class _Search:
    """The state of one search for further cells to hide."""

    relations: Relations
    threshold: int
    small: Bools
    linked: Bools
    hidden: Bools
    unknown: Bools
    given_up: set[int] = field(default_factory=set)
    known: dict[tuple[int, ...], tuple[int, ...]] = field(default_factory=dict)

    def bounds(self, cells: Ints) -> tuple[np.ndarray, np.ndarray]:
        """Return what a strong reader knows of hidden cells before any sum is done."""
        r, top = self.relations, self.threshold - 1
        small, signed = self.small[cells], r.signed[cells] | ~r.people[cells]
        low = np.where(self.unknown[cells] | self.linked[cells], 0.0, 1.0)
        low = np.where(signed, np.where(small, -top, -np.inf), low)
        return low, np.where(small, float(top), np.inf)

    def exposed(self, cells: Ints) -> tuple[int, ...]:
        """Return the protected cells of one component about which too much can be learnt."""
        key = tuple(cells.tolist())
        if key not in self.known:
            self.known[key] = self._exposed(cells)
        return self.known[key]

    def _exposed(self, cells: Ints) -> tuple[int, ...]:
        small, linked = self.small[cells], self.linked[cells] & self.relations.people[cells]
        if not (small | linked).any():
            return ()
        sub = self.relations.matrix[:, cells]
        used = np.flatnonzero(np.diff(sub.indptr))
        low, high = self.bounds(cells)
        right = shown_side(self.relations, self.hidden)[used]
        reach = intervals(sub[used], right, low, high, small | linked)
        narrow = (reach[:, 0] > low + TOLERANCE) | (reach[:, 1] < high - TOLERANCE)
        found = reach[:, 1] - reach[:, 0] < 1
        return tuple(cells[(small & narrow) | (linked & found)].tolist())

    def all_exposed(self) -> list[tuple[int, Ints]]:
        """Return each exposed cell that is not given up, with its component."""
        return [
            (cell, group)
            for group in components(self.relations, self.hidden)
            for cell in self.exposed(group)
            if cell not in self.given_up
        ]

    def best(self, candidates: Bools, resolves: np.ndarray) -> int | None:
        """Return the cell to hide next: part before total, most resolved, smallest, first."""
        r = self.relations
        usable = candidates & ~self.hidden & (np.nan_to_num(r.values) != 0)
        usable[r.rows :] = False
        where = np.flatnonzero(usable)
        if not len(where):
            return None
        rank = np.lexsort((where, np.abs(r.values[where]), -resolves[where], r.level[where]))
        return int(where[rank[0]])


def _lone(s: _Search) -> int | None:
    """Return a cell to hide where an equation has one hidden cell only."""
    shape = abs(s.relations.matrix)
    protected = s.small | (s.linked & s.relations.people)
    of_interest = np.zeros(len(s.hidden), dtype=bool)
    for group in components(s.relations, s.hidden):
        of_interest[group] = protected[group].any()
    alone = (shape @ s.hidden.astype(float) == 1) & (shape @ of_interest.astype(float) == 1)
    resolves = shape.T @ alone.astype(float)
    return s.best(resolves > 0, resolves)


def _widen(s: _Search) -> int | None:
    """Return a cell to hide where an exposed cell remains, or None when all are safe."""
    shape = abs(s.relations.matrix)
    nothing = np.zeros(len(s.hidden))
    for cell, group in s.all_exposed():
        for start in (np.array([cell]), group):
            near = np.zeros(len(s.hidden))
            near[start] = 1.0
            touched = shape.T @ (shape @ near > 0).astype(float) > 0
            pick = s.best(touched, nothing)
            if pick is not None:
                return pick
        s.given_up.add(cell)
    return None


def _prune(s: _Search, secondary: Bools) -> None:
    """Show again, totals and large cells first, what protects nothing."""
    r = s.relations
    cells = np.flatnonzero(secondary)
    order = np.lexsort((cells, -np.abs(r.values[cells]), -r.level[cells]))
    for cell in cells[order]:
        s.hidden[cell] = False
        if s.all_exposed():
            s.hidden[cell] = True
        else:
            secondary[cell] = False


def suppress(relations: Relations, threshold: int, linked: Bools) -> Hidden:
    """Return which further cells to hide.

    Parameters
    ----------
    relations : Relations
        Cells and equations.
    threshold : int
        Counts of people from 1 to ``threshold`` - 1 are small.
    linked : array of bool, one a cell
        Cells hidden because they would reveal a small one of the same place.
    """
    small = is_small(relations, threshold)
    unknown = np.isnan(relations.values)
    linked = linked & ~small
    s = _Search(relations, threshold, small, linked, small | linked | unknown, unknown)
    secondary = np.zeros(len(small), dtype=bool)
    while (pick := _lone(s)) is not None or (pick := _widen(s)) is not None:
        s.hidden[pick] = secondary[pick] = True
    _prune(s, secondary)
    narrowed = np.zeros(len(small), dtype=bool)
    narrowed[sorted(s.given_up)] = True
    return Hidden(secondary, narrowed)
