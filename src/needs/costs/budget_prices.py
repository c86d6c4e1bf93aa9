"""What a week may cost in the years ahead: a price level for each type, as far as it is known.

The logarithm of a type's price of a week is a level that rises from April to April, and the mix of
children who happen to be placed. Rises share a part, since general inflation is nobody's own. All
of it is jointly normal, so that what past years teach, and what they cannot, is worked out exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Drift", "Known", "PastPrices", "weekly_ahead"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TENTH = 1.2815515594600038
"""Standard deviations between the middle of a normal distribution and its last tenth."""
ANY = 10.0
"""Standard deviation of a level before anything is known, on the log scale: any price at all."""
NOUGHT = 1e-9


@dataclass(frozen=True)
class Drift:
    """What is expected of prices before a study's years are looked at; log scale, a year.

    Parameters
    ----------
    rise, rise_sd : float
        Rise of all prices that goes on from year to year, and how far it may be out.
    own_sd : float
        How far a type's own rise may lie from it.
    year_sd, own_year_sd : float
        How far one year's rise may lie from that: of all types together, and of one.

    Notes
    -----
    In England a week in residential care cost £3,430 in 2016-17 and £5,980 in 2022-23, ten per
    cent more a year; one in foster care £575 and £665, two and a half per cent more. A year's rise
    lay about two and four per cent from these (Department for Education, Local Authority
    Interactive Tool, weekly unit costs from section 251 outturn). So far may types differ.
    """

    rise: float
    rise_sd: float
    own_sd: float = 0.03
    year_sd: float = 0.02
    own_year_sd: float = 0.03

    @classmethod
    def between(cls, low: float, central: float, high: float) -> Drift:
        """Return the drift of a rise in per cent, with a tenth below low and a tenth above high."""
        ends = np.log1p(np.array([low, central, high]) / 100)
        return cls(float(ends[1]), float((ends[2] - ends[0]) / 2 / TENTH))


@dataclass(frozen=True, eq=False)
class PastPrices:
    """Prices of past years, and how far chance may have moved them.

    Parameters
    ----------
    log_week : ndarray of float, shape (types, years)
        Logarithm of pounds a week; not a number where nothing was paid.
    mix_sd : ndarray of float, shape (types, years + years ahead)
        How far the mix of children placed moves it, standard deviation of the logarithm.
    stays : ndarray of float, shape (types,)
        Share of that which a year hands on to the next, since children stay.
    """

    log_week: Floats
    mix_sd: Floats
    stays: Floats


@dataclass(frozen=True)
class Known:
    """A rise from the first April ahead that is agreed or known; log scale.

    Parameters
    ----------
    at : int
        Position of the type.
    rise, sd : float
    """

    at: int
    rise: float
    sd: float


def weekly_ahead(
    past: PastPrices,
    drift: Drift,
    ahead: Sequence[float],
    draws: int,
    rng: np.random.Generator,
    known: Sequence[Known] = (),
) -> Floats:
    """Return draws of pounds a week in the years ahead.

    Parameters
    ----------
    past : PastPrices
    drift : Drift
    ahead : sequence of float
        Aprils between the last year known and each year ahead: one for the next year, nought for
        the rest of a year of which a part is known.
    draws : int
    rng : numpy.random.Generator
    known : sequence of Known

    Returns
    -------
    ndarray of float, shape (draws, years ahead, types)
        Nought for a type for which nothing was ever paid.

    Notes
    -----
    A random walk with drift for each type, with a part of drift and steps shared by all (a local
    level model; Harvey 1989, *Forecasting, structural time series models and the Kalman filter*,
    chapter 2), conditioned on what is known as one normal distribution.
    """
    types, years = past.log_week.shape
    priced = np.flatnonzero(np.isfinite(past.log_week).any(axis=1))
    out = np.zeros((draws, len(ahead), types))
    if len(priced):
        state = _state(past, drift, priced, np.asarray(ahead, dtype=float))
        seen, told, noise = _told(past, priced, ahead, known)
        middle, spread = _given(*state, seen, told, noise)
        both = np.tile(np.eye(len(middle) // 2), 2)
        later = np.tile(np.arange(years + len(ahead)) >= years, len(priced))
        rows = both[later]
        log = rng.multivariate_normal(
            rows @ middle, rows @ spread @ rows.T, size=draws, method="eigh"
        )
        out[:, :, priced] = np.exp(log).reshape(draws, len(priced), -1).transpose(0, 2, 1)
    return out


def _state(past: PastPrices, drift: Drift, priced: Ints, ahead: Floats) -> tuple[Floats, Floats]:
    """Return mean and covariance, before anything is seen, of levels and then of mixes."""
    n, years = len(priced), past.log_week.shape[1]
    april = np.append(np.arange(years, dtype=float), years - 1 + ahead)
    since, line = np.minimum.outer(april, april), np.outer(april, april)
    shared = drift.rise_sd**2 * line + drift.year_sd**2 * since
    own = ANY**2 + drift.own_sd**2 * line + drift.own_year_sd**2 * since
    level = np.kron(np.ones((n, n)), shared) + np.kron(np.eye(n), own)
    apart = np.abs(np.subtract.outer(np.arange(len(april)), np.arange(len(april))))
    mix = np.zeros_like(level)
    for i, at in enumerate(priced):
        sd, here = past.mix_sd[at], slice(i * len(april), (i + 1) * len(april))
        mix[here, here] = np.outer(sd, sd) * past.stays[at] ** apart
    nothing = np.zeros_like(level)
    mean = np.concatenate([np.tile(drift.rise * april, n), np.zeros(len(level))])
    return mean, np.block([[level, nothing], [nothing, mix]])


def _told(
    past: PastPrices, priced: Ints, ahead: Sequence[float], known: Sequence[Known]
) -> tuple[Floats, Floats, Floats]:
    """Return what is seen of the state (rows of weights), its values, and their variances."""
    years, times = past.log_week.shape[1], past.log_week.shape[1] + len(ahead)
    there = np.isfinite(past.log_week[priced])
    at = np.flatnonzero(np.hstack([there, np.zeros((len(priced), len(ahead)), bool)]).ravel())
    size = len(priced) * times
    rows = [np.tile(np.eye(size)[at], 2)]
    told, noise = [past.log_week[priced][there]], [np.full(len(at), NOUGHT)]
    next_april = [years + k for k, a in enumerate(ahead) if a >= 1][:1]
    for k in known:
        if k.at in priced and next_april:
            # What is agreed is a rise of the level, whoever is then placed.
            row = np.zeros(2 * size)
            begin = int(np.flatnonzero(priced == k.at)[0]) * times
            row[begin + next_april[0]], row[begin + years - 1] = 1.0, -1.0
            rows.append(row[None])
            told.append(np.array([k.rise]))
            noise.append(np.array([k.sd**2 + NOUGHT]))
    return np.vstack(rows), np.concatenate(told), np.concatenate(noise)


def _given(
    mean: Floats, cover: Floats, rows: Floats, told: Floats, noise: Floats
) -> tuple[Floats, Floats]:
    """Return mean and covariance of a normal state of which something is seen."""
    cross = rows @ cover
    solved = np.linalg.solve(cross @ rows.T + np.diag(noise), cross)
    return mean + solved.T @ (told - rows @ mean), cover - cross.T @ solved
