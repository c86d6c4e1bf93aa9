"""What later returns changed of past counts, child by child, and why.

A return is the authority's account of one year. Later ones put it right: they add children who
were missing, move days, and change codes that decide who counts. For each 31 March, and for
those who started and ceased in each year, the children counted from the returns up to that year
are set against those counted from all returns. Each child who stands on one side only has one
reason, so that reasons add up to the difference.

Which reason, where several would do, is settled in the order of :data:`REASONS`: whether the
child was there at all, then the days, then what decides who counts on them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.counted import SHORT_BREAKS, counted_episodes, uasc_on
from needs.care.flows import CONTINUES, ceased, started
from needs.care.windows import Window
from needs.vocabulary.records import Records
from needs.vocabulary.study import Scope

__all__ = ["IN_SHORT", "KINDS", "REASONS", "Restated", "restated"]

Bools = npt.NDArray[np.bool_]
Kind = Literal["stock", "started", "ceased"]

KINDS: tuple[Kind, ...] = ("stock", "started", "ceased")
"""Counts that are looked at: on 31 March, and of the year."""

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "identifier": "a child came under a second identifier, and counts under both",
        "child_late": "children were missing from the return and came with a later one",
        "withdrawn": "later returns do not have the care that was told",
        "start": "the day when care began was put right",
        "end": "the day when care ended was put right, or told late",
        "episode_late": "part of a child's care was missing and came with a later return",
        "short_breaks": "care became, or is no longer, a series of short breaks",
        "age": "a date of birth was put right, or what lets care go on past eighteen",
        "unaccompanied": "a status as unaccompanied child was put right",
        "code": "the reason why care began or ended was put right",
    }
)
"""Why a child counts now and did not, or did and does not, in order of precedence."""

IN_SHORT: Mapping[str, str] = MappingProxyType(
    {
        "identifier": "a second identifier",
        "child_late": "children missing then",
        "withdrawn": "care taken back",
        "start": "day of coming put right",
        "end": "day of leaving put right",
        "episode_late": "care missing then",
        "short_breaks": "short breaks",
        "age": "birthday put right",
        "unaccompanied": "unaccompanied status",
        "code": "code put right",
    }
)
"""The same, as a table's margin has room for."""


class Restated(NamedTuple):
    """Past counts as first returned and as now known.

    Parameters
    ----------
    counts : pandas.DataFrame
        One row a kind of count and year: ``kind`` (of :data:`KINDS`), ``window`` (position),
        ``first_n`` (children counted from the returns up to that year), ``now_n`` (from all).
    changes : pandas.DataFrame
        One row a kind, year and child counted on one side only: ``kind``, ``window``, ``child``,
        ``sign`` (1 counts now, -1 counted then), ``reason`` (key of :data:`REASONS`).
        For each kind and year ``now_n = first_n + sum of sign``.
    """

    counts: pd.DataFrame
    changes: pd.DataFrame


@dataclass(frozen=True)
class _Side:
    """One account of the records, with whom it counts."""

    records: Records
    scope: Scope

    def counted(self, windows: Sequence[Window]) -> dict[tuple[Kind, int], pd.DataFrame]:
        """Return ``child, episode, day`` of those counted, once each, by kind and window."""
        found = counted_episodes(self.records, self.scope)
        out: dict[tuple[Kind, int], pd.DataFrame] = {}
        for at, window in enumerate(windows):
            out["stock", at] = _on(found, window.end)
        for kind, count in _FLOWS.items():
            events = count(self.records, windows, self.scope)
            for at in range(len(windows)):
                mine = events[events["window"] == at]
                out[kind, at] = mine[["child", "episode", "day"]]
        return out

    def episodes_of(self, child: npt.NDArray[Any]) -> pd.DataFrame:
        """Return the episodes of some children, whoever counts."""
        among = np.zeros(len(self.records.children), bool)
        among[child[child < len(among)]] = True
        of_them: pd.DataFrame = self._used[among[self._used["child"].to_numpy()]]
        return of_them

    @cached_property
    def _used(self) -> pd.DataFrame:
        return self.records.episodes[["child", "decom", "dec", "rne", "ls", "place", "rec"]]

    @cached_property
    def person(self) -> npt.NDArray[np.int64]:
        """A number for the birthday and sex of each child, the same for the same; -1 unknown."""
        born, sex = self.records.children["dob"], self.records.children["sex"]
        number = _numbered(born.factorize()[0], sex.factorize()[0])
        return np.where(born.isna(), -1, number)

    @cached_property
    def years_told(self) -> pd.DataFrame:
        """The ``first`` and ``last`` return that each child's episodes are kept from."""
        by_child = self.records.episodes.groupby("child")
        told = by_child.agg(first=("return_year", "min"), last=("return_year", "max"))
        return told.reindex(self.records.children.index)


