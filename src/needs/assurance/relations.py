"""The sums that a reader can do on a table: declared, implied, and against the whole.

A relation says that parts, each with a sign, make up a total. Whoever reads a table knows
its relations, so disclosure control has to know them too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from needs.vocabulary.results import ALL, KEYS, Additive, Measure, Result
from needs.vocabulary.units import UNITS, round_half_up

__all__ = ["Relations", "implied", "relations_of", "rounded"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.intp]

TOTALS = {"group": (ALL,), "by": (ALL, "")}
"""Keys that stand for the whole, by dimension."""


@dataclass(frozen=True)
class Relations:
    """The cells of a table and the equations between them.

    Parameters
    ----------
    values : array of float, one a cell
        Rounded as printed; NaN where nobody knows. The cells are the rows of the table, then
        complements: the rest of a total when one part is taken off.
    matrix : sparse array, one row an equation and one column a cell
        Parts have their sign, the total has -1.
    rest : array of float, one an equation
        What the equation makes with the true values: 0 unless the relation is not exact.
    people : array of bool
        Which cells count people.
    signed : array of bool
        Which cells may be below zero.
    level : array of int
        In how many equations a cell is the total.
    rows : int
        How many cells are rows of the table.
    apart : array of bool
        Which cells are small differences between numbers printed for other ends: nobody
        prints them, and what is printed must not determine them.
    """

    values: Floats
    matrix: sparse.csr_array
    rest: Floats
    people: Bools
    signed: Bools
    level: Ints
    rows: int
    apart: Bools


def rounded(values: pd.Series) -> Floats:
    """Return values rounded to whole numbers as they are printed, NaN kept."""
    known = values.notna().to_numpy()
    out = np.full(len(values), np.nan)
    out[known] = [float(round_half_up(v)) for v in values[known].tolist()]
    return out


def _equations(
    table: pd.DataFrame, rule: Additive, keep: Bools
) -> list[tuple[list[int], list[int]]]:
    """Return (cells, signs) of one rule in each combination of the other keys, total first.

    A part that the table has no row for is taken as nought: a reader will take it so.
    """
    signs = rule.signs or (1,) * len(rule.parts)
    sign = {rule.total: -1, **dict(zip(rule.parts, signs, strict=True))}
    key = table[rule.dimension]
    rows = np.flatnonzero(key.isin(list(sign)).to_numpy() & keep)
    if not len(rows):
        return []
    others = [table[k].to_numpy()[rows] for k in KEYS if k != rule.dimension]
    place = pd.MultiIndex.from_arrays(others).factorize()[0]
    total = (key == rule.total).to_numpy()[rows]
    order = np.lexsort((~total, place))
    rows, place = rows[order], place[order]
    signs_here = key.to_numpy()[rows]
    out = []
    for cells in np.split(np.arange(len(rows)), np.flatnonzero(np.diff(place)) + 1):
        if total[order[cells[0]]] and len(cells) > 1:
            out.append((rows[cells].tolist(), [sign[k] for k in signs_here[cells]]))
    return out


def implied(
    table: pd.DataFrame, measures: Sequence[Measure], declared: Sequence[Additive]
) -> tuple[Additive, ...]:
    """Return relations that nobody declared but that hold in every combination of keys.

    Looked for along ``group`` and ``by``: the groups make up ``all`` exactly, wherever both
    are printed. A reader would see that, declared or not.
    """
    people = [m.key for m in measures if UNITS[m.unit].people]
    counts = table[table["measure"].isin(people)]
    found = []
    for dim, totals in TOTALS.items():
        for total in totals:
            if any(a.dimension == dim and a.total == total for a in declared):
                continue
            others = [k for k in KEYS if k != dim]
            of_total = (counts[dim] == total).to_numpy()
            if not of_total.any() or of_total.all():
                continue
            whole = counts[of_total].set_index(others)["value"]
            rest = counts[~of_total]
            parts = rest.groupby(others)["value"].agg(["sum", "size"])
            both = parts.join(whole.rename("whole"), how="inner")
            if len(both) and (both["size"] > 1).any() and np.allclose(both["sum"], both["whole"]):
                keys = tuple(dict.fromkeys(rest[dim]))
                found.append(Additive(dim, total, keys))  # type: ignore[arg-type]
    return tuple(found)


def _complements(
    table: pd.DataFrame,
    values: Floats,
    people: Bools,
    covered: Sequence[tuple[list[int], list[int]]],
    threshold: int,
) -> list[tuple[int, int, float]]:
    """Return (total, part, rest) where a total less one part of it is a small number.

    Only for pairs that no equation covers: there, the other parts are cells themselves.
    """
    known = {(cells[0], c) for cells, _ in covered for c in cells[1:]}
    out = []
    for dim, totals in TOTALS.items():
        others = [k for k in KEYS if k != dim]
        counts = table[people]
        of_total = counts[dim].isin(totals).to_numpy()
        if not of_total.any() or of_total.all():
            continue
        at = {tuple(r): i for i, r in zip(counts.index, counts[list(KEYS)].to_numpy(), strict=True)}
        for r in counts[[*others, dim]].itertuples(name=None):
            keys = dict(zip([*others, dim], r[1:], strict=True))
            for total in totals:
                i = at.get(tuple({**keys, dim: total}[k] for k in KEYS))
                j = int(r[0])
                if i is None or i == j or (i, j) in known or keys[dim] in totals:
                    continue
                rest = values[i] - values[j]
                if 1 <= rest < threshold:
                    out.append((i, j, rest))
    return out


def _may_be_negative(result: Result, values: Floats) -> Bools:
    below = set(result.table.loc[values < 0, "measure"])
    for a in result.additive:
        if a.dimension == "measure" and -1 in a.signs:
            below.add(a.total)
    return result.table["measure"].isin(below).to_numpy()


def relations_of(result: Result, threshold: int) -> Relations:
    """Return the cells of a result's table and every equation between them.

    Parameters
    ----------
    result : Result
        Its ``additive`` relations; others are added where they plainly hold.
    threshold : int
        Counts below it are small.
    """
    table = result.table.reset_index(drop=True)
    unit = {m.key: UNITS[m.unit] for m in result.measures}
    people = table["measure"].map(lambda k: unit[k].people).to_numpy(dtype=bool)
    values = rounded(table["value"])
    values[(table["marker"] == "z").to_numpy()] = 0.0
    everything = np.ones(len(table), dtype=bool)
    rules = (*result.additive, *implied(table, result.measures, result.additive))
    found = [
        e
        for a in rules
        for e in _equations(table, a, everything if a.dimension == "measure" else people)
    ]
    extra = _complements(table, values, people, found, threshold)
    for k, (i, j, _) in enumerate(extra):
        found.append(([i, j, len(table) + k], [-1, 1, 1]))
    n = len(table) + len(extra)
    index = [
        (e, c, s)
        for e, (cells, signs) in enumerate(found)
        for c, s in zip(cells, signs, strict=True)
    ]
    eq, cell, sign = np.array(index, dtype=np.int64).reshape(-1, 3).T
    matrix = sparse.csr_array((sign.astype(float), (eq, cell)), shape=(len(found), n))
    values = np.concatenate([values, [r for *_, r in extra]])
    level = np.bincount([cells[0] for cells, _ in found], minlength=n) if found else np.zeros(n)
    grown = np.zeros(len(extra), dtype=bool)
    return Relations(
        values=values,
        matrix=matrix,
        rest=np.nan_to_num(matrix @ values),
        people=np.concatenate([people, ~grown]),
        signed=np.concatenate([_may_be_negative(result, values[: len(table)]), grown]),
        level=level.astype(np.intp),
        rows=len(table),
        apart=np.zeros(n, dtype=bool),
    )
