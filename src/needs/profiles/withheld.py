"""Means and shares of few children are withheld, and so are shares that few have.

A mean is no count of people, but one of a handful tells of each of them. Chapter 30 prints no
count beside its means: so nothing adds up to what is withheld here, and no other number has to
be hidden for it. How many are assessed in larger groups stands in ``needs_coverage``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd

from needs.care.rows import wide_rows
from needs.profiles.needs_basis import Needs
from needs.profiles.results_coverage import COVERAGE
from needs.vocabulary.results import ALL, Result, figure_id

__all__ = ["OF_CHILDREN", "SPECIALIST", "on_coverage", "together", "withheld"]

OF_CHILDREN = ("specialist_children_pct",)
"""Shares that are a count of children, to whoever knows how many there are."""
SPECIALIST = ("specialist_children_pct", "specialist_needs_pct")
"""Shares that tell of the same children."""
BOUNDS = ("", "_lower_95", "_upper_95")


def withheld(
    frame: pd.DataFrame, keys: list[str], needs: Needs, shares: tuple[str, ...] = OF_CHILDREN
) -> pd.DataFrame:
    """Return the long table of a frame without numbers of few children, and without counts.

    Parameters
    ----------
    frame : pandas.DataFrame
        Key columns, ``assessed_n`` (children that the row is made of) and a column a measure, as
        in :func:`needs.care.rows.wide_rows`.
    keys : list of str
        Key columns.
    needs : Needs
        For the least count that may be shown.
    shares : tuple of str
        Measures in per cent that are withheld too where few children have it, or all but few.
    """
    least = needs.care.study.disclosure.threshold
    table = wide_rows(frame.drop(columns="assessed_n"), keys)
    n = table.merge(frame[[*keys, "assessed_n"]].astype({k: str for k in keys}), on=keys)
    base = n["assessed_n"].to_numpy(dtype=float)
    have = np.round(base * table["value"].to_numpy() / 100)
    few = np.minimum(have, base - have)
    small = (base < least) | (table["measure"].isin(shares).to_numpy() & (few >= 1) & (few < least))
    numbers = ["value", *(c for c in table if str(c).startswith(("lower_", "upper_")))]
    table.loc[small, numbers] = np.nan
    table.loc[small, "marker"] = "c"
    return table


def together(table: pd.DataFrame, measures: Iterable[str]) -> pd.DataFrame:
    """Return a table in which shares that tell of the same few children are withheld as one.

    A share of children, one of needs, and either with gaps filled in or left out, bound one
    another: where one of a group is withheld for being of few, so are the others.
    """
    out, mine = table.copy(), table["measure"].isin(list(measures))
    keys = table["group"] + "|" + table["period"]
    few = set(keys[mine & (table["marker"] == "c")])
    told = mine & keys.isin(few)
    numbers = ["value", *(c for c in out if str(c).startswith(("lower_", "upper_")))]
    out.loc[told, numbers] = np.nan
    out.loc[told, "marker"] = "c"
    return out


def on_coverage(result: Result, needs: Needs) -> Result:
    """Return a result whose rows lean on how many children are assessed at all."""
    keys = result.table[["measure", "group", "period", "by"]].itertuples(index=False)
    whole = (figure_id(COVERAGE, "assessed_n", ALL, needs.period),)
    return replace(
        result,
        leans_on={
            figure_id(result.name, measure + end, group, period, by): whole
            for measure, group, period, by in keys
            for end in BOUNDS
        },
    )
