"""Children who need a place in each month ahead, in the draws of the combined forecast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.mix import GROUP_WORDS
from needs.forecast.ahead import Ahead
from needs.forecast.history import History, day_number
from needs.vocabulary.study import Categories

__all__ = ["RELATIVES", "Service", "monthly", "of_relatives", "past_years", "services"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

RELATIVES = frozenset({"U1", "U2", "U3", "Q1"})
"""DfE placement codes of foster care by relatives and friends: a place there is made for one child
and is nobody else's."""

_GROUPS = ("fostering", "residential", "supported")


@dataclass(frozen=True)
class Service:
    """Placement types that stand in for one another.

    Parameters
    ----------
    key, label : str
    types : tuple of str
        Keys of the study's types.
    left_out : tuple of str
        Types of the same group of the category map that do not.
    """

    key: str
    label: str
    types: tuple[str, ...]
    left_out: tuple[str, ...]


def of_relatives(categories: Categories) -> frozenset[str]:
    """Return the types of foster care by relatives and friends alone."""
    codes = {
        t.key: {p for r in categories.rules if r.type == t.key for p in r.place}
        for t in categories.types
    }
    return frozenset(k for k, of in codes.items() if of and of <= RELATIVES)


def services(categories: Categories) -> tuple[Service, ...]:
    """Return the groups of the category map that places are planned for."""
    kin = of_relatives(categories)
    made = []
    for group in _GROUPS:
        of = [t.key for t in categories.types if t.group == group]
        types = tuple(k for k in of if k not in kin)
        out = tuple(k for k in of if k in kin)
        words = GROUP_WORDS[group] + (", relatives and friends left out" if out else "")
        if types:
            made.append(Service(group, words, types, out))
    return tuple(made)


def past_years(history: History, groups: Mapping[str, tuple[str, ...]]) -> Floats:
    """Return how past years went between their two ends, shape (years, 13, groups).

    Parameters
    ----------
    history : History
    groups : mapping of str to tuple of str
        Key -> placement types.

    Returns
    -------
    ndarray
        At the end of each month, from 31 March to 31 March: children less those on the straight
        line between the two ends, over the square root of that line, since counts scatter with
        their root. Nought at both ends.
    """
    first, last = (
        pd.Timestamp(0) + pd.Timedelta(days=d) for d in (history.since - 1, history.until)
    )
    begin = first.year if first <= pd.Timestamp(first.year, 3, 31) else first.year + 1
    end = last.year if last >= pd.Timestamp(last.year, 3, 31) else last.year - 1
    if end - begin < 1:
        return np.zeros((0, 13, len(groups)))
    days = pd.date_range(f"{begin}-03-31", f"{end}-03-31", freq="ME")
    counts = history.counts(days.to_numpy().astype("datetime64[D]").astype(np.int64))
    at = [[history.places.index(t) for t in of if t in history.places] for of in groups.values()]
    whole = np.stack([counts[:, k].sum(axis=1) for k in at], axis=1).astype(float)
    years = np.stack([whole[12 * y : 12 * y + 13] for y in range(end - begin)])
    share = np.linspace(0, 1, 13)[None, :, None]
    line = years[:, :1] * (1 - share) + years[:, -1:] * share
    gone: Floats = (years - line) / np.sqrt(np.maximum(line, 1))
    return gone


def monthly(
    ahead: Ahead, groups: Mapping[str, tuple[str, ...]], rng: np.random.Generator
) -> tuple[pd.DatetimeIndex, Ints]:
    """Return month ends ahead and children of each group, shape (draws, months, groups).

    Parameters
    ----------
    ahead : Ahead
    groups : mapping of str to tuple of str
        Key -> placement types.
    rng : numpy.random.Generator
        For which past year a year ahead borrows its course from.

    Notes
    -----
    Each draw of chapter fifty passes through its own number on every 31 March. Between them it
    goes along the straight line, and departs from it as one past year, drawn for each year ahead,
    departed from its own line: all groups together, so that season and chance stay as they were.
    """
    outlook, history, forecast = ahead.outlook, ahead.history, ahead.forecast
    origin = pd.Timestamp(outlook.basis.study.period.as_at)
    ends = pd.date_range(origin + pd.Timedelta(days=1), outlook.days[-1], freq="ME")
    knots = np.array([day_number(d) for d in (origin.date(), *outlook.days)], dtype=float)
    now = history.counts(np.array([int(knots[0])]))[0]
    here = [sum(now[history.places.index(t)] for t in of if t in history.places)
            for of in groups.values()]  # fmt: skip
    known = set(forecast.groups)
    later = np.stack([forecast.of([t for t in of if t in known]) for of in groups.values()], axis=2)
    start = np.broadcast_to(np.array(here, dtype=float), (len(later), 1, len(groups)))
    path = np.concatenate([start, later], axis=1)
    at = ends.to_numpy().astype("datetime64[D]").astype(np.int64)
    step = np.clip(np.searchsorted(knots, at, side="left") - 1, 0, len(knots) - 2)
    share = ((at - knots[step]) / np.diff(knots)[step])[None, :, None]
    line = path[:, step] * (1 - share) + path[:, step + 1] * share
    went = past_years(history, groups)
    if len(went):
        month = (ends.month.to_numpy() - 4) % 12 + 1  # 1 at the end of April, 12 on 31 March
        year = rng.integers(0, len(went), (len(later), len(knots) - 1))
        line = line + went[year[:, step], month] * np.sqrt(np.maximum(line, 1))
    children: Ints = np.rint(np.maximum(line, 0)).astype(np.int64)
    return ends, children
