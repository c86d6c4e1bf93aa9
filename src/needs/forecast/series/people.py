"""Children who live in the authority, by single year of age, as an origin knows them.

Rates stand on mid-year estimates. A projection is seldom at their level: it is carried to it by
cohort at the last mid-year that both give. Where no projection is known, cohorts are aged by
the ratios of the past years (Hamilton and Perry 1962, *Social Forces* 41, 163-170).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData

__all__ = ["AGES", "People"]

AGES = 18
"""Single years of age, from nought."""

LATE = 2
"""Years after a mid-year by whose 31 March ONS has surely published its estimate."""

BACK = 5
"""Years whose ratios cohorts are aged by."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class People:
    """Population by single year of age, estimated and projected.

    Parameters
    ----------
    estimates : DataFrame
        Persons: index mid-year (int), columns ages 0 to 17; consecutive years.
    projected : DataFrame
        The same of a projection, at its own level; empty where there is none.
    as_at : datetime.date
        From this day on everything given is known. An origin before it knows only what had
        been published by then.
    """

    estimates: pd.DataFrame = field(repr=False)
    projected: pd.DataFrame = field(repr=False)
    as_at: dt.date

    @classmethod
    def of(cls, data: StudyData) -> People | None:
        """Return the population that a study gives; None without estimates by single year."""
        study = data.study
        try:
            frame = data.population.frame
        except InputMissing:
            return None
        single = frame[frame["age_from"] == frame["age_to"]]
        estimates = _wide(single.rename(columns={"age_from": "age"}), study.authority.ons_code)
        if estimates.empty:
            return None
        projected = pd.DataFrame(columns=range(AGES))
        if data.has("projections"):
            projected = _wide(data.projections.frame, study.authority.ons_code)
        return cls(_unbroken(estimates), projected, study.period.as_at)

    def known(self, origin: dt.date) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return estimates and projection that were known on a day.

        Notes
        -----
        An estimate is published about a year after its mid-year, a projection about two years
        after its base: the 2014-based in May 2016, the 2018-based in March 2020.
        """
        if origin >= self.as_at:
            before = self.estimates[self.estimates.index < origin.year]
            return (before if len(before) else self.estimates), self.projected
        estimates = self.estimates[self.estimates.index <= origin.year - LATE]
        base = self.projected.index.min() if len(self.projected) else np.inf
        return estimates, self.projected if base <= origin.year - LATE else self.projected[:0]

    def ahead(self, origin: dt.date, last: int) -> pd.DataFrame:
        """Return the population of every mid-year from the first known to ``last``.

        Returns
        -------
        DataFrame
            Estimates as far as they were known at the origin, then the projection carried to
            their level, or cohorts aged. Empty where no estimate was known.
        """
        estimates, projected = self.known(origin)
        if estimates.empty:
            return estimates
        end = int(estimates.index[-1])
        if len(projected) and projected.index.min() > end:
            estimates = aged(estimates, int(projected.index.min()))
            end = int(estimates.index[-1])
        later = _carried(estimates, projected) if len(projected) else projected
        later = later[later.index > end]
        both = pd.concat([estimates, later]) if len(later) else estimates
        both = both[both.index <= last] if last >= both.index[0] else both[:1]
        return aged(both, last)

    def on(self, origin: dt.date, days: npt.ArrayLike) -> Floats:
        """Return the population that rates of some days stand on, shape (days, ages).

        Parameters
        ----------
        origin : datetime.date
            What is known is what was known then.
        days : array-like of float
            Years and parts of years, such as 2023.25 for 31 March. The population is that
            of nine months before, in a straight line between mid-years: that of the mid-year
            before for a 31 March, as the Department for Education counts its rates.
        """
        at = np.asarray(days, dtype=float) - 0.75
        years = self.ahead(origin, int(np.ceil(at.max() - 0.5)) + 1)
        if years.empty:
            return np.full((len(at), AGES), np.nan)
        middle = years.index.to_numpy(dtype=float) + 0.5
        table = years.to_numpy(dtype=float)
        return np.stack([np.interp(at, middle, table[:, a]) for a in range(AGES)], axis=1)


def aged(estimates: pd.DataFrame, last: int) -> pd.DataFrame:
    """Return a population carried on to a mid-year by the ratios of its cohorts.

    Parameters
    ----------
    estimates : DataFrame
        Index mid-year, columns ages 0 to 17.
    last : int
        Mid-year to go to; nothing is done where it is known.

    Notes
    -----
    Who is so old next year are those a year younger this year, times the ratio of the years
    known (up to five); those under one go on by their mean yearly change.
    """
    first = int(estimates.index[-1])
    if last <= first:
        return estimates
    table = estimates.to_numpy(dtype=float)[-BACK - 1 :]
    ratio, births = np.ones(AGES - 1), 1.0
    if len(table) > 1:
        ratio = table[1:, 1:].sum(axis=0) / np.maximum(table[:-1, :-1].sum(axis=0), 1.0)
        births = (table[-1, 0] / max(table[0, 0], 1.0)) ** (1 / (len(table) - 1))
    rows, now = [], table[-1]
    for _ in range(first, last):
        now = np.concatenate([[now[0] * births], now[:-1] * ratio])
        rows.append(now)
    later = pd.DataFrame(rows, index=range(first + 1, last + 1), columns=estimates.columns)
    return pd.concat([estimates, later])


def _carried(estimates: pd.DataFrame, projected: pd.DataFrame) -> pd.DataFrame:
    """Return a projection at the level of the estimates, cohort by cohort.

    Who was not yet born at the base, or was too old to be in it, is carried by the whole.
    """
    shared = estimates.index.intersection(projected.index)
    base = int(shared[-1])
    whole = float(estimates.loc[base].sum() / projected.loc[base].sum())
    ratio = (estimates.loc[base] / projected.loc[base].clip(lower=1.0)).to_numpy(dtype=float)
    out = projected.copy().astype(float)
    for year in projected.index[projected.index >= base]:
        then = np.arange(AGES) - (int(year) - base)
        known = (then >= 0) & (then < AGES)
        factor = np.where(known, ratio[np.clip(then, 0, AGES - 1)], whole)
        out.loc[year] = projected.loc[year].to_numpy(dtype=float) * factor
    return out[out.index >= base]


def _wide(frame: pd.DataFrame, code: str) -> pd.DataFrame:
    mine = frame[(frame["area_code"] == code) & frame["age"].between(0, AGES - 1)]
    wide = mine.pivot_table("population_n", "mid_year", "age", aggfunc="last")
    full = wide.reindex(columns=range(AGES)).dropna()
    full.index = full.index.astype(int)
    return full.sort_index()


def _unbroken(estimates: pd.DataFrame) -> pd.DataFrame:
    """Return the mid-years that follow each other to the last."""
    gaps = np.flatnonzero(np.diff(estimates.index.to_numpy()) > 1)
    return estimates.iloc[int(gaps[-1]) + 1 :] if len(gaps) else estimates
