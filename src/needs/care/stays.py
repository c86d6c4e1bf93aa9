"""Placement stays and periods of care as stretches of days, each seen from some day on.

A placement stay is what a child would call living somewhere: it goes on while the legal status
changes, while the placement changes and the carer does not, and through a temporary move.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.counted import begins_care, counted_episodes
from needs.care.kept import once
from needs.vocabulary.codes import code_set
from needs.vocabulary.records import Records
from needs.vocabulary.study import Counting, Scope

__all__ = ["STAY_RULE", "placement_stays", "seen_periods", "stay_rule"]

STAY_RULE = (
    "A placement goes on through a change of legal status alone (L), through a change of "
    "placement with the same carer (T, U), through a temporary move (T codes) and back, and "
    "through placement for adoption with the present foster carer (A3, A5)."
)
"""Which changes are no move: DfE's rule; its treatment of T codes is assumed."""
_STAY_RECORDED = (
    "A placement goes on through a change of legal status alone (L), through a change of "
    "placement with the same carer (T, U), and through placement for adoption with the present "
    "foster carer (A3, A5). A temporary move (T codes) is a placement like any other, and so is "
    "the return from it."
)


_SAME = ("L", "T", "U")
_SAME_CARER_ADOPTION = ("A3", "A5")
_WHERE = ("place", "provider", "urn", "pl_post")

Bools = npt.NDArray[np.bool_]

_NO_STAYS = pd.DataFrame(
    {
        **{c: np.empty(0, np.int64) for c in ("child", "period_of_care", "first", "last")},
        **{c: np.empty(0, "datetime64[ns]") for c in ("start", "stop")},
        **{c: np.empty(0, bool) for c in ("opens", "temporary")},
        "before": np.empty(0, np.int64),
    }
)


def stay_rule(counting: Counting) -> str:
    """Return which changes are no move, in words."""
    recorded = counting.temporary_moves == "as_recorded"
    return _STAY_RECORDED if recorded else STAY_RULE


def placement_stays(records: Records, scope: Scope) -> pd.DataFrame:
    """Return placement stays, in order of child and start.

    Parameters
    ----------
    records : Records
    scope : Scope
        Who counts.

    Returns
    -------
    pandas.DataFrame
        One row a stay: ``child``, ``period_of_care``, ``first``, ``last`` (positions of its
        first and last episode), ``start``, ``stop`` (first day no longer there; NaT open),
        ``opens`` (bool: begins its period of care), ``before`` (position of the episode
        before, -1 for none in the period), ``temporary`` (bool: no other placement in it, and
        the study does not count temporary moves as they were recorded).
    """
    return once(records, ("stays", scope), lambda: _stays(records, scope))


def _stays(records: Records, scope: Scope) -> pd.DataFrame:
    counted = counted_episodes(records, scope)
    if counted.empty:
        return _NO_STAYS.copy()
    used = [c for c in ("rne", *_WHERE) if c in records.episodes]
    e = records.episodes[used].iloc[counted["episode"].to_numpy()]
    period = counted["period_of_care"].to_numpy()
    opens = np.ones(len(counted), dtype=bool)
    opens[1:] = (period[1:] != period[:-1]) | (np.diff(counted["child"].to_numpy()) != 0)
    recorded = records.counting.temporary_moves == "as_recorded"
    begins = opens | (_moves_recorded(e, opens) if recorded else _moves(e, opens))
    stay = np.cumsum(begins) - 1
    at = np.flatnonzero(begins)
    last = np.append(at[1:], len(begins)) - 1
    stop = counted["stop"].to_numpy()
    latest = pd.Series(np.where(np.isnat(stop), np.datetime64(pd.Timestamp.max), stop))
    top = latest.groupby(stay).max().to_numpy()
    episode = counted["episode"].to_numpy()
    temporary = e["place"].isin(code_set("PLACE").in_group("temporary")).to_numpy()
    return pd.DataFrame(
        {
            "child": counted["child"].to_numpy()[at],
            "period_of_care": period[at],
            "first": episode[at],
            "last": episode[last],
            "start": counted["start"].to_numpy()[at],
            "stop": pd.Series(top).mask(top == np.datetime64(pd.Timestamp.max)).to_numpy(),
            "opens": opens[at],
            "before": np.where(opens[at], -1, episode[np.maximum(at - 1, 0)]),
            "temporary": np.logical_and.reduceat(temporary, at) & ~np.array(recorded),
        }
    )


