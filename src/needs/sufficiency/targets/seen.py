"""Every target of a study with what is known of it, and what its results share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.basis import Basis
from needs.care.windows import day_words
from needs.forecast.ahead import Ahead
from needs.forecast.ahead_words import settings
from needs.sufficiency.targets.register import KINDS, Kind, Reading, readings
from needs.sufficiency.targets.series import Series, series_of
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import figure_id

__all__ = ["ENDS", "Seen", "first_readings", "on_future", "ranged"]

ENDS = ("", "_lower_80", "_upper_80")
_CUTS = (10, 90)


@dataclass(frozen=True, eq=False)
class Seen:
    """The targets of a study, with past and future.

    Parameters
    ----------
    basis : Basis
    ahead : Ahead
    series : tuple of Series
        In the order of the register.
    """

    basis: Basis
    ahead: Ahead
    series: tuple[Series, ...]

    @classmethod
    def of(cls, data: StudyData) -> Seen:
        """Return the targets of a study, worked out once.

        Raises
        ------
        InputMissing
            If the study has no targets, or no SSDA903 returns.
        """
        return data.once("targets seen", lambda: cls._made(data))

    @classmethod
    def _made(cls, data: StudyData) -> Seen:
        found = readings(data)
        return cls(Basis.of(data), Ahead.of(data), tuple(series_of(data, r) for r in found))

    @property
    def as_at(self) -> dt.date:
        """Last day counted."""
        return self.basis.study.period.as_at

    @property
    def open(self) -> tuple[Series, ...]:
        """Targets whose day is still to come."""
        return tuple(s for s in self.series if s.reading.day > self.as_at)

    @property
    def closed(self) -> tuple[Series, ...]:
        """Targets whose day is past."""
        return tuple(s for s in self.series if s.reading.day <= self.as_at)

    def by_kind(self, some: Sequence[Series]) -> list[tuple[Kind, list[Series]]]:
        """Return targets by what they measure, kinds without any left out."""
        of = [(k, [s for s in some if s.reading.kind == k]) for k in KINDS.values()]
        return [(k, mine) for k, mine in of if mine]

    def labels(self, some: Iterable[Series]) -> dict[str, str]:
        """Return words for targets."""
        return {s.reading.key: s.reading.label for s in some}

    @property
    def source(self) -> str:
        """Where the numbers come from."""
        return f"{self.basis.source}; targets of the study; the combined forecast"

    @property
    def settings(self) -> dict[str, object]:
        """Settings that the numbers rest on."""
        return settings(self.ahead)

    @property
    def authority(self) -> str:
        """Name of the authority."""
        return self.basis.study.authority.name

    @staticmethod
    def days(some: Iterable[Series]) -> dict[str, str]:
        """Return the day of each target in words."""
        return {s.reading.key: day_words(s.reading.day, short=True) for s in some}

    def leans(
        self, name: str, table: pd.DataFrame, of: Callable[[Series, str, str], Iterable[str]]
    ) -> dict[str, tuple[str, ...]]:
        """Return what each row of a result leans on.

        Parameters
        ----------
        name : str
            Of the result.
        table : DataFrame
            Long table, a group a target.
        of : callable
            Series, measure and period -> figure ids.
        """
        known = {s.reading.key: s for s in self.series}
        keys = table[["measure", "group", "period", "by"]].itertuples(index=False)
        found = {}
        for measure, group, period, by in keys:
            on = tuple(of(known[group], measure, period))
            for end in ENDS if on else ():
                found[figure_id(name, measure + end, group, period, by)] = on
        return found


def on_future(s: Series) -> tuple[str, ...]:
    """Return the counts that a number of the future leans on: today's, or all of the past's."""
    return s.everything if s.how == "last_value" else s.leans.get(s.now, ())


def ranged(draws: npt.NDArray[np.float64]) -> dict[str, float]:
    """Return mean and 80% range of draws, the mean within it."""
    low, high = np.nanpercentile(draws, _CUTS)
    mean = float(np.nanmean(draws))
    return {"value": mean, "lower_80": min(float(low), mean), "upper_80": max(float(high), mean)}


def first_readings(some: Iterable[Series]) -> list[Series]:
    """Return the targets that are no other reading of another."""
    return [s for s in some if _is_first(s.reading)]


def _is_first(r: Reading) -> bool:
    return r.key == r.reading_of
