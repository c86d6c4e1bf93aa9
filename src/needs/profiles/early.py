"""Which placements end in a move, or break down, month by month: a hazard in discrete time.

Each month that a child lives in a placement is a row; it ends with the event or without. A model
of the chance of the event in the month, given that none came before, is one of the time to it
(Allison, Sociological Methodology 1982, vol. 13, pages 61-98). With a complementary log-log link
coefficients are logarithms of hazard ratios, whatever the length of the step (Prentice and
Gloeckler, Biometrics 1978, vol. 34, pages 57-67).
"""

from __future__ import annotations

import datetime as dt
import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.profiles.homes import FARTHEST, Judged, judged
from needs.vocabulary.threads import one_thread

__all__ = [
    "LEAST_EVENTS",
    "MONTH_DAYS",
    "Tested",
    "hazard_ratios",
    "held_out",
    "months_of",
    "rates",
]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

MONTH_DAYS = 30.4375
LEAST_EVENTS = 50
"""Fewer events are too few to tell what goes with them: some ten for each column (Peduzzi and
others, Journal of Clinical Epidemiology 1996, vol. 49, pages 1373-1379)."""
LEAST_OF_COLUMN = 10
"""A kind of month with fewer events, or months, is put together with the first kind."""
FOLDS = 5


def months_of(
    start: npt.NDArray[np.datetime64],
    stop: npt.NDArray[np.datetime64],
    since: npt.NDArray[np.datetime64],
    until: dt.date,
    event: Bools,
) -> pd.DataFrame:
    """Return the months of placements, one row each.

    Parameters
    ----------
    start, stop : numpy.ndarray of datetime64, shape (placements,)
        First day there, and first day no longer there; NaT still there.
    since : numpy.ndarray of datetime64, shape (placements,)
        Day from which anything is known; NaT never.
    until : datetime.date
        Last day looked at.
    event : numpy.ndarray of bool, shape (placements,)
        Whether it ended in the event.

    Returns
    -------
    pandas.DataFrame
        ``at`` (position of the placement), ``month`` (months it had lasted), ``day`` (first day of
        the month), ``event``. A month begins where the placement had lasted that many times
        :data:`MONTH_DAYS` days; months that began before ``since`` are left out.
    """
    day = np.timedelta64(1, "D")
    after = np.datetime64(until, "ns") + day
    over = ~np.isnat(stop) & (stop <= after)
    last = (np.where(over, stop, after) - start) / day - 1  # the last day there
    first = np.maximum((since - start) / day, 0.0)
    low = np.ceil(np.nan_to_num(first / MONTH_DAYS, nan=np.inf) - 1e-9)
    high = np.floor(last / MONTH_DAYS)
    n = np.where(np.isfinite(low) & (high >= low), high - np.where(np.isfinite(low), low, 0) + 1, 0)
    n = n.astype(np.int64)
    at = np.repeat(np.arange(len(start)), n)
    step = np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)
    month = step + low[at].astype(np.int64)
    ends = (step == n[at] - 1) & (over & event)[at]
    lasted = np.ceil(month * MONTH_DAYS).astype("timedelta64[D]")
    return pd.DataFrame({"at": at, "month": month, "day": start[at] + lasted, "event": ends})


def enough(x: pd.DataFrame, event: Bools) -> pd.DataFrame:
    """Return the columns of a design that have events and months enough to be told apart."""
    yes = x.to_numpy() != 0
    two = np.isin(x.to_numpy(), (0.0, 1.0)).all(axis=0)
    with_event, without = (yes & event[:, None]).sum(axis=0), (yes & ~event[:, None]).sum(axis=0)
    keep = ~two | (np.minimum(with_event, without) >= LEAST_OF_COLUMN)
    kept: pd.DataFrame = x.loc[:, keep & (x.to_numpy().std(axis=0) > 0)]
    return kept


def _coefficients(x: Floats, event: Bools) -> Floats:
    """Return coefficients of a binomial model with complementary log-log link, the constant first.

    Fisher's scoring; ``hazard_ratios`` takes the same model from statsmodels with its errors.
    """
    whole = np.column_stack([np.ones(len(x)), x])
    b = np.zeros(whole.shape[1])
    b[0] = np.log(-np.log1p(-np.clip(event.mean(), 1e-9, 1 - 1e-9)))
    with one_thread():
        for _ in range(30):
            rate = np.exp(np.clip(whole @ b, -30, 3))
            none = np.clip(np.exp(-rate), 1e-12, 1 - 1e-12)
            tilt = rate * none
            weight = tilt**2 / (none * (1 - none))
            score = whole.T @ (tilt * (event - (1 - none)) / (none * (1 - none)))
            step = np.linalg.lstsq((whole * weight[:, None]).T @ whole, score, rcond=None)[0]
            b = b + np.clip(step, -2, 2)
            if np.abs(step).max() < 1e-8:
                break
    return b


