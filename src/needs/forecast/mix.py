"""The placement mix of chapter 20 as forecasts look at it, and whole children shared out.

The counts are taken over whole with every relation between them, so that disclosure control
hides the same cells, and what is forecast from a hidden count with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from needs.care.breakdown import NOT_RECORDED
from needs.care.chapter20 import placement_mix
from needs.care.mix import HOMES, Node, mix_tree
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Result

__all__ = ["Mix", "allocate"]


@dataclass(frozen=True)
class Mix:
    """The placement mix of chapter 20, as a forecast looks at it.

    Parameters
    ----------
    result : Result
        From chapter 20.
    counts : DataFrame of float
        Children by group (index) and day (columns).
    nodes : tuple of Node
        Rows of the tree, each parent before its parts.
    """

    result: Result
    counts: pd.DataFrame
    nodes: tuple[Node, ...]

    @classmethod
    def of(cls, data: StudyData, days: Sequence[str]) -> Mix:
        """Return the mix of a study on the days shown."""
        result = placement_mix(data)
        rows = result.table[result.table["measure"] == "children_n"]
        counts = rows.pivot_table(index="group", columns="period", values="value", sort=False)
        categories = data.study.categories
        nodes = mix_tree(categories, [t.key for t in categories.types if t.key in counts.index])
        if NOT_RECORDED in counts.index:
            one = frozenset({NOT_RECORDED})
            nodes.append(Node(NOT_RECORDED, "Not recorded", ALL, one))
        return cls(result, counts[list(days)], tuple(nodes))

    def by_day(self, group: str) -> pd.Series[float]:
        """Return the count of a row by day."""
        return pd.Series(self.counts.loc[group].to_numpy(dtype=float), index=self.counts.columns)

    def members(self, rows: Sequence[str], places: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return the placement types of each row of the table, of those that a forecast has."""
        of = {n.key: n.types for n in self.nodes} | {ALL: frozenset(places)}
        return {r: tuple(p for p in places if p in of[r]) for r in rows}

    @property
    def top(self) -> list[str]:
        """Keys of the rows that make up all children."""
        return [n.key for n in self.nodes if n.parent == ALL]

    def rows(self, external: frozenset[str]) -> list[str]:
        """Return the rows of the demand table.

        All children; their groups; children's homes; and of foster placements, homes and
        supported accommodation what is external.
        """
        homes = f"all_{HOMES}"
        apart = "all_residential" if any(n.key == homes for n in self.nodes) else ""
        chosen = [
            n.key
            for n in self.nodes
            if n.parent == ALL
            or n.key == homes
            or (n.base not in {"", apart} and n.types <= external)
        ]
        return [ALL, *chosen]


def allocate(total: int, counts: pd.Series[float]) -> pd.Series[int]:
    """Return a whole total shared out in the proportions of ``counts``.

    Parameters
    ----------
    total : int
        Children to share out, not below nought.
    counts : Series of float
        Present counts by type, not below nought; shares are taken of their sum.

    Returns
    -------
    Series of int
        Whole children by type that add up to ``total`` exactly; all nought where nobody is
        counted.

    Notes
    -----
    Largest remainder (Hamilton's method): each type has the whole part of its share, and
    what is left over goes one by one to the largest remainders, the first type where equal.

    Examples
    --------
    >>> allocate(10, pd.Series({"a": 1.0, "b": 1.0, "c": 1.0})).tolist()
    [4, 3, 3]
    """
    whole = float(counts.sum())
    if whole <= 0:
        return pd.Series(0, index=counts.index)
    # Rounded at the twelfth digit, or a product that should be whole may end just below it.
    exact = np.round(total * counts.to_numpy(dtype=float) / whole, 9)
    given = np.floor(exact).astype(np.int64)
    first = np.argsort(-(exact - given), kind="stable")[: total - int(given.sum())]
    given[first] += 1
    return pd.Series(given, index=counts.index)
