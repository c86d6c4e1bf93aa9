"""Which columns of a file are a table's, by their names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from needs.inputs.tables.declare import NAMES, TableSpec, table_spec
from needs.vocabulary.errors import Fault, InputError
from needs.vocabulary.study import Study

__all__ = ["as_key", "columns_of"]


def as_key(words: str) -> str:
    """Return words as a key: lower case, underscores between.

    Examples
    --------
    >>> as_key("Weekly cost (£)"), as_key("WEEKLY_COST_GBP")
    ('weekly_cost_gbp', 'weekly_cost_gbp')
    """
    pounds = words.replace("£", " gbp ").replace("%", " pct ")
    return re.sub(r"[^a-z0-9]+", "_", pounds.lower()).strip("_")


def _names(spec: TableSpec, keys: Sequence[str]) -> dict[str, str]:
    """Return the name of each column in a file -> ours: its own, or the first other it has."""
    names: dict[str, str] = {}
    for column in spec.columns.values():
        known = [k for k in (column.name, *map(as_key, column.aliases)) if k in keys]
        names |= {k: column.name for k in known[:1]}
    return names


def columns_of(spec: TableSpec, names: Sequence[str], file: str, study: Study) -> Mapping[int, str]:
    """Return the positions of a table's columns in a file, and our names of them.

    Parameters
    ----------
    spec : TableSpec
        The table that the file is given as.
    names : sequence of str
        First row of the file.
    file : str
        Name for faults.
    study : Study
        Its settings name the columns of a wide form.

    Raises
    ------
    InputError
        One fault for each required column that is missing, or one that says what the file
        seems to be.
    """
    keys = [as_key(n) for n in names]
    known = _names(spec, keys)
    wide = _wide_names(spec, study)
    found = {i: known[k] for i, k in enumerate(keys) if k in known}
    across = {i: wide[k] for i, k in enumerate(keys) if k in wide}
    needed = set(spec.required)
    if spec.wide and across and spec.wide.names not in found.values():
        needed -= {spec.wide.names, spec.wide.values}
        found = {i: c for i, c in found.items() if c != spec.wide.values} | across
    faults = [*_repeated(file, found), *_missing(spec, file, needed, set(found.values()), keys)]
    if faults:
        raise InputError(f"this is not a file of {spec.title.lower()}", faults)
    return dict(sorted(found.items()))


def _wide_names(spec: TableSpec, study: Study) -> dict[str, str]:
    if not spec.wide:
        return {}
    allowed = spec.columns[spec.wide.names].allowed(study)
    return {as_key(w): key for key, label in allowed.items() for w in (label, key)}


def _repeated(file: str, found: Mapping[int, str]) -> list[Fault]:
    columns = list(found.values())
    again = sorted({c for c in columns if columns.count(c) > 1})
    rule, mend = "two columns have this name", "take one of them out"
    return [Fault(file, rule, mend, column=c, rows=(1,)) for c in again]


def _missing(
    spec: TableSpec, file: str, needed: set[str], found: set[str], keys: Sequence[str]
) -> list[Fault]:
    missing = sorted(needed - found)
    if not missing:
        return []
    other = _looks_like(spec, keys)
    if other:
        rule = f"this looks like a file of {other.title.lower()}"
        mend = f"name it under inputs.{other.name} of study.toml"
        return [Fault(file, rule, mend, rows=(1,))]
    mend = f"`needs inputs {spec.name}` prints the columns; their names stand in the first row"
    if not needed & found and len(found) < 2:
        rule = f"the first row has none of the columns of {spec.title.lower()}"
        return [Fault(file, rule, mend, rows=(1,))]
    return [Fault(file, "required column is missing", mend, column=c, rows=(1,)) for c in missing]


def _looks_like(spec: TableSpec, keys: Sequence[str]) -> TableSpec | None:
    """Return another table that the file is whole, and more of it than of this one."""

    def shared(other: TableSpec) -> int:
        return len(_names(other, keys))

    others = [table_spec(n) for n in NAMES if n != spec.name]
    whole = [o for o in others if set(o.required) <= {*_names(o, keys).values()}]
    nearest = max(whole, key=shared, default=None)
    return nearest if nearest and shared(nearest) > shared(spec) else None
