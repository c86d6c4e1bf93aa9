"""Children who live in a synthetic area, by single year of age."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from needs.vocabulary.periods import ReportingYear

__all__ = ["residents"]

_OLDEST = 25
_ADULTS = 18
_GROWTH = 0.004


def residents(
    ons_code: str, name: str, under_18: int, years: Sequence[ReportingYear]
) -> pd.DataFrame:
    """Return a synthetic population: nobody's estimate, and smooth by design.

    Births fall by about one in a hundred a year, as they have since 2012, and families move
    in; the total grows slowly to ``under_18`` at the mid-year before the last return.

    Parameters
    ----------
    ons_code, name : str
        Of the authority.
    under_18 : int
        Children aged 0 to 17 at the last mid-year.
    years : sequence of ReportingYear
        Returns; each counts on the mid-year before it ends.

    Returns
    -------
    pandas.DataFrame
        ``gss, area, age, population, mid_year``, ages 0 to 25.
    """
    mid = np.array([y.end_year - 1 for y in years])
    age = np.arange(_OLDEST + 1)
    born = mid[:, None] - age[None, :]
    cohort = np.exp(-0.011 * np.clip(born - 2012, 0, None) - 0.008 * np.clip(2012 - born, 0, None))
    # Students come to the area at 18 and many leave at 22.
    cohort *= np.where((age >= _ADULTS) & (age < 22), 1.15, 1.0)
    level = under_18 * (1 + _GROWTH) ** (mid - mid[-1])
    share = cohort / cohort[:, :_ADULTS].sum(1, keepdims=True)
    people = np.rint(share * level[:, None]).astype(int)
    # What rounding leaves over goes to one age, so that the last total is the one asked for.
    people[:, 10] += np.rint(level).astype(int) - people[:, :_ADULTS].sum(1)
    return pd.DataFrame({
        "gss": ons_code, "area": f"{name} (synthetic)", "age": np.tile(age, len(mid)),
        "population": people.ravel(), "mid_year": np.repeat(mid, len(age)),
    })  # fmt: skip
