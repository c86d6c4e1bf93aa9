"""Statements on targets where the truth is known: a chance told, and what came.

For each history: a share of foster care and of homes among all children, the share of agency care
among foster care, children on the day, and how much they change a year, at a year end one to three
years ahead. What is aimed at is chosen by the forecast alone, evenly over its draws.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
from truth_histories import ORIGINS, SCENARIOS, SIZE, histories

from needs.forecast.flow.model import fit_flow
from needs.forecast.history import day_number
from needs.sufficiency.targets.chance import chance_of, meets
from needs.vocabulary.study_sections import default_categories
from needs.vocabulary.targets import whom

DRAWS = 400
YEARS = 3
Bend = Callable[[np.ndarray], np.ndarray]

_WHOM = whom(default_categories())
TARGETS = (
    ("fostering", "all", "at_least"),
    ("homes", "all", "at_most"),
    ("ifa", "fostering", "at_most"),
    ("all", "", "at_most"),
)
"""Who is counted, of whom (nobody: children on the day), and which way."""


def measured(counts: np.ndarray, places: tuple[str, ...], group: str, of: str) -> np.ndarray:
    """Return what a target measures of counts by placement type, the last axis."""
    wanted = (_WHOM[group].types or frozenset(), _WHOM[of or "all"].types or frozenset())
    at = [[k for k, p in enumerate(places) if p in types] for types in wanted]
    part, whole = (counts[..., k].sum(axis=-1) for k in at)
    return part if not of else 100 * part / np.maximum(whole, 1)


def statements(scenario: str, n: int, seed: int, bend: Bend = lambda x: x) -> np.ndarray:
    """Return chance told, what came, and chance told by bent draws, shape (n x targets, 3).

    ``bend`` changes the draws of the forecast, so that a test can tell wrong ones.
    """
    rows = []
    for number, (history, _) in enumerate(histories(scenario, n, seed, SIZE[scenario])):
        origin = dt.date(ORIGINS[number % len(ORIGINS)], 3, 31)
        known = history.cut(day_number(origin))
        days = tuple(dt.date(origin.year + y, 3, 31) for y in range(1, YEARS + 1))
        rng = np.random.default_rng([seed, number, SCENARIOS.index(scenario)])
        made = fit_flow(known).simulate(days, DRAWS, rng, threads=1)
        draws = made.draws.astype(float)
        bent = bend(draws)
        came = history.counts(np.array([day_number(d) for d in days])).astype(float)
        for group, of, way in TARGETS:
            year = int(rng.integers(0, YEARS))
            mine, wrong = (measured(d[:, year], made.groups, group, of) for d in (draws, bent))
            aim = float(np.quantile(mine, rng.uniform(0.01, 0.99)))
            true = measured(came[year], history.places, group, of)
            told, bold = (chance_of(d, aim, way).pct / 100 for d in (mine, wrong))
            rows.append((told, bool(meets([true], aim, way)[0]), bold))
    return np.array(rows, dtype=float)
