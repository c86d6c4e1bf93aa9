"""What a reader can work out about hidden cells: the attack that suppression must withstand.

The method is the one of the audit step in tau-ARGUS and of Fischetti and Salazar-González
(2000), "Models and algorithms for optimizing cell suppression in tabular data with linear
constraints", Journal of the American Statistical Association 95(451): for each hidden cell,
the smallest and the largest value that agrees with everything shown, by linear programming.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from needs.assurance.relations import Bools, Floats, Ints, Relations, _equations, rounded
from needs.vocabulary.results import Additive

__all__ = ["Puzzle", "components", "feasible_intervals", "intervals", "narrower", "shown_side"]

TOLERANCE = 1e-6
FAR = 1e6
"""Stands for no bound; counts of children stay well below it."""
BATCH = 50_000
"""Cells handed to the solver at once, at most (more for one large puzzle)."""


def components(relations: Relations, hidden: Bools, holding: Bools | None = None) -> list[Ints]:
    """Return the hidden cells in groups that equations tie together, in the order of cells.

    With ``holding``, only the groups that hold one of those cells.
    """
    tied = relations.matrix[:, hidden].tocoo()
    m, n = tied.shape
    ends = (tied.row, m + tied.col)
    graph = sparse.csr_array((np.ones(tied.nnz), ends), shape=(m + n, m + n))
    label = csgraph.connected_components(graph, directed=False)[1][m:]
    cells = np.flatnonzero(hidden)
    if holding is not None:
        wanted = np.isin(label, label[holding[cells]])
        cells, label = cells[wanted], label[wanted]
    order = np.argsort(label, kind="stable")
    cuts = np.flatnonzero(np.diff(label[order])) + 1
    groups = [np.sort(g) for g in np.split(cells[order], cuts)] if len(cells) else []
    return sorted(groups, key=lambda g: int(g[0]))


def shown_side(relations: Relations, hidden: Bools) -> Floats:
    """Return what each equation's hidden cells must sum to, given all that is shown."""
    shown = np.where(hidden | np.isnan(relations.values), 0.0, relations.values)
    right: Floats = relations.rest - relations.matrix @ shown
    return right


@dataclass(frozen=True)
class Puzzle:
    """What a reader knows of some hidden cells: ``matrix @ x = right``, within bounds.

    Parameters
    ----------
    matrix : sparse array, equations by cells
        Signs.
    right : array of float, one an equation
        What the hidden cells sum to.
    bounds : array of float, shape (cells, 2)
        What is known of each cell beforehand.
    wanted : array of bool
        Cells looked at.
    true : array of float
        The true values, NaN where nobody knows; they spare looking where they reach a bound.
    """

    matrix: sparse.csr_array
    right: Floats
    bounds: Floats
    wanted: Bools
    true: Floats


def _one_equation(p: Puzzle) -> Floats:
    """Return the interval of each cell of a single equation, in closed form."""
    signs, (low, high) = p.matrix.toarray()[0], p.bounds.T
    least = np.where(signs > 0, signs * low, signs * high)
    most = np.where(signs > 0, signs * high, signs * low)
    found = p.bounds.astype(float)
    for i in np.flatnonzero(signs):
        others = np.arange(len(signs)) != i
        ends = (p.right[0] - most[others].sum(), p.right[0] - least[others].sum())
        a, b = sorted(e / signs[i] for e in ends)
        found[i] = max(a, low[i]), min(b, high[i])
    sound = p.wanted & (found[:, 0] <= found[:, 1] + TOLERANCE)
    return np.where(sound[:, None], found, p.bounds)


def intervals(puzzles: Sequence[Puzzle]) -> list[Floats]:
    """Return the least and greatest value of each wanted cell of each puzzle.

    Returns
    -------
    list of array of float, shape (cells, 2)
        Cells that are not wanted come back with their bounds; so do all cells of a puzzle
        that contradicts itself, since it teaches nothing. All puzzles are solved in two
        calls of the solver, since calling costs more than solving.
    """
    out = [_one_equation(p) if p.matrix.shape[0] == 1 else None for p in puzzles]
    hard = [p for p, found in zip(puzzles, out, strict=True) if found is None]
    solved = iter(_by_programme(hard))
    return [found if found is not None else next(solved) for found in out]


