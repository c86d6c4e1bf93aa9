"""What the contents of a file say about the return it is part of: children, dates, ages.

For each return the Episodes tables tell who was looked after, who all through the year, who
started, who left. Each other table holds children of one such kind, each once; so the returns
can be compared by how likely it is that the file was drawn from what is left of them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.inputs.ssda903.dating import year_of
from needs.inputs.ssda903.parts import Hashes, Part
from needs.inputs.ssda903.tables import tables
from needs.vocabulary.periods import ReportingYear

__all__ = ["CLEAR", "TWICE", "Evidence", "held_by"]

Flags = npt.NDArray[np.bool_]
Ids = npt.NDArray[np.intp]

CLEAR = 5.0
"""How far the best return must lie above the second: e to the fifth, about 150 times likelier."""

_OUT, TWICE, _WRONG_DATE = (math.log(p) for p in (0.03, 0.002, 0.001))
"""Chances of a child who is not of the kind, who stands twice, of a date of another year."""
_IN = math.log(0.97)
_WRONG_SHARE = 0.05
"""Rows with a date that no return explains: more of them, and a table's dates tell nothing."""
_DATES = ("in_year", "up_to")
_ADOPTED = ("E11", "E12", "E1")
_ADOPTIVE = ("A3", "A4", "A5", "A6")
_KINDS = {
    "oc2": ("whole", "all"),
    "prev_perm": ("started", "all"),
    "ad1": ("adopted", "ended", "all"),
    "placed_adoption": ("adoptive", "all"),
    "oc3": ("leavers", "seventeen", "of_age", "all"),
}
"""Children that a table may hold; which of them fits all files of the table best is taken."""
_AGES = {"seventeen": (17, 18), "of_age": (17, 22), "leavers": (17, 22)}


def held_by(parts: Iterable[Part], universe: Hashes) -> Ids:
    """Return the children of some tables as positions in the universe, each once."""
    found = [np.searchsorted(universe, p.hashes) for p in parts]
    return np.unique(np.concatenate([np.empty(0, np.intp), *found]))


