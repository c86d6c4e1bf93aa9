"""Exact ages in completed years, and the age bands of the DfE releases."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.vocabulary.study import Counting

__all__ = ["AGE_BANDS", "UNKNOWN_AGE", "age_band", "birthday", "completed_years"]

Days = npt.NDArray[np.datetime64]
Ages = npt.NDArray[np.int16]

_USUAL = Counting()
UNKNOWN_AGE = -1
"""Age where the date of birth is unknown, or after the day asked for."""

AGE_BANDS: Mapping[str, str] = MappingProxyType(
    {
        "age_under_1": "Under 1",
        "age_1_to_4": "1 to 4",
        "age_5_to_9": "5 to 9",
        "age_10_to_15": "10 to 15",
        "age_16_plus": "16 and over",
        "age_unknown": "Age not known",
    }
)
"""Key -> words of each band, youngest first; the last holds unknown ages."""

_EDGES = (1, 5, 10, 16)


def _calendar(days: npt.ArrayLike) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """Return year, month (0 to 11) and day of the month (from 0); nonsense for NaT."""
    whole = np.asarray(days, dtype="datetime64[D]")
    months = whole.astype("datetime64[M]")
    years = months.astype("datetime64[Y]")
    return (
        years.astype(np.int64) + 1970,
        (months - years).astype(np.int64),
        (whole - months).astype(np.int64),
    )


def completed_years(born: npt.ArrayLike, day: npt.ArrayLike, counting: Counting = _USUAL) -> Ages:
    """Return ages in completed years.

    Parameters
    ----------
    born, day : array_like of datetime64
        Dates of birth, and the day of each age (or one day for all).
    counting : Counting
        Says when those born on 29 February have their birthday in other years.

    Returns
    -------
    numpy.ndarray of int16
        Completed years; :data:`UNKNOWN_AGE` where a date is NaT or ``day`` is before birth.

    Notes
    -----
    An age is reached at the start of the birthday (Family Law Reform Act 1969, section 9).
    A child born on 29 February reaches it on 1 March of a year that has no 29 February, or
    on 28 February where the study says so.

    Examples
    --------
    >>> completed_years(["2004-02-29"], ["2022-02-28"]), completed_years("2004-02-29", "2022-03-01")
    (array([17], dtype=int16), array(18, dtype=int16))
    """
    born, day = np.broadcast_arrays(
        np.asarray(born, dtype="datetime64[D]"), np.asarray(day, dtype="datetime64[D]")
    )
    y0, m0, d0 = _calendar(born)
    y1, m1, d1 = _calendar(day)
    if counting.born_29_february == "28_february":
        d0 = np.where((m0 == 1) & (d0 == 28) & ~_leap(y1), 27, d0)
    before_birthday = (m1 < m0) | ((m1 == m0) & (d1 < d0))
    known = ~(np.isnat(born) | np.isnat(day))
    years = np.where(known, y1 - y0 - before_birthday, UNKNOWN_AGE)
    return np.maximum(years, UNKNOWN_AGE).astype(np.int16)


def _leap(years: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = (years % 4 == 0) & ((years % 100 != 0) | (years % 400 == 0))
    return found


def birthday(born: npt.ArrayLike, years: int, counting: Counting = _USUAL) -> Days:
    """Return the day on which each child reaches an age.

    Parameters
    ----------
    born : array_like of datetime64
        Dates of birth.
    years : int
        The age, in completed years.
    counting : Counting
        As in :func:`completed_years`.

    Returns
    -------
    numpy.ndarray of datetime64[ns]
        1 March (or 28 February) for those born on 29 February where that year has none;
        NaT if unknown.
    """
    whole = np.asarray(born, dtype="datetime64[D]")
    months = whole.astype("datetime64[M]")
    # Adding days to the month's first lets 29 February run over to 1 March by itself.
    month = months + 12 * years
    reached = month.astype("datetime64[D]") + (whole - months)
    if counting.born_29_february == "28_february":
        over = reached.astype("datetime64[M]") != month
        reached = reached - over.astype("timedelta64[D]")
    found: Days = reached.astype("datetime64[ns]")
    return found


def age_band(age: npt.ArrayLike) -> pd.Categorical:
    """Return the DfE age band of each age: under 1, 1 to 4, 5 to 9, 10 to 15, 16 and over.

    Parameters
    ----------
    age : array_like of int
        Completed years; below 0 unknown.
    """
    years = np.asarray(age)
    last = len(AGE_BANDS) - 1
    codes = np.where(years < 0, last, np.searchsorted(_EDGES, years, side="right"))
    return pd.Categorical.from_codes(
        codes.tolist(), categories=pd.Index(list(AGE_BANDS)), ordered=True
    )
