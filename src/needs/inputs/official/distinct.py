"""Work out columns of categories once for each distinct value or row, not once for each row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["looked_up", "per_distinct", "stacked"]


def looked_up(column: pd.Series[str], values: Callable[[str], str | int]) -> pd.Series[Any]:
    """Return what a function makes of each cell of a column of categories.

    Texts that come to one value come to one category.
    """
    made = [values(text) for text in column.cat.categories]
    code, unique = pd.factorize(np.array(made, dtype=object), use_na_sentinel=False)
    cells = pd.Categorical.from_codes(
        code[column.cat.codes].tolist(), pd.Index(unique, dtype=object)
    )
    return pd.Series(cells, index=column.index)


def per_distinct(
    frame: pd.DataFrame, columns: Sequence[str], make: Callable[[pd.DataFrame], pd.DataFrame]
) -> pd.DataFrame:
    """Return what a function makes of the distinct rows of some columns, for every row.

    Parameters
    ----------
    frame : DataFrame
        Columns of categories.
    columns : sequence of str
        Which of them are looked at.
    make : callable
        Given the distinct rows as plain text, returns as many rows.
    """
    key: npt.NDArray[np.int64] = np.zeros(len(frame), np.int64)
    for column in columns:
        coded = frame[column].cat
        key = pd.factorize(key * len(coded.categories) + coded.codes.to_numpy())[0]
    first = np.unique(key, return_index=True)[1]
    made = make(frame[list(columns)].iloc[first].astype(str))
    spread = {name: pd.Categorical(made[name]) for name in made}
    return pd.DataFrame({n: c.take(key) for n, c in spread.items()}, index=frame.index)


def stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return frames one below the other; the categories of all, sorted, those in use only."""
    columns: dict[str, Any] = {}
    for name in frames[0].columns:
        parts = [f[name] for f in frames]
        if isinstance(parts[0].dtype, pd.CategoricalDtype):
            columns[name] = pd.api.types.union_categoricals(
                [p.cat.remove_unused_categories() for p in parts], sort_categories=True
            )
        else:
            columns[name] = np.concatenate([p.to_numpy() for p in parts])
    return pd.DataFrame(columns)
