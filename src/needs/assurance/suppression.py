"""Which cells of a long table must be hidden."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.vocabulary.results import Result
from needs.vocabulary.units import UNITS, round_half_up

__all__ = ["people_rows", "primary", "rounded"]


def people_rows(result: Result) -> npt.NDArray[np.bool_]:
    """Return which rows of the table count people."""
    people = {m.key for m in result.measures if UNITS[m.unit].people}
    return result.table["measure"].isin(people).to_numpy()


def rounded(values: pd.Series) -> npt.NDArray[np.float64]:
    """Return values rounded to whole numbers as they are printed, NaN kept."""
    whole = [v if math.isnan(v) else float(round_half_up(v)) for v in values.tolist()]
    return np.array(whole, dtype=float)


def primary(result: Result, threshold: int) -> npt.NDArray[np.bool_]:
    """Return which rows are counts of people from 1 to ``threshold`` - 1 as printed."""
    size = np.abs(rounded(result.table["value"]))
    return people_rows(result) & (size >= 1) & (size < threshold)
