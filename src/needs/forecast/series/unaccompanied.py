"""Unaccompanied children: transfers under the national scheme, and those who arrive by themselves.

The National Transfer Scheme sets a threshold: a share of the people under 18 in an authority.
Below it children are transferred in; at or above it none are, and an authority may refer
children who arrive for transfer out. It is neither a cap on children nor a target: children
who arrive in the area are looked after there whatever the number.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.forecast.history import OPEN, History, day_number
from needs.forecast.series.months import steps_to
from needs.forecast.series.people import People

__all__ = ["THRESHOLDS", "Arrivals", "Rules", "Threshold", "arrivals_of", "limit_on", "simulate"]

EPOCH = dt.date(1970, 1, 1)
YEAR = 365.25
MONTH = 30.4375
ADULT_MONTHS = 216

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Threshold:
    """The scheme's threshold from a day on.

    Parameters
    ----------
    since : datetime.date
    share : float
        Of the people under 18 in the authority.
    mandatory : bool
        Whether authorities have to take part.
    source : str
    """

    since: dt.date
    share: float
    mandatory: bool
    source: str


THRESHOLDS = (
    Threshold(
        dt.date(2016, 7, 1),
        0.0007,
        False,
        "Home Office, Department for Education, Department for Communities and Local Government: "
        "Interim National Transfer Protocol for Unaccompanied Asylum Seeking Children 2016-17",
    ),
    Threshold(
        dt.date(2021, 12, 14),
        0.0007,
        True,
        "Home Office and Department for Education: National Transfer Scheme Protocol for "
        "Unaccompanied Asylum Seeking Children, version in force from 14 December 2021",
    ),
    Threshold(
        dt.date(2022, 8, 24),
        0.001,
        True,
        "Local Government Association: briefing for the debate on accommodation of "
        "asylum-seeking children in hotels, House of Commons; the share also in the county "
        "council's placement sufficiency scrutiny report, July 2023, paragraph 16",
    ),
)
"""What has been in force, oldest first. An origin knows those before it."""


@dataclass(frozen=True)
class Rules:
    """What returns do not say, and a study may set.

    Parameters
    ----------
    local_share : float
        Share of arrivals that came to the area by themselves, of those while transfers were
        open. Returns do not tell a transfer from an arrival: half is an assumption.
    out_share : float
        Share of local arrivals that is transferred out while the number is at or above the
        threshold; nought is an assumption on the side of more children.
    back : int
        Months whose arrivals are taken to go on.
    drift : float
        Change of the level of arrivals in a year, on the log scale: one standard deviation.
    """

    local_share: float = 0.5
    out_share: float = 0.0
    back: int = 24
    drift: float = 0.3


USUAL = Rules()


@dataclass(frozen=True, eq=False)
class Arrivals:
    """What is known of unaccompanied children at an origin.

    Parameters
    ----------
    months_left : ndarray of int, shape (children,)
        Months to the eighteenth birthday of each child in care.
    on_entry : ndarray of int, shape (arrivals,)
        The same of those who came, on the day they came.
    local, transfers : tuple of float
        Arrivals counted and months they were counted in.
    leave : float
        Hazard of leaving before 18, a month.
    """

    months_left: Ints
    on_entry: Ints
    local: tuple[float, float]
    transfers: tuple[float, float]
    leave: float


def limit_on(day: dt.date, known: dt.date, under_18: float) -> float:
    """Return the threshold of a day, in children; infinite before the scheme.

    Parameters
    ----------
    day : datetime.date
    known : datetime.date
        Thresholds announced later are not known.
    under_18 : float
        People under 18 in the authority.
    """
    found = [t.share for t in THRESHOLDS if t.since <= min(day, known)]
    return found[-1] * under_18 if found else np.inf


def arrivals_of(history: History, under_18: float, rules: Rules = USUAL) -> Arrivals:
    """Return what a history tells of unaccompanied children.

    Parameters
    ----------
    history : History
    under_18 : float
        People under 18 at the origin.
    rules : Rules

    Notes
    -----
    Arrivals of the last months are split: all are local in a month that began at or above the
    threshold, or before there was a scheme; else ``local_share`` of them.
    """
    u = history.stays[history.stays["uasc"]]
    until = history.until
    origin = EPOCH + dt.timedelta(days=until)
    here = u[u["stop"] == OPEN]
    came = u[u["opens"] & (u["start"] >= history.since)]
    ends = u.groupby("period")["stop"].max().to_numpy()
    start = u.loc[u["opens"], "start"].to_numpy()
    months = [until - round(MONTH * k) for k in range(rules.back, 0, -1)]
    local = open_n = open_months = 0.0
    for first in (m for m in months if m >= history.since):
        n = float(((came["start"] > first) & (came["start"] <= first + MONTH)).sum())
        stock = float((start <= first).sum() - (ends <= first).sum())
        limit = limit_on(EPOCH + dt.timedelta(days=first), origin, under_18)
        transfers_open = np.isfinite(limit) and stock < limit
        local += n * (rules.local_share if transfers_open else 1.0)
        open_n += n * (1 - rules.local_share) if transfers_open else 0.0
        open_months += float(transfers_open)
    counted = float(sum(m >= history.since for m in months))
    left = ends[(ends != OPEN) & (ends > history.since)]
    at_18 = _at_18(u, ends)
    exposed = _months_in_care(u, history)
    return Arrivals(
        _left(here["born"].to_numpy(), np.full(len(here), until)),
        _left(came["born"].to_numpy(), came["start"].to_numpy()),
        (local, counted),
        (open_n, open_months),
        max(len(left) - at_18, 0) / max(exposed, 12.0),
    )


def _at_18(u: pd.DataFrame, ends: Ints) -> int:
    """Return how many ended about their eighteenth birthday."""
    born = u.groupby("period")["born"].first().to_numpy()
    known = born > np.iinfo(np.int32).min
    age = np.where(known & (ends != OPEN), (ends - born) / YEAR, 0.0)
    return int((np.abs(age - 18) < 0.1).sum())


def _months_in_care(u: pd.DataFrame, history: History) -> float:
    start = u["start"].to_numpy()
    stop = np.minimum(u["stop"].to_numpy(), history.until + 1)
    return float(np.maximum(stop - np.maximum(start, history.since), 0).sum() / MONTH)


def _left(born: Ints, day: Ints) -> Ints:
    """Return whole months to 18, at least one; of an unknown birth, a year and a half."""
    known = born > np.iinfo(np.int32).min
    left = np.where(known, ADULT_MONTHS - (day - np.where(known, born, 0)) / MONTH, 18.0)
    whole: Ints = np.clip(np.ceil(left), 1, ADULT_MONTHS).astype(np.int64)
    return whole


def simulate(
    history: History,
    days: Sequence[dt.date],
    draws: int,
    rng: np.random.Generator,
    people: People,
    rules: Rules = USUAL,
) -> Floats:
    """Return unaccompanied children looked after on days ahead.

    Parameters
    ----------
    history : History
    days : sequence of date
    draws : int
    rng : numpy.random.Generator
    people : People
        For the threshold in children.
    rules : Rules

    Returns
    -------
    ndarray, shape (draws, days)
        Month by month: who turns 18 or leaves goes, local arrivals come, and transfers come as
        far as the threshold. Levels of arrivals are uncertain and drift.
    """
    origin = EPOCH + dt.timedelta(days=history.until)
    at = np.array([day_number(d) for d in days])
    steps = steps_to(history.until, at)
    under_18 = people.on(origin, np.array([s.time + 0.75 for s in steps])).sum(axis=1)
    known = arrivals_of(history, float(under_18[0]), rules)
    local = _levels(known.local, draws, rng)
    transfers = _levels(known.transfers, draws, rng)
    ages = known.on_entry if len(known.on_entry) else np.array([18])
    weight = np.bincount(ages, minlength=ADULT_MONTHS + 1) / len(ages)
    state = np.tile(np.bincount(known.months_left, minlength=ADULT_MONTHS + 1), (draws, 1))
    drift = np.zeros(draws)
    out = np.zeros((draws, len(days)))
    here, before, passed = 0, 0.0, 0
    for i, step in enumerate(steps):
        length = step.days / MONTH
        drift += rules.drift * np.sqrt(step.ahead - before) * rng.standard_normal(draws)
        before = step.ahead
        # Months to 18 pass in whole ones, whichever steps the days asked for make.
        older = round(step.ahead * 12) - passed
        passed += older
        for _ in range(older):
            state = np.concatenate([state[:, 1:], np.zeros((draws, 1), state.dtype)], axis=1)
            state[:, 0] = 0
        state = rng.binomial(state, np.exp(-known.leave * length))
        level = np.exp(drift) * length
        limit = limit_on(EPOCH + dt.timedelta(days=step.last), origin, float(under_18[i]))
        came = _come(state.sum(axis=1), local * level, transfers * level, limit, rules, rng)
        state = state + rng.multinomial(came, weight)
        if step.last == at[here]:
            out[:, here] = state.sum(axis=1)
            here += 1
    return out


def _come(
    now: Ints,
    local: Floats,
    transfers: Floats,
    limit: float,
    rules: Rules,
    rng: np.random.Generator,
) -> Ints:
    """Return who comes and stays: local arrivals, and transfers as far as the threshold."""
    arrive = rng.poisson(local)
    if not np.isfinite(limit):
        return arrive
    above = now >= limit
    sent_on = np.where(above, rng.binomial(arrive, rules.out_share), 0)
    room = np.maximum(np.floor(limit) - now - arrive, 0)
    moved = np.where(above, 0, np.minimum(rng.poisson(transfers), room))
    stay: Ints = (arrive - sent_on + moved).astype(np.int64)
    return stay


def _levels(counted: tuple[float, float], draws: int, rng: np.random.Generator) -> Floats:
    """Return draws of a number a month: what was counted, as uncertain as a count is."""
    n, months = counted
    if months <= 0 or n <= 0:
        return np.zeros(draws)
    return rng.gamma(n + 0.5, 1 / months, draws)
