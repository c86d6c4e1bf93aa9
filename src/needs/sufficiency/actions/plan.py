"""The action plan on a day and at the board before: one row an action, from its history.

An action is a project of a workstream. A row of the table is an update of it; one without a day was
there from the beginning.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from needs.vocabulary.records import StudyData

__all__ = ["RATINGS", "SINCE", "Plan", "day_words"]

RATINGS: Mapping[str, str] = MappingProxyType(
    {
        "red": "Red",
        "amber": "Amber",
        "green": "Green",
        "complete": "Complete",
        "not_rated": "Not rated",
    }
)
"""Ratings of the plan in the order in which a board looks at them."""
DONE = "complete"

SINCE: Mapping[str, str] = MappingProxyType(
    {
        "new": "New",
        "completed": "Completed",
        "better": "Rating better",
        "worse": "Rating worse",
        "rated": "Rated for the first time",
        "unrated": "No longer rated",
        "updated": "Updated",
        "same": "Nothing",
    }
)
"""What happened to an action since the board before, the first that holds."""
_RANK = {"red": 0, "amber": 1, "green": 2, "complete": 3}
_BEGINNING = pd.Timestamp(1900, 1, 1)
_OPTIONAL = ("enablers", "updated", "due", "closes", "places", "start", "opens", "until")


@dataclass(frozen=True, eq=False)
class Plan:
    """The plan as it stood.

    Parameters
    ----------
    as_at : datetime.date
        Day it is looked at.
    previous : datetime.date or None
        Day of the board before; None where the plan knows of none.
    now : pandas.DataFrame
        One row an action, in the order of the table: its last update by ``as_at``, with ``key``
        (``a01``, ``a02``, ...), ``since`` (key of :data:`SINCE`; empty without a board before),
        ``updates`` (rows of its history), ``late_days`` (days beyond its due day; NaN where none
        is due), ``overdue`` (bool).
    later_n : int
        Updates after ``as_at``, which are left out.
    """

    as_at: dt.date
    previous: dt.date | None
    now: pd.DataFrame
    later_n: int

    @classmethod
    def of(cls, data: StudyData) -> Plan:
        """Return the plan of a study, worked out once.

        Raises
        ------
        InputMissing
            If the study has no action plan.
        """
        return data.once("action plan", lambda: _made(data))

    @property
    def overdue_n(self) -> int:
        """Actions beyond their due day."""
        return int(self.now["overdue"].sum())


def _made(data: StudyData) -> Plan:
    rows = data.action_plan.frame.reset_index(drop=True)
    rows = rows.assign(
        **{c: rows[c] if c in rows else _blank(c, rows.index) for c in _OPTIONAL},
        order=np.arange(len(rows)),
    )
    days = rows["updated"].dropna()
    board = data.study.board
    as_at = board.as_at or max([data.study.period.as_at, *(d.date() for d in days)])
    before = [d.date() for d in days.unique() if d.date() < as_at]
    previous = board.previous or (max(before) if before else None)
    known = rows["updated"].fillna(_BEGINNING)
    now = _last(rows[known <= pd.Timestamp(as_at)])
    now = _judged(now, as_at)
    if previous is not None:
        then = _last(rows[known <= pd.Timestamp(previous)])
        now["since"] = _since(now, then)
    else:
        now["since"] = ""
    return Plan(as_at, previous, now, int((known > pd.Timestamp(as_at)).sum()))


def _blank(column: str, index: pd.Index) -> pd.Series:
    dates = ("updated", "due", "start", "opens", "until")
    empty: object = pd.NaT if column in dates else np.nan
    return pd.Series(empty, index=index, dtype="datetime64[ns]" if column in dates else object)


def _last(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the last update of each action, in the order in which actions first stand."""
    keys = ["workstream", "project"]
    text = rows.assign(**{k: rows[k].astype(str) for k in keys})
    first = text.groupby(keys, sort=False)["order"].transform("min")
    ordered = text.assign(first=first, on=text["updated"].fillna(_BEGINNING)).sort_values(
        ["first", "on", "order"], kind="stable"
    )
    # What an update leaves blank is as it was before.
    kept = [c for c in _OPTIONAL if c != "updated"]
    ordered[kept] = ordered.groupby(keys, sort=False)[kept].ffill()
    ordered["updates"] = ordered.groupby(keys, sort=False)["order"].transform("size").astype(float)
    last = ordered.drop_duplicates(keys, keep="last").reset_index(drop=True)
    return last.assign(key=[f"a{n:02d}" for n in range(1, len(last) + 1)])


def _judged(now: pd.DataFrame, as_at: dt.date) -> pd.DataFrame:
    rag = now["rag"].astype(object).fillna("not_rated").astype(str)
    late = (pd.Timestamp(as_at) - pd.to_datetime(now["due"])).dt.days.astype(float)
    late = late.where(rag != DONE)
    return now.assign(rag=rag, late_days=late.clip(lower=0), overdue=late > 0)


def _since(now: pd.DataFrame, then: pd.DataFrame) -> list[str]:
    keys = ["workstream", "project"]
    old = then.assign(rag=then["rag"].astype(object).fillna("not_rated").astype(str))
    beside = now[keys].merge(old[[*keys, "rag", "order"]], on=keys, how="left")
    rows = zip(now["rag"], now["order"], beside["rag"], beside["order"], strict=True)
    return [_change(str(rag), int(order), was, before) for rag, order, was, before in rows]


def _change(rag: str, order: int, was: object, was_order: float) -> str:
    if not isinstance(was, str):
        return "new"
    if rag == was:
        return "updated" if order != was_order else "same"
    if rag == DONE:
        return "completed"
    if "not_rated" in {rag, was}:
        return "rated" if was == "not_rated" else "unrated"
    return "better" if _RANK[rag] > _RANK[was] else "worse"


def day_words(day: object) -> str:
    """Return a day as ``9 June 2023``; empty where there is none."""
    if pd.isna(day):  # type: ignore[call-overload]
        return ""
    stamp = pd.Timestamp(day)  # type: ignore[arg-type]
    return f"{stamp.day} {stamp:%B %Y}"
