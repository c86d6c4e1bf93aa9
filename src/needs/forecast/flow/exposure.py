"""Occurrence and exposure: what happened in each cell and year, and over how many child-years.

Stays that go on count up to the last day known, and stays that began before the first day
known count from it: nothing is learnt from closed cases alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.forecast.flow.bands import ADULT, AGE_EDGES, DURATION_EDGES, MONTH, YEAR, Cells
from needs.forecast.history import OPEN, History

__all__ = ["Exposure", "born_known", "expose", "whole_years"]

ROWS = 100_000
"""Stays cut up at a time, which bounds memory."""

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Exposure:
    """Events and time at risk of a history.

    Parameters
    ----------
    cells : Cells
    years : int
        Whole years back from the last day known that are counted.
    at_risk : ndarray, shape (years, cells)
        Child-years, the latest year first.
    exits, moves : ndarray, shape (years, cells)
        Children who left before 18, and moves between placement types.
    routes : ndarray, shape (4, places, places)
        Moves by who moved (under 10, 10 to 15, 16 and over, unaccompanied), from and to.
    """

    cells: Cells
    years: int
    at_risk: Floats
    exits: Floats
    moves: Floats
    routes: Floats


def born_known(stays: pd.DataFrame) -> Ints:
    """Return days of birth, ten years before entry where none is known."""
    born = stays["born"].to_numpy()
    entered = stays["entered"].to_numpy()
    unknown = (born > entered) | (born < entered - 40 * YEAR)
    filled: Ints = np.where(unknown, entered - int(10 * YEAR), born)
    return filled


def whole_years(history: History) -> int:
    """Return how many whole years a history tells of; most returns have no 29 February."""
    return int((history.until - history.since + 2) / YEAR)


def expose(history: History, most_years: int) -> Exposure:
    """Count a history's events and child-years.

    Parameters
    ----------
    history : History
    most_years : int
        Years looked back at most.
    """
    cells = Cells(len(history.places))
    years = min(whole_years(history), most_years)
    stays = history.stays
    kind = _what_ends(stays)
    first_day = history.until + 1 - years * YEAR
    at_risk = np.zeros(years * cells.size)
    events = np.zeros((2, years * cells.size))
    routes = np.zeros(4 * len(history.places) ** 2)
    stop = np.minimum(stays["stop"].to_numpy(), history.until + 1)
    seen = np.flatnonzero((stop > first_day) & (stop > stays["start"].to_numpy()))
    for at in range(0, len(seen), ROWS):
        rows = seen[at : at + ROWS]
        part, born = stays.iloc[rows], born_known(stays.iloc[rows])
        cut = _cut(part, born, stop[rows], history.until + 1, years)
        at_risk += np.bincount(
            _keys(cells, part, born, cut.row, cut.begin, history.until + 1),
            cut.end - cut.begin,
            minlength=at_risk.size,
        )
        for event in (0, 1):
            ends = np.flatnonzero(kind[rows] == event)
            key = _keys(cells, part, born, ends, stop[rows][ends] - 1e-6, history.until + 1)
            events[event] += np.bincount(key, minlength=at_risk.size)
        routes += _routes(stays, rows[kind[rows] == 1], len(history.places))
    shape = (years, cells.size)
    p = len(history.places)
    return Exposure(
        cells,
        years,
        (at_risk / YEAR).reshape(shape),
        events[0].reshape(shape),
        events[1].reshape(shape),
        routes.reshape(4, p, p),
    )


def _what_ends(stays: pd.DataFrame) -> Ints:
    """Return what ended each stay: 0 leaving care, 1 a move, -1 neither (open, or 18)."""
    period, stop = stays["period"].to_numpy(), stays["stop"].to_numpy()
    goes_on = np.append(period[1:] == period[:-1], False)
    of_age = stop >= born_known(stays) + ADULT * YEAR - 1.5
    kind: Ints = np.where(stop == OPEN, -1, np.where(goes_on, 1, np.where(of_age, -1, 0)))
    return kind


@dataclass(frozen=True, eq=False)
class _Cut:
    row: Ints
    begin: Floats
    end: Floats


def _cut(part: pd.DataFrame, born: Ints, stop: Ints, until: int, years: int) -> _Cut:
    """Return stays cut where age band, duration band or year changes."""
    start = np.maximum(part["start"].to_numpy(), until - years * YEAR)
    entered = part["entered"].to_numpy()[:, None]
    edges = [
        born[:, None] + np.array(AGE_EDGES[1:]) * YEAR,
        entered + np.array(DURATION_EDGES[1:]) * MONTH,
        np.broadcast_to(until - np.arange(1, years) * YEAR, (len(part), max(years - 1, 0))),
        start[:, None],
        stop[:, None],
    ]
    points = np.clip(np.concatenate(edges, axis=1), start[:, None], stop[:, None])
    points.sort(axis=1)
    row, at = np.nonzero(np.diff(points, axis=1) > 0)
    return _Cut(row, points[row, at], points[row, at + 1])


def _keys(
    cells: Cells, part: pd.DataFrame, born: Ints, row: Ints, when: Floats, until: int
) -> Ints:
    """Return the year and cell, as one number, of stays at moments."""
    mid = when + 1e-9
    age = np.searchsorted(np.array(AGE_EDGES) * YEAR, mid - born[row], side="right") - 1
    since = mid - part["entered"].to_numpy()[row]
    duration = np.searchsorted(np.array(DURATION_EDGES) * MONTH, since, side="right") - 1
    back = np.floor((until - mid) / YEAR - 1e-12).astype(np.int64)
    cell = cells.index(
        part["uasc"].to_numpy()[row].astype(np.int64),
        part["place"].to_numpy()[row],
        np.maximum(age, 0),
        np.maximum(duration, 0),
    )
    keys: Ints = np.maximum(back, 0) * cells.size + cell
    return keys


def _routes(stays: pd.DataFrame, rows: Ints, places: int) -> Floats:
    who = mover(
        (stays["stop"].to_numpy()[rows] - born_known(stays.iloc[rows])) / YEAR,
        stays["uasc"].to_numpy()[rows],
    )
    place = stays["place"].to_numpy()
    key = (who * places + place[rows]) * places + place[rows + 1]
    return np.bincount(key, minlength=4 * places**2).astype(float)


def mover(age: Floats, uasc: npt.NDArray[np.bool_]) -> Ints:
    """Return which routes a child takes: under 10, 10 to 15, 16 and over, unaccompanied."""
    group: Ints = np.where(uasc, 3, np.searchsorted([10, 16], age, side="right"))
    return group
