"""Categories put together until none has few children, before anything is worked out of them.

The parts of a change follow from nights and pounds by a printed formula. So that no more can be
learned from them than of many children together, they are worked out of categories that many
children stand behind, in every year that has any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

__all__ = ["SEVERAL", "gathered", "types_together", "within_types"]

SEVERAL = "several"
"""Category of those that are told together."""


def gathered(rows: pd.DataFrame, column: str, least: int) -> dict[str, frozenset[str]]:
    """Return for each category those that it is told with, itself included.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``child``, ``window`` and the column.
    column : str
        Categories.
    least : int
        Fewest children that a category may have in a year in which it has any.

    Returns
    -------
    dict
        Category -> all that it stands with. Those with few stand together; where they are still
        few, the smallest of the others joins them, and so on. Where all together are few, they
        are one, and few.
    """
    known = rows[["child", "window", column]].drop_duplicates()
    keys = sorted(map(str, known[column].unique()))
    cells = {k: frozenset({k}) for k in keys}
    while len(set(cells.values())) > 1:
        at = known[column].map({k: min(c) for k, c in cells.items()})
        n = known.assign(cell=at).pivot_table(
            "child", "cell", "window", aggfunc="nunique", fill_value=0
        )
        few = set(n.index[((n > 0) & (n < least)).any(axis=1)])
        if not few:
            break
        if len(few) == 1:
            others = n.drop(index=list(few)).max(axis=1)
            few.add(str(others.sort_values(kind="stable").index[0]))
        one = frozenset().union(*(c for c in cells.values() if min(c) in few))
        cells |= dict.fromkeys(sorted(one), one)
    return cells


def types_together(
    rows: pd.DataFrame, groups: Sequence[frozenset[str]], least: int
) -> dict[str, frozenset[str]]:
    """Return for each placement type those that it is told with, of its own group if need be.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``child``, ``window`` and ``type``.
    groups : sequence of frozenset of str
        Types of each of the widest groups: a type is put together with others of its group, and
        only where a whole group is few, with others.
    least : int
        As for :func:`gathered`.
    """
    cells: dict[str, frozenset[str]] = {}
    for group in groups:
        mine = rows[rows["type"].isin(list(group))]
        cells |= gathered(mine, "type", least) if len(mine) else {}
    names = {t: "+".join(sorted(c)) for t, c in cells.items()}
    whole = gathered(rows.assign(cell=rows["type"].map(names)), "cell", least)
    return {t: frozenset(k for k, n in names.items() if n in whole[names[t]]) for t in names}


def within_types(rows: pd.DataFrame, columns: Sequence[str], least: int) -> pd.DataFrame:
    """Return rows whose categories within a type have many children, or are told together.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``child``, ``window``, ``type`` and the columns.
    columns : sequence of str
        Categories within a type.
    least : int
        As for :func:`gathered`.
    """
    out = rows.copy()
    for column in columns:
        names: dict[tuple[str, str], str] = {}
        for kind, mine in rows.groupby("type", sort=True):
            cells: Mapping[str, frozenset[str]] = gathered(mine, column, least)
            names |= {(str(kind), k): k if len(c) == 1 else SEVERAL for k, c in cells.items()}
        keys = zip(rows["type"].astype(str), rows[column].astype(str), strict=True)
        out[column] = [names[k] for k in keys]
    return out
