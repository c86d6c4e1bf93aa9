"""What methods would have said in past years, with only what was known then, and what came."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import scoringrules as sr

from needs.forecast.backtest_scores import YARDSTICK
from needs.forecast.history import History, day_number
from needs.forecast.shape import LEVELS, TOTAL, Forecast
from needs.vocabulary.errors import Fault, ModelError
from needs.vocabulary.threads import one_thread

__all__ = ["HORIZONS", "Method", "Past", "rolling", "rolling_known", "scored", "year_ends_within"]

HORIZONS = (1, 2, 3, 4, 5)
"""Years ahead."""

LEAST_KNOWN = 3
"""Years of records that must lie before the first origin."""

MOST_ORIGINS = 7
EPOCH = dt.date(1970, 1, 1)

Method = Callable[[History, Sequence[dt.date], int, np.random.Generator], Forecast]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Past:
    """A forecast that could have been made, and what came.

    Parameters
    ----------
    forecast : Forecast
    outcome : ndarray of float, shape (days, groups)
        Children counted on its days.
    base : ndarray of float, shape (groups,)
        Children counted on its origin.
    """

    forecast: Forecast
    outcome: Floats
    base: Floats


def year_ends_within(history: History, known: int = LEAST_KNOWN) -> list[dt.date]:
    """Return the 31 Marches with ``known`` years of records before and one after."""
    first = (EPOCH + dt.timedelta(days=history.since)).year
    last = (EPOCH + dt.timedelta(days=history.until)).year
    days = (dt.date(year, 3, 31) for year in range(first, last + 1))
    return [
        d
        for d in days
        if history.since <= day_number(dt.date(d.year - known, 4, 1))
        and day_number(dt.date(d.year + 1, 3, 31)) <= history.until
    ]


def rolling(
    history: History,
    methods: Mapping[str, Method],
    draws: int,
    seed: int,
    origins: Sequence[dt.date] | None = None,
    step: Callable[[str], None] = lambda _: None,
    refused: Callable[[str, dt.date, ModelError], None] | None = None,
) -> list[Past]:
    """Return every forecast that methods would have made, with what came.

    Parameters
    ----------
    history : History
        Later corrections of earlier returns are in it: only one state of the records is kept,
        so that an origin knows a little more of its past than people knew on the day.
    methods : mapping of str to Method
    draws : int
        A forecast.
    seed : int
        Of the study. Each method and origin has a generator of its own, so that a method
        more or less changes no other's draws.
    origins : sequence of date, optional
        31 Marches; the last :data:`MOST_ORIGINS` that :func:`year_ends_within` gives.
    step : callable
        Told what is about to be done.
    refused : callable, optional
        Told of a method that cannot be used at an origin, which is then left out there. The
        last value's refusal is an error, as is any where nobody is told.

    Raises
    ------
    ModelError
        If there is no origin with an outcome.

    Notes
    -----
    Rolling origin: Tashman (2000), *International Journal of Forecasting* 16, 437-450.
    """
    chosen = year_ends_within(history)[-MOST_ORIGINS:] if origins is None else list(origins)
    if not chosen:
        rule = "the returns know no 31 March with three years before it and one after"
        raise ModelError("nothing can be tested", [Fault("ssda903", rule, "add earlier returns")])
    made = []
    for origin in chosen:
        known = history.cut(day_number(origin))
        days = _ahead(origin, history.until)
        at = np.array([day_number(d) for d in days])
        outcome = history.counts(at).astype(float)
        base = known.counts(np.array([known.until]))[0].astype(float)
        for key, method in methods.items():
            step(f"{key}, {origin:%Y}")
            rng = np.random.default_rng([seed, origin.year, zlib.crc32(key.encode())])
            try:
                with one_thread():
                    forecast = method(known, days, draws, rng)
            except ModelError as error:
                if refused is None or key == YARDSTICK:
                    raise
                refused(key, origin, error)
                continue
            made.append(Past(forecast, outcome, base))
    return made


def rolling_known(past: Sequence[Past], day: dt.date) -> list[Past]:
    """Return past forecasts cut to the outcomes that had come by a day; those with none go."""
    known = []
    for p in past:
        days = [d for d in p.forecast.days if d <= day]
        if days:
            known.append(Past(p.forecast.on(days), p.outcome[: len(days)], p.base))
    return known


def _ahead(origin: dt.date, until: int) -> list[dt.date]:
    days = (dt.date(origin.year + h, 3, 31) for h in HORIZONS)
    return [d for d in days if day_number(d) <= until]


def scored(past: Sequence[Past], groups: Mapping[str, Sequence[str]] | None = None) -> pd.DataFrame:
    """Return one row a method, origin, horizon and group.

    Parameters
    ----------
    past : sequence of Past
    groups : mapping of str to sequence of str, optional
        Key -> placement types added up; the total and each type where not given.

    Returns
    -------
    DataFrame
        ``method``, ``origin`` (end year), ``horizon`` (years), ``group``, ``base`` (count on
        the origin), ``outcome``, ``forecast`` (median of the draws), ``error`` (mean less
        outcome), ``absolute`` (of the median), ``crps``, ``inside_50`` to ``inside_95``
        (bool), all in children.

    Notes
    -----
    CRPS from draws by probability-weighted moments (Zamo and Naveau 2018, *Mathematical
    Geosciences* 50, 209-234), from scoringrules. The median is the best guess under absolute
    error, the mean that of which bias is asked.
    """
    frame = pd.DataFrame([row for p in past for row in _rows(p, groups)])
    return frame.sort_values(["method", "origin", "horizon"], kind="stable", ignore_index=True)


def _rows(
    past: Past, groups: Mapping[str, Sequence[str]] | None
) -> Iterator[dict[str, str | int | float | bool]]:
    forecast = past.forecast
    chosen = groups or {TOTAL: forecast.groups, **{g: (g,) for g in forecast.groups}}
    draws = np.stack([forecast.of(m) for m in chosen.values()], axis=-1).astype(float)
    base, outcome = _counted(past, chosen.values())
    found = _scores(draws, outcome)
    for g, key in enumerate(chosen):
        for i, day in enumerate(forecast.days):
            yield {
                "method": forecast.method,
                "origin": forecast.origin.year,
                "horizon": day.year - forecast.origin.year,
                "group": key,
                "base": float(base[g]),
                "outcome": float(outcome[i, g]),
                **{k: v[i, g].item() for k, v in found.items()},
            }


def _counted(past: Past, groups: Iterable[Sequence[str]]) -> tuple[Floats, Floats]:
    """Return counts of groups on the origin, shape (groups,), and later, shape (days, groups)."""
    at = [[past.forecast.groups.index(g) for g in members] for members in groups]
    base = np.array([past.base[k].sum() for k in at], dtype=float)
    return base, np.stack([past.outcome[:, k].sum(axis=1) for k in at], axis=-1).astype(float)


def _scores(draws: Floats, outcome: Floats) -> dict[str, Floats | Bools]:
    """Return scores of draws, shape (draws, days, groups), each of shape (days, groups)."""
    sides = [50 + s * level / 2 for level in LEVELS for s in (-1, 1)]
    middle, *ends = np.percentile(draws, [50, *sides], axis=0)
    mean = draws.mean(axis=0)
    crps = sr.crps_ensemble(outcome, np.moveaxis(draws, 0, -1), estimator="pwm")
    inside = {}
    for level, low, high in zip(LEVELS, ends[::2], ends[1::2], strict=True):
        # A count is whole: an end of a range covers the count it rounds to.
        inside[f"inside_{level}"] = (np.floor(low + 0.5) <= outcome) & (
            outcome <= np.floor(high + 0.5)
        )
    return {
        "forecast": middle,
        "error": mean - outcome,
        "absolute": np.abs(middle - outcome),
        "crps": crps,
        **inside,
    }
