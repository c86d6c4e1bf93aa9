"""Disclosure control: the one boundary between a result and anything that is shown.

The rule follows the convention of the DfE's statistics on children looked after: a count
of people from 1 to one less than the threshold is hidden, a zero is shown, and further
cells are hidden where a hidden one could be worked out from a total.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.assurance.suppression import people_rows, primary
from needs.vocabulary.results import Result
from needs.vocabulary.study import Disclosure
from needs.vocabulary.units import UNITS

__all__ = ["Protected", "protect"]

CELL = ["area", "period", "group", "by"]
SHARES = {"percent", "percent1", "rate_per_10k"}


@dataclass(frozen=True)
class Protected:
    """A long table that may be released.

    Parameters
    ----------
    table : pandas.DataFrame
        The result's table; hidden rows have ``marker`` ``c`` and no numbers. The column
        ``why`` says ``primary``, ``secondary``, ``linked`` or nothing.
    summary : dict
        How many cells were hidden for which reason, and the rule in words.
    """

    table: pd.DataFrame
    summary: dict[str, Any]


def _linked(result: Result, hidden: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return the rows that would reveal a hidden one of the same cell."""
    table = result.table
    present = set(table["measure"])
    people = tuple(m.key for m in result.measures if UNITS[m.unit].people)
    out = hidden.copy()
    cells = pd.MultiIndex.from_frame(table[CELL])
    for _ in range(len(result.measures)):
        before = out.sum()
        for m in result.measures:
            bases = m.derived_from or (people if m.unit in SHARES else ())
            for base in set(bases) & present - {m.key}:
                of_base = (table["measure"] == base).to_numpy() & out
                mine = (table["measure"] == m.key).to_numpy()
                out |= mine & cells.isin(cells[of_base])
        if out.sum() == before:
            break
    return out


def protect(result: Result, settings: Disclosure) -> Protected:
    """Hide what may not be shown.

    Parameters
    ----------
    result : Result
        Before disclosure control. A published result comes back unchanged.
    settings : Disclosure
        Threshold, and whether further cells are hidden.
    """
    table = result.table.copy()
    why = np.full(len(table), "", dtype=object)
    if not result.published and settings.threshold > 1:
        first = primary(result, settings.threshold)
        every = _linked(result, first)
        why[every] = "linked"
        why[first] = "primary"
    hidden = why != ""
    table.loc[hidden, "marker"] = "c"
    numbers = [c for c in table.columns if c == "value" or c.startswith(("lower_", "upper_"))]
    table.loc[hidden, numbers] = np.nan
    table["why"] = why
    return Protected(table, _summary(result, settings, why))


def _summary(result: Result, settings: Disclosure, why: npt.NDArray[np.object_]) -> dict[str, Any]:
    if result.published:
        rule = "Published figures: nothing is hidden."
    elif not people_rows(result).any():
        rule = "Nothing here counts people: nothing is hidden."
    else:
        rule = f"Counts of people from 1 to {settings.threshold - 1} are hidden."
    counts = {k: int((why == k).sum()) for k in ("primary", "secondary", "linked")}
    return {**counts, "threshold": settings.threshold, "rule": rule}
