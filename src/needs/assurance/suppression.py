"""Which cells of a table are hidden so that no small count can be worked out.

A count from 1 to one less than the threshold is hidden first. Further cells are then hidden,
the smallest first and parts before totals, until even a reader who knew which cells are the
small ones, and could solve every equation of the table, would learn no more about any of
them than the rule says.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from needs.assurance.intervals import Puzzle, components, intervals, narrower, shown_side
from needs.assurance.relations import Bools, Floats, Ints, Relations

__all__ = ["Hidden", "is_small", "suppress"]

PRUNED = 300
"""Most hidden cells of a component in which cells are shown again one by one."""


def is_small(relations: Relations, threshold: int) -> Bools:
    """Return which cells are counts of people from 1 to ``threshold`` - 1 as printed.

    The sign is left aside, so that a hidden net change does not give its direction away.
    """
    size = np.abs(relations.values)
    return relations.people & ~relations.apart & (size >= 1) & (size < threshold)


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
    best_known: dict[int, tuple[float, float]] = field(default_factory=dict)
    """Cells that cannot be protected in full -> the interval that is kept for them."""
    known: dict[tuple[int, ...], tuple[int, ...]] = field(default_factory=dict)
    safe: set[int] = field(default_factory=set)
    """Cells found to be safe: hiding more leaves them so, showing again may not."""
    limited: set[int] = field(default_factory=set)
    """Cells of which it is known how well hiding everything would protect them."""

    @property
    def protected(self) -> Bools:
        """Cells that must not be told."""
        return self.small | (self.linked & self.relations.people)

    def bounds(self, cells: Ints) -> Floats:
        """Return what a strong reader knows of hidden cells before any sum is done."""
        r, top = self.relations, float(self.threshold - 1)
        small, signed = self.small[cells], r.signed[cells] | ~r.people[cells]
        low = np.where(self.unknown[cells] | self.linked[cells], 0.0, 1.0)
        low = np.where(signed, np.where(small, -top, -np.inf), low)
        return np.column_stack([low, np.where(small, top, np.inf)])

    def puzzle(self, cells: Ints, wanted: Bools, hidden: Bools | None = None) -> Puzzle:
        """Return what a strong reader knows of a component."""
        r = self.relations
        sub = r.matrix[:, cells]
        used = np.flatnonzero(np.diff(sub.indptr))
        right = shown_side(r, self.hidden if hidden is None else hidden)[used]
        return Puzzle(sub[used], right, self.bounds(cells), wanted, r.values[cells])

    def target(self, cells: Ints) -> Floats:
        """Return the interval that must be left open for each cell."""
        out = self.bounds(cells)
        near = self.relations.values[cells, None] + [-0.4, 0.4]  # of linked cells, the number
        linked = self.linked[cells] & ~self.small[cells]
        out = np.where(linked[:, None], np.clip(near, out[:, :1], out[:, 1:]), out)
        for i, cell in enumerate(cells.tolist()):
            out[i] = self.best_known.get(cell, out[i])
        return out

    def exposed(self, shown: list[int] | None = None) -> list[tuple[tuple[int, ...], Ints]]:
        """Return the exposed cells of each component that has any, with the component.

        With cells that have just been shown again, those near them are looked at first: where
        one is exposed, the others of its component need not be.
        """
        protected = self.protected
        groups = components(self.relations, self.hidden, protected)
        keys = [tuple(g.tolist()) for g in groups]
        new = [g for g, k in zip(groups, keys, strict=True) if k not in self.known]
        doubtful = protected.copy()
        doubtful[list(self.safe)] = False
        if shown:
            new = self._near(new, doubtful, shown)
        reach = intervals([self.puzzle(g, doubtful[g]) for g in new])
        for g, found in zip(new, reach, strict=True):
            open_to = doubtful[g] & narrower(found, self.target(g))
            self.known[tuple(g.tolist())] = tuple(g[open_to].tolist())
            self.safe.update(g[doubtful[g] & ~open_to].tolist())
        return [(self.known[k], g) for g, k in zip(groups, keys, strict=True) if self.known[k]]

    def _near(self, groups: list[Ints], doubtful: Bools, shown: list[int]) -> list[Ints]:
        """Return the components without an exposed cell that shares a sum with cells shown."""
        shape = abs(self.relations.matrix)
        at = np.zeros(len(doubtful))
        at[shown] = 1.0
        near = doubtful & (shape.T @ (shape @ at > 0).astype(float) > 0)
        rest = []
        reach = intervals([self.puzzle(g, near[g]) for g in groups])
        for g, found in zip(groups, reach, strict=True):
            if (open_to := near[g] & narrower(found, self.target(g))).any():
                self.known[tuple(g.tolist())] = tuple(g[open_to].tolist())
            else:
                rest.append(g)
        return rest

    def take_limits(self, exposed: list[tuple[tuple[int, ...], Ints]]) -> bool:
        """Keep for exposed cells no more than hiding everything would; say if that is less.

        A sum of few small cells bounds them even where it is hidden itself. To learn that
        first saves hiding one cell after another for nothing.
        """
        r = self.relations
        some = np.arange(len(self.hidden)) < r.rows
        everything = self.hidden | (some & (np.nan_to_num(r.values) != 0))
        before = len(self.best_known)
        for cells, group in exposed:
            new = np.zeros(len(everything), dtype=bool)
            new[[c for c in cells if c not in self.limited]] = True
            if not new.any():
                continue
            self.limited.update(cells)
            homes = components(r, everything, new)
            found = intervals([self.puzzle(g, new[g], everything) for g in homes])
            for g, reach in zip(homes, found, strict=True):
                less = new[g] & narrower(reach, self.target(g))
                for cell, (low, high) in zip(g[less].tolist(), reach[less], strict=True):
                    self.best_known[cell] = float(low), float(high)
            self.known.pop(tuple(group.tolist()), None)
        return len(self.best_known) > before

    def give_up(self, cell: int, group: Ints) -> None:
        """Keep for this cell what is left to it now that all around it is hidden."""
        low, high = intervals([self.puzzle(group, group == cell)])[0][group == cell][0]
        self.best_known[cell] = float(low), float(high)
        del self.known[tuple(group.tolist())]

    def best(self, candidates: Bools, resolves: Floats) -> int | None:
        """Return the cell to hide next: part before total, most resolved, smallest, first."""
        r = self.relations
        usable = candidates & ~self.hidden & (np.nan_to_num(r.values) != 0)
        usable[r.rows :] = False
        where = np.flatnonzero(usable)
        if not len(where):
            return None
        rank = np.lexsort((where, np.abs(r.values[where]), -resolves[where], r.level[where]))
        return int(where[rank[0]])


def _lone(s: _Search) -> list[int]:
    """Return a cell to hide in each component that has an equation with one hidden cell."""
    shape = abs(s.relations.matrix)
    alone = shape @ s.hidden.astype(float) == 1
    bare = s.hidden & (shape.T @ alone.astype(float) > 0)
    picks = []
    for group in components(s.relations, s.hidden, s.protected):
        if bare[group].any():
            inside = np.zeros(len(s.hidden))
            inside[group] = 1.0
            resolves = shape.T @ (alone & (shape @ inside > 0)).astype(float)
            picks.append(s.best(resolves > 0, resolves))
    return [p for p in picks if p is not None]


def _widen(s: _Search) -> list[int]:
    """Return a cell to hide in each component that has an exposed cell; none if all are safe."""
    shape = abs(s.relations.matrix)
    nothing = np.zeros(len(s.hidden))
    picks: list[int] = []
    while not picks and (exposed := s.exposed()):
        if s.take_limits(exposed):
            continue
        for cells, group in exposed:
            for start in (np.array(cells[:1]), group):
                near = np.zeros(len(s.hidden))
                near[start] = 1.0
                touched = shape.T @ (shape @ near > 0).astype(float) > 0
                pick = s.best(touched, nothing)
                if pick is not None:
                    picks.append(pick)
                    break
            else:
                s.give_up(cells[0], group)
    return picks


def _prune(s: _Search, secondary: Bools) -> None:
    """Show again, totals and large cells first, what protects nothing.

    Cells of different components do not touch one another, so one of each is tried at once.
    Where very many cells hang together nearly all are small: a cell more is hidden there, since
    trying each would take minutes.
    """
    r = s.relations
    waiting: list[list[int]] = []
    for group in components(r, s.hidden):
        cells = group[secondary[group]] if len(group) <= PRUNED else group[:0]
        order = np.lexsort((cells, -np.abs(r.values[cells]), -r.level[cells]))
        waiting.append(cells[order].tolist())
    home = {int(c): k for k, g in enumerate(components(r, s.hidden)) for c in g}
    while any(waiting):
        tried = {k: cells.pop(0) for k, cells in enumerate(waiting) if cells}
        s.hidden[list(tried.values())] = False
        s.safe.clear()
        needed = {home[cells[0]] for cells, _ in s.exposed(list(tried.values()))}
        for k, cell in tried.items():
            s.hidden[cell] = k in needed
            secondary[cell] = k in needed


def suppress(
    relations: Relations, threshold: int, linked: Bools, start: Bools | None = None
) -> Hidden:
    """Return which further cells to hide.

    Parameters
    ----------
    relations : Relations
        Cells and equations.
    threshold : int
        Counts of people from 1 to ``threshold`` - 1 are small.
    linked : array of bool, one a cell
        Cells hidden because they would reveal a small one of the same place.
    start : array of bool, one a cell
        Cells that are hidden already to protect others, and stay so.
    """
    small = is_small(relations, threshold)
    unknown = np.isnan(relations.values)
    linked = (linked | relations.apart) & ~small
    s = _Search(relations, threshold, small, linked, small | linked | unknown, unknown)
    given = np.zeros(len(small), dtype=bool) if start is None else start & ~s.hidden
    secondary = given.copy()
    s.hidden |= given
    while picks := _lone(s) or _widen(s):
        s.hidden[picks] = secondary[picks] = True
    added = secondary & ~given
    _prune(s, added)
    secondary = added | given
    narrowed = np.zeros(len(small), dtype=bool)
    narrowed[sorted(s.best_known)] = True
    return Hidden(secondary, narrowed)