@dataclass
class Evidence:
    """Who stands in which return, and what of it other files have already.

    Parameters
    ----------
    episodes : mapping of int to sequence of Part
        End year -> the Episodes tables of that return.
    rest : mapping of str to sequence of Part
        File -> its other tables, for every file.
    copies : mapping of int to int
        How many returns of a year there are, where an extract lies beside it.
    """

    episodes: Mapping[int, Sequence[Part]]
    rest: Mapping[str, Sequence[Part]]
    copies: Mapping[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        every = [p for parts in (*self.episodes.values(), *self.rest.values()) for p in parts]
        self.years = sorted(self.episodes)
        self._universe = np.unique(
            np.concatenate([np.empty(0, np.uint64)] + [p.hashes for p in every])
        )
        self._kinds = {y: self._kinds_of(y, self.episodes[y]) for y in self.years}
        self._ids = {
            (f, p.table): held_by([p], self._universe)
            for f, parts in self.rest.items()
            for p in parts
        }
        self._of_table: dict[str, Flags] = {}
        for (_, table), ids in self._ids.items():
            self._of_table.setdefault(table, np.zeros(len(self._universe), bool))[ids] = True
        self._taken: dict[tuple[str, int], npt.NDArray[np.int16]] = defaultdict(
            lambda: np.zeros(len(self._universe), np.int16)
        )
        self._dates = {(f, p.table): _Dates.of(p) for f, parts in self.rest.items() for p in parts}
        self._date_kind = {t: self._best_dates(t) for t in self._of_table}
        self._pools: dict[tuple[str, str, int], Flags] = {}
        self._ages: dict[str, pd.Series] = {}
        self._kind = {t: self._best_kind(t) for t in self._of_table}

    def take(self, file: str, year: int) -> None:
        """Note that a file is part of a return, so that no other has its children again."""
        for part in self.rest[file]:
            self._taken[part.table, year][self._ids[file, part.table]] += 1

    def fit(self, file: str) -> dict[int, float]:
        """Return, for each return, the log of how likely it is that the file is part of it."""
        return {
            y: math.fsum(
                self._drawn(file, t, y, self._kind[t]) + self._date_fit(file, t, y)
                for t in (p.table for p in self.rest[file])
            )
            for y in self.years
        }

    def shared(self, one: str, other: str) -> int:
        """Return how many children stand in both of two files, in tables that have each once."""
        tables_of = {p.table for p in self.rest[one]} & {p.table for p in self.rest[other]}
        return sum(
            len(np.intersect1d(self._ids[one, t], self._ids[other, t], assume_unique=True))
            for t in tables_of
            if tables()[t].row_key == ("child",)
        )

    def known(self, file: str, year: int) -> float:
        """Return the share of a file's children who have an episode in a return."""
        ids = held_by(self.rest[file], self._universe)
        return float(self._kinds[year]["all"][ids].mean()) if len(ids) else 1.0

    def twice(self, file: str, year: int) -> float:
        """Return the share of a Header's children whom another Header of the return has."""
        ids = self._ids[file, "header"]
        taken = self._taken["header", year][ids] >= self.copies.get(year, 1)
        return float(taken.mean()) if len(ids) else 0.0

    # --- children ---

    def _kinds_of(self, year: int, parts: Sequence[Part]) -> dict[str, Flags]:
        start, end = (np.datetime64(d, "ns") for d in _span(year))
        made = {k: np.zeros(len(self._universe), bool) for k in
                ("all", "before", "open", "started", "ended", "adopted", "adoptive")}  # fmt: skip
        for p in parts:
            ids = np.searchsorted(self._universe, p.child_hashes)
            decom, dec = (p.frame[c].to_numpy("datetime64[ns]") for c in ("decom", "dec"))
            still = np.isnat(dec) | (dec > end)
            rec = p.frame["rec"]
            marks = {
                "all": np.ones(len(ids), bool),
                "before": decom <= start,
                "open": still,
                "started": (p.frame["rne"] == "S").to_numpy(bool) & (decom >= start),
                "ended": ~still & rec.notna().to_numpy(bool) & (rec != "X1").to_numpy(bool),
                "adopted": rec.isin(_ADOPTED).to_numpy(bool),
                "adoptive": p.frame["place"].isin(_ADOPTIVE).to_numpy(bool),
            }
            for kind, rows in marks.items():
                made[kind][ids[rows]] = True
        return {**made, "whole": made["before"] & made["open"]}

    def _pool(self, table: str, kind: str, year: int) -> Flags:
        """Return the children of a table, any year, who could stand in it that year."""
        key = (table, kind, year)
        if key not in self._pools:
            if kind in _AGES:
                marks = self._of_age(table, year, *_AGES[kind])
                marks &= ~self._kinds[year]["all"] if kind == "leavers" else True
            else:
                marks = self._kinds[year][kind]
            self._pools[key] = marks & self._of_table[table]
        return self._pools[key]

    def _of_age(self, table: str, year: int, least: int, most: int) -> Flags:
        """Return who was of an age at the end of a year, by the dates of birth in the table."""
        if table not in self._ages:
            born = np.full(len(self._universe), np.datetime64("NaT"), "datetime64[ns]")
            for p in (p for parts in self.rest.values() for p in parts if p.table == table):
                ids = np.searchsorted(self._universe, p.child_hashes)
                born[ids] = p.frame["dob"].to_numpy("datetime64[ns]")
            self._ages[table] = pd.Series(year_of(pd.Series(born)))
        # A birthday counts by the reporting year it falls in: all of one year turn 17 in one.
        cohort = self._ages[table].to_numpy()
        return (cohort > 0) & (cohort + least <= year) & (cohort + most >= year)

    def _best_kind(self, table: str) -> str:
        kinds = _KINDS.get(table, ("all",))
        if len(kinds) == 1 or not self.years:
            return kinds[0]
        files = [f for f, t in self._ids if t == table]

        def total(kind: str) -> float:
            return math.fsum(max(self._drawn(f, table, y, kind) for y in self.years) for f in files)

        return max(kinds, key=total)

    def _drawn(self, file: str, table: str, year: int, kind: str) -> float:
        """Return the log of the chance of drawing a file's children from what is left."""
        ids = self._ids[file, table]
        pool, left = self._pool(table, kind, year), int(self._of_table[table].sum())
        once = tables()[table].row_key == ("child",)
        taken = self._taken.get((table, year)) if once else None
        full = None if taken is None else taken >= self.copies.get(year, 1)
        size = int((pool if full is None else pool & ~full).sum())
        twice = int(full[ids].sum()) if full is not None else 0
        inside = int((pool[ids] if full is None else pool[ids] & ~full[ids]).sum())
        outside = len(ids) - inside - twice
        chance = inside * _IN + outside * _OUT + twice * TWICE
        return chance - _ways(size, inside) - _ways(left, outside + twice)

    # --- dates ---

    def _best_dates(self, table: str) -> str:
        """Return what the dates of a table are good for: its own year, an upper end, nothing."""
        every = [d for (_, t), d in self._dates.items() if t == table]
        rows = sum(int(d.rows.sum()) for d in every)
        for how in _DATES if tables()[table].events else _DATES[1:]:
            wrong = sum(min((d.wrong(y, how) for y in self.years), default=0) for d in every)
            if wrong <= _WRONG_SHARE * rows:
                return how
        return ""

    def _date_fit(self, file: str, table: str, year: int) -> float:
        """Return the log of how likely the dates of a file are in a return."""
        dates, how = self._dates[file, table], self._date_kind[table]
        return dates.wrong(year, how) * _WRONG_DATE if how else 0.0


@dataclass(frozen=True)
class _Dates:
    """Years of the rows of a table: of the last event, of the latest date, and how many."""

    last: npt.NDArray[np.int64]
    latest: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]

    @classmethod
    def of(cls, part: Part) -> _Dates:
        both = np.stack([_last_event(part), _latest_start(part)], axis=1)
        pairs, rows = np.unique(both, axis=0, return_counts=True)
        return cls(pairs[:, 0], pairs[:, 1], rows)

    def wrong(self, year: int, how: str) -> int:
        """Return how many rows do not go with a return."""
        marks = self.latest > year
        if how == "in_year":
            marks |= (self.last > 0) & (self.last != year)
        return int(self.rows[marks].sum())


def _span(year: int) -> tuple[str, str]:
    reporting = ReportingYear(year)
    return reporting.start.isoformat(), reporting.end.isoformat()


def _last_event(part: Part) -> npt.NDArray[np.int64]:
    """Return the end year of each row's last event, 0 where it has none."""
    years = [year_of(part.frame[c]) for c in tables()[part.table].events]
    latest: npt.NDArray[np.int64] = np.maximum.reduce([np.zeros(len(part.frame), np.int64), *years])
    return latest


def _latest_start(part: Part) -> npt.NDArray[np.int64]:
    """Return the end year of each row's latest date that cannot lie after its return."""
    spec = tables()[part.table]
    columns = [
        c.name for c in spec.columns.values() if c.kind == "date" and c.name not in spec.ends
    ]
    years = [year_of(part.frame[c]) for c in columns]
    latest: npt.NDArray[np.int64] = np.maximum.reduce([np.zeros(len(part.frame), np.int64), *years])
    return latest


def _ways(n: int, k: int) -> float:
    """Return the log of how many ways there are to draw ``k`` of ``n``."""
    if not 0 < k < n:
        return 0.0
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
