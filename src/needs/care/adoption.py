"""How long adoption takes: entry to placement, order to match, decision to match."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from needs.care.flows import ceased
from needs.care.windows import Window
from needs.vocabulary.codes import code_set
from needs.vocabulary.records import Records
from needs.vocabulary.study import Scope

__all__ = ["INTERVALS", "adopted"]

INTERVALS = {
    "entry_to_placed": "Entry to care to placement with the adopters",
    "order_to_match": "Placement order to match with the adopters",
    "decision_to_match": "Decision that the child should be adopted to match",
}
"""Stretches of time, in words; the first two are the DfE's scorecard indicators A1 and A2."""

_ADOPTED = ("E11", "E12")
_ORDER = "E1"
_DAY = np.timedelta64(1, "D")


def adopted(records: Records, windows: Sequence[Window], scope: Scope) -> pd.DataFrame:
    """Return the children adopted in each window, with how long each stretch took.

    Parameters
    ----------
    records : Records
        Table ``placed_adoption`` (``date_placed``) and ``ad1`` (``date_int``, ``date_match``)
        where the returns have them.
    windows, scope
        As in :func:`needs.care.flows.ceased`.

    Returns
    -------
    pandas.DataFrame
        One row a window and child: ``window``, ``child``, and days of each of
        :data:`INTERVALS`, NaN where a date is missing or they stand in the wrong order.

    Notes
    -----
    DfE, adoption scorecards, indicators A1 and A2: of children adopted, entry into care to
    moving in with the adoptive family, and placement order to match. The day of moving in is
    the last placement date of the table, else the first day of the last adoptive placement
    (A3 to A6). Where a foster carer adopts, that is the day on which the placement became one
    for adoption (as in A1, not A10). The placement order is the first episode with legal
    status E1 in the period of care.
    """
    left = ceased(records, windows, scope)
    gone = left[left["rec"].isin(_ADOPTED)].reset_index(drop=True)
    e = records.episodes
    period = e["period_of_care"].to_numpy()
    of = period[gone["episode"].to_numpy()]
    starts = e.groupby(period)["decom"].min()
    entry = starts.reindex(of).to_numpy()
    order = e[(e["ls"] == _ORDER).to_numpy()].groupby("period_of_care")["decom"].min()
    ordered = order.reindex(of).to_numpy()
    day = gone["day"].to_numpy()
    child = gone["child"].to_numpy()
    placed = _last(records, "placed_adoption", "date_placed", child, entry, day)
    placed = np.where(np.isnat(placed), _adoptive(e, of), placed)
    matched = _last(records, "ad1", "date_match", child, entry, day)
    decided = _last(records, "ad1", "date_int", child, entry, day)
    pairs = {
        "entry_to_placed": (entry, placed),
        "order_to_match": (ordered, matched),
        "decision_to_match": (decided, matched),
    }
    out = gone[["window", "child"]].copy()
    for name, (first, then) in pairs.items():
        days = (then - first) / _DAY
        out[name] = np.where(days >= 0, days, np.nan)
    return out


def _adoptive(e: pd.DataFrame, of: np.ndarray) -> np.ndarray:
    """Return the first day of the last unbroken run of adoptive placements of each period."""
    mine = e[e["period_of_care"].isin(of)]
    is_one = mine["place"].isin(code_set("PLACE").in_group("adoption")).to_numpy()
    period = mine["period_of_care"].to_numpy()
    before = np.append(False, is_one[:-1] & (period[1:] == period[:-1])) if len(mine) else is_one
    begins = mine[is_one & ~before]
    found: np.ndarray = begins.groupby("period_of_care")["decom"].max().reindex(of).to_numpy()
    return found


def _last(
    records: Records,
    table: str,
    column: str,
    child: np.ndarray,
    entry: np.ndarray,
    day: np.ndarray,
) -> np.ndarray:
    """Return the last date of each child in a table, from entry to the day of adoption."""
    nothing = np.full(len(child), np.datetime64("NaT", "ns"))
    frame = records.tables.get(table)
    if frame is None or column not in frame or not len(child):
        return nothing
    rows = pd.DataFrame({"row": np.arange(len(child)), "child": child, "a": entry, "b": day})
    both = rows.merge(frame[["child", column]].dropna(), on="child")
    both = both[(both[column] >= both["a"]) & (both[column] <= both["b"])]
    found: np.ndarray = both.groupby("row")[column].max().reindex(rows["row"]).to_numpy()
    return found