_BITS = 20  # more than days since 1970
_FLOWS: Mapping[Kind, Callable[..., pd.DataFrame]] = {"started": started, "ceased": ceased}


def _numbered(whole: npt.NDArray[Any], part: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Return one number for each pair of numbers, or of a number and a day."""
    if part.dtype.kind == "M":
        part = part.astype("datetime64[D]")
    return (whole.astype(np.int64) << _BITS) + part.astype(np.int64)


def _starts(child: pd.Series, decom: pd.Series) -> npt.NDArray[np.int64]:
    """Return a number for the child and first day of each episode, the same for the same."""
    return _numbered(child.to_numpy(), decom.to_numpy())


def _on(found: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Return the children counted on a day: of episodes that overlap, by the one begun last."""
    at = np.datetime64(day, "ns")
    stop = found["stop"].to_numpy()
    there: pd.DataFrame = found[(found["start"] <= at) & (np.isnat(stop) | (stop > at))]
    last = there[["child", "episode"]].drop_duplicates("child", keep="last")
    return last.assign(day=at)


def restated(records: Records, windows: Sequence[Window], scope: Scope) -> Restated:
    """Return whom later returns added to past counts or took from them, with the reason of each.

    Parameters
    ----------
    records : Records
        With :attr:`~needs.vocabulary.records.Records.as_known`.
    windows : sequence of Window
        Years, in order. Those without a later return are passed over, and so are parts of a
        year: nothing can have changed them.
    scope : Scope
        Who counts; the same then and now.

    Notes
    -----
    The return of a year is set against all returns as they are now, not each return against the
    next: what one return changed and another changed back is no change. A return has every child
    looked after on any day of its year, so that returns before it add nobody to its counts.
    """
    counts, changes = [], []
    now = _Side(records, scope)
    known = _first_known(records, windows, scope)
    of_now = now.counted(windows)
    for at, first in known.items():
        window, following = windows[at], known.get(at + 1, now)
        of_first = first.counted([window])
        for kind in KINDS:
            then, there = of_first[kind, 0], of_now[kind, at]
            counts.append((kind, at, len(then), len(there)))
            came = there[~there["child"].isin(then["child"])]
            went = then[~then["child"].isin(there["child"])]
            of_came = _reasons(kind, window, came, now, first)
            of_came[_second_identifier(came, now, first)] = "identifier"
            late = np.flatnonzero(of_came == "child_late")
            of_came[late[_moved_since(came.iloc[late], now, following)]] = "start"
            of_went = _reasons(kind, window, went, first, now)
            for sign, rows, why in ((1, came, of_came), (-1, went, of_went)):
                changes.append(rows[["child"]].assign(kind=kind, window=at, sign=sign, reason=why))
    columns = ["kind", "window", "child", "sign", "reason"]
    none = pd.DataFrame(columns=columns).astype({"window": int, "child": int, "sign": int})
    return Restated(
        pd.DataFrame(counts, columns=["kind", "window", "first_n", "now_n"]),
        pd.concat([none, *changes], ignore_index=True)[columns],
    )


def _first_known(records: Records, windows: Sequence[Window], scope: Scope) -> dict[int, _Side]:
    """Return the records known then of each year that a later return may have changed."""
    years = sorted(int(y) for y in records.returns["return_year"])
    out: dict[int, _Side] = {}
    for at, window in enumerate(windows):
        year = window.year.end_year
        if records.as_known is not None and not window.part and year in years[:-1]:
            known = records.as_known(year, since=year)
            out[at] = _Side(replace(known, counting=records.counting), scope)
    return out


def _reasons(
    kind: Kind, window: Window, rows: pd.DataFrame, own: _Side, other: _Side
) -> npt.NDArray[np.object_]:
    """Return why ``other`` does not count children whom ``own`` counts."""
    late = own.records.data_end > other.records.data_end
    out = np.full(len(rows), "child_late" if late else "withdrawn", dtype=object)
    if rows.empty:
        return out
    there = np.flatnonzero(rows["child"].isin(other.records.episodes["child"]))
    out[there] = "episode_late" if late else "withdrawn"
    rows = rows.iloc[there]
    e = own.records.episodes.iloc[rows["episode"].to_numpy()]
    told = pd.DataFrame(
        {
            "row": there,
            "child": rows["child"].to_numpy(),
            "day": rows["day"].to_numpy(),
            **{name: e[name].to_numpy() for name in ("decom", "ls", "place")},
        }
    )
    theirs = told.merge(
        other.episodes_of(told["child"].to_numpy()), on="child", suffixes=("", "_b")
    )
    theirs = theirs.sort_values(["row", "decom_b", "dec"], kind="stable")
    mine = own.episodes_of(told["child"].to_numpy())
    known = _starts(mine["child"], mine["decom"])
    new = ~np.isin(_starts(theirs["child"], theirs["decom_b"]), known)
    same = theirs["decom_b"] == theirs["decom"]
    like = (theirs["ls_b"] == theirs["ls"]) & (theirs["place_b"] == theirs["place"])
    fits, moved = _of_days(kind, window, theirs, same)
    steps = (
        ("start", like & new),
        ("end" if kind != "started" else "start", moved),
    )
    for reason, which in steps:
        out[theirs.loc[which, "row"].unique()] = reason
    last = theirs[fits].drop_duplicates("row", keep="last")
    out[last["row"]] = _who_counts(kind, last, other)
    return out


def _of_days(
    kind: Kind, window: Window, theirs: pd.DataFrame, same: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """Return the episodes whose days fit the count, and those that say another day."""
    open_ = theirs["dec"].isna()
    covers = (theirs["decom_b"] <= theirs["day"]) & (open_ | (theirs["dec"] > theirs["day"]))
    if kind == "stock":
        return covers, same & ~covers
    if kind == "started":
        return same, (theirs["decom_b"] < theirs["day"]) & (
            open_ | (theirs["dec"] >= theirs["day"])
        )
    inside = theirs["dec"].between(pd.Timestamp(window.start), pd.Timestamp(window.end))
    return same & inside, (same & ~inside) | (covers & ~same)


def _who_counts(kind: Kind, theirs: pd.DataFrame, other: _Side) -> npt.NDArray[np.object_]:
    """Return what keeps episodes out of a count although their days fit."""
    scope, child = other.scope, theirs["child"].to_numpy()
    day = theirs["day"].to_numpy()
    eve = day if kind != "ceased" else day - np.timedelta64(1, "D")
    nothing = np.zeros(len(theirs), bool)
    short = nothing if scope.short_breaks else theirs["ls_b"].isin(SHORT_BREAKS).to_numpy()
    asylum = nothing if scope.unaccompanied else uasc_on(other.records, child, eve)
    code = nothing
    if kind == "started":
        code = (theirs["rne"] != "S").to_numpy()
    if kind == "ceased":
        code = (theirs["rec"].isna() | (theirs["rec"] == CONTINUES)).to_numpy()
    told = np.select([short, asylum, code], ["short_breaks", "unaccompanied", "code"], "age")
    return np.asarray(told.astype(object))


def _moved_since(rows: pd.DataFrame, now: _Side, following: _Side) -> Bools:
    """Return the children whom the following return knew, in the same placement, from another day.

    They were missing since their care was told to begin later, and not by mistake.
    """
    out = np.zeros(len(rows), bool)
    if rows.empty:
        return out
    theirs = following.episodes_of(rows["child"].to_numpy())
    mine = now.episodes_of(theirs["child"].to_numpy())
    known = _starts(mine["child"], mine["decom"])
    theirs = theirs[~np.isin(_starts(theirs["child"], theirs["decom"]), known)]
    if len(theirs):
        e = now.records.episodes[["child", "ls", "place"]]
        told = e.iloc[rows["episode"]].assign(row=range(len(rows)))
        out[told.merge(theirs, on=["child", "ls", "place"])["row"]] = True
    return out


def _second_identifier(rows: pd.DataFrame, now: _Side, first: _Side) -> Bools:
    """Return which children are, by birthday, sex and first day, one whom the returns lost.

    Such a child was known then under an identifier that stands in no later return.
    """
    if rows.empty:
        return np.zeros(0, bool)
    e, told = now.records.episodes, now.years_told
    child, start = rows["child"].to_numpy(), e["decom"].to_numpy()[rows["episode"].to_numpy()]
    then = first.records.episodes[["child", "decom"]]
    of_then = then["child"].to_numpy()
    same = _numbered(now.person[of_then], then["decom"].to_numpy())
    lost = told["last"].to_numpy()[of_then]
    earliest = pd.Series(lost).groupby(same).min().reindex(_numbered(now.person[child], start))
    new = ~np.isin(child, of_then) & (now.person[child] >= 0)
    return np.asarray(new & (earliest.to_numpy() < told["first"].to_numpy()[child]))
