"""Statements on shortages where the truth is known: a chance told, and what came.

One statement a service and history: places that some draws of the forecast pass and others do
not, in a month between one and thirty-six ahead, and whether the children of the history outnumber
them then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pandas as pd
import statsmodels.api as sm
from truth_histories import ORIGINS, SCENARIOS, SIZE, histories

from needs.forecast.flow.model import fit_flow
from needs.forecast.history import day_number
from needs.forecast.shape import Forecast
from needs.sufficiency.capacity.demand import monthly, services
from needs.sufficiency.capacity.gap import gap_of
from needs.vocabulary.study_sections import default_categories

DRAWS = 400
YEARS = 3
EDGES = (0.2, 0.4, 0.6, 0.8)
SERVICES = {s.key: s.types for s in services(default_categories())}
Bend = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Judged:
    """What statements were worth.

    Attributes
    ----------
    bins : DataFrame
        By fifth of the chance told: ``n``, ``told``, ``came`` (means).
    slope : float
        Of a logistic regression of what came on the log odds of what was told; one is right.
    brier, base : float
        Mean squared error of the statements, and of the share of all that came.
    """

    bins: pd.DataFrame
    slope: float
    brier: float
    base: float

    @property
    def widest(self) -> float:
        """Widest distance of told and came, in points."""
        return float(100 * (self.bins["told"] - self.bins["came"]).abs().max())

    def table(self) -> str:
        """Return the bins as text."""
        return self.bins.round(3).to_string()


def statements(scenario: str, n: int, seed: int, bend: Bend = lambda x: x) -> np.ndarray:
    """Return chance told and what came, shape (n x services, 2).

    ``bend`` changes the draws of the forecast, so that a test can tell wrong ones.
    """
    rows = []
    for number, (history, _) in enumerate(histories(scenario, n, seed, SIZE[scenario])):
        origin = dt.date(ORIGINS[number % len(ORIGINS)], 3, 31)
        known = history.cut(day_number(origin))
        days = tuple(dt.date(origin.year + y, 3, 31) for y in range(1, YEARS + 1))
        rng = np.random.default_rng([seed, number, SCENARIOS.index(scenario)])
        made = fit_flow(known).simulate(days, DRAWS, rng, threads=1)
        bent = Forecast("bent", "", made.origin, days, made.groups, bend(made.draws))
        study = SimpleNamespace(period=SimpleNamespace(as_at=origin))
        outlook = SimpleNamespace(basis=SimpleNamespace(study=study), days=days)
        ahead = SimpleNamespace(outlook=outlook, history=known, forecast=bent)
        ends, children = monthly(ahead, SERVICES, rng)
        at = ends.to_numpy().astype("datetime64[D]").astype(np.int64)
        month = rng.integers(0, len(ends), len(SERVICES))
        came = history.counts(at)
        for k, types in enumerate(SERVICES.values()):
            mine = children[:, month[k], k][:, None]
            # Chosen by the forecast alone, evenly over its draws.
            places = np.floor(np.quantile(mine, rng.uniform(0.01, 0.99)))
            gap = gap_of(mine, mine[:, :, None], np.full((1, 1), places), np.ones((1, 1), bool))
            true = came[month[k], [history.places.index(t) for t in types]].sum()
            rows.append(((gap.short > 0).mean(), true > places))
    return np.array(rows, dtype=float)


def judged(made: np.ndarray) -> Judged:
    """Return what statements were worth."""
    told, came = made.T
    bins = pd.DataFrame({"told": told, "came": came, "n": 1})
    bins = bins.groupby(np.digitize(told, EDGES)).agg({"n": "size", "told": "mean", "came": "mean"})
    p = np.clip(told, 0.5 / DRAWS, 1 - 0.5 / DRAWS)
    odds = sm.add_constant(np.log(p / (1 - p)))
    slope = float(sm.GLM(came, odds, family=sm.families.Binomial()).fit().params[1])
    brier = float(((told - came) ** 2).mean())
    return Judged(bins, slope, brier, float(came.mean() * (1 - came.mean())))
