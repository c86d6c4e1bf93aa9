"""Demand from rates by single year of age, carried onto the population to come.

Rates of all but unaccompanied children: those who are not of the area follow a scheme, not its
population (:mod:`needs.forecast.series.unaccompanied`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.forecast.baselines import PRIOR
from needs.forecast.flow.bands import AGE_GROUPS
from needs.forecast.history import OPEN, History, day_number
from needs.forecast.series.people import AGES, People
from needs.forecast.series.split import split
from needs.forecast.series.unaccompanied import USUAL, Rules, simulate
from needs.forecast.shape import Forecast, Part
from needs.vocabulary.errors import Fault, ModelError

__all__ = ["Rates", "population", "rates_of"]

EPOCH = dt.date(1970, 1, 1)
YEAR = 365.25
POOLED_YEARS = 3
"""Year ends whose counts make the rates by age; their level is that of the last."""

LEAST_DRIFT = 0.01

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Rates:
    """Rates of children looked after, unaccompanied ones left out.

    Parameters
    ----------
    rate : ndarray, shape (18,)
        Children for each person, by single year of age.
    level : float
        Children at the origin.
    drift : float
        Standard deviation of the rates' change in a year, on the log scale, beside chance.
    freedom : float
        Years that it is worth.
    leave : float
        Hazard of leaving care, a year.
    """

    rate: Floats
    level: float
    drift: float
    freedom: float
    leave: float


def rates_of(history: History, people: People) -> Rates:
    """Return the rates by age that a history and a population tell.

    Parameters
    ----------
    history : History
    people : People
        What the last day of the history knew of it.

    Raises
    ------
    ModelError
        If no estimate was known by then, or nobody of known age is in care.

    Notes
    -----
    Counts of the last three year ends over the population of the mid-year before each, pooled,
    then scaled so that they give the last count. Drift: yearly changes of the count over what
    the rates would have given (an indirectly standardised ratio), less the variance that chance
    alone makes of a count whose members leave at a constant hazard; pooled with
    :data:`needs.forecast.baselines.PRIOR`.
    """
    origin = EPOCH + dt.timedelta(days=history.until)
    stays = history.stays[~history.stays["uasc"]]
    days = _year_ends(history)
    counted = np.stack([_by_age(stays, d) for d in days])
    lived = people.on(origin, np.array([_year(d) for d in days]))
    if np.isnan(lived).any() or not counted[-1].sum():
        rule = "no population by single year of age was known, or nobody of known age is in care"
        raise ModelError("rates cannot be made", [Fault("population", rule, "add estimates")])
    rate = counted[-POOLED_YEARS:].sum(axis=0) / lived[-POOLED_YEARS:].sum(axis=0)
    here = stays[(stays["stop"] == OPEN)]
    level = float(len(here))
    rate *= level / float((rate * lived[-1]).sum())
    leave = _leaving(stays, history)
    n = np.maximum(counted.sum(axis=1), 0.5)
    ratio = np.log(n / (lived @ rate))
    change = np.diff(ratio)
    chance = (1 - np.exp(-2 * leave)) / max(level, 1.0)
    pooled = (float((change**2).sum()) + PRIOR.worth * PRIOR.total**2) / (len(change) + PRIOR.worth)
    drift = float(np.sqrt(max(pooled - chance, LEAST_DRIFT**2)))
    return Rates(rate, level, drift, len(change) + PRIOR.worth, leave)


def population(
    history: History,
    days: Sequence[dt.date],
    draws: int,
    rng: np.random.Generator,
    *,
    people: People,
    rules: Rules = USUAL,
) -> Forecast:
    """Return rates by age times the population to come, and unaccompanied children apart.

    Parameters
    ----------
    history : History
    days : sequence of date
    draws : int
    rng : numpy.random.Generator
    people : People
        Estimates, and a projection where there is one, rebased to them.
    rules : Rules
        Of unaccompanied children.

    Returns
    -------
    Forecast
        By placement type: shares of each age band as at the origin, moving as shares have
        moved. Parts ``ages`` and ``status`` (unaccompanied or not).

    Raises
    ------
    ModelError
        As :func:`rates_of`.

    Notes
    -----
    Chance: a count whose members leave at a constant hazard and are replaced has at ``h`` years
    the variance ``n (1 - exp(-2 mu h))``, an Ornstein-Uhlenbeck path (the infinite-server
    queue in heavy traffic; Whitt 2002, *Stochastic-Process Limits*, 10.3). Drift: a random
    walk of the log rate, heavy-tailed as few years are known.
    """
    origin = EPOCH + dt.timedelta(days=history.until)
    rates = rates_of(history, people)
    lived = people.on(origin, np.array([_year(day_number(d)) for d in days]))
    by_age = lived * rates.rate
    others = _paths(by_age.sum(axis=1), rates, history, days, draws, rng)
    uasc = simulate(history, days, draws, rng, people, rules)
    stays = history.stays[history.stays["stop"] == OPEN]
    bands = _bands(by_age)
    mix = _mix(stays[~stays["uasc"]], history)
    told = split(others, bands @ mix, history, days, rng)
    told += uasc[:, :, None] * _shares(stays[stays["uasc"]], history)
    of_bands = others[:, :, None] * (bands / np.maximum(bands.sum(axis=1, keepdims=True), 1e-9))
    of_bands += uasc[:, :, None] * _uasc_bands(stays[stays["uasc"]], history.until)
    return Forecast(
        "population",
        "Rates by age and the population to come",
        origin,
        tuple(days),
        history.places,
        told.astype(np.float32),
        parts={
            "ages": Part(tuple(AGE_GROUPS), of_bands.astype(np.float32)),
            "status": Part(("others", "uasc"), np.stack([others, uasc], axis=2).astype(np.float32)),
        },
        settings={
            "projection": bool(len(people.known(origin)[1])),
            "uasc_local_share": rules.local_share,
            "uasc_out_share": rules.out_share,
        },
    )


def _paths(
    middle: Floats,
    rates: Rates,
    history: History,
    days: Sequence[dt.date],
    draws: int,
    rng: np.random.Generator,
) -> Floats:
    """Return draws of the total about its middle, shape (draws, days): drift, then chance."""
    ahead = np.array([(day_number(d) - history.until) / YEAR for d in days])
    step = np.diff(ahead, prepend=0.0)
    heavy = np.sqrt(rates.freedom / rng.chisquare(rates.freedom, (draws, 1)))
    walk = np.cumsum(rng.standard_normal((draws, len(days))) * np.sqrt(step), axis=1)
    level = middle * np.exp(np.clip(rates.drift * heavy * walk, -2.0, 2.0))
    noise, x = np.zeros(draws), np.zeros((draws, len(days)))
    for i, s in enumerate(step):
        kept = np.exp(-rates.leave * s)
        noise = kept * noise + np.sqrt(1 - kept**2) * rng.standard_normal(draws)
        x[:, i] = noise
    paths: Floats = np.maximum(level + np.sqrt(level) * x, 0.0)
    return paths


def _year_ends(history: History) -> Ints:
    """Return the last day, and those a whole number of years before it, oldest first."""
    last = EPOCH + dt.timedelta(days=history.until)
    found = [history.until]
    for back in range(1, 60):
        day = day_number(last.replace(year=last.year - back, day=min(last.day, 28)))
        day += max(last.day - 28, 0)
        if day < history.since:
            break
        found.append(day)
    return np.array(found[::-1])


def _year(day: int) -> float:
    return 1970 + day / 365.2425


def _age(stays: pd.DataFrame, day: int) -> Floats:
    """Return ages in completed years on a day; NaN where the birth is unknown."""
    born = stays["born"].to_numpy()
    known = born > np.iinfo(np.int32).min
    age = np.where(known, (day - np.where(known, born, 0)) / YEAR, np.nan)
    whole: Floats = np.clip(np.floor(age), 0, AGES - 1)
    return whole


def _by_age(stays: pd.DataFrame, day: int) -> Floats:
    """Return children in care on a day by single year of age; unknown ages are dealt out."""
    here = stays[(stays["start"] <= day) & (stays["stop"] > day)]
    age = _age(here, int(day))
    known = np.bincount(age[np.isfinite(age)].astype(int), minlength=AGES).astype(float)
    total = known.sum()
    dealt: Floats = known * (len(here) / total) if total else known
    return dealt


def _leaving(stays: pd.DataFrame, history: History) -> float:
    """Return the hazard of leaving care, a year, over all that is known."""
    last = stays.groupby("period")["stop"].max().to_numpy()
    left = int(((last != OPEN) & (last > history.since)).sum())
    stop = np.minimum(stays["stop"].to_numpy(), history.until + 1)
    start = np.maximum(stays["start"].to_numpy(), history.since)
    years = float(np.maximum(stop - start, 0).sum()) / YEAR
    return max(left, 1) / max(years, 1.0)


def _bands(by_age: Floats) -> Floats:
    """Return sums over the age bands, shape (days, bands)."""
    bands: Floats = np.stack([by_age[:, a:b].sum(axis=1) for a, b in AGE_GROUPS.values()], axis=1)
    return bands


def _mix(here: pd.DataFrame, history: History) -> Floats:
    """Return shares of placement types by age band, shape (bands, places)."""
    age = _age(here, history.until)
    place = here["place"].to_numpy()
    whole = np.bincount(place, minlength=len(history.places)).astype(float)
    rows = []
    for a, b in AGE_GROUPS.values():
        n = np.bincount(place[(age >= a) & (age < b)], minlength=len(history.places))
        rows.append(n / n.sum() if n.sum() else whole / max(whole.sum(), 1.0))
    return np.stack(rows)


def _shares(uasc: pd.DataFrame, history: History) -> Floats:
    """Return shares of placement types of unaccompanied children, or of the oldest others."""
    n = np.bincount(uasc["place"].to_numpy(), minlength=len(history.places)).astype(float)
    if not n.sum():
        stays = history.stays[history.stays["stop"] == OPEN]
        n = _mix(stays, history)[-1]
    return n / max(n.sum(), 1.0) if n.sum() else np.full(len(n), 1 / len(n))


def _uasc_bands(uasc: pd.DataFrame, until: int) -> Floats:
    age = _age(uasc, until)
    age = age[np.isfinite(age)]
    n = np.array([((age >= a) & (age < b)).sum() for a, b in AGE_GROUPS.values()], dtype=float)
    if not n.sum():
        n[-1] = 1.0
    shares: Floats = n / n.sum()
    return shares
