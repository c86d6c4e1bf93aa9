"""What forecasts from records stand on: the counts of past years, and the days looked ahead to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from needs.care.basis import Basis
from needs.care.windows import day_words
from needs.forecast.no_change import HORIZONS, MIN_ORIGINS, changes, half_widths
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import StudyData

__all__ = ["AHEAD", "LEAST", "Outlook", "bounds", "listed", "year_ends"]

LEAST = 20
"""Below so many children a relative change says little: such years are not used."""

AHEAD = {1: "one year", 2: "two years", 3: "three years", 4: "four years", 5: "five years"}


def listed(parts: Sequence[str]) -> str:
    """Return parts as words: ``one, two and three``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


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
    def totals(self) -> pd.Series[float]:
        """Children looked after on each 31 March, by end year (int)."""
        return year_ends(self.counted)

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

    def usable(self, counted: pd.Series[float]) -> pd.Series[float]:
        """Return the 31 Marches, by end year, since a count by day was last below :attr:`least`."""
        small = np.flatnonzero(counted.to_numpy() < self.least)
        return year_ends(counted.iloc[int(small[-1]) + 1 :] if len(small) else counted)

    def widths(self, counted: pd.Series[float]) -> pd.DataFrame:
        """Return how far a count by day may move, from its usable past.

        See :func:`~needs.forecast.no_change.half_widths`.
        """
        return half_widths(changes(self.usable(counted)))

    def notes(self) -> tuple[str, ...]:
        """Return how ranges are made, in words."""
        said = [
            "Low and high hold four times in five if the coming years change as much as the past "
            "ones did. They come from the root mean square of the past changes over as many "
            "years, relative to the count, times Student's t for the number of separate changes "
            "that the overlapping ones are worth (Satterthwaite's rule). A range is never "
            "narrower than that of a year less.",
            f"No range is given from fewer than {MIN_ORIGINS} past changes. Of a count that was "
            f"below {self.least} children, only the years since then are used.",
            "It has not been tested on past years whether such ranges cover as often as they "
            "claim: too few years are known.",
        ]
        gaps = list(self.basis.shown.notes)
        if not self.part_year:
            return (*said, *gaps)
        # The last note of a part of a year speaks of events, which are not shown here.
        said.append(
            "The last count is not a year end. The first day ahead is less than a year off, "
            "but has the range of a full year, and so on: the ranges are too wide rather "
            "than too narrow."
        )
        return (*said, *gaps[:-1])


def year_ends(counted: pd.Series[float]) -> pd.Series[float]:
    """Return the counts of 31 March alone, by end year; index of ISO dates."""
    march = counted[counted.index.str.endswith("-03-31")]
    return march.set_axis(march.index.str[:4].astype(int))


def bounds(value: float, widths: pd.DataFrame) -> pd.DataFrame:
    """Return the range about a held count: columns ``lower_80`` and ``upper_80``."""
    half = widths["half_width"].to_numpy(dtype=float)
    return pd.DataFrame({"lower_80": value * np.exp(-half), "upper_80": value * np.exp(half)})
