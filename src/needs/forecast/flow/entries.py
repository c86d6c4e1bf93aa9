"""Who comes into care: how many a month, and of what age, into which placement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from needs.forecast.flow.bands import MONTH, YEAR
from needs.forecast.flow.drift import Drift, Prior, fit_counts
from needs.forecast.flow.exposure import born_known
from needs.forecast.history import History

__all__ = ["Stream", "fit_streams"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SEASON_STRENGTH = 60.0
"""Entries that an even year counts for in each calendar month's share."""
HALF_LIFE = 4.0
"""Years after which an entry counts half as an example of those to come."""
MOST_DISPERSION = 4.0


@dataclass(frozen=True, eq=False)
class Stream:
    """One stream of entries; returns to care are among them.

    Parameters
    ----------
    uasc : bool
        Whether it is that of unaccompanied asylum-seeking children.
    drift : Drift
        Of entries a year, log scale.
    season : ndarray, shape (12,)
        Multiplier of each calendar month, January first; mean one.
    dispersion : float
        Variance of a month's entries over their mean: above one where siblings enter together.
    age, place : ndarray, shape (examples,)
        Age in months and placement type of past entries.
    weight : ndarray, shape (examples,)
        How much each counts as an example.
    """

    uasc: bool
    drift: Drift
    season: Floats
    dispersion: float
    age: Floats
    place: Ints
    weight: Floats

    def numbers(self, levels: Floats, months: Ints, rng: np.random.Generator) -> Ints:
        """Return entries by draw and month ahead, shape (draws, months).

        Parameters
        ----------
        levels : ndarray, shape (draws, years)
            Log entries a year.
        months : ndarray of int, shape (months,)
            Calendar month of each month ahead, 0 for January.
        """
        year = np.arange(len(months)) // 12
        mean = np.exp(levels[:, year]) * self.season[months] / 12
        extra = self.dispersion - 1
        if extra > 0.02:
            mean = rng.standard_gamma(mean / extra) * extra
        numbers: Ints = rng.poisson(np.minimum(mean, 1e6))
        return numbers


def fit_streams(history: History, years: int, settings: dict[str, float]) -> list[Stream]:
    """Fit the streams of entries of a history: others, and unaccompanied children.

    Parameters
    ----------
    history : History
    years : int
        Whole years back from the last day known that are used.
    settings : dict of str to float
        As in ``model.SETTINGS``.
    """
    stays = history.stays
    end = history.until + 1
    start = stays["start"].to_numpy()
    entered = stays["opens"].to_numpy() & (start > history.until - years * YEAR)
    age = (stays["entered"].to_numpy() - born_known(stays)) / MONTH
    streams: list[Stream] = []
    for uasc in (False, True):
        rows = np.flatnonzero(entered & (stays["uasc"].to_numpy() == uasc))
        if not len(rows):
            continue
        back = (end - start[rows]) / YEAR
        a_year = np.bincount(np.minimum(back.astype(int), years - 1), minlength=years)[::-1]
        month = start[rows].astype("datetime64[D]").astype("datetime64[M]").astype(int)
        dispersion = _dispersion(back, years)
        # A small stream may grow as the large one does.
        slope = streams[0].drift.slope() if streams else None
        drift = fit_counts(a_year.astype(float), dispersion, _prior(uasc, settings), slope)
        streams.append(
            Stream(
                uasc,
                drift,
                _season(month % 12),
                dispersion,
                np.clip(age[rows], 0, 215.9),
                stays["place"].to_numpy()[rows],
                0.5 ** (back / HALF_LIFE),
            )
        )
    return streams


def _prior(uasc: bool, settings: dict[str, float]) -> Prior:
    who = "uasc" if uasc else "entry"
    return Prior(
        settings[f"{who}_steady"],
        settings[f"{who}_broken"],
        settings[f"{who}_noise"],
        settings[f"{who}_jump"],
        settings[f"{who}_sloped"],
        settings["slope"],
        settings["fade"],
        settings["uasc_shared"] if uasc else 0.0,
    )


def _season(month: Ints) -> Floats:
    seen = np.bincount(month, minlength=12) + SEASON_STRENGTH / 12
    season: Floats = seen * 12 / seen.sum()
    return season


def _dispersion(back: Floats, years: int) -> float:
    """Return variance over mean of monthly entries around each year's own mean."""
    month = np.minimum((back * 12).astype(int), years * 12 - 1)
    counts = np.bincount(month, minlength=years * 12).reshape(years, 12)
    mean = counts.mean(axis=1, keepdims=True)
    used = mean[:, 0] > 0
    if not used.any():
        return 1.0
    ratio = ((counts - mean)[used] ** 2 / mean[used]).sum() / (11 * used.sum())
    # A few years tell little: half-way to one with as many months as are seen in two years.
    pulled = 1 + (ratio - 1) * used.sum() / (used.sum() + 1)
    return float(np.clip(pulled, 1.0, MOST_DISPERSION))
