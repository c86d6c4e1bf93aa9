"""Why a scenario differs: each lever's part of the difference, whatever their order."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import factorial

import numpy as np
import numpy.typing as npt

from needs.forecast.flow.changes import changes
from needs.forecast.flow.model import FlowModel
from needs.forecast.levers import Lever
from needs.forecast.shape import Forecast
from needs.vocabulary.errors import Fault, ModelError

__all__ = ["MOST", "Attribution", "attribute"]

MOST = 5
"""Levers of which every combination is lived."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Attribution:
    """The difference between a scenario and the baseline, by lever.

    Parameters
    ----------
    levers : tuple of Lever
    baseline, scenario : Forecast
        Of the same chance: draw by draw they differ by the levers alone.
    parts : ndarray, shape (levers, draws, days, groups)
        Each lever's part; over levers they add up to scenario less baseline in every draw.
    """

    levers: tuple[Lever, ...]
    baseline: Forecast
    scenario: Forecast
    parts: Floats = field(repr=False)

    @property
    def whole(self) -> Floats:
        """Scenario less baseline, shape (draws, days, groups)."""
        whole: Floats = self.scenario.draws.astype(float) - self.baseline.draws.astype(float)
        return whole


def attribute(
    model: FlowModel,
    levers: Sequence[Lever],
    days: Sequence[dt.date],
    draws: int,
    seed: int,
) -> Attribution:
    """Return each lever's part of what a scenario changes.

    Parameters
    ----------
    model : FlowModel
    levers : sequence of Lever
        Five at most: all their combinations are lived.
    days : sequence of date
    draws : int
    seed : int

    Raises
    ------
    ModelError
        If there are no levers or too many, or one cannot be.

    Notes
    -----
    The Shapley value: the mean over all orders of what a lever adds to those before it
    (Shapley, Contributions to the Theory of Games II, 1953, pages 307-317).
    """
    if not 1 <= len(levers) <= MOST:
        rule = "there are none, or more than can be taken in every combination"
        raise ModelError(
            "a difference cannot be attributed",
            [Fault("levers", rule, "give one to five levers, or join some in a scenario first")],
        )
    changes(model, levers, 1)
    n = len(levers)
    lived: Mapping[frozenset[int], Forecast] = {
        some: model.simulate(
            days, draws, np.random.default_rng(seed), [levers[i] for i in sorted(some)]
        )
        for size in range(n + 1)
        for some in map(frozenset, itertools.combinations(range(n), size))
    }
    shape = lived[frozenset()].draws.shape
    # Whole numbers until the end: the parts then add up to the last child.
    total = np.zeros((n, *shape), dtype=np.int64)
    for some, forecast in lived.items():
        children = forecast.draws.astype(np.int64)
        for i in range(n):
            with_it = i in some
            before = len(some) - with_it
            weight = factorial(before) * factorial(n - before - 1)
            total[i] += weight * children if with_it else -weight * children
    every = frozenset(range(n))
    return Attribution(tuple(levers), lived[frozenset()], lived[every], total / float(factorial(n)))
