"""Plain arrays behind the rules: dates as days, codes as integers, ages in years."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["Bools", "Codes", "Days", "Ints", "age_on", "as_dates", "days"]

Bools = npt.NDArray[np.bool_]
Days = npt.NDArray[np.float64]
"""Days since 1970-01-01, NaN where blank: every comparison with a blank is then false."""
Ints = npt.NDArray[np.int64]

_DAY = np.timedelta64(1, "D")


def days(dates: pd.Series | pd.Timestamp) -> Days:
    """Return dates as days since 1970-01-01, NaN where blank."""
    stamps = np.asarray(dates, dtype="datetime64[ns]")
    out = stamps.astype("datetime64[D]").astype(np.int64).astype(np.float64)
    blank = np.isnat(stamps)
    if out.ndim:
        out[blank] = np.nan
        return out
    return np.asarray(np.nan if blank else out)


def as_dates(day: Days) -> npt.NDArray[np.datetime64]:
    """Return days since 1970-01-01 as ``datetime64[ns]``, NaT where NaN."""
    out = np.where(np.isnan(day), 0, day).astype(np.int64).astype("datetime64[D]")
    out = out.astype("datetime64[ns]")
    out[np.isnan(day)] = np.datetime64("NaT")
    return out


def age_on(day: Days, born: Days) -> Days:
    """Return completed years of age, NaN where either date is blank.

    A child born on 29 February has the birthday on 1 March in other years.
    """
    known = ~(np.isnan(day) | np.isnan(born))
    out = np.full(day.shape, np.nan)
    d, b = (np.asarray(x[known]).astype("datetime64[D]") for x in (day, born))
    dm, bm = d.astype("datetime64[M]"), b.astype("datetime64[M]")
    months = (dm - bm).astype(np.int64) - ((d - dm) / _DAY < (b - bm) / _DAY)
    out[known] = months // 12
    return out


@dataclass(frozen=True, slots=True)
class Codes:
    """A column of codes: an integer a row and the words they stand for; -1 is blank.

    The words are sorted, so that nothing depends on the order in which a file names them.
    """

    of: Ints
    words: npt.NDArray[np.object_]

    @classmethod
    def from_series(cls, column: pd.Series) -> Codes:
        """Return the codes of a text or category column."""
        cat = column if isinstance(column.dtype, pd.CategoricalDtype) else column.astype("category")
        words = np.asarray(cat.cat.categories, dtype=object)
        order = np.argsort(words.astype(str), kind="stable")
        rank = np.full(len(words) + 1, -1, dtype=np.int64)  # last place answers code -1
        rank[order] = np.arange(len(words))
        return cls(rank[cat.cat.codes.to_numpy()], words[order])

    def __getitem__(self, rows: Ints | Bools | slice) -> Codes:
        """Return the codes of some rows."""
        return Codes(self.of[rows], self.words)

    @property
    def blank(self) -> Bools:
        """Rows without a code."""
        return np.asarray(self.of < 0)

    def within(self, codes: Iterable[str]) -> Bools:
        """Return the rows whose code is one of those."""
        wanted = np.isin(self.words.astype(str), sorted(codes))
        return self.where(wanted)

    def where(self, wanted: Bools) -> Bools:
        """Return the rows whose word is wanted; a blank never is."""
        return np.append(wanted, False)[self.of]

    def same(self, other: Codes) -> Bools:
        """Return where two columns over the same words agree; two blanks agree."""
        return np.asarray(self.of == other.of)
