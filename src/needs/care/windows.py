"""The days and years that a study's records can speak of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise

from needs.vocabulary.errors import Fault, ModelError
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import Records
from needs.vocabulary.study import Study

__all__ = ["Shown", "Window", "day_words", "shown"]

_MONTHS = (
    "January February March April May June July August September October November December"
).split()


def day_words(day: dt.date, short: bool = False) -> str:
    """Return a day in words, whatever the locale.

    Examples
    --------
    >>> day_words(dt.date(2023, 3, 31)), day_words(dt.date(2023, 3, 31), short=True)
    ('31 March 2023', '31 Mar 2023')
    """
    month = _MONTHS[day.month - 1]
    return f"{day.day} {month[:3] if short else month} {day.year}"


@dataclass(frozen=True, slots=True)
class Window:
    """A reporting year, or the part of one up to the day the study looks from.

    Parameters
    ----------
    year : ReportingYear
        The year.
    end : datetime.date
        Last day counted.
    """

    year: ReportingYear
    end: dt.date

    @property
    def start(self) -> dt.date:
        """First day counted, 1 April."""
        return self.year.start

    @property
    def opening(self) -> dt.date:
        """Day whose stock the window starts from, 31 March."""
        return self.year.start - dt.timedelta(days=1)

    @property
    def part(self) -> bool:
        """Whether it ends before the year does."""
        return self.end < self.year.end

    @property
    def key(self) -> str:
        """Key of the period in tables: ``2022-23``, or ``2022-23_part``."""
        return f"{self.year}_part" if self.part else str(self.year)

    @property
    def label(self) -> str:
        """Words for the head of a column."""
        return f"{self.year} to {day_words(self.end, short=True)}" if self.part else str(self.year)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a study's tables show.

    Parameters
    ----------
    dates : tuple of datetime.date
        Days of the stock, in order: each 31 March that ends a full return, and the as-at
        date.
    windows : tuple of Window
        Years of the flows, in order.
    notes : tuple of str
        How that was decided, where a reader may wonder.
    """

    dates: tuple[dt.date, ...]
    windows: tuple[Window, ...]
    notes: tuple[str, ...]


def shown(records: Records, study: Study) -> Shown:
    """Return the days and years that can be shown of a study's records.

    Raises
    ------
    ModelError
        If no return covers the as-at date.

    Notes
    -----
    A return lists every child looked after on any day of its year, so the stock is
    complete from the end of the first full return on. Before the first return nothing is
    known of children who had left by then: those years are not shown. The opening count
    of the first year is complete, since a child looked after on that 31 March is still
    looked after on 1 April and so in the return.
    """
    as_at, year = study.period.as_at, study.period.year
    returns = records.returns
    spans = [(s.date(), e.date()) for s, e in zip(returns["start"], returns["end"], strict=True)]
    if as_at > records.data_end.date() or not any(s <= as_at <= e for s, e in spans):
        raise ModelError(
            "no return covers the day that the study looks from",
            [
                Fault(
                    "study.toml",
                    "the as-at date lies outside every SSDA903 return of the study",
                    "add the return of that year, or set as_at to the last day of a return",
                    column="period.as_at",
                )
            ],
        )
    first = ReportingYear.parse(study.period.first_year or "0001-02")
    full = sorted(
        ReportingYear(int(y))
        for y, (_, end) in zip(returns["return_year"], spans, strict=True)
        if end == ReportingYear(int(y)).end <= as_at
    )
    years = [y for y in full if y >= first]
    dates = tuple(sorted({*(y.end for y in years), as_at}))
    windows = [Window(y, y.end) for y in years]
    if as_at < year.end:
        windows.append(Window(year, as_at))
    return Shown(dates, tuple(windows), _notes(full, first, windows))


def _notes(
    full: list[ReportingYear], first: ReportingYear, windows: list[Window]
) -> tuple[str, ...]:
    notes = []
    if full and full[0] >= first:
        notes.append(
            f"Shown from {full[0]}, the first full return: of children who left before it "
            "nothing is known."
        )
    gaps = [
        str(ReportingYear(y))
        for a, b in pairwise(windows)
        for y in range(a.year.end_year + 1, b.year.end_year)
    ]
    if gaps:
        notes.append(f"Left out for want of a return: {', '.join(gaps)}.")
    if windows and windows[-1].part:
        notes.append(
            f"The last column is not a year end: it stands at {day_words(windows[-1].end)}, "
            "and events are those of a part of the year, not to be compared with full years."
        )
    return tuple(notes)
