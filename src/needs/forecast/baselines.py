"""Forecasts that need no model: the last value, its drift, and the council's way with shares.

Every other method has to beat the first of them before it is believed. Ranges come from the
authority's own past changes over as long a time, drawn towards a stated prior where few years
are known.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from needs.forecast.history import History, day_number
from needs.forecast.shape import Forecast
from needs.vocabulary.errors import Fault, ModelError

__all__ = ["PRIOR", "REDUCTION", "Spread", "drift", "last_value", "share_method", "spread"]


@dataclass(frozen=True)
class Spread:
    """What is taken to be known of yearly changes before any is seen.

    Parameters
    ----------
    total : float
        Standard deviation of the total's change in a year, on the log scale.
    share : float
        Of a placement type's share, beside chance.
    chance : float
        Variance that one child adds: the share of a type with ``n`` children moves by
        ``chance / (n + 1)`` more a year.
    worth : float
        Separate changes that the prior is worth.
    """

    total: float = 0.05
    share: float = 0.06
    chance: float = 0.6
    worth: float = 4.0


PRIOR = Spread()
REDUCTION = 0.05
"""Policy reduction a year of the published method: commissioning strategy 2020 to 2025."""

MOST = 2.0
"""No draw changes by more than this, on the log scale: about sevenfold."""

YEAR = 365.25
QUARTER = 91
EPOCH = dt.date(1970, 1, 1)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def last_value(
    history: History, days: Sequence[dt.date], draws: int, rng: np.random.Generator
) -> Forecast:
    """Return the last count of each placement type, held, with ranges from past changes.

    Parameters
    ----------
    history : History
        The last count is that of its last day.
    days : sequence of date
        After that day.
    draws : int
    rng : numpy.random.Generator

    Returns
    -------
    Forecast
        The total is drawn from the total's past changes over as many days, the shares of
        the types from those of their shares: types add up to the total in every draw. An
        empty type stays empty.

    Notes
    -----
    Changes over ``h`` years are taken from every quarter known. Their mean square about
    nought, worth ``span / h`` separate changes, is pooled with :data:`PRIOR`; draws follow
    Student's t with as many degrees of freedom (Gelman and others, 2013, *Bayesian Data
    Analysis*, 3rd edition, 2.6: normal with known mean and scaled inverse chi-square prior).
    """
    now = _now(history)
    held = np.repeat(now[None, :], len(days), axis=0)
    return _drawn("last_value", "Last value", history, days, held, draws, rng)


def drift(
    history: History, days: Sequence[dt.date], draws: int, rng: np.random.Generator
) -> Forecast:
    """Return the line from the first count of each placement type to the last, carried on.

    Notes
    -----
    Hyndman and Athanasopoulos (2021), *Forecasting: Principles and Practice*, 3rd edition,
    5.2. Types that fall below nought stay there. Ranges are those of :func:`last_value`.
    """
    now = _now(history)
    first = history.counts(np.array([history.since]))[0].astype(float)
    span = max(history.until - history.since, 1)
    ahead = np.array([day_number(d) - history.until for d in days])
    line = np.maximum(now + np.outer(ahead / span, now - first), 0.0)
    return _drawn("drift", "Drift carried on", history, days, line, draws, rng)


def share_method(
    history: History,
    days: Sequence[dt.date],
    draws: int,
    rng: np.random.Generator,
    *,
    reduction: float = REDUCTION,
) -> Forecast:
    """Return the published method: a projected total times today's shares, one number each.

    Parameters
    ----------
    reduction : float
        Policy reduction a year, 0 to below 1.

    Notes
    -----
    The commissioning strategy of 2020 to 2025 projects the total with the population, which a
    history does not hold: the total grows here as it grew over the years known. All draws
    are the same, since the method states no range.
    """
    del rng
    now = _now(history)
    first = float(history.counts(np.array([history.since]))[0].sum())
    years = np.array([(day_number(d) - history.until) / YEAR for d in days])
    known = max((history.until - history.since) / YEAR, 1.0)
    growth = (float(now.sum()) / first) ** (1 / known) if first > 0 and now.sum() > 0 else 1.0
    factor = (growth * (1 - reduction)) ** years
    draws_of = np.broadcast_to(np.outer(factor, now), (draws, len(days), len(now)))
    return Forecast(
        "share_method",
        "Fixed shares with a policy reduction",
        EPOCH + dt.timedelta(days=history.until),
        tuple(days),
        history.places,
        draws_of.astype(np.float32),
        settings={"reduction": reduction},
        notes=("The published method states no range: all draws are the same.",),
    )


def spread(history: History, days: Sequence[dt.date]) -> tuple[Floats, Floats, float]:
    """Return how far total and shares may move, on the log scale.

    Returns
    -------
    total : ndarray, shape (days,)
        Standard deviation of the log of the total.
    shares : ndarray, shape (days, places)
        Of the log of each type's share.
    freedom : float
        Degrees of freedom, of the day that has fewest.
    """
    span = history.until - history.since
    total, shares, freedom = [], [], []
    now = _now(history)
    for day in days:
        ahead = day_number(day) - history.until
        # Over more than half of what is known too few changes are left: go by shorter ones.
        lag = min(ahead, max(span // 2, 1))
        starts = np.arange(history.until - lag, history.since - 1, -QUARTER)
        worth = len(starts) and max(min((span - lag) / lag + 1, len(starts)), 0)
        whole, part = _changes(history, starts, lag)
        prior = ahead / YEAR
        total.append(_pooled(whole * ahead / lag, worth, prior * PRIOR.total**2))
        chance = PRIOR.share**2 + PRIOR.chance / (now + 1)
        shares.append(_pooled(part * ahead / lag, worth, prior * chance))
        freedom.append(worth + PRIOR.worth)
    return np.sqrt(np.array(total)), np.sqrt(np.array(shares)), float(min(freedom))


def _pooled(square: Floats, worth: float, prior: Floats | float) -> Floats:
    pooled: Floats = (worth * square + PRIOR.worth * prior) / (worth + PRIOR.worth)
    return pooled


def _changes(history: History, starts: Ints, lag: int) -> tuple[Floats, Floats]:
    """Return mean squares of log changes over a lag: of the total, and of each type's share."""
    if not len(starts):
        return np.array(0.0), np.zeros(len(history.places))
    # Half a child more, so that an empty type has a share.
    before, after = (history.counts(d).astype(float) + 0.5 for d in (starts, starts + lag))
    whole = np.log(after.sum(1) / before.sum(1))
    part = np.log(after / before) - whole[:, None]
    return np.asarray((whole**2).mean()), np.asarray((part**2).mean(axis=0))


