"""What demand models learn from: who was looked after where, from which day to which."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.ages import completed_years
from needs.care.counted import counted_episodes, uasc_on
from needs.care.placements import held_before_temporary, placement_type
from needs.vocabulary.errors import Fault, ModelError
from needs.vocabulary.records import Records
from needs.vocabulary.study import Study

__all__ = ["NOT_RECORDED", "OPEN", "History", "day_number"]

OPEN = np.iinfo(np.int32).max
"""``stop`` of a stay that goes on."""

NOT_RECORDED = "not_recorded"
"""Key of stays whose placement was left blank."""

Ints = npt.NDArray[np.int64]


def day_number(day: dt.date) -> int:
    """Return days since 1 January 1970."""
    return (day - dt.date(1970, 1, 1)).days


def _numbers(days: npt.NDArray[np.datetime64]) -> Ints:
    whole: Ints = days.astype("datetime64[D]").astype(np.int64)
    return whole


@dataclass(frozen=True, eq=False)
class History:
    """Stays in placements of one type, with all that a flow model may know of them.

    Parameters
    ----------
    stays : DataFrame
        One row an unbroken stretch of a period of care in one placement type, sorted by
        ``child`` and ``start``. Days count from 1 January 1970: ``start`` (first day there),
        ``stop`` (first day no longer there; :data:`OPEN` where it goes on at ``until``),
        ``entered`` (first day of the period of care), ``born`` (day of birth, the smallest
        int64 where unknown). ``child`` and ``period`` (of care) are numbers without meaning,
        ``place`` indexes ``places``, ``male`` and ``uasc`` (status on entry) are bool,
        ``opens`` (bool: first stay of its period of care), ``earlier`` (int: periods of care
        of the child before this one).
    places : tuple of str
        Keys of the placement types.
    since, until : int
        First and last day of which everything is known.
    gaps : int
        Years without a return before ``since``: what was returned before them is not learnt
        from.
    """

    stays: pd.DataFrame = field(repr=False)
    places: tuple[str, ...]
    since: int
    until: int
    gaps: int = 0

    @classmethod
    def of(cls, records: Records, study: Study) -> History:
        """Return the history that a study's records tell.

        Parameters
        ----------
        records : Records
        study : Study
            Who counts, and which codes make which placement type.

        Raises
        ------
        ModelError
            If the records hold nobody who counts.
        """
        counted = counted_episodes(records, study.authority.scope)
        if counted.empty:
            raise ModelError(
                "there is nothing to forecast from",
                [Fault("ssda903", "the returns hold nobody who counts", "check the inputs")],
            )
        child = counted["child"].to_numpy()
        start = _numbers(counted["start"].to_numpy())
        stop = np.where(counted["stop"].isna(), OPEN, _numbers(counted["stop"].to_numpy()))
        place, places = _places(records, study, counted)
        # Where episodes overlap, the one that started last counts.
        follows = np.append(child[1:] == child[:-1], False)
        stop[:-1] = np.where(follows[:-1], np.minimum(stop[:-1], start[1:]), stop[:-1])
        frame = pd.DataFrame(
            {
                "child": child,
                "period": counted["period_of_care"].to_numpy(),
                "start": start,
                "stop": stop,
                "place": place,
            }
        )
        first, gaps = _unbroken(records.returns)
        until = day_number(records.data_end.date())
        # An 18th birthday to come ends a stay in the counting rule, not in what is known.
        return cls(
            _described(_merged(frame[frame["stop"] > frame["start"]]), records),
            places,
            day_number(first.date()),
            until,
            gaps,
        ).cut(until)

    def cut(self, day: int) -> History:
        """Return what was known at the end of a day: later starts unknown, later ends open."""
        stays = self.stays[self.stays["start"] <= day].reset_index(drop=True)
        stays["stop"] = stays["stop"].where(stays["stop"] <= day, OPEN)
        return replace(self, stays=stays, until=min(self.until, day))

    def counts(self, days: Ints) -> npt.NDArray[np.int64]:
        """Return children by day and placement type, shape (days, places)."""
        shape = (len(self.places), len(days))
        counts = np.zeros(shape, dtype=np.int64)
        start, stop = self.stays["start"].to_numpy(), self.stays["stop"].to_numpy()
        place = self.stays["place"].to_numpy()
        for at in range(len(self.places)):
            here = place == at
            began = np.searchsorted(np.sort(start[here]), days, side="right")
            ended = np.searchsorted(np.sort(stop[here]), days, side="right")
            counts[at] = began - ended
        return counts.T


def _unbroken(returns: pd.DataFrame) -> tuple[pd.Timestamp, int]:
    """Return the first day of the returns that follow each other to the last, and gaps before."""
    start = returns["start"].sort_values().reset_index(drop=True)
    years = start.dt.year.to_numpy()
    broken = np.flatnonzero(np.diff(years) > 1) + 1
    first = int(broken[-1]) if len(broken) else 0
    return pd.Timestamp(start.iloc[first]), len(broken)


def _places(records: Records, study: Study, counted: pd.DataFrame) -> tuple[Ints, tuple[str, ...]]:
    """Return the placement type of each counted episode, as on its first day."""
    episode = counted["episode"].to_numpy()
    held = records.episodes.iloc[held_before_temporary(records.episodes, records.counting)[episode]]
    frame = held[["place", "provider", "urn"]].reset_index(drop=True)
    born = records.children["dob"].to_numpy()[counted["child"].to_numpy()]
    frame["age"] = completed_years(born, counted["start"].to_numpy(), records.counting)
    types = placement_type(frame, study.categories)
    codes = np.asarray(types.codes, dtype=np.int64)
    places = tuple(str(c) for c in types.categories)
    if (codes < 0).any():
        codes, places = np.where(codes < 0, len(places), codes), (*places, NOT_RECORDED)
    return codes, places


def _merged(frame: pd.DataFrame) -> pd.DataFrame:
    """Return stretches joined where nothing but the legal status changed."""
    period, place = frame["period"].to_numpy(), frame["place"].to_numpy()
    goes_on = (
        (period[1:] == period[:-1])
        & (place[1:] == place[:-1])
        & (frame["start"].to_numpy()[1:] == frame["stop"].to_numpy()[:-1])
    )
    begins = np.append(True, ~goes_on)
    merged = frame[begins].reset_index(drop=True)
    merged["stop"] = frame["stop"].to_numpy()[np.append(np.flatnonzero(begins)[1:], len(frame)) - 1]
    return merged


def _described(stays: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Return stays with what is known of the child and of the period of care."""
    child, period = stays["child"].to_numpy(), stays["period"].to_numpy()
    opens = np.append(True, (period[1:] != period[:-1]) | (child[1:] != child[:-1]))
    number = np.cumsum(opens) - 1
    entered = stays["start"].to_numpy()[opens][number]
    new_child = np.append(True, child[1:] != child[:-1])
    children = records.children
    return stays.assign(
        entered=entered,
        born=_numbers(children["dob"].to_numpy()[child]),
        male=(children["sex"] == "male").to_numpy()[child],
        uasc=uasc_on(records, child, entered.astype("datetime64[D]").astype("datetime64[ns]")),
        opens=opens,
        earlier=number - number[new_child][np.cumsum(new_child) - 1],
    )
