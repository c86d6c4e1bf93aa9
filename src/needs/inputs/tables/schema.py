"""The pandera schema of a table, made from its declaration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pandera.pandas as pa

from needs.inputs.tables.declare import Column, TableSpec
from needs.inputs.tables.rules import Broken, broken_rules
from needs.vocabulary.study import Study

__all__ = ["NO_ROW", "schema_of"]

NO_ROW = "empty"
"""Rule of a cell that must hold something."""

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
    rules = broken_rules(spec, study)
    return pa.DataFrameSchema(
        {name: _column(c, study) for name, c in spec.columns.items()},
        checks=[pa.Check(_none(b), error=said) for said, (b, _, _) in rules.items()],
        strict=True,
        name=spec.name,
        title=spec.title,
        description=spec.about,
    )
