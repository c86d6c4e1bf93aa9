"""Demand from monthly entries and exits: count regressions, simulated forward.

Entries follow the population where it is known, exits the children in care; both have a season,
and a trend where one is found. A trend that is found fades by half each year (Gardner and
McKenzie 1985, *Management Science* 31, 1237-1246): nobody enters care ever faster. Draws carry
chance, the doubt of the coefficients, and drift of the levels from year to year.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from needs.forecast.history import History, day_number
from needs.forecast.series.months import Months, Step, months_of, steps_to
from needs.forecast.series.people import People
from needs.forecast.series.regression import CountFit, design, fit_counts
from needs.forecast.series.split import split
from needs.forecast.shape import Forecast, Part
from needs.vocabulary.errors import Fault, ModelError

__all__ = ["FADES", "MonthlyModel", "count_regression", "fit_monthly"]

FADES = 0.5
"""What is left of a trend after a year."""

DRIFT = 0.05
WORTH = 4.0
"""Drift of a level in a year, on the log scale, before any is seen; and years that it is worth."""

YEAR_MONTHS = 12
EPOCH = dt.date(1970, 1, 1)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MonthlyModel:
    """Fitted monthly entries and exits.

    Parameters
    ----------
    months : Months
        What they were fitted to.
    entries, exits : CountFit
    entries_drift, exits_drift : float
        Standard deviation of a level's change in a year, on the log scale, beside chance.
    people : People or None
    origin : datetime.date
    stock : float
        Children at the origin.
    """

    months: Months
    entries: CountFit
    exits: CountFit
    entries_drift: float
    exits_drift: float
    people: People | None
    origin: dt.date
    stock: float

    def exposure(self, time: Floats, days: Floats) -> Floats:
        """Return what entries are exposed to: days, times the people under 18 where known."""
        return _exposed(self.people, self.origin, time, days)

    def simulate(
        self, days: Sequence[dt.date], draws: int, rng: np.random.Generator
    ) -> tuple[Floats, Floats, Floats]:
        """Return stock, entries and exits.

        Returns
        -------
        stock : ndarray, shape (draws, days)
        entries, exits : ndarray, shape (draws, days)
            From the day before in ``days`` up to the day.
        """
        at = np.array([day_number(d) for d in days])
        steps = steps_to(day_number(self.origin), at)
        came_mean = self._means(self.entries, self.entries_drift, steps, draws, rng)
        left_mean = self._means(self.exits, self.exits_drift, steps, draws, rng)
        time, length = np.array([s.time for s in steps]), np.array([float(s.days) for s in steps])
        came_mean *= self.exposure(time, length)
        stock = np.full(draws, self.stock)
        out = np.zeros((3, draws, len(days)))
        here = 0
        for i, step in enumerate(steps):
            came = self.entries.counts(came_mean[:, i], rng)
            # A child is exposed for half of the month it comes in.
            risk = (stock + came / 2) * step.days
            left = np.minimum(self.exits.counts(left_mean[:, i] * risk, rng), stock + came)
            stock = stock + came - left
            out[1, :, here] += came
            out[2, :, here] += left
            if step.last == at[here]:
                out[0, :, here] = stock
                here += 1
        return out[0], out[1], out[2]

    def _means(
        self, fit: CountFit, drift: float, steps: list[Step], draws: int, rng: np.random.Generator
    ) -> Floats:
        """Return what is expected of each step for one of exposure, shape (draws, steps)."""
        ahead = np.array([s.ahead for s in steps])
        # The integral of a trend that fades: bounded, however far ahead.
        gone = -(1 - FADES**ahead) / np.log(FADES)
        month = np.array([s.month for s in steps])
        x = design(gone, month, fit.seasonal, fit.trend)
        walk = rng.standard_normal((draws, len(steps))) * np.sqrt(np.diff(ahead, prepend=0.0))
        return np.exp(fit.betas(draws, rng) @ x.T + drift * np.cumsum(walk, axis=1))


def fit_monthly(history: History, people: People | None = None) -> MonthlyModel:
    """Return the regressions of a history's monthly entries and exits.

    Parameters
    ----------
    history : History
    people : People, optional
        Entries are then counted for each of the people under 18.

    Raises
    ------
    ModelError
        If fewer than twelve whole months are known, or nobody is in care in one of them.
    """
    months = months_of(history)
    if len(months.entries) < YEAR_MONTHS or not months.stock.all():
        rule = "fewer than twelve whole months with children in care are known"
        raise ModelError("months cannot be counted", [Fault("ssda903", rule, "add returns")])
    origin = EPOCH + dt.timedelta(days=history.until)
    came = _exposed(people, origin, months.time, months.days)
    left = (months.stock + months.entries / 2) * months.days
    entries = fit_counts(months.entries, came, months.time, months.month)
    exits = fit_counts(months.exits, left, months.time, months.month)
    return MonthlyModel(
        months,
        entries,
        exits,
        _drift(entries, months.entries, came, months),
        _drift(exits, months.exits, left, months),
        people,
        origin,
        float(history.counts(np.array([history.until]))[0].sum()),
    )


def _exposed(people: People | None, origin: dt.date, time: Floats, days: Floats) -> Floats:
    if people is None:
        return days
    # The population of the day itself: rates of a 31 March stand on that of nine months before.
    under_18 = people.on(origin, time + 0.75).sum(axis=1)
    return days if np.isnan(under_18).any() else days * under_18


def _drift(fit: CountFit, count: Floats, exposure: Floats, months: Months) -> float:
    """Return how far a level moves in a year beside chance, drawn towards what is usual."""
    x = design(months.time - fit.origin, months.month, fit.seasonal, fit.trend)
    mean = exposure * np.exp(x @ fit.beta)
    years = len(count) // YEAR_MONTHS
    whole = [
        v[len(v) - years * YEAR_MONTHS :].reshape(years, -1).sum(axis=1) for v in (count, mean)
    ]
    change = np.diff(np.log((whole[0] + 0.5) / (whole[1] + 0.5)))
    # Two years' chance lies in a change.
    by_chance = 2 * (1 / np.maximum(whole[1].mean(), 1.0) + fit.alpha / YEAR_MONTHS)
    beside = max(float(np.sum(change**2 - by_chance)), 0.0)
    return float(np.sqrt((beside + WORTH * DRIFT**2) / (len(change) + WORTH)))


def count_regression(
    history: History,
    days: Sequence[dt.date],
    draws: int,
    rng: np.random.Generator,
    *,
    people: People | None = None,
) -> Forecast:
    """Return the forecast of monthly entries and exits.

    Parameters
    ----------
    history : History
    days : sequence of date
    draws : int
    rng : numpy.random.Generator
    people : People, optional
        Offset of the entries.

    Returns
    -------
    Forecast
        Placement types share the total as they do at the origin, and move as their shares
        have. Parts ``monthly_entries`` and ``monthly_exits``.

    Raises
    ------
    ModelError
        If too few months are known (:func:`fit_monthly`).
    """
    model = fit_monthly(history, people)
    stock, came, left = model.simulate(days, draws, rng)
    now = history.counts(np.array([history.until]))[0].astype(float)
    told = split(stock, np.repeat(now[None, :], len(days), axis=0), history, days, rng)
    flows = {"monthly_entries": came, "monthly_exits": left}
    return Forecast(
        "count_regression",
        "Monthly entries and exits",
        model.origin,
        tuple(days),
        history.places,
        told.astype(np.float32),
        parts={
            key: Part(("all",), v[:, :, None].astype(np.float32), flow=True)
            for key, v in flows.items()
        },
        settings={
            "entries": model.entries.family,
            "exits": model.exits.family,
            "trend_fades": FADES,
            "population": people is not None,
        },
    )
