"""Households and places ahead, how well such forecasts did, and what a target asks for."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.sufficiency.fostering.model import LEAST, Fitted, Future, fitted, future
from needs.sufficiency.fostering.pipeline import Pipeline
from needs.sufficiency.fostering.stages import approved_within
from needs.vocabulary.records import StudyData

__all__ = ["DRAWS", "YEARS", "Ahead", "backtest", "chance_of", "drawn", "enquiries_for", "needed"]

Floats = npt.NDArray[np.float64]

YEARS = 5
"""Years ahead."""
DRAWS = 4000
_MOST = 400
"""Approvals a year beyond which no answer is looked for."""


@dataclass(frozen=True, eq=False)
class Ahead:
    """The years ahead of a study's households.

    Attributes
    ----------
    pipeline : Pipeline
    fits : mapping of str to Fitted
    futures : mapping of str to Future
        By group, but for groups without a household now and an approval in the years shown.
    """

    pipeline: Pipeline
    fits: Mapping[str, Fitted] = field(repr=False)
    futures: Mapping[str, Future] = field(repr=False)

    @classmethod
    def of(cls, data: StudyData) -> Ahead | None:
        """Return the years ahead, worked out once; None where the table covers too few years."""

        def made() -> Ahead | None:
            pipeline = Pipeline.of(data)
            if len(pipeline.ends()) < LEAST:
                return None
            return Ahead(pipeline, *drawn(pipeline, pipeline.ends(), data.study.seed, YEARS))

        return data.once("foster carers ahead", made)

    def total(self, what: str) -> Floats:
        """Return draws of a number over all groups, shape (draws, years)."""
        each = [np.asarray(getattr(f, what), dtype=float) for f in self.futures.values()]
        summed: Floats = np.sum(each, axis=0)
        return summed


def drawn(
    pipeline: Pipeline, ends: Sequence[int], seed: int, years: int, draws: int = DRAWS
) -> tuple[dict[str, Fitted], dict[str, Future]]:
    """Return what is known of each group's households, and draws of the years ahead."""
    fits, futures = {}, {}
    for group in pipeline.groups():
        part = pipeline.of_group(group)
        if not part.approved_on([part.day]).any() and not part.counts("approval", ends).any():
            continue
        rng = np.random.default_rng([seed, 45, zlib.crc32(group.encode()), part.day])
        fits[group] = fitted(part, ends, rng, draws)
        futures[group] = future(fits[group], years, rng)
    return fits, futures


def backtest(pipeline: Pipeline, seed: int) -> pd.DataFrame:
    """Return what forecasts of past years would have said, beside what came.

    Each is made from what was known on its day: dates after it are left out.

    Returns
    -------
    pandas.DataFrame
        One row a day of forecast and year ahead: ``origin``, ``ahead``, ``actual``, ``model``
        (mean), ``last`` (households on the day), ``in_80``, ``in_95`` (bool).
    """
    ends, rows = pipeline.ends(), []
    for k in range(LEAST - 1, len(ends) - 1):
        past = pipeline.known_on(ends[k])
        then = ends[k + 1 :][:YEARS]
        _, futures = drawn(past, ends[: k + 1], seed, len(then))
        draws = np.sum([f.households for f in futures.values()], axis=0)
        came = pipeline.approved_on(then).sum(axis=0)
        low, lower, upper, high = np.quantile(draws, [0.025, 0.1, 0.9, 0.975], axis=0)
        rows += [
            {
                "origin": ends[k],
                "ahead": h + 1,
                "actual": float(came[h]),
                "model": float(draws[:, h].mean()),
                "last": float(past.approved_on([past.day]).sum()),
                "in_80": bool(lower[h] <= came[h] <= upper[h]),
                "in_95": bool(low[h] <= came[h] <= high[h]),
            }
            for h in range(len(then))
        ]
    names = ["origin", "ahead", "actual", "model", "last", "in_80", "in_95"]
    return pd.DataFrame(rows, columns=names)


def chance_of(found: Fitted, places: float, years: int, approvals: float, seed: int) -> float:
    """Return the chance of so many places after some years at given approvals a year.

    The same seed gives the same futures but for the approvals, so that more of these never lower
    the chance beyond the error of the draws.
    """
    made = future(found, years, np.random.default_rng([seed, 45, 7]), approvals)
    return float((made.places[:, -1] >= places).mean())


def needed(found: Fitted, places: float, years: int, chance: float, seed: int) -> float:
    """Return approvals a year with which the places are there with a chance, by bisection.

    Returns
    -------
    float
        A whole number of approvals; infinite if 400 a year do not suffice.
    """
    low, high = 0, _MOST
    if chance_of(found, places, years, high, seed) < chance:
        return np.inf
    while low < high:
        middle = (low + high) // 2
        enough = chance_of(found, places, years, middle, seed) >= chance
        low, high = (low, middle) if enough else (middle + 1, high)
    return float(low)


def enquiries_for(pipeline: Pipeline, approvals: float) -> float:
    """Return enquiries a year that so many approvals take, at the chance of the years shown."""
    chance = approved_within(pipeline, pipeline.ends()[0])
    return approvals / chance if chance > 0 else np.nan
