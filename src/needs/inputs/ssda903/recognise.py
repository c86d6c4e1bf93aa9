"""Which table a set of columns is; file names are not looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from needs.inputs.ssda903.tables import ALIASES, Table, tables
from needs.vocabulary.errors import Fault

__all__ = ["Recognised", "recognise"]

_COMMON = {"child", "dob", "sex"}
_MEND_UNKNOWN = "take the file out of inputs.ssda903, or give it the column names of the return"


@dataclass(frozen=True, slots=True)
class Recognised:
    """A file's table, and its column names as ours (empty text: kept out)."""

    table: Table
    names: tuple[str, ...]


def _ours(name: str) -> str:
    upper = name.strip().upper()
    return ALIASES.get(upper, upper).lower()


def recognise(columns: Sequence[str], file: str) -> Recognised | Fault:
    """Return the table of which these are the columns, or what is wrong.

    A file is the table whose required columns it has; where that holds for several, the
    one with most columns. Case, blanks around names and the XML's names do not matter.

    Parameters
    ----------
    columns : sequence of str
        Column names as they stand in the file.
    file : str
        For the fault.
    """
    names = [_ours(c) for c in columns]
    named = [n for n in names if n]
    known = {c for t in tables().values() for c in t.columns}
    twice = sorted({n for n in named if named.count(n) > 1} & known)
    if twice:
        return Fault(
            file,
            "two columns have the same name",
            "leave one of them",
            column=", ".join(twice).upper(),
            rows=(1,),
        )
    have = set(named)
    fit = [t for t in tables().values() if have.issuperset(t.required)]
    if not fit:
        return _nearest(have, file)
    best = max(fit, key=lambda t: (len(t.required), len(have & set(t.columns))))
    return Recognised(best, tuple(n if n in best.columns else "" for n in names))


def _nearest(have: set[str], file: str) -> Fault:
    """Return a fault that names the table which the columns come nearest to."""
    near = max(tables().values(), key=lambda t: len(have & set(t.columns) - _COMMON))
    if not have & set(near.columns) - _COMMON:
        if "child" not in have:
            rule = "the first row holds no column names of an SSDA903 table"
        else:
            rule = "the columns are those of no SSDA903 table"
        return Fault(file, rule, _MEND_UNKNOWN, rows=(1,))
    missing = ", ".join(c.upper() for c in near.required if c not in have)
    rule = f"looks like the {near.label} table, but required columns are missing"
    mend = f"export the {near.label} table with the columns {missing}"
    return Fault(file, rule, mend, column=missing, rows=(1,))
