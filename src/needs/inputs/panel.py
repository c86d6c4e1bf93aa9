"""Annual totals of many authorities in one CSV file: code, year, measure and value."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from needs.vocabulary.errors import Fault, InputError

__all__ = ["COLUMNS", "STOCK", "read_panel"]

COLUMNS = ("old_la_code", "year", "measure", "value")
STOCK = "on_31_march"


def read_panel(path: Path) -> pd.DataFrame:
    """Return children looked after at 31 March, one row an authority, one column a year.

    Parameters
    ----------
    path : Path
        CSV with the columns :data:`COLUMNS`; rows of other measures than :data:`STOCK` are
        left out.

    Raises
    ------
    InputError
        If the file cannot be read, lacks a column, repeats a year of an authority, or a year
        between the first and the last has no count at all.
    """
    name = path.name
    try:
        frame = pd.read_csv(path, dtype={"old_la_code": str})
    except (OSError, ValueError) as e:
        fault = Fault(name, "the file cannot be read as CSV", "give a CSV file in UTF-8")
        raise InputError("the panel cannot be read", [fault]) from e
    missing = [c for c in COLUMNS if c not in frame]
    if missing:
        faults = [Fault(name, "a column is missing", "add it", column=c) for c in missing]
        raise InputError("the panel cannot be used", faults)
    rows = frame[frame["measure"] == STOCK]
    faults = []
    if rows.duplicated(["old_la_code", "year"]).any():
        faults.append(Fault(name, "an authority has a year twice", "keep one row", column="year"))
    if not pd.api.types.is_numeric_dtype(rows["value"]):
        faults.append(Fault(name, "a count is no number", "leave it blank", column="value"))
    years = sorted(rows["year"].unique())
    if not years or list(range(years[0], years[-1] + 1)) != years:
        faults.append(Fault(name, "a year has no counts", "add its rows", column="year"))
    if faults:
        raise InputError("the panel cannot be used", faults)
    wide: pd.DataFrame = rows.pivot_table("value", "old_la_code", "year", dropna=False)
    return wide.astype(float)
