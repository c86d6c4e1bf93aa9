"""Tables and days as text: what real returns look like, written fast.

A plain value goes out unquoted and lines end in a newline alone, as pandas writes them;
Arrow does the writing, since an authority's files hold some millions of cells.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv

__all__ = ["dfe_days", "iso_days", "write_csv"]

# Places of the characters of 31/03/2023 in 2023-03-31, whose hyphens become strokes.
_DFE_ORDER = [8, 9, 4, 5, 6, 7, 0, 1, 2, 3]


def _iso(days: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return days as fixed-width text, and which of them are no day."""
    values = np.asarray(days, "datetime64[D]")
    return np.datetime_as_string(values).astype("U10"), np.isnat(values)


def iso_days(days: Any) -> np.ndarray:
    """Return days as ``2023-03-31`` (objects); no day is an empty text."""
    text, missing = _iso(days)
    out = text.astype(object)
    out[missing] = ""
    return out


def dfe_days(days: Any) -> np.ndarray:
    """Return days as DfE writes them, ``31/03/2023`` (objects); no day is an empty text."""
    text, missing = _iso(days)
    letters = np.ascontiguousarray(text).view("U1").reshape(len(text), 10)[:, _DFE_ORDER]
    letters[:, [2, 5]] = "/"
    out = np.ascontiguousarray(letters).view("U10").ravel().astype(object)
    out[missing] = ""
    return out


def _column(values: pd.Series) -> pa.Array:
    """Return a column for Arrow; money keeps the form that pandas gives it."""
    if pd.api.types.is_float_dtype(values):
        known = values.notna().to_numpy()
        return pa.array(np.where(known, values.astype(str), ""), pa.string())
    if pd.api.types.is_integer_dtype(values):
        return pa.array(values.to_numpy())
    return pa.array(values.to_numpy(object), pa.string(), from_pandas=True)


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, byte for byte as pandas would without an index.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns of text, integers or floats.
    path : Path
    """
    options = pa_csv.WriteOptions(include_header=False, quoting_style="none")
    columns = [_column(table[name]) for name in table.columns]
    body = pa.BufferOutputStream()
    try:
        pa_csv.write_csv(pa.table(columns, names=list(table.columns)), body, options)
    except pa.ArrowInvalid:  # a text that needs quotes
        table.to_csv(path, index=False, lineterminator="\n")
        return
    with path.open("wb") as out:
        out.write((",".join(table.columns) + "\n").encode())
        out.write(body.getvalue())
