"""Independent authorities with what they paid: prices that drift as is written here.

Children are those of :mod:`truth_histories`. Each placement type has a price that rises from April
to April; a part of the rise is shared by all types. Each stay has a price of its own beside it,
which it keeps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from truth_histories import KEYS, ORIGINS, histories

from needs.costs.budget import outturn, places_between
from needs.costs.budget_past import past_of
from needs.costs.budget_prices import Drift, weekly_ahead
from needs.forecast.flow.model import fit_flow, month_after
from needs.forecast.history import OPEN, History, day_number

KNOWN, AHEAD = 4, 5
"""Years of cost lines before the day of forecast, and years forecast."""
LEVELS = dict.fromkeys(KEYS, 900.0) | {
    "kinship": 200.0,
    "in_house_foster": 380.0,
    "in_house_home": 4300.0,
    "external_home": 4500.0,
    "residential_school": 4300.0,
    "unregistered": 18000.0,
    "parents": 0.0,
    "adoption": 0.0,
}
SPREAD = 0.3
"""Standard deviation of the logarithm of a stay's own price."""
EXPECTED = Drift.between(2.0, 5.0, 8.0)


@dataclass(frozen=True)
class Paid:
    """An authority: what was known on the day of forecast, and what it then paid in a year."""

    known: History
    child: pd.DataFrame
    actual: np.ndarray


def paid(scenario: str, n: int, seed: int, size: float, truth: Drift = EXPECTED) -> Iterator[Paid]:
    """Yield authorities with their costs, prices drawn from what is expected of them."""
    rng = np.random.default_rng([seed, 70])
    for number, (history, _) in enumerate(histories(scenario, n, seed, size)):
        origin = ORIGINS[number % len(ORIGINS)]
        years = range(origin - KNOWN + 1, origin + AHEAD + 1)
        nights = _nights(history, years)
        weekly = _levels(truth, len(years), rng)
        own = np.exp(rng.normal(0, SPREAD, len(history.stays)) - SPREAD**2 / 2)
        place = history.stays["place"].to_numpy()
        gross = nights / 7 * weekly[place] * own[:, None]
        frame = pd.DataFrame(
            {
                "type": np.repeat(np.array(KEYS)[place], len(years)),
                "window": np.tile(np.arange(len(years)), len(place)),
                "child": np.repeat(history.stays["child"].to_numpy(), len(years)),
                "gross": gross.ravel(),
                "nights": nights.ravel(),
            }
        )
        seen = frame[(frame["window"] < KNOWN) & (frame["nights"] > 0)]
        child = seen.groupby(["type", "window", "child"], as_index=False).sum()
        known = history.cut(_last(origin))
        yield Paid(known, child, gross[:, KNOWN:].sum(axis=0))


def forecast(case: Paid, draws: int, rng: np.random.Generator, drift: Drift = EXPECTED):
    """Return draws of the outturns of the years ahead, shape (draws, years, types)."""
    model = fit_flow(case.known)
    days = [month_after(model.origin, 12 * y) for y in range(1, AHEAD + 1)]
    ends = model.simulate(days, draws, rng, threads=1).draws.astype(float)
    now = case.known.counts(np.array([case.known.until]))[0].astype(float)
    places = places_between(now, ends, rng)
    past = past_of(case.child, KEYS, KNOWN, places.mean(axis=0), ("parents", "adoption"))
    weekly = weekly_ahead(past, drift, range(1, AHEAD + 1), draws, rng)
    lengths = np.diff([day_number(d) for d in (model.origin, *days)])
    return outturn(places, weekly, lengths)


def inside(
    scenario: str,
    n: int,
    seed: int,
    size: float,
    draws: int = 500,
    truth: Drift = EXPECTED,
    width: float = 1.0,
) -> np.ndarray:
    """Return whether each actual outturn lies in the 80% range, shape (authorities, years).

    Ranges are made ``width`` times as wide as they are, to see that the judge sees it.
    """
    found = []
    for number, case in enumerate(paid(scenario, n, seed, size, truth)):
        made = forecast(case, draws, np.random.default_rng([seed, number])).sum(axis=2)
        low, middle, high = np.percentile(made, [10, 50, 90], axis=0)
        far = case.actual - middle
        found.append((width * (low - middle) <= far) & (far <= width * (high - middle)))
    return np.array(found)


def _last(year: int) -> int:
    return int(np.datetime64(f"{year}-03-31").astype("int64"))


def _nights(history: History, years: range) -> np.ndarray:
    """Return the nights of each stay in each year ending in March."""
    start = history.stays["start"].to_numpy()[:, None]
    stop = history.stays["stop"].to_numpy()[:, None]
    last = np.array([_last(y) for y in years])
    first = np.array([_last(y - 1) for y in years]) + 1
    whole = np.minimum(np.where(stop == OPEN, history.until + 1, stop), last + 1)
    return np.maximum(whole - np.maximum(start, first), 0).astype(float)


def _levels(truth: Drift, years: int, rng: np.random.Generator) -> np.ndarray:
    """Return the price of each type in each year: the drift's own draws, one authority."""
    n = len(KEYS)
    rise = rng.normal(truth.rise, truth.rise_sd) + rng.normal(0, truth.own_sd, (n, 1))
    steps = (
        rise + rng.normal(0, truth.year_sd, years) + rng.normal(0, truth.own_year_sd, (n, years))
    )
    base = np.array([LEVELS[k] for k in KEYS])[:, None]
    return base * np.exp(np.cumsum(steps, axis=1))
