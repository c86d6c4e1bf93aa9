"""The pandera schema of a table, made from its declaration."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pandera.pandas as pa

from needs.inputs.tables.declare import Column, Rule, TableSpec
from needs.vocabulary.study import Study

__all__ = ["NO_ROW", "Broken", "broken_rules", "schema_of"]

NO_ROW = "empty"
"""Rule of a cell that must hold something."""

Flags = npt.NDArray[np.bool_]
Broken = Callable[[pd.DataFrame], Flags]

SHARES = ("percent", "percent1", "percent2")


def _order(rule: Rule, frame: pd.DataFrame) -> Flags:
    first, second = (frame[c] for c in rule.columns)
    return (first > second).to_numpy(bool)


def _exactly_one(rule: Rule, frame: pd.DataFrame) -> Flags:
    return (frame[list(rule.columns)].notna().sum(axis=1) != 1).to_numpy(bool)


def _at_least_one(rule: Rule, frame: pd.DataFrame) -> Flags:
    return frame[list(rule.columns)].isna().all(axis=1).to_numpy(bool)


def _one_of_each(rule: Rule, frame: pd.DataFrame) -> Flags:
    first, second = (frame[c].astype(object) for c in rule.columns)
    known = first.notna() & second.notna()
    pairs = pd.DataFrame({"a": first[known].str.casefold(), "b": second[known].str.casefold()})
    several = pairs.groupby("a")["b"].transform("nunique") > 1
    return several.reindex(frame.index, fill_value=False).to_numpy(bool)


def _share(rule: Rule, frame: pd.DataFrame) -> Flags:
    share = frame["unit"].astype(object).isin(SHARES)
    values = frame[list(rule.columns)]
    outside = ((values < 0) | (values > 100)).any(axis=1)
    return (share & outside).to_numpy(bool)


def _key(columns: tuple[str, ...], frame: pd.DataFrame) -> Flags:
    return frame.duplicated(list(columns)).to_numpy(bool)


_RULES: dict[str, tuple[Callable[[Rule, pd.DataFrame], Flags], str, str]] = {
    "order": (_order, "{0} lies after {1}", "correct one of the two"),
    "exactly_one": (_exactly_one, "not exactly one of {all} is given", "give one of them"),
    "at_least_one": (_at_least_one, "none of {all} is given", "give at least one of them"),
    "one_of_each": (
        _one_of_each,
        "the same {0} stands for more than one {1}",
        "write the same {1} in each row",
    ),
    "share": (_share, "a per cent that lies outside 0 to 100", "correct it, or its unit"),
}


def broken_rules(spec: TableSpec) -> dict[str, tuple[Broken, str, str]]:
    """Return the rules of whole rows: words -> which rows break it, column, mend."""
    made: dict[str, tuple[Broken, str, str]] = {}
    for rule in spec.rules:
        broken, words, mend = _RULES[rule.kind]
        names = {"all": ", ".join(rule.columns)}
        said = words.format(*rule.columns, **names)
        made[said] = (partial(broken, rule), rule.columns[0], mend.format(*rule.columns, **names))
    key = ", ".join(spec.key)
    said = f"two rows have the same {key} and differ otherwise"
    made[said] = (partial(_key, spec.key), spec.key[0], "take one of them out, or correct it")
    return made


_DTYPES = {
    "date": "datetime64[ns]",
    "integer": "float64",
    "number": "float64",
    "money": "float64",
    "boolean": "boolean",
}


def _dtype(column: Column, study: Study) -> Any:
    """Return the type of a column; None for a category whose values the file gives."""
    if column.numbered:
        return "int32"
    if column.kind == "code":
        return pd.CategoricalDtype(list(column.allowed(study)))
    return _DTYPES.get(column.kind)


def _limits(column: Column, study: Study) -> list[pa.Check]:
    low, high = column.limits(study)
    checks = []
    if low is not None and high is not None:
        checks.append(pa.Check.in_range(low, high, error=f"outside {low:,g} to {high:,g}"))
    elif low is not None:
        checks.append(pa.Check.ge(low, error=f"below {low:,g}"))
    return checks


def _column(column: Column, study: Study) -> pa.Column:
    checks = _limits(column, study)
    if column.numbered and column.filled:
        checks.append(pa.Check.ge(0, error=NO_ROW))
    return pa.Column(
        _dtype(column, study),
        checks,
        nullable=column.numbered or not column.filled,
        title=column.unit or None,
        description=column.about,
    )


def _none(broken: Broken) -> Callable[[pd.DataFrame], bool]:
    return lambda frame: not broken(frame).any()


def schema_of(spec: TableSpec, study: Study) -> pa.DataFrameSchema:
    """Return the pandera schema of a table after its cells are read.

    Parameters
    ----------
    spec : TableSpec
        The declaration.
    study : Study
        Settings that some limits and allowed values come from.

    Returns
    -------
    pandera.pandas.DataFrameSchema
        Closed to other columns; rules of whole rows are checks that say yes or no, so that
        a rule broken by a million rows costs no more than one broken once.
    """
    rules = broken_rules(spec)
    return pa.DataFrameSchema(
        {name: _column(c, study) for name, c in spec.columns.items()},
        checks=[pa.Check(_none(b), error=said) for said, (b, _, _) in rules.items()],
        strict=True,
        name=spec.name,
        title=spec.title,
        description=spec.about,
    )
