"""Foster households from enquiry to deregistration, as they were known on a day.

The stages are those of Ofsted's annual collection *Fostering in England*: initial enquiries,
applications, approvals and deregistrations of fostering households, with the places that they are
approved for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.basis import Basis
from needs.care.results_flows import with_windows
from needs.forecast.history import day_number
from needs.vocabulary.records import StudyData

__all__ = ["GROUPS", "STAGES", "YEAR", "Pipeline"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

YEAR = 365.25
"""Days of a year."""
STAGES = ("enquiry", "application", "approval", "withdrawn", "deregistration")
"""Dates of a household, each a column of days since 1970, NaN where it has not come."""
GROUPS: Mapping[str, str] = MappingProxyType(
    {
        "mainstream": "Mainstream households",
        "kinship": "Family and friends households",
        "short_breaks": "Short breaks households",
        "supported_lodgings": "Supported lodgings",
    }
)
"""Kinds of household that are told apart, and words for them."""

_GROUP = {
    "kinship": "kinship",
    "short_breaks": "short_breaks",
    "supported_lodgings": "supported_lodgings",
}
_LEAST_YEARS = 10


@dataclass(frozen=True, eq=False)
class Pipeline:
    """Foster households of a study.

    Attributes
    ----------
    basis : Basis
        Days and years of chapter 20.
    rows : pandas.DataFrame
        One row a household: ``group`` (key of :data:`GROUPS`), the dates of :data:`STAGES`,
        ``places`` (approved, NaN where not said), ``age_band``, ``reason``.
    day : int
        Day up to which the dates are known, days since 1970.
    """

    basis: Basis
    rows: pd.DataFrame
    day: int

    @classmethod
    def of(cls, data: StudyData) -> Pipeline:
        """Return the households of a study, as known on its last day, worked out once.

        Raises
        ------
        InputMissing
            If the study has no table of carers, or no SSDA903 returns.
        """
        return data.once("foster carers", lambda: _made(data))

    def known_on(self, day: int) -> Pipeline:
        """Return the households as they were known on an earlier day."""
        rows = self.rows.copy()
        for stage in STAGES:
            rows[stage] = rows[stage].where(rows[stage] <= day)
        return replace(self, rows=rows[rows[list(STAGES)].notna().any(axis=1)], day=day)

    def of_group(self, *groups: str) -> Pipeline:
        """Return the households of some groups."""
        return replace(self, rows=self.rows[self.rows["group"].isin(groups)])

    def groups(self) -> list[str]:
        """Return the groups that there are, in printed order."""
        held = set(self.rows["group"])
        return [g for g in GROUPS if g in held]

    def approved_on(self, days: Sequence[int]) -> Bools:
        """Return which households were approved on which days, shape (households, days)."""
        at = np.asarray(days, dtype=float)
        first = self.rows["approval"].to_numpy()[:, None]
        last = self.rows["deregistration"].fillna(np.inf).to_numpy()[:, None]
        found: Bools = (first <= at) & (last > at)
        return found

    def counts(self, stage: str, ends: Sequence[int]) -> Floats:
        """Return households that reached a stage within the year up to each day."""
        dates = self.rows[stage].dropna().to_numpy()
        bounds = np.array([[_year_before(d), d] for d in ends], dtype=float).reshape(-1, 2)
        inside = (dates[:, None] > bounds[:, 0]) & (dates[:, None] <= bounds[:, 1])
        found: Floats = inside.sum(axis=0).astype(float)
        return found

    def ends(self, least: int = 1) -> list[int]:
        """Return the last days of the years that the table covers, up to the day it is known on.

        A year is covered if enquiries were recorded in it and in the year before, since a table
        that has just been begun lacks the approvals of earlier enquiries; ten years at most.
        """
        ends = [self.day]
        for _ in range(_LEAST_YEARS):
            ends.append(_year_before(ends[-1]))
        said = self.counts("enquiry", ends) > 0
        whole = int(np.argmin(said)) if not said.all() else len(ends)
        return ends[: max(whole - 1, 0)][::-1] if whole > least else []

    def exposure(self, ends: Sequence[int], bands: Sequence[float]) -> tuple[Floats, Floats]:
        """Return household-years and deregistrations by time since approval and year.

        Parameters
        ----------
        ends : sequence of int
            Last days of years.
        bands : sequence of float
            Years since approval at which bands begin; the last is open.

        Returns
        -------
        tuple of numpy.ndarray, each of shape (bands, years)
        """
        approval = self.rows["approval"].to_numpy()[:, None, None]
        gone = self.rows["deregistration"].to_numpy()[:, None, None]
        low = approval + np.array(bands)[None, :, None] * YEAR
        high = approval + np.array([*bands[1:], 200.0])[None, :, None] * YEAR
        since = np.array([_year_before(d) for d in ends], dtype=float)[None, None, :]
        until = np.array(ends, dtype=float)[None, None, :]
        stop = np.fmin(np.minimum(high, until), gone)
        days = np.clip(stop - np.maximum(low, since), 0, None)
        left = (gone > since) & (gone <= until) & (gone > low) & (gone <= high)
        return np.nansum(days, axis=0) / YEAR, left.sum(axis=0).astype(float)


def _year_before(day: int) -> int:
    """Return the same day of the year before, days since 1970."""
    then = pd.Timestamp(day, unit="D") - pd.DateOffset(years=1)
    return day_number(then.date())


def _made(data: StudyData) -> Pipeline:
    basis = with_windows(data)
    frame = data.carers.frame.reset_index(drop=True)
    rows = pd.DataFrame(
        {
            "group": frame["kind"].astype(str).map(lambda k: _GROUP.get(k, "mainstream")),
            **{s: _days(frame, s) for s in STAGES},
            "places": _column(frame, "places").astype(float),
            "age_band": _column(frame, "age_band").astype(object),
            "reason": _column(frame, "reason").astype(object),
        }
    )
    day = day_number(basis.study.period.as_at)
    return Pipeline(basis, rows, day).known_on(day)


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame[name] if name in frame else pd.Series(np.nan, index=frame.index)


def _days(frame: pd.DataFrame, name: str) -> Floats:
    if name not in frame:
        return np.full(len(frame), np.nan)
    dates = pd.to_datetime(frame[name])
    found = dates.to_numpy().astype("datetime64[D]").astype(np.int64).astype(float)
    return np.where(dates.isna(), np.nan, found)