def _now(history: History) -> Floats:
    now: Floats = history.counts(np.array([history.until]))[0].astype(float)
    return now


def _paired(half: Floats, draws: int, sign: int) -> Floats:
    """Return each draw followed by its pair."""
    return np.stack([half, sign * half], axis=1).reshape(-1, *half.shape[1:])[:draws]


def _drawn(
    method: str,
    label: str,
    history: History,
    days: Sequence[dt.date],
    middle: Floats,
    draws: int,
    rng: np.random.Generator,
) -> Forecast:
    """Return draws about a middle path, shape (days, places)."""
    ahead = np.array([day_number(d) - history.until for d in days])
    if not len(ahead) or ahead.min() <= 0:
        rule = "a day does not follow the last day known"
        raise ModelError("nothing can be forecast", [Fault("forecast", rule, "ask for later days")])
    total, shares, freedom = spread(history, days)
    steps = np.sqrt(np.diff(ahead, prepend=0))[None, :, None]
    # Drawn in pairs, up and down (antithetic: Hammersley and Morton 1956, Mathematical
    # Proceedings of the Cambridge Philosophical Society 52, 449-475), so that the median of
    # the total is the number held, however few the draws.
    pairs = (draws + 1) // 2
    noise = _paired(rng.standard_normal((pairs, len(days), len(history.places) + 1)), draws, -1)
    # A path: what has moved by one day has still moved by the next.
    walk = np.cumsum(noise * steps, axis=1) / np.sqrt(ahead)[None, :, None]
    heavy = _paired(np.sqrt(freedom / rng.chisquare(freedom, (pairs, 1))), draws, 1)
    whole = walk[:, :, 0] * heavy * total
    parts = walk[:, :, 1:] * heavy[:, :, None] * shares
    of_types = middle * np.exp(np.clip(parts, -MOST, MOST))
    summed = of_types.sum(axis=2, keepdims=True)
    held = middle.sum(axis=1)[None, :, None]
    scale = np.divide(held, summed, out=np.zeros_like(summed), where=summed > 0)
    out = of_types * scale * np.exp(np.clip(whole, -MOST, MOST))[:, :, None]
    return Forecast(
        method,
        label,
        EPOCH + dt.timedelta(days=history.until),
        tuple(days),
        history.places,
        out.astype(np.float32),
        settings={"prior": vars(PRIOR)},
    )
