"""What the rules look at: the episodes of every return at once, as plain arrays.

A *cell* is one child in one return: ``year index * children + child``. Rules run within
cells, so that all returns are judged in one pass, each by its own rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np
import pandas as pd

from needs.inputs.ssda903.quality.arrays import Bools, Codes, Days, Ints, days
from needs.inputs.ssda903.raw import BAD, RawReturns

__all__ = ["SHORT_BREAKS", "TEMPORARY", "Episodes", "Years", "bad", "episodes_view"]

SHORT_BREAKS = ("V3", "V4")
TEMPORARY = ("T0", "T1", "T2", "T3", "T4")
_CODES = {
    "rne": "rne",
    "ls": "ls",
    "cin": "cin",
    "place": "place",
    "provider": "place_provider",
    "rec": "rec",
    "reason": "reason_place_change",
    "home": "home_post",
    "post": "pl_post",
    "urn": "urn",
    "la": "pl_la",
}

_T = TypeVar("_T", Days, Bools, Codes)


@dataclass(frozen=True, slots=True)
class Years:
    """The returns of the study and the number of children in them.

    Parameters
    ----------
    year : array of int
        End year of each return, ascending.
    start, end : array of float
        First and last day that each return speaks of.
    children : int
        Children in all returns together.
    """

    year: Ints
    start: Days
    end: Days
    children: int

    @classmethod
    def of(cls, raw: RawReturns) -> Years:
        """Return the years of raw returns."""
        r = raw.returns.sort_values("return_year")
        highest = max((int(t["child"].max()) for t in raw.tables.values() if len(t)), default=-1)
        return cls(
            r["return_year"].to_numpy(np.int64),
            days(r["start"]),
            days(r["end"]),
            max(len(raw.ids), highest + 1, 1),
        )

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return len(self.year) * self.children

    @property
    def follows(self) -> Bools:
        """Whether the return of the year before is in the study."""
        return np.append(False, np.diff(self.year) == 1) if len(self.year) else np.zeros(0, bool)

    def cell(self, frame: pd.DataFrame) -> Ints:
        """Return the cell of each row."""
        year = np.searchsorted(self.year, frame["return_year"].to_numpy(np.int64))
        return np.asarray(year * self.children + frame["child"].to_numpy(np.int64))

    def any(self, cells: Ints) -> Bools:
        """Return, for every cell, whether it is among ``cells``."""
        out = np.zeros(self.cells, dtype=bool)
        out[cells] = True
        return out

    def least(self, cells: Ints, values: Days) -> Days:
        """Return the least value of each cell, NaN where it has none."""
        known = ~np.isnan(values)
        out = np.full(self.cells, np.inf)
        np.minimum.at(out, cells[known], values[known])
        return np.where(np.isinf(out), np.nan, out)

    def year_before(self, by_cell: Bools) -> Bools:
        """Return what held of the same child in the return of the year before."""
        grid = by_cell.reshape(len(self.year), self.children)
        out = np.zeros_like(grid)
        out[1:] = grid[:-1]
        out[~self.follows] = False
        return out.ravel()


def bad(frame: pd.DataFrame, column: str) -> Bools:
    """Return the rows whose cell of that column was not blank and could not be read."""
    name = BAD + column
    return frame[name].to_numpy(bool) if name in frame else np.zeros(len(frame), dtype=bool)


@dataclass(frozen=True)
class Episodes:
    """Episodes as arrays, one element a row; ``row`` is the position in the frame.

    ``start`` and ``end`` are the first and last day of the row's return, ``dob`` the child's
    date of birth in that return.
    """

    row: Ints
    cell: Ints
    year: Ints
    start: Days
    end: Days
    dob: Days
    decom: Days
    dec: Days
    rne: Codes
    ls: Codes
    cin: Codes
    place: Codes
    provider: Codes
    rec: Codes
    reason: Codes
    home: Codes
    post: Codes
    urn: Codes
    la: Codes

    def __len__(self) -> int:
        return len(self.row)

    def __getitem__(self, rows: Ints | Bools | slice) -> Episodes:
        """Return some rows, in the order given."""
        return Episodes(*(getattr(self, f.name)[rows] for f in fields(self)))

    def with_dec(self, dec: Days) -> Episodes:
        """Return the same rows with other end dates."""
        return replace(self, dec=dec)

    def without_unknown(self, bad: Mapping[str, Bools]) -> Episodes:
        """Return the same rows with codes of no year set blank."""
        known: dict[str, Codes] = {}
        for name, column in _CODES.items():
            if column in bad:
                codes: Codes = getattr(self, name)
                known[name] = Codes(np.where(bad[column][self.row], -1, codes.of), codes.words)
        return Episodes(*(known.get(f.name, getattr(self, f.name)) for f in fields(self)))

    def ordered(self) -> Episodes:
        """Return the rows by child, return, start and end, open ones last; ties by content."""
        day = self.decom - np.nanmin(self.decom, initial=0.0)
        last = np.where(np.isnan(self.dec), 2.0**17 - 1, self.dec - np.nanmin(self.dec, initial=0))
        key = (self.cell << 34) | (day.astype(np.int64) << 17) | last.astype(np.int64)
        order = np.argsort(key, kind="stable")
        tied = np.zeros(len(self), dtype=bool)
        same = key[order][1:] == key[order][:-1]
        tied[order[1:][same]] = tied[order[:-1][same]] = True
        if tied.any():
            rank = np.zeros(len(self), dtype=np.int64)
            among = np.flatnonzero(tied)
            content = [getattr(self, name).of[among] for name in _CODES]
            rank[among[np.lexsort(content)]] = np.arange(len(among))
            order = np.lexsort((rank, key))
        return self[order]

    # The members below read neighbours, and need the rows in order.

    @property
    def first(self) -> Bools:
        """First row of its cell."""
        return np.append(True, self.cell[1:] != self.cell[:-1])[: len(self)]

    @property
    def last(self) -> Bools:
        """Last row of its cell."""
        return np.append(self.cell[1:] != self.cell[:-1], True)[: len(self)]

    def before(self, values: _T) -> _T:
        """Return the values of the row before in the cell; blank where there is none."""
        return _shifted(values, 1, self.first)

    def after(self, values: _T) -> _T:
        """Return the values of the row after in the cell; blank where there is none."""
        return _shifted(values, -1, self.last)

    @property
    def gap(self) -> Days:
        """Days from the end of the row before to this row's start; NaN where unknown."""
        return self.decom - self.before(self.dec)

    @property
    def exits(self) -> Bools:
        """Rows that end with a reason that is not 'another episode follows'."""
        return ~self.rec.blank & ~self.rec.within(["X1"]) & ~np.isnan(self.dec)

    @property
    def linked(self) -> Bools:
        """Rows that follow on the row before: same or next day, and that was no exit."""
        gap = self.gap
        return np.asarray(((gap == 0) | (gap == 1)) & ~self.before(self.exits))

    @property
    def stop(self) -> Days:
        """Last day that the return knows of: the end, or the return's end where open."""
        return np.where(np.isnan(self.dec), self.end, self.dec)


def _shifted(values: _T, step: int, edge: Bools) -> _T:
    """Return values moved by one row, blank at the edges."""
    if isinstance(values, Codes):
        moved = np.roll(values.of, step)
        moved[edge] = -1
        return Codes(moved, values.words)
    out = np.roll(values, step)
    out[edge] = False if out.dtype == bool else np.nan
    return out


def episodes_view(frame: pd.DataFrame, years: Years, dob: Days) -> Episodes:
    """Return the episodes of a frame as arrays.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns of :attr:`RawReturns.episodes`.
    years : Years
        The returns.
    dob : array of float, one a cell
        Date of birth of each child in each return.
    """
    cell = years.cell(frame)
    year = cell // years.children
    codes = {k: Codes.from_series(frame[c]) for k, c in _CODES.items()}
    return Episodes(
        row=np.arange(len(frame)),
        cell=cell,
        year=year,
        start=years.start[year],
        end=years.end[year],
        dob=dob[cell],
        decom=days(frame["decom"]),
        dec=days(frame["dec"]),
        **codes,
    )
