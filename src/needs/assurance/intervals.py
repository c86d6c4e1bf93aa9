"""What a reader can work out about hidden cells: the attack that suppression must withstand.

The method is the one of the audit step in tau-ARGUS and of Fischetti and Salazar-González
(2000), "Models and algorithms for optimizing cell suppression in tabular data with linear
constraints", Journal of the American Statistical Association 95(451): for each hidden cell,
the smallest and the largest value that agrees with everything shown, by linear programming.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from needs.assurance.relations import Bools, Floats, Ints, Relations, _equations, rounded
from needs.vocabulary.results import Additive

__all__ = ["components", "feasible_intervals", "intervals", "shown_side"]

TOLERANCE = 1e-6


def components(relations: Relations, hidden: Bools) -> list[Ints]:
    """Return the hidden cells in groups that equations tie together, in the order of cells."""
    tied = relations.matrix[:, hidden].tocoo()
    m, n = tied.shape
    ends = (tied.row, m + tied.col)
    graph = sparse.csr_array((np.ones(tied.nnz), ends), shape=(m + n, m + n))
    label = csgraph.connected_components(graph, directed=False)[1][m:]
    cells = np.flatnonzero(hidden)
    order = np.argsort(label, kind="stable")
    cuts = np.flatnonzero(np.diff(label[order])) + 1
    groups = [np.sort(g) for g in np.split(cells[order], cuts)] if n else []
    return sorted(groups, key=lambda g: int(g[0]))


def shown_side(relations: Relations, hidden: Bools) -> Floats:
    """Return what each equation's hidden cells must sum to, given all that is shown."""
    shown = np.where(hidden | np.isnan(relations.values), 0.0, relations.values)
    right: Floats = relations.rest - relations.matrix @ shown
    return right


def _one_equation(signs: Floats, right: float, low: Floats, high: Floats) -> Floats:
    """Return the interval of each cell of a single equation, in closed form."""
    least = np.where(signs > 0, signs * low, signs * high)
    most = np.where(signs > 0, signs * high, signs * low)
    n = len(signs)
    out = np.empty((n, 2))
    for i in range(n):
        others = np.arange(n) != i
        ends = (right - most[others].sum(), right - least[others].sum())
        a, b = sorted(e / signs[i] for e in ends)
        out[i] = max(a, low[i]), min(b, high[i])
    return out


def intervals(
    matrix: sparse.csr_array, right: Floats, low: Floats, high: Floats, wanted: Bools
) -> Floats:
    """Return the least and greatest value of each wanted cell under ``matrix @ x = right``.

    Parameters
    ----------
    matrix : sparse array, equations by cells
        Signs.
    right : array of float, one an equation
        What the hidden cells sum to.
    low, high : array of float, one a cell
        What the reader knows of each cell beforehand.
    wanted : array of bool
        Cells looked at; others come back with their own bounds.

    Returns
    -------
    array of float, shape (cells, 2)
        Where the equations contradict what is known, nothing can be learnt: the bounds.
    """
    from scipy.optimize import linprog  # noqa: PLC0415 - slow to import, seldom needed

    out = np.column_stack([low, high])
    if matrix.shape[0] == 0:
        return out
    if matrix.shape[0] == 1 and matrix.nnz == len(low):
        found = _one_equation(matrix.toarray()[0], float(right[0]), low, high)
        return np.where((wanted & (found[:, 0] <= found[:, 1] + TOLERANCE))[:, None], found, out)
    bounds, dense = list(zip(low, high, strict=True)), matrix.toarray()
    seen = np.full((len(low), 2), [np.inf, -np.inf])
    for i in np.flatnonzero(wanted):
        for side, sign in ((0, 1.0), (1, -1.0)):
            if abs(seen[i, side] - out[i, side]) <= TOLERANCE:
                continue  # an earlier answer already reaches this bound
            goal = np.zeros(len(low))
            goal[i] = sign
            answer = linprog(goal, A_eq=dense, b_eq=right, bounds=bounds, method="highs")
            if answer.status == 0 and answer.x is not None:
                seen[:, 0] = np.minimum(seen[:, 0], answer.x)
                seen[:, 1] = np.maximum(seen[:, 1], answer.x)
                out[i, side] = answer.x[i]
            elif answer.status == 3:
                out[i, side] = -sign * np.inf
    return out


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
    low = np.ones(len(table))
    high = np.full(len(table), np.inf)
    high[list(small)] = threshold - 1
    reach = intervals(
        sparse.csr_array(matrix[:, hidden]),
        -matrix @ values,
        low[hidden],
        high[hidden],
        everything[hidden],
    )
    return pd.DataFrame(reach, columns=["low", "high"], index=np.flatnonzero(hidden))
