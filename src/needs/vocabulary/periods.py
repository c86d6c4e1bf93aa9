"""The reporting year, 1 April to 31 March, as a type."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

__all__ = ["ReportingYear"]

_PATTERN = re.compile(r"^(\d{4})-(\d{2})$")


@dataclass(frozen=True, slots=True, order=True)
class ReportingYear:
    """A year from 1 April to 31 March, printed ``2022-23``.

    Parameters
    ----------
    end_year : int
        Calendar year in which the 31 March falls. Note that some files of the sector
        are named by the year in which the return *starts*.

    Examples
    --------
    >>> str(ReportingYear(2023)), ReportingYear.parse("2022-23").end.isoformat()
    ('2022-23', '2023-03-31')
    """

    end_year: int

    @classmethod
    def parse(cls, text: str) -> ReportingYear:
        """Return the year that ``text`` (such as ``2022-23``) names.

        Raises
        ------
        ValueError
            If the text is not two consecutive years in that form.
        """
        found = _PATTERN.match(text)
        if not found or (int(found[1]) + 1) % 100 != int(found[2]):
            raise ValueError("write a reporting year as two consecutive years, such as 2022-23")
        return cls(int(found[1]) + 1)

    @classmethod
    def of(cls, day: dt.date) -> ReportingYear:
        """Return the reporting year in which ``day`` falls."""
        return cls(day.year + (day.month >= 4))

    @property
    def start(self) -> dt.date:
        """First day, 1 April."""
        return dt.date(self.end_year - 1, 4, 1)

    @property
    def end(self) -> dt.date:
        """Last day, 31 March."""
        return dt.date(self.end_year, 3, 31)

    def __add__(self, years: int) -> ReportingYear:
        """Return the reporting year so many years later."""
        return ReportingYear(self.end_year + years)

    def __sub__(self, years: int) -> ReportingYear:
        """Return the reporting year so many years earlier."""
        return self + -years

    def __str__(self) -> str:
        """Return ``2022-23``."""
        return f"{self.end_year - 1}-{self.end_year % 100:02d}"
