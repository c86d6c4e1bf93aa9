"""Which episodes count, and from which day to which: the DfE rule as intervals of days.

Stock, flows and periods of care all start from here, so that they cannot disagree about
who is in scope.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.ages import birthday
from needs.care.kept import once
from needs.vocabulary.records import Records
from needs.vocabulary.study import Scope

__all__ = [
    "ADULT",
    "SHORT_BREAKS",
    "begins_care",
    "counted_episodes",
    "in_order",
    "one_at_a_time",
    "uasc_on",
]

SHORT_BREAKS = ("V3", "V4")
"""Legal statuses of short-break series: never in the stock unless the scope says so."""

ADULT = 18
_ADULT_STATUS, _ADULT_PLACE = "V2", "K2"  # the one arrangement that may go on past 18

_USED = ("child", "decom", "dec", "ls", "place", "period_of_care")


def in_order(episodes: pd.DataFrame) -> npt.NDArray[np.intp]:
    """Return positions that sort episodes by child, start and end, open ones last.

    Readers give them in this order, so a look is mostly enough; sorting where they are not
    makes results independent of it.
    """
    child, start = episodes["child"].to_numpy(), episodes["decom"].to_numpy().view("int64")
    stop = episodes["dec"].fillna(pd.Timestamp.max).to_numpy().view("int64")
    later = (start[1:] > start[:-1]) | ((start[1:] == start[:-1]) & (stop[1:] >= stop[:-1]))
    if ((child[1:] > child[:-1]) | ((child[1:] == child[:-1]) & later)).all():
        return np.arange(len(child))
    return np.lexsort((stop, start, child))


def begins_care(records: Records) -> npt.NDArray[np.bool_]:
    """Return which episodes begin a period of care.

    Returns
    -------
    numpy.ndarray of bool
        One an episode: its reason is S (starts to be looked after), or it takes over on the
        day from an episode of the child that has that reason and no night.

    Notes
    -----
    A child who is moved on the first day has two episodes that start on it. The first of them
    has the reason and counts on no day; care began all the same.
    """
    return once(records, "begins", lambda: _begins(records.episodes))["begins"].to_numpy()


def _begins(e: pd.DataFrame) -> pd.DataFrame:
    says = e["rne"].eq("S").to_numpy()
    order = in_order(e)
    child, start, stop = (e[c].to_numpy()[order] for c in ("child", "decom", "dec"))
    goes_on = np.append(False, (child[1:] == child[:-1]) & (start[1:] == start[:-1]))
    no_night = (stop == start) & ~e["ls"].isin(SHORT_BREAKS).to_numpy()[order]
    # Of episodes that start together those without a night come first: up to the last of them.
    group = np.cumsum(~goes_on[: len(order)]) - 1
    opened = np.bincount(group, says[order] & no_night) > 0 if len(order) else np.empty(0, bool)
    begins = says.copy()
    begins[order] |= opened[group] & ~no_night
    return pd.DataFrame({"begins": begins})


def uasc_on(
    records: Records, child: npt.NDArray[Any], days: npt.NDArray[Any]
) -> npt.NDArray[np.bool_]:
    """Return whether each child is an unaccompanied asylum-seeking child on a day.

    Parameters
    ----------
    records : Records
    child : array of int
        Positions of children.
    days : array of datetime64
        The day for each of them; the status has ended on its end date.
    """
    ended = records.children["uasc_end"].to_numpy()[child]
    uasc: npt.NDArray[np.bool_] = records.children["uasc"].to_numpy()[child]
    still: npt.NDArray[np.bool_] = uasc & (np.isnat(ended) | (ended > days))
    return still


def counted_episodes(records: Records, scope: Scope) -> pd.DataFrame:
    """Return the stretch of days for which each episode counts.

    Parameters
    ----------
    records : Records
        Checked records.
    scope : Scope
        Whether unaccompanied children, those aged 18 and over, and short breaks count.

    Returns
    -------
    pandas.DataFrame
        One row an episode that counts on at least one day, sorted by child and start:
        ``episode`` (position in ``records.episodes``), ``child``, ``period_of_care``,
        ``start`` (first day counted), ``stop`` (first day not counted; NaT still open). Where
        the eighteenth birthday ends what counts and the exception begins later, a period of
        care of its own begins there, with a number that no episode has.

    Notes
    -----
    DfE: looked after on a day if ``DECOM <= day`` and ``DEC`` is blank or after it, legal
    status not V3 or V4, and under 18 on the day. The one exception at 18 and over is
    accommodation by agreement (V2) in a children's home (K2).
    """
    return once(records, ("counted", scope), lambda: _counted(records, scope))


def _counted(records: Records, scope: Scope) -> pd.DataFrame:
    order = in_order(records.episodes)
    e = records.episodes[list(_USED)].iloc[order]
    child = e["child"].to_numpy()
    start, stop = e["decom"].to_numpy(), e["dec"].to_numpy()
    period = e["period_of_care"].to_numpy()
    keep = ~np.isnat(start)
    if not scope.short_breaks:
        keep &= ~e["ls"].isin(SHORT_BREAKS).to_numpy()
    if not scope.over_18:
        adult = birthday(records.children["dob"].to_numpy(), ADULT, records.counting)[child]
        excepted = ((e["ls"] == _ADULT_STATUS) & (e["place"] == _ADULT_PLACE)).to_numpy()
        stop = np.where(excepted, stop, np.fmin(stop, adult))
        # Whoever counts again after the birthday has been out of care in between.
        counts = keep & (np.isnat(stop) | (stop > start))
        late = counts & (start > adult)
        if late.any():
            anew = np.zeros(len(e), np.int64)
            anew[counts] = _again(period[counts], start[counts], stop[counts], late[counts])
            period = (period + anew * len(e)).astype(np.int64)
    if not scope.unaccompanied:
        uasc = records.children["uasc"].to_numpy()[child]
        ended = records.children["uasc_end"].to_numpy()[child]
        keep &= ~(uasc & np.isnat(ended))
        start = np.where(uasc, np.fmax(start, ended), start)
    keep &= np.isnat(stop) | (stop > start)
    return pd.DataFrame(
        {
            "episode": order[keep],
            "child": child[keep],
            "period_of_care": period[keep],
            "start": start[keep],
            "stop": stop[keep],
        }
    )


def _again(
    period: npt.NDArray[Any],
    start: npt.NDArray[Any],
    stop: npt.NDArray[Any],
    late: npt.NDArray[np.bool_],
) -> npt.NDArray[np.int64]:
    """Return how often each episode's period of care has begun anew after the birthday.

    It begins anew with an episode that is later than the birthday and than the end of all
    before it in the period.
    """
    times = np.zeros(len(period), np.int64)
    at = np.flatnonzero(np.isin(period, period[late]))
    never = np.datetime64(pd.Timestamp.max)
    frame = pd.DataFrame({"period": period[at], "ends": np.fmin(stop[at], never)})
    before = frame.groupby("period")["ends"].cummax().groupby(frame["period"]).shift().to_numpy()
    frame["anew"] = late[at] & (start[at] > before)
    times[at] = frame.groupby("period")["anew"].cumsum().to_numpy()
    return times


def one_at_a_time(records: Records, scope: Scope) -> pd.DataFrame:
    """Return counted stretches of which no two of a child cover the same day.

    Parameters
    ----------
    records : Records
        ``counting.overlapping_episodes`` says which of two counts: the one that started last
        (the other is cut where it starts), or the one that started first (the other begins
        where it ends, if it goes on beyond).
    scope : Scope

    Returns
    -------
    pandas.DataFrame
        As :func:`counted_episodes`.
    """
    counted = counted_episodes(records, scope)
    child, start = counted["child"].to_numpy(), counted["start"].to_numpy()
    stop = counted["stop"].to_numpy()
    if records.counting.overlapping_episodes == "last_started":
        follows = np.append(child[1:] == child[:-1], False)
        later = np.append(start[1:], np.datetime64("NaT"))[: len(start)]
        return counted.assign(stop=np.where(follows, np.fmin(stop, later), stop))
    never = np.datetime64(pd.Timestamp.max)
    ends = pd.Series(np.where(np.isnat(stop), never, stop))
    reached = ends.groupby(child).cummax().groupby(child).shift().to_numpy()
    begins = np.fmax(start, reached)
    kept = np.isnat(stop) | (begins < stop)
    kept &= ~(begins == never)
    found: pd.DataFrame = counted.assign(start=begins)[kept].reset_index(drop=True)
    return found
