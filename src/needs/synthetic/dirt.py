"""Faults as real returns have them, planted in known numbers.

A plant touches nothing that decides a published count: cells that would change who is in the
stock or where are spoilt only in episodes that begin and end between two year ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from needs.synthetic.text import dfe_days
from needs.vocabulary.periods import ReportingYear

__all__ = ["PLANTS", "Plant", "soiled"]

Tables = dict[str, pd.DataFrame]
Cells = Mapping[str, Any]
_DATE = "%d/%m/%Y"
# DECOM and DEC as dates: with the episodes while faults are planted, and taken off at the end.
_DATES = ("start", "stop")


@dataclass(frozen=True, slots=True)
class Plant:
    """One kind of fault.

    Parameters
    ----------
    check : str
        Rule and check that must find it, as ``07.rec_without_dec``.
    table : str
        Table that is spoilt.
    share : float
        Share of the table's rows, at least one row.
    where : callable
        Table, year -> mask of rows that may be spoilt; episodes have ``start`` and ``stop``.
    spoil : callable
        Rows, year -> the cells that change, by column.
    repeat : bool
        Whether the spoilt rows are added instead of put in place.
    """

    check: str
    table: str
    share: float
    where: Callable[[pd.DataFrame, ReportingYear], pd.Series]
    spoil: Callable[[pd.DataFrame, ReportingYear], Cells]
    repeat: bool = False


def _day(text: pd.Series) -> pd.Series:
    return pd.to_datetime(text, format=_DATE, errors="coerce")


def _within(e: pd.DataFrame, year: ReportingYear) -> pd.Series:
    """Return whether an episode begins and ends inside the year and another follows."""
    inside = (e["start"] > pd.Timestamp(year.start)) & (e["stop"] < pd.Timestamp(year.end))
    return inside & (e["DEC"] != "") & (e["REC"] == "X1")


def _open(e: pd.DataFrame, year: ReportingYear) -> pd.Series:
    del year
    return e["DEC"] == ""


def _any(e: pd.DataFrame, year: ReportingYear) -> pd.Series:
    del year
    return pd.Series(True, index=e.index)


def _filled(column: str) -> Callable[[pd.DataFrame, ReportingYear], pd.Series]:
    return lambda e, year: e[column] != ""


def _and(
    first: Callable[[pd.DataFrame, ReportingYear], pd.Series], column: str, *values: str
) -> Callable[[pd.DataFrame, ReportingYear], pd.Series]:
    return lambda e, year: first(e, year) & e[column].isin(values)


def _set(**cells: str) -> Callable[[pd.DataFrame, ReportingYear], Cells]:
    return lambda rows, year: cells


def _room_to_overlap(e: pd.DataFrame, year: ReportingYear) -> pd.Series:
    """Return whether the next episode of the child is longer than the overlap planted."""
    ordered = e[["CHILD", *_DATES]].sort_values(["CHILD", "start"])
    by = ordered.groupby("CHILD")
    follows = by["start"].shift(-1) == ordered["stop"]
    stop = by["stop"].shift(-1)
    length = (stop.fillna(pd.Timestamp(year.end)) - ordered["stop"]).dt.days
    last = by.cumcount(ascending=False) > 1
    room = follows & (length > 30) & ~last
    return _within(e, year) & room.reindex(e.index)


def _longer(rows: pd.DataFrame, year: ReportingYear) -> Cells:
    del year
    stop = rows["stop"] + pd.Timedelta(days=5)
    return {"stop": stop.to_numpy(), "DEC": dfe_days(stop)}


def _after_the_end(rows: pd.DataFrame, year: ReportingYear) -> Cells:
    del rows
    late = np.datetime64(year.end) + 12
    return {"stop": late, "DEC": dfe_days([late])[0], "REC": "E8"}


PLANTS: tuple[Plant, ...] = (
    Plant("01.twice_same", "header", 0.003, _any, _set(), repeat=True),
    Plant("03.blank", "episodes", 0.002, _and(_within, "RNE", "L"), _set(RNE="")),
    Plant("05.blank", "episodes", 0.003, _any, _set(CIN="")),
    Plant("07.rec_without_dec", "episodes", 0.01, _open, _set(REC="X1")),
    Plant("07.continued", "episodes", 0.003, _within, _set(REC="")),
    Plant("09.duplicate", "episodes", 0.002, _within, _set(), repeat=True),
    Plant("09.overlap", "episodes", 0.003, _room_to_overlap, _longer),
    Plant("16.ends_after", "episodes", 0.003, _open, _after_the_end),
    Plant(
        "20.blank", "episodes", 0.002, _and(_within, "PLACE", "U6", "U4"), _set(PLACE_PROVIDER="")
    ),
    Plant("21.malformed", "episodes", 0.004, _filled("PL_POST"), _set(PL_POST="ZX1")),
    Plant("22.malformed", "episodes", 0.004, _filled("URN"), _set(URN="SC12")),
    Plant("27.ethnic_unknown", "header", 0.004, _any, _set(ETHNIC="")),
)
"""The faults planted, by the rule that must find them."""


def soiled(
    tables: Mapping[str, pd.DataFrame], year: ReportingYear, rng: np.random.Generator
) -> tuple[Tables, pd.DataFrame]:
    """Return one return's tables with faults planted, and how many of which.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        As :func:`needs.synthetic.returns.return_tables` gives them.
    year : ReportingYear
    rng : numpy.random.Generator

    Returns
    -------
    tables : dict of str to pandas.DataFrame
    planted : pandas.DataFrame
        Columns ``check, return_year, rows_n``.
    """
    out = {name: t.reset_index(drop=True) for name, t in tables.items()}
    out["episodes"] = out["episodes"].assign(
        start=_day(out["episodes"]["DECOM"]), stop=_day(out["episodes"]["DEC"])
    )
    ids = np.concatenate([t["CHILD"].to_numpy() for t in out.values()])
    code = pd.factorize(ids, sort=True)[0]
    first = np.cumsum([0, *(len(t) for t in out.values())])
    whose = dict(zip(out, np.split(code, first[1:-1]), strict=True))
    taken = np.zeros(code.max() + 1, bool)
    planted = []
    for plant in PLANTS:
        table, children = out[plant.table], whose[plant.table]
        able = plant.where(table, year).to_numpy(bool)[: len(children)] & ~taken[children]
        # One fault a child and return: what finds one must not be misled by another.
        rows = rng.permutation(np.flatnonzero(able))
        rows = rows[np.unique(children[rows], return_index=True)[1]]
        n = min(len(rows), max(1, round(plant.share * len(children))))
        chosen = np.sort(rng.permutation(rows)[:n])
        spoilt = table.iloc[chosen]
        if plant.repeat:
            out[plant.table] = pd.concat([table, spoilt], ignore_index=True)
        for column, cells in plant.spoil(spoilt, year).items():
            values = table[column].to_numpy(copy=True)
            values[chosen] = cells
            table[column] = values
        taken[children[chosen]] = True
        planted.append((plant.check, year.end_year, len(chosen)))
    out["episodes"] = out["episodes"].drop(columns=list(_DATES))
    return out, pd.DataFrame(planted, columns=["check", "return_year", "rows_n"])
