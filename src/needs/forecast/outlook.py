"""What forecasts from records stand on: the counts of past years, and the days looked ahead to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from needs.care.basis import Basis
from needs.care.windows import day_words
from needs.forecast.backtest import HORIZONS
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import StudyData

__all__ = ["AHEAD", "LEAST", "Outlook"]

LEAST = 20
"""Below so many children a relative change says little: such years are not used."""

AHEAD = {1: "one year", 2: "two years", 3: "three years", 4: "four years", 5: "five years"}


@dataclass(frozen=True)
class Outlook:
    """A study's records as its forecasts look at them.

    Parameters
    ----------
    basis : Basis
        Records, study, and the days shown in chapter 20: the same counts, for the same days.
    counted : Series of float
        Children looked after on each of those days; index of ISO dates, the last the as-at
        date.
    """

    basis: Basis
    counted: pd.Series[float]

    @classmethod
    def of(cls, data: StudyData) -> Outlook:
        """Return the outlook of a study.

        Raises
        ------
        InputMissing
            If the study has no SSDA903 returns.
        ModelError
            If no return covers the as-at date.
        """
        basis = Basis.of(data)
        n = np.bincount(basis.stock()["period"].cat.codes, minlength=len(basis.date_keys))
        return cls(basis, pd.Series(n.astype(float), index=basis.date_keys))

    @property
    def base(self) -> int:
        """Children looked after on the as-at date."""
        return int(self.counted.iloc[-1])

    @property
    def days(self) -> tuple[dt.date, ...]:
        """The next five 31 Marches after the as-at date."""
        first = ReportingYear.of(self.basis.study.period.as_at + dt.timedelta(days=1))
        return tuple((first + (h - 1)).end for h in HORIZONS)

    @property
    def as_at(self) -> str:
        """Key of the as-at date."""
        return self.basis.date_keys[-1]

    @property
    def ahead(self) -> list[str]:
        """Keys of the days looked ahead to; the first is the first horizon."""
        return [d.isoformat() for d in self.days]

    @property
    def labels(self) -> dict[str, str]:
        """Words for all days, those counted first, and for the head of their column."""
        later = {d.isoformat(): day_words(d, short=True) for d in self.days}
        return self.basis.date_labels | later | {"period": "Day"}

    @property
    def part_year(self) -> bool:
        """Whether the as-at date is not a year end."""
        return self.basis.study.period.as_at != self.basis.study.period.year.end

    @property
    def least(self) -> int:
        """Fewest children that a year may have to be used; never a count that is hidden."""
        return max(LEAST, self.basis.study.disclosure.threshold)
