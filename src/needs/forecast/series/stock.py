"""Time series of the stock at the ends of months: exponential smoothing, and ARIMA.

Both are statsmodels' own. Smoothing has an additive error and a damped additive trend or none
(Hyndman, Koehler, Ord and Snyder 2008, *Forecasting with Exponential Smoothing*, chapter 6);
ARIMA has one difference, one term of either kind at most and, where three years are known, a
seasonal term of twelve months. The form of each is chosen by AICc, on logs: a count changes in
proportion. Draws are simulated paths; they hold the coefficients for known, so that ranges are
somewhat narrow.
"""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress

import numpy as np
import numpy.typing as npt

from needs.forecast.history import History, day_number
from needs.forecast.series.months import month_starts
from needs.forecast.series.split import split
from needs.forecast.shape import Forecast
from needs.vocabulary.errors import Fault, ModelError

__all__ = ["arima", "ets", "month_ends"]

EPOCH = dt.date(1970, 1, 1)
LEAST = 24
SEASONAL = 36
WALK = (0, 1, 0)
ORDERS = (WALK, (0, 1, 1), (1, 1, 0))
MOST = 3.0
"""No path moves by more than this, on the log scale."""

Floats = npt.NDArray[np.float64]
Paths = Callable[[Floats, int, int, np.random.Generator], Floats]


def month_ends(history: History) -> Floats:
    """Return children looked after every month back from the last day, oldest first.

    The last is the last day known, so that an extract in the middle of a month is not lost; the
    others are ends of months.
    """
    ends = month_starts(history.since + 1, history.until) - 1
    ends = ends[history.until - ends >= 15]
    days = np.append(ends, history.until)
    counts: Floats = history.counts(days).sum(axis=1).astype(float)
    return counts


def ets(
    history: History, days: Sequence[dt.date], draws: int, rng: np.random.Generator
) -> Forecast:
    """Return exponential smoothing of the monthly stock.

    Raises
    ------
    ModelError
        If fewer than 24 months are known, or nobody was in care in one of them.
    """
    return _forecast("ets", "Exponential smoothing of the monthly stock", _ets, history, days,
                     draws, rng)  # fmt: skip


def arima(
    history: History, days: Sequence[dt.date], draws: int, rng: np.random.Generator
) -> Forecast:
    """Return ARIMA, or seasonal ARIMA, of the monthly stock.

    Raises
    ------
    ModelError
        As :func:`ets`.
    """
    return _forecast("arima", "ARIMA of the monthly stock", _arima, history, days, draws, rng)


def _forecast(
    key: str,
    label: str,
    paths: Paths,
    history: History,
    days: Sequence[dt.date],
    draws: int,
    rng: np.random.Generator,
) -> Forecast:
    stock = month_ends(history)
    if len(stock) < LEAST or not stock.all():
        rule = "fewer than 24 months with children in care are known"
        raise ModelError("the stock is no series", [Fault("ssda903", rule, "add returns")])
    origin = EPOCH + dt.timedelta(days=history.until)
    months = np.array([max(round((day_number(d) - history.until) / 30.436875), 1) for d in days])
    logs = np.log(stock)
    made = paths(logs, int(months.max()), draws, rng)[:, months - 1]
    total = np.exp(np.clip(made, logs[-1] - MOST, logs[-1] + MOST))
    now = history.counts(np.array([history.until]))[0].astype(float)
    told = split(total, np.repeat(now[None, :], len(days), axis=0), history, days, rng)
    return Forecast(
        key, label, origin, tuple(days), history.places, told.astype(np.float32),
        settings={"months": len(stock)},
    )  # fmt: skip


def _ets(logs: Floats, months: int, draws: int, rng: np.random.Generator) -> Floats:
    # Imported here: it takes a second, and chapters without records never fit.
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fits = [
            ETSModel(logs, error="add", trend=trend, damped_trend=trend is not None).fit(disp=False)
            for trend in (None, "add")
        ]
        best = min(fits, key=lambda f: f.aicc)
        path = best.simulate(months, anchor="end", repetitions=draws, rng=rng)
    return np.asarray(path, dtype=float).reshape(months, draws).T


def _arima(logs: Floats, months: int, draws: int, rng: np.random.Generator) -> Floats:
    from statsmodels.tsa.statespace.sarimax import SARIMAX  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # The scale is worked out, not searched for, where anything is left to search: three times
        # as fast, to the same fit.
        fits = [
            SARIMAX(logs, order=order, concentrate_scale=order != WALK).fit(
                disp=False, cov_type="none"
            )
            for order in ORDERS
        ]
        best = min(fits, key=lambda f: f.aicc)
        if len(logs) >= SEASONAL:
            order = best.model.order
            with suppress(np.linalg.LinAlgError):  # a series that hardly moves has no season
                seasonal = SARIMAX(
                    logs, order=order, seasonal_order=(1, 0, 0, 12), concentrate_scale=True
                ).fit(disp=False, cov_type="none")
                best = min((best, seasonal), key=lambda f: f.aicc)
        path = best.simulate(months, anchor="end", repetitions=draws, rng=rng)
    return np.asarray(path, dtype=float).reshape(months, draws).T
