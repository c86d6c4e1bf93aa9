"""Later returns supersede earlier ones; every difference between them is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.inputs.ssda903.tables import Table
from needs.vocabulary.codes import code_set

__all__ = [
    "CONFLICTS",
    "HEADER_FIELDS",
    "Superseded",
    "add_up",
    "conflict_frame",
    "latest_of_child",
    "supersede",
]

CONFLICTS = ("earlier_year", "later_year", "field", "rows_n")
HEADER_FIELDS = ("sex", "dob", "ethnic", "upn", "mother", "mc_dob")
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Superseded:
    """Rows that stand after reconciliation, and the differences found.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a key, from the latest return that has it; index as in the input.
    conflicts : pandas.DataFrame
        As :attr:`needs.vocabulary.records.Records.conflicts`.
    """

    frame: pd.DataFrame
    conflicts: pd.DataFrame


def conflict_frame(found: Sequence[tuple[str, pd.Series, pd.Series]]) -> pd.DataFrame:
    """Count differences: field, with the earlier and later year of each row that differs."""
    counted = [
        pd.DataFrame({"earlier_year": a.to_numpy(), "later_year": b.to_numpy()})
        .value_counts()
        .rename("rows_n")
        .reset_index()
        .assign(field=field)
        for field, a, b in found
        if len(a)
    ]
    blank = pd.DataFrame(columns=list(CONFLICTS))
    whole = pd.concat(counted)[list(CONFLICTS)] if counted else blank
    whole = whole.astype({"earlier_year": "int64", "later_year": "int64", "rows_n": "int64"})
    return whole.sort_values(list(CONFLICTS[:3]), ignore_index=True)


def add_up(counts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put several counts of differences into one, sorted."""
    some = [c for c in counts if len(c)] or [conflict_frame([])]
    by = pd.concat(some).groupby(list(CONFLICTS[:3]))
    return by["rows_n"].sum().reset_index()


def comparable(values: pd.Series) -> npt.NDArray[np.generic]:
    """Return numbers that are equal where the values say the same; sex 1 and M do."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        if set(values.cat.categories) >= set(code_set("SEX").codes):
            values = values.map(code_set("SEX").labels).astype("category")
        return values.cat.codes.to_numpy()
    if values.dtype.kind == "M":
        return values.to_numpy("datetime64[ns]").astype(np.int64)
    return values.fillna(-1.0).to_numpy(float)


def _occurrence(keys: list[npt.NDArray[np.generic]]) -> tuple[npt.NDArray[np.int64], Flags]:
    """Return, of rows sorted by keys, which repeats of its key each is, and its first row."""
    n = len(keys[0])
    new = np.ones(n, bool)
    if n:
        new[1:] = np.logical_or.reduce([k[1:] != k[:-1] for k in keys])
    starts = np.flatnonzero(new)
    run = np.diff(np.append(starts, n))
    return np.arange(n) - np.repeat(starts, run), new


def supersede(
    frame: pd.DataFrame,
    spec: Table,
    *,
    fields: Sequence[str],
    prefix: str = "",
    keep_all: bool = False,
) -> Superseded:
    """Keep, of each row that several returns have, the one from the latest return.

    Rows of two returns are the same when the table's key is the same; a key that stands
    several times in one return is matched in order. Filling in the end of something that
    was open is progress, not a difference.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of every return.
    spec : Table
        Its key, and its end columns.
    fields : sequence of str
        Columns compared.
    prefix : str
        Put before the field in the conflicts.
    keep_all : bool
        Compare only, keep every row.
    """
    key = [comparable(frame[name]) for name in spec.row_key]
    year = frame["return_year"].to_numpy(np.int64)
    within = np.lexsort([np.arange(len(frame)), year, *key[::-1]])
    nth, _ = _occurrence([*(k[within] for k in key), year[within]])
    repeat = np.empty(len(frame), np.int64)
    repeat[within] = nth
    order = np.lexsort([year, repeat, *key[::-1]])
    _, new = _occurrence([*(k[order] for k in key), repeat[order]])
    later = np.flatnonzero(~new)
    earlier = later - 1
    a, b = order[earlier], order[later]
    found = [
        (prefix + f, *_differing(frame, f, spec, a, b)) for f in fields if f not in spec.row_key
    ]
    last = np.append(new[1:], True)[: len(new)]
    kept = frame if keep_all else frame.iloc[np.sort(order[last])]
    return Superseded(kept, conflict_frame(found))


def _differing(
    frame: pd.DataFrame, field: str, spec: Table, a: npt.NDArray[np.intp], b: npt.NDArray[np.intp]
) -> tuple[pd.Series, pd.Series]:
    """Return the years of the pairs of rows that differ in a field."""
    values = comparable(frame[field])
    differ = values[a] != values[b]
    if field in spec.ends:
        open_then = frame[spec.ends[0]].isna().to_numpy()[a]
        differ &= ~open_then
    year = frame["return_year"]
    return year.iloc[a[differ]], year.iloc[b[differ]]


def latest_of_child(frame: pd.DataFrame, field: str, children: int) -> pd.Series:
    """Return each child's latest value of a field that is not blank, by child number."""
    year = frame["return_year"].to_numpy()
    order = np.flatnonzero(frame[field].notna().to_numpy())
    if (year[order][1:] < year[order][:-1]).any():
        order = order[np.argsort(year[order], kind="stable")]
    last = np.full(children, -1, np.int64)
    last[frame["child"].to_numpy()[order]] = order  # of several the last stays
    values = frame[field].array.take(last, allow_fill=True)
    return pd.Series(values, index=pd.RangeIndex(children, name="child"), name=field)
