"""From wide frames to long tables, and the result that says why there is none."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs.care.basis import Basis
from needs.vocabulary.results import ALL, Layout, Measure, Result, long_table

__all__ = ["SERVED", "unavailable", "wide_rows"]

SERVED = (
    "Lists and counts of the services hold everybody whom they served, at any age, also those who "
    "are not looked after."
)
"""The scope of numbers from such lists: that of the study's label does not hold there."""

_BANDS = ("lower_95", "upper_95")


def wide_rows(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return a frame with a column a measure as a long table.

    Parameters
    ----------
    frame : pandas.DataFrame
        Key columns, and a column for each measure; ``<measure>_lower`` and ``<measure>_upper``
        become the measure's 95% interval. A missing number is marked as not applicable, an
        infinite one as not available.
    keys : list of str
        Key columns: of ``area, period, group, by``.
    """
    names = [str(c) for c in frame if c not in keys]
    inner = [c for c in names if not c.endswith(("_lower", "_upper"))]
    parts = []
    for measure in inner:
        part = frame[keys].assign(measure=measure, value=frame[measure].astype(float))
        if f"{measure}_lower" in frame:
            part[_BANDS[0]] = frame[f"{measure}_lower"].astype(float)
            part[_BANDS[1]] = frame[f"{measure}_upper"].astype(float)
        parts.append(part)
    rows = pd.concat(parts, ignore_index=True)
    apart = np.isinf(rows["value"].to_numpy())
    rows["marker"] = np.where(apart, "x", np.where(rows["value"].isna(), "z", ""))
    return long_table(rows.assign(value=rows["value"].mask(apart)))


def unavailable(
    basis: Basis, name: str, title: str, subtitle: str, measure: Measure, why: str
) -> Result:
    """Return a result of one number that is not available, and why.

    Parameters
    ----------
    basis : Basis
    name, title, subtitle : str
        As in :class:`needs.vocabulary.results.Result`.
    measure : Measure
        What would have been measured.
    why : str
        A sentence.
    """
    row = pd.DataFrame(
        {"period": basis.date_keys[-1:], "measure": measure.key, "value": np.nan, "marker": "x"}
    )
    return Result(
        name=name,
        title=title,
        subtitle=subtitle,
        table=long_table(row),
        measures=(measure,),
        labels={ALL: f"All {basis.label}", **basis.date_labels},
        source=basis.source,
        layout=Layout(rows=("measure",), columns=("period",)),
        notes=(why, *basis.shown.notes),
        settings=basis.settings(),
    )
