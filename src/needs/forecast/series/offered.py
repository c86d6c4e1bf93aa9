"""The methods of this room, with what each needs beside a history.

Examples
--------
>>> from needs.forecast.series.offered import METHODS, offered
>>> sorted(METHODS)
['arima', 'count_regression', 'ets', 'population']
>>> sorted(offered(None))
['arima', 'count_regression', 'ets']
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from needs.forecast.history import History
from needs.forecast.series.monthly import count_regression
from needs.forecast.series.people import People
from needs.forecast.series.population import population
from needs.forecast.series.stock import arima, ets
from needs.forecast.shape import Forecast

__all__ = ["METHODS", "Offer", "offered"]

Method = Callable[[History, Sequence[dt.date], int, np.random.Generator], Forecast]


@dataclass(frozen=True)
class Offer:
    """A method and what it needs.

    Parameters
    ----------
    key, label : str
    needs : tuple of str
        ``months`` (whole months of records, at least twelve) and ``population`` (estimates by
        single year of age).
    make : callable
        ``make(people)`` returns the method; ``people`` may be None where ``population`` is not
        needed, and is used where it is given.

    Notes
    -----
    A method that cannot be used on a history says so with ModelError.
    """

    key: str
    label: str
    needs: tuple[str, ...]
    make: Callable[[People | None], Method]


def _population(people: People | None) -> Method:
    if people is None:
        raise ValueError("the population method needs a population")
    return partial(population, people=people)


METHODS: Mapping[str, Offer] = {
    o.key: o
    for o in (
        Offer(
            "population",
            "Rates by age and the population to come",
            ("population",),
            _population,
        ),
        Offer(
            "count_regression",
            "Monthly entries and exits",
            ("months",),
            lambda people: partial(count_regression, people=people),
        ),
        Offer("ets", "Exponential smoothing of the monthly stock", ("months",), lambda _: ets),
        Offer("arima", "ARIMA of the monthly stock", ("months",), lambda _: arima),
    )
}


def offered(people: People | None, first: dt.date | None = None) -> dict[str, Method]:
    """Return the methods that can be had with the population of a study, or without one.

    Parameters
    ----------
    people : People or None
    first : datetime.date, optional
        First day that will be forecast from, as in a backtest: where no population was known
        by then, the methods that need one are left out.
    """
    known = people is not None and (first is None or len(people.known(first)[0]) > 0)
    with_people = people if known else None
    return {
        key: offer.make(with_people)
        for key, offer in METHODS.items()
        if known or "population" not in offer.needs
    }
