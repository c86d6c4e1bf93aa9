"""Beyond 18: care leavers by entitlement, and places they need, from the flows of the forecast.

Entitlements are those of the Children Act 1989, sections 23A to 23CZB and Schedule 2, paragraph
19B: eligible (16 or 17, in care, for at least 13 weeks since 14), relevant (the same, no longer
in care), former relevant (18 and over who were either), to 21 in full and to 25 on request.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from needs.forecast.flow.bands import MONTH, YEAR
from needs.forecast.flow.exposure import born_known
from needs.forecast.history import OPEN, History

__all__ = ["ASSUMED", "BACK", "KINDS", "Assumed", "Beyond", "beyond", "left_before"]

BACK = 96
"""Months before the origin whose leavers may still be under 25."""

KINDS = ("eligible", "relevant", "former_relevant_18_20", "former_relevant_21_24")
AGES_LEFT = 3
"""Left at 16, at 17, on the 18th birthday."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Single = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Assumed:
    """What the returns do not tell; replace by the authority's own figures.

    Parameters
    ----------
    staying_put : tuple of float
        Share of those who turned 18 in foster care who still live there at 18, 19 and 20.
    supported : tuple of float
        Share of former relevant care leavers in supported accommodation, at each age 18 to 24.
    months_to_18 : tuple of float
        Months until 18 of those who left at 16 and at 17, on average.
    """

    staying_put: tuple[float, ...] = (0.5, 0.3, 0.2)
    supported: tuple[float, ...] = (0.25, 0.2, 0.15, 0.05, 0.05, 0.0, 0.0)
    months_to_18: tuple[float, float] = (18.0, 6.0)


ASSUMED = Assumed()
"""Round figures to be replaced: no return tells where care leavers live in this form."""


@dataclass(frozen=True, eq=False)
class Beyond:
    """Care leavers and places on days ahead.

    Parameters
    ----------
    days : tuple of datetime.date
    entitled : mapping of str to ndarray, shape (draws, days, 2)
        People by :data:`KINDS`; the last axis is others, unaccompanied (on entry).
    staying_put, supported_18 : ndarray, shape (draws, days)
        Places: with former foster carers; in supported accommodation from 18.
    supported_16 : ndarray, shape (draws, days)
        Looked-after children in supported accommodation.
    notes : tuple of str
    """

    days: tuple[dt.date, ...]
    entitled: Mapping[str, Floats] = field(repr=False)
    staying_put: Floats = field(repr=False)
    supported_18: Floats = field(repr=False)
    supported_16: Single = field(repr=False)
    notes: tuple[str, ...] = ()


def left_before(history: History) -> Ints:
    """Return those who left at 16 or over before the origin, after 13 weeks or more.

    Returns
    -------
    ndarray, shape (BACK, 2, 3, places)
        The latest month last; unaccompanied; left at 16, 17, 18; last placement type.
    """
    stays = history.stays
    period = stays["period"].to_numpy()
    last = np.append(period[1:] != period[:-1], True)
    stop = stays["stop"].to_numpy()
    age = (stop - born_known(stays)) / YEAR
    weeks = (stop - stays["entered"].to_numpy()) / 7
    rows = np.flatnonzero(last & (stop != OPEN) & (age >= 16 - 1e-2) & (weeks >= 13))
    back = ((history.until + 1 - stop[rows]) / MONTH).astype(np.int64)
    rows, back = rows[back < BACK], back[back < BACK]
    at = np.clip(np.floor(age[rows] + 4e-3).astype(np.int64) - 16, 0, 2)
    shape = (BACK, 2, AGES_LEFT, len(history.places))
    left = np.zeros(shape, np.int64)
    uasc, place = stays["uasc"].to_numpy()[rows].astype(int), stays["place"].to_numpy()[rows]
    np.add.at(left, (BACK - 1 - back, uasc, at, place), 1)
    return left


def beyond(
    days: Sequence[dt.date],
    months: Sequence[int],
    flows: tuple[Ints, Single, Single],
    places: tuple[Sequence[int], Single],
    assumed: Assumed = ASSUMED,
) -> Beyond:
    """Return care leavers and their places.

    Parameters
    ----------
    days : sequence of date
    months : sequence of int
        Months after the origin of each day.
    flows : tuple of ndarray
        Those who left before the origin (:func:`left_before`), those who leave in each month
        ahead, shape (draws, months, 2, 3, places), and eligible children at the end of each,
        shape (draws, months, 2).
    places : tuple
        Numbers of the types of foster care; looked-after children in supported accommodation,
        shape (draws, days).
    assumed : Assumed
    """
    past, ahead, eligible = flows
    foster, supported_16 = places
    every = np.concatenate(
        [np.broadcast_to(past, (len(ahead), *past.shape)), ahead], axis=1
    ).astype(np.float64)
    by_age = every.sum(axis=4)
    at = np.array(months) + BACK
    draws = len(ahead)
    entitled = {kind: np.zeros((draws, len(at), 2)) for kind in KINDS}
    of_age = np.zeros((draws, len(at), 7))
    stays_put = np.zeros((draws, len(at)))
    entitled["eligible"] = eligible[:, np.array(months) - 1].astype(np.float64)
    for i, end in enumerate(at):
        for left, wait in enumerate((*assumed.months_to_18, 0.0)):
            since_18 = end - 1 - np.arange(end) + 0.5 - wait
            flow = by_age[:, :end, :, left]
            entitled["relevant"][:, i] += flow[:, since_18 < 0].sum(axis=1)
            for year in range(7):
                of = (since_18 >= 12 * year) & (since_18 < 12 * (year + 1))
                turned = flow[:, of].sum(axis=1)
                kind = KINDS[2] if year < 3 else KINDS[3]
                entitled[kind][:, i] += turned
                of_age[:, i, year] += turned.sum(axis=1)
                if left == 2 and year < len(assumed.staying_put):
                    came = every[:, :end][:, of][:, :, :, 2][..., list(foster)]
                    stays_put[:, i] += came.sum(axis=(1, 2, 3)) * assumed.staying_put[year]
    return Beyond(
        tuple(days),
        entitled,
        stays_put,
        of_age @ np.array(assumed.supported),
        supported_16,
        (
            "Shares of care leavers who stay put or live in supported accommodation are "
            "assumptions, not learnt from the returns.",
            "Care leavers who left before the first return are not known.",
        ),
    )