def hazard_ratios(x: pd.DataFrame, event: Bools, who: Ints, level: float = 0.95) -> pd.DataFrame:
    """Return how many times as often the event comes for a step of each column.

    Parameters
    ----------
    x : pandas.DataFrame
        One row a month: what it is like. Columns of noughts and ones with few events are left out.
    event : numpy.ndarray of bool, shape (months,)
    who : numpy.ndarray of int, shape (months,)
        Child of each month: errors of a child's months may hang together (Liang and Zeger,
        Biometrika 1986, vol. 73, pages 13-22).
    level : float
        Share of intervals that hold the truth.

    Returns
    -------
    pandas.DataFrame
        Index column; ``ratio``, ``lower``, ``upper``.
    """
    import statsmodels.api as sm  # noqa: PLC0415 - slow
    from scipy.stats import norm  # noqa: PLC0415 - slow
    from statsmodels.genmod.families.links import CLogLog  # noqa: PLC0415 - slow

    kept = enough(x, event)
    model = sm.GLM(
        event.astype(float), sm.add_constant(kept.to_numpy(dtype=float), has_constant="add"),
        family=sm.families.Binomial(CLogLog()),
    )  # fmt: skip
    with one_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = model.fit(cov_type="cluster", cov_kwds={"groups": who})
    b, se = np.asarray(found.params)[1:], np.asarray(found.bse)[1:]
    z = float(norm.ppf(0.5 + level / 2))
    return pd.DataFrame(
        {"ratio": np.exp(b), "lower": np.exp(b - z * se), "upper": np.exp(b + z * se)},
        index=kept.columns,
    )


@dataclass(frozen=True)
class Tested:
    """How well the event of months left out is foretold.

    Attributes
    ----------
    judged : Judged
        Area under the curve and calibration.
    auc_low, auc_high : float
        95% interval of the area under the curve, children drawn again.
    gain, gain_low, gain_high : float
        By how much the logarithm of the probability given to what happened is greater than with
        the same chance for everyone, a hundred child-months; its 95% interval, clustered by child.
    """

    judged: Judged
    auc_low: float
    auc_high: float
    gain: float
    gain_low: float
    gain_high: float

    @property
    def better(self) -> bool:
        """Whether it beats the same chance for everyone."""
        return self.gain_low > 0


def held_out(x: pd.DataFrame, event: Bools, who: Ints) -> tuple[Floats, Floats]:
    """Return the chance of the event in each month, and the base rate, from other children.

    Children are divided into :data:`FOLDS` parts; all months of a child are left out together.
    """
    children, of = np.unique(who, return_inverse=True)
    fold = (np.arange(len(children)) % FOLDS)[of]
    chance, base = np.empty(len(event)), np.empty(len(event))
    for k in range(FOLDS):
        mine = fold == k
        kept = enough(x[~mine], event[~mine])
        b = _coefficients(kept.to_numpy(dtype=float), event[~mine])
        odds = x.loc[mine, kept.columns].to_numpy(dtype=float) @ b[1:] + b[0]
        chance[mine] = -np.expm1(-np.exp(np.clip(odds, -30, 3)))
        base[mine] = event[~mine].mean()
    return np.clip(chance, FARTHEST, 1 - FARTHEST), np.clip(base, FARTHEST, 1 - FARTHEST)


def foretold(
    chance: Floats, base: Floats, event: Bools, who: Ints, draws: int, rng: np.random.Generator
) -> Tested:
    """Return how well chances of months left out foretell the event.

    Parameters
    ----------
    chance, base : numpy.ndarray, shape (months,)
        From :func:`held_out`, or chances of two models to compare.
    event, who : numpy.ndarray, shape (months,)
    draws : int
        Draws of children for the interval of the area under the curve.
    rng : numpy.random.Generator
        Source of chance.
    """
    score = np.where(event, np.log(chance / base), np.log((1 - chance) / (1 - base)))
    children, of = np.unique(who, return_inverse=True)
    each = np.bincount(of, score)
    n, months = len(children), len(event)
    error = float(np.sqrt(n * each.var(ddof=1))) if n > 1 else np.nan
    gain = float(score.sum())
    weight = rng.standard_exponential((draws, n))
    low, high = np.quantile(_areas(chance, event, weight[:, of]), [0.025, 0.975])
    return Tested(
        judged(chance, event), float(low), float(high), 100 * gain / months,
        100 * (gain - 1.96 * error) / months, 100 * (gain + 1.96 * error) / months,
    )  # fmt: skip


def _areas(chance: Floats, event: Bools, weight: Floats) -> Floats:
    """Return areas under the curve for every set of weights, ties counted by half."""
    value, at = np.unique(chance, return_inverse=True)
    out = np.empty(len(weight))
    for i, w in enumerate(weight):
        with_event = np.bincount(at[event], w[event], len(value))
        without = np.bincount(at[~event], w[~event], len(value))
        below = np.cumsum(without) - without / 2
        out[i] = (with_event * below).sum() / (with_event.sum() * without.sum())
    return out


def rates(
    member: Floats, event: Bools, who: Ints, draws: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Return how often the event comes for children of each profile.

    Parameters
    ----------
    member : numpy.ndarray, shape (months, profiles)
        Probability that the child of the month is of the profile; plain groups have ones.
    event, who : numpy.ndarray, shape (months,)
    draws : int
        Draws of children.
    rng : numpy.random.Generator

    Returns
    -------
    pandas.DataFrame
        One row a profile: ``events_n`` (expected), ``a_year`` (events for each year in care),
        ``lower``, ``upper`` (95%, children drawn again: Bayesian bootstrap).
    """
    children, of = np.unique(who, return_inverse=True)
    months = np.stack([np.bincount(of, m, len(children)) for m in member.T], axis=1)
    events = np.stack([np.bincount(of, m * event, len(children)) for m in member.T], axis=1)
    weight = rng.standard_exponential((draws, len(children)))
    year = 365.25 / MONTH_DAYS
    each = year * (weight @ events) / np.maximum(weight @ months, 1e-12)
    low, high = np.quantile(each, [0.025, 0.975], axis=0)
    return pd.DataFrame(
        {
            "events_n": events.sum(axis=0),
            "a_year": year * events.sum(axis=0) / np.maximum(months.sum(axis=0), 1e-12),
            "lower": low,
            "upper": high,
        }
    )