def _moves(e: pd.DataFrame, opens: Bools) -> Bools:
    """Return which episodes, in order, begin a placement stay inside their period of care."""
    temporary = e["place"].isin(code_set("PLACE").in_group("temporary")).to_numpy()
    moved = ~e["rne"].isin(_SAME).to_numpy() & ~temporary
    moved &= ~e["place"].isin(_SAME_CARER_ADOPTION).to_numpy()
    # Where the placement was before a temporary move: back there is no move.
    here = np.arange(len(e))
    held = np.maximum.accumulate(np.where(temporary, -1, here))
    earlier = np.append(-1, held[:-1])
    first = np.maximum.accumulate(np.where(opens, here, 0))
    known = earlier >= first
    after = np.append(False, temporary[:-1]) & ~opens
    back = after & known
    for column in _WHERE:
        if column in e:
            code = e[column].cat.codes.to_numpy()
            back &= code == code[np.maximum(earlier, 0)]
    # A period that began with a temporary move has its first placement after it.
    return moved & ~back & (known | ~after) & ~opens


def _moves_recorded(e: pd.DataFrame, opens: Bools) -> Bools:
    """Return which episodes begin a stay where temporary moves count as recorded."""
    temporary = e["place"].isin(code_set("PLACE").in_group("temporary")).to_numpy()
    moved = ~e["rne"].isin(_SAME).to_numpy()
    moved &= ~e["place"].isin(_SAME_CARER_ADOPTION).to_numpy()
    # There and back again, whatever carer the record names.
    moved |= np.append(False, temporary[1:] != temporary[:-1])[: len(e)]
    found: Bools = moved & ~opens
    return found


def seen_periods(records: Records, scope: Scope, since: Any, until: Any) -> pd.DataFrame:
    """Return the periods of care seen between two days, as durations.

    Parameters
    ----------
    records : Records
    scope : Scope
    since : datetime64
        First day of the first return of an unbroken row of them: who had left by then is
        not known.
    until : datetime64
        Last day looked at.

    Returns
    -------
    pandas.DataFrame
        One row a period: ``child``, ``period_of_care``, ``start``, ``stop`` (NaT after
        ``until``), ``entry`` (duration in days when it came into sight), ``days`` (duration at
        the end, or reached on ``until``), ``ended`` (bool), ``known`` (bool: the records hold
        its first day), ``first``, ``last`` (positions of its first and last episode by
        ``until``).
    """
    counted = counted_episodes(records, scope)
    since, until = np.datetime64(since, "ns"), np.datetime64(until, "ns")
    counted = counted[(counted["start"] <= until).to_numpy()]
    open_end = np.datetime64(pd.Timestamp.max)
    stop = counted["stop"].fillna(pd.Timestamp.max).to_numpy()
    frame = counted.assign(stop=np.where(stop > until, open_end, stop))
    p = frame.groupby(["child", "period_of_care"], as_index=False).agg(
        start=("start", "min"), stop=("stop", "max"), first=("episode", "first"),
        last=("episode", "last"),
    )  # fmt: skip
    p = p[(p["stop"] > since).to_numpy()].reset_index(drop=True)
    start, stop = p["start"].to_numpy(), p["stop"].to_numpy()
    ended = stop != open_end
    begun = begins_care(records)[p["first"].to_numpy()]
    day = np.timedelta64(1, "D")
    found: pd.DataFrame = p.assign(
        stop=pd.Series(stop).mask(~ended).to_numpy(),
        entry=np.maximum((since - start) // day, 0),
        days=(np.where(ended, stop, until) - start) // day,
        ended=ended,
        known=begun | (start >= since),
    )
    return found