def _by_programme(puzzles: Sequence[Puzzle]) -> list[Floats]:
    seen = [np.column_stack([p.true, p.true]) for p in puzzles]
    together = [
        (k, _weights(p.wanted, sign)) for k, p in enumerate(puzzles) for sign in (1.0, -1.0)
    ]
    _look(puzzles, together, seen)  # one answer often reaches many bounds at once
    single: list[tuple[int, Floats]] = [
        (k, _weights(np.arange(len(p.true)) == i, sign))
        for k, p in enumerate(puzzles)
        for i in np.flatnonzero(p.wanted)
        for side, sign in enumerate((1.0, -1.0))
        if not _reached(seen[k][i, side], p.bounds[i, side])
    ]
    _look(puzzles, single, seen)
    return [
        np.where(p.wanted[:, None] & ~np.isnan(found), found, p.bounds)
        for p, found in zip(puzzles, seen, strict=True)
    ]


def _reached(seen: float, bound: float) -> bool:
    return seen == bound or abs(seen - bound) <= TOLERANCE  # no bound at all is reached as one


def _weights(cells: Bools, sign: float) -> Floats:
    return np.where(cells, sign, 0.0)


def _look(
    puzzles: Sequence[Puzzle], goals: Sequence[tuple[int, Floats]], seen: list[Floats]
) -> None:
    """Solve for each goal (puzzle, weights to minimise) and widen what has been seen."""
    size = 0
    batch: list[tuple[int, Floats]] = []
    for k, goal in goals:
        size += len(goal)
        batch.append((k, goal))
        if size > BATCH:
            _solve(puzzles, batch, seen)
            size, batch = 0, []
    if batch:
        _solve(puzzles, batch, seen)


def _solve(
    puzzles: Sequence[Puzzle], goals: Sequence[tuple[int, Floats]], seen: list[Floats]
) -> None:
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 - slow to import

    used = [puzzles[k] for k, _ in goals]
    bounds = np.concatenate([p.bounds for p in used])
    right = np.concatenate([p.right for p in used])
    answer = milp(
        np.concatenate([goal for _, goal in goals]),
        constraints=LinearConstraint(
            sparse.block_diag([p.matrix for p in used], format="csr"), right, right
        ),
        bounds=Bounds(np.maximum(bounds[:, 0], -FAR), np.minimum(bounds[:, 1], FAR)),
    )
    if answer.x is not None:
        cuts = np.cumsum([len(p.true) for p in used])[:-1]
        for (k, _), x in zip(goals, np.split(answer.x, cuts), strict=True):
            far = np.where(np.abs(x) >= FAR - 1, np.copysign(np.inf, x), x)
            seen[k] = np.column_stack([np.fmin(seen[k][:, 0], far), np.fmax(seen[k][:, 1], far)])
    elif len(goals) > 1:  # one of the puzzles contradicts itself: find it
        for goal in goals:
            _solve(puzzles, [goal], seen)


def narrower(found: Floats, target: Floats) -> Bools:
    """Return whether intervals (last axis: least, greatest) rule out some of the target."""
    least, most = target[..., 0] + TOLERANCE, target[..., 1] - TOLERANCE
    either: Bools = (found[..., 0] > least) | (found[..., 1] < most)
    return either


def feasible_intervals(
    table: pd.DataFrame,
    additive: Sequence[Additive],
    threshold: int,
    small: Sequence[int] = (),
) -> pd.DataFrame:
    """Attack a released table: return what can be worked out about each hidden cell.

    Parameters
    ----------
    table : pandas.DataFrame
        Long table of counts after disclosure control; hidden rows have marker ``c``.
    additive : sequence of Additive
        Relations that the reader knows.
    threshold : int
        The published rule: counts from 1 to ``threshold`` - 1 are hidden, zeros are shown.
    small : sequence of int
        Positions of hidden rows that the reader knows to be small (a strong reader); of
        any other hidden row it is only known that it is not zero.

    Returns
    -------
    pandas.DataFrame
        Columns ``low`` and ``high``, indexed by the position of each hidden row.
    """
    table = table.reset_index(drop=True)
    hidden = (table["marker"] == "c").to_numpy()
    values = np.where(hidden, 0.0, np.nan_to_num(rounded(table["value"])))
    everything = np.ones(len(table), dtype=bool)
    found = [e for a in additive for e in _equations(table, a, everything)]
    matrix = np.zeros((len(found), len(table)))
    for e, (cells, signs) in enumerate(found):
        matrix[e, cells] = signs
    bounds = np.full((len(table), 2), [1.0, np.inf])
    bounds[list(small), 1] = threshold - 1
    values[hidden] = np.nan
    puzzle = Puzzle(
        matrix=sparse.csr_array(matrix[:, hidden]),
        right=-matrix @ np.nan_to_num(values),
        bounds=bounds[hidden],
        wanted=everything[hidden],
        true=values[hidden],
    )
    reach = intervals([puzzle])[0]
    return pd.DataFrame(reach, columns=["low", "high"], index=np.flatnonzero(hidden))
