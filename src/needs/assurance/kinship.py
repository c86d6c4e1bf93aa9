"""The sums that a reader can do across results: the relations of several tables as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import sparse

from needs.assurance.relations import Floats, Relations, relations_of
from needs.vocabulary.kin import Tie
from needs.vocabulary.results import KEYS, Result, figure_id

__all__ = ["Joint", "joint"]


@dataclass(frozen=True)
class Joint:
    """Several results as one table for disclosure control.

    Parameters
    ----------
    relations : Relations
        Its cells are the rows of every result in turn, then the complements of each, then
        one cell for each tie that is not an equality: its slack, which nobody knows, or
        its difference.
    each : tuple of Relations
        The relations of each result by itself.
    rows : tuple of slice
        Where the rows of each result stand among the cells.
    """

    relations: Relations
    each: tuple[Relations, ...]
    rows: tuple[slice, ...]


def _ids(results: Sequence[Result]) -> dict[str, int]:
    """Return the cell of each figure id."""
    names = (
        figure_id(r.name, measure, group, period, by, area)
        for r in results
        for area, period, measure, group, by in r.table[list(KEYS)].itertuples(index=False)
    )
    return {name: i for i, name in enumerate(names)}


def _stacked(each: Sequence[Relations]) -> tuple[sparse.csr_array, list[np.ndarray]]:
    """Return the equations of every result over all cells, and the cells of each result."""
    rows = sum(r.rows for r in each)
    total = sum(len(r.values) for r in each)
    row_at, extra_at, blocks, where = 0, rows, [], []
    for r in each:
        extra = len(r.values) - r.rows
        at = np.concatenate([row_at + np.arange(r.rows), extra_at + np.arange(extra)])
        row_at, extra_at = row_at + r.rows, extra_at + extra
        m = r.matrix.tocoo()
        blocks.append(sparse.csr_array((m.data, (m.row, at[m.col])), shape=(m.shape[0], total)))
        where.append(at)
    return sparse.vstack(blocks, format="csr"), where


def _tied(
    ties: Sequence[Tie], at: dict[str, int], values: Floats, threshold: int
) -> list[tuple[list[int], list[int], float | None, str]]:
    """Return cells, signs, value of the further cell (None for none) and kind of each tie.

    A tie with fewer than two numbers says nothing. One that the numbers do not bear out
    (at least nought, and below it) is passed over: nobody can use it. A difference that is
    not small needs no protection.
    """
    out: list[tuple[list[int], list[int], float | None, str]] = []
    for tie in ties:
        known = [(at[i], sign) for i, sign in tie.terms if i in at]
        if len(known) < 2:
            continue
        cells, signs = (list(x) for x in zip(*known, strict=True))
        made = float(np.nansum([s * values[c] for c, s in known]))
        few = 1 <= abs(made) < threshold
        if tie.kind == "equal" or (tie.kind == "rest" and not few):
            out.append((cells, signs, None, "equal"))
        elif tie.kind == "at_least" and made >= 0:
            out.append((cells, signs, float("nan"), tie.kind))
        elif few and tie.kind != "at_least":
            turned = signs if made > 0 else [-s for s in signs]
            out.append((cells, turned, abs(made), "apart"))
    return out


def joint(results: Sequence[Result], ties: Sequence[Tie], threshold: int) -> Joint:
    """Return several results as one table, with every relation inside and between them.

    Parameters
    ----------
    results : sequence of Result
        Not empty.
    ties : sequence of Tie
        Relations between them.
    threshold : int
        Counts below it are small.
    """
    each = tuple(relations_of(r, threshold) for r in results)
    matrix, where = _stacked(each)
    n = matrix.shape[1]
    values = np.empty(n)
    people, signed = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    level = np.zeros(n, dtype=np.intp)
    for r, at in zip(each, where, strict=True):
        values[at], people[at], signed[at], level[at] = r.values, r.people, r.signed, r.level
    found = _tied(ties, _ids(results), values, threshold)
    further = [v for _, _, v, _ in found if v is not None]
    lines, cols, signs, nth = [], [], [], n
    for line, (cells, sign, value, _) in enumerate(found):
        # What stands in several tables is hidden last, as totals are: it takes them all along.
        level[cells if value is None and len(cells) == 2 else cells[:1]] += 1
        more = [] if value is None else [nth]
        nth += len(more)
        lines += [line] * (len(cells) + len(more))
        cols += [*cells, *more]
        signs += [*sign, *(-1 for _ in more)]
    wide = n + len(further)
    between = sparse.csr_array(
        (np.array(signs, dtype=float), (np.array(lines, dtype=int), np.array(cols, dtype=int))),
        shape=(len(found), wide),
    )
    matrix = sparse.csr_array((matrix.data, matrix.indices, matrix.indptr), (matrix.shape[0], wide))
    matrix = sparse.vstack([matrix, between], format="csr")
    k = len(further)
    apart = np.array([kind == "apart" for *_, v, kind in found if v is not None], dtype=bool)
    values = np.concatenate([values, further])
    none = np.zeros(k, dtype=bool)
    relations = Relations(
        values=values,
        matrix=matrix,
        rest=np.nan_to_num(matrix @ values),
        people=np.concatenate([people, ~none]),
        signed=np.concatenate([signed, none]),
        level=np.concatenate([level, np.zeros(k, dtype=np.intp)]),
        rows=sum(r.rows for r in each),
        apart=np.concatenate([np.zeros(n, dtype=bool), apart]),
    )
    cuts = np.cumsum([0, *(r.rows for r in each)])
    spans = tuple(slice(int(a), int(b)) for a, b in pairwise(cuts))
    return Joint(relations, each, spans)
